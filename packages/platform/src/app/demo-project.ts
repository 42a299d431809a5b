/** The project of the demo: what a user would write for the emulated shop. */
import { existsSync } from 'node:fs';
import { shopware } from '@headrace/connectors';
import { Secret } from '@headrace/sdk';
import { type DemoRecord, readDemo, type ShopAccess } from './demo-folder.js';
import { dataFolder, type PlaceOptions, projectFile } from './folders.js';
import { type LoadedProject, loadProject, prepareProject } from './load-project.js';
import { defineProject, type Project } from './project.js';

export function demoProject(shop: ShopAccess): Project {
  return defineProject({
    timeZone: 'Europe/Amsterdam',
    currency: 'EUR',
    languages: ['nl-NL', 'de-DE', 'en-GB'],
    write: 'shadow',
    brands: shop.brands,
    sources: {
      shop: shopware({
        url: shop.url,
        auth: new Secret(shop.auth),
        webhookSecret: new Secret(shop.webhookSecret),
        salesChannels: { ...shop.salesChannels },
        customFields: {
          product: { 'traits.shop.fit': 'custom_fit', 'traits.shop.care': 'custom_care_code' },
          order: { 'traits.shop.giftWrap': 'custom_gift_wrap' },
          customer: { 'traits.shop.tier': 'custom_loyalty_tier' },
        },
      }),
    },
    leading: { product: ['shop'] },
  });
}

export function prepareDemo(folder: string, shop: ShopAccess): LoadedProject {
  return prepareProject(demoProject(shop), { folder, variables: process.env, definition: 'demo' });
}

/** The project of these options; the demo's where there is none but a demo's data. */
export async function loadForData(options: PlaceOptions): Promise<LoadedProject> {
  const demo = demoOf(options);
  if (demo === null) return loadProject(options.config);
  return prepareDemo(dataFolder(options), demo.shop);
}

/** The demo whose data directory is meant: without a project, or named by `--data`. */
export function demoOf(options: PlaceOptions): DemoRecord | null {
  const isMeant = options.data !== undefined || !existsSync(projectFile(options));
  return isMeant && options.config === undefined ? readDemo(dataFolder(options)) : null;
}

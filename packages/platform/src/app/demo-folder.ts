/**
 * What a demo leaves in its data directory, so that the other verbs work on it without a project:
 * which emulator it read, and the way into its HTTP API.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClockOptions } from '../ports/index.js';
import { dataFolder, type PlaceOptions, projectFile } from './folders.js';

/** How to reach the emulated shop, as the emulator says when it is ready. */
export interface ShopAccess {
  readonly url: string;
  readonly auth: string;
  readonly webhookSecret: string;
  readonly salesChannels: Readonly<Record<string, string>>;
  readonly brands: Readonly<Record<string, readonly string[]>>;
}

/** How to reach the emulated systems beside the shop, where the demo has them. */
export interface BesideShop {
  readonly erp?: { readonly url: string; readonly auth: string; readonly eventsSecret: string };
  readonly pim?: { readonly url: string; readonly key: string; readonly relaySecret: string };
}

/** Systems the retailer can be looked at through; the shop is always there. */
export const demoSystems = ['shopware', 'sap', 'inriver'] as const;
export type DemoSystem = (typeof demoSystems)[number];

/** What the emulated world was made of. */
export interface DemoWorld {
  /** The shop alone when left out. */
  readonly systems?: readonly DemoSystem[];
  readonly seed: number;
  readonly days: number;
  readonly scale: number;
}

export interface DemoRecord {
  readonly world: DemoWorld;
  readonly apiUrl: string;
  readonly token: string;
  readonly shop: ShopAccess;
  readonly beside: BesideShop;
  readonly clock: Required<ClockOptions>;
}

const fileName = 'demo.json';

export function writeDemo(folder: string, record: DemoRecord): void {
  writeFileSync(join(folder, fileName), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

export function readDemo(folder: string): DemoRecord | null {
  const file = join(folder, fileName);
  if (!existsSync(file)) return null;
  const record = JSON.parse(readFileSync(file, 'utf8')) as Omit<DemoRecord, 'beside'>;
  // Demos of earlier versions have a shop alone and do not say so.
  return { beside: {}, ...record };
}

/** The demo whose data directory is meant: without a project, or named by `--data`. */
export function demoOf(options: PlaceOptions): DemoRecord | null {
  const isMeant = options.data !== undefined || !existsSync(projectFile(options));
  return isMeant && options.config === undefined ? readDemo(dataFolder(options)) : null;
}

import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject, MapContext, Stream } from '@headrace/sdk';
import { checkFields, compilePersonal, splitPersonal } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ShopwareConfig } from './config.js';
import { config } from './config.js';
import { streams } from './streams.js';

interface Fixture {
  readonly stream: string;
  readonly version?: string;
  readonly record: JsonObject;
}

const folder = new URL('./fixtures/', import.meta.url);
const load = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !name.endsWith('.mapped.json'))
  .filter((name) => name !== 'context.json')
  .map((name) => name.replace('.json', ''))
  .sort();

const id = (text: string) => text.padStart(32, '0');
const settings = z.parse(config, {
  url: 'https://shop.example',
  auth: 'id:key',
  salesChannels: { [id('a1')]: 'alpha-nl', [id('a2')]: 'alpha-b2b', [id('a3')]: 'beta-gb' },
  brandOf: { 'alpha-nl': 'alpha', 'alpha-b2b': 'alpha', 'beta-gb': 'beta' },
  customerGroups: { [id('d2')]: 'business' },
  returns: true,
  returnReasons: { wrongColour: 'wrong-item' },
  customFields: {
    product: { 'traits.shop.fit': 'custom_fit' },
    order: { 'traits.shop.giftWrap': 'custom_gift_wrap' },
    customer: { 'traits.shop.tier': 'custom_loyalty_tier' },
  },
});

function mapFixture({ stream: name, version, record }: Fixture) {
  const stream = streams(settings).find((each) => each.name === name) as Stream<ShopwareConfig>;
  const source = load('context.json') as JsonObject;
  const context: MapContext<ShopwareConfig> = {
    config: settings,
    source: version === undefined ? source : { ...source, version },
    subject: stream.personal?.subject(record) == null ? null : 'person-handle',
  };
  const { business, personal } = splitPersonal(
    record,
    compilePersonal(stream.personal?.paths ?? []),
  );
  return {
    key: stream.key(record),
    version: stream.version(record),
    touches: stream.touches?.(record) ?? [],
    sealed: personal,
    mapped: stream.map(business, context),
  };
}

describe('what Shopware says, in our words', () => {
  it.each(names)('%s', async (name) => {
    const result = mapFixture(load(`${name}.json`) as Fixture);
    for (const { entity, fields } of result.mapped) checkFields(entity, fields);
    const text = `${JSON.stringify(result, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`./fixtures/${name}.mapped.json`);
  });
});

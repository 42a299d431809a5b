import type { JsonObject } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { config } from '../config.js';
import { channelKeysOf, slugOf } from './channel-keys.js';
import { mapProduct } from './product.js';
import { channelOf, type ShopwareMapContext } from './reference.js';

const id = (text: string) => text.padEnd(32, '0');
const parse = (more: object) => config.parse({ url: 'https://shop.example', auth: 'i:k', ...more });
const named = (names: Readonly<Record<string, string | null>>): JsonObject =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [key, { name }]));
const keys = (settings: object, rows: JsonObject) =>
  Object.fromEntries(channelKeysOf(parse(settings), rows));

it.each([
  ['Alpha Nederland', 'alpha-nederland'],
  ['  Großhandel – Köln & Łódź ', 'grosshandel-koln-lodz'],
  ['B2B/2', 'b2b-2'],
  ['商店', ''],
])('%j is called %j', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});

describe('sales channels', () => {
  it('are all read, by their names, when the settings name none', () => {
    const rows = named({ [id('a')]: 'Alpha Nederland', [id('b')]: '商店', [id('c')]: null });
    const expected = { [id('a')]: 'alpha-nederland', [id('b')]: id('b'), [id('c')]: id('c') };
    expect(keys({}, rows)).toEqual(expected);
    expect(keys({ salesChannels: {} }, rows)).toEqual(expected);
  });

  it('are those the settings name when they name some', () => {
    const rows = named({ [id('a')]: 'Alpha', [id('b')]: 'Beta' });
    expect(keys({ salesChannels: { [id('b')]: 'web' } }, rows)).toEqual({ [id('b')]: 'web' });
  });

  it('of one name are told apart by their ids', () => {
    const rows = named({ [id('0a')]: 'Shop', [id('0b')]: 'shop', [id('0c')]: 'Other' });
    expect(keys({}, rows)).toEqual({
      [id('0a')]: 'shop-0a000000',
      [id('0b')]: 'shop-0b000000',
      [id('0c')]: 'other',
    });
  });

  it('never share a key, also when they were made in the same minute', () => {
    const [one, two] = [`0189a0b1${'1'.repeat(24)}`, `0189a0b1${'2'.repeat(24)}`];
    expect(keys({}, named({ [one]: 'Shop', [two]: 'Shop' }))).toEqual({ [one]: one, [two]: two });
  });
});

it('a product is listed in every channel that shows it, under the name the shop gives it', () => {
  const salesChannels = named({ [id('a')]: 'Alpha Nederland', [id('b')]: 'Beta' });
  const context: ShopwareMapContext = {
    config: parse({ brandOf: { beta: 'second' } }),
    source: { salesChannels, systemLanguage: 'nl-NL' },
    subject: null,
  };
  const visibilities = [id('a'), id('b'), id('new')].map((salesChannelId) => ({
    ...{ salesChannelId, visibility: 30 },
  }));
  const record = { id: id('p'), productNumber: 'P1', active: true, visibilities };
  const mapped = mapProduct(record, context);
  const listings = mapped.filter(({ entity }) => entity === 'listing');
  expect(listings.map(({ fields }) => [fields.channel, fields.brand])).toEqual([
    ['alpha-nederland', 'alpha-nederland'],
    ['beta', 'second'],
    [id('new'), id('new')],
  ]);
});

it('a channel that is not known is none when the settings name some', () => {
  const source = { salesChannels: named({ [id('a')]: 'Alpha', [id('b')]: 'Beta' }) };
  const settings = parse({ salesChannels: { [id('a')]: 'web' } });
  const channel = (key: string | null) =>
    channelOf({ config: settings, source, subject: null }, key);
  expect([id('a'), id('b'), id('new'), null].map(channel)).toEqual(['web', null, null, null]);
});

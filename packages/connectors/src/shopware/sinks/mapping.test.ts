import type { EntityName, FlowRecord, JsonObject, MapContext } from '@headrace/sdk';
import { checkFields } from '@headrace/sdk';
import { flowGroup } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config, type ShopwareConfig } from '../config.js';
import { mapCategoryWanted } from './category.js';
import { idOf } from './ids.js';
import { mapMediaWanted } from './media.js';
import { mapPriceWanted } from './price.js';
import { mapProductWanted } from './product.js';
import { mapReturnWanted } from './returns.js';
import { mapStockWanted, stock } from './stock.js';
import { mapTrackingWanted } from './tracking.js';
import { mapVariantWanted } from './variant.js';

const settings = (write: object = {}) =>
  z.parse(config, {
    ...{ url: 'https://shop.example', auth: 'id:key', write },
    salesChannels: { a1: 'alpha-nl', a2: 'alpha-b2b', a3: 'beta-gb' },
    customFields: { product: { 'traits.pim.fit': 'custom_fit' } },
  });
const source = {
  languages: { l1: 'nl-NL', l2: 'de-DE' },
  systemLanguage: 'nl-NL',
  version: '6.6.10.4',
};
const context = (write?: object): MapContext<ShopwareConfig> => ({
  ...{ config: settings(write), source, subject: null },
});

/** Records the model takes; a test that maps what no source may say would prove nothing. */
function group(...records: readonly (readonly [EntityName, Record<string, unknown>])[]) {
  const checked = records.map(([entity, fields], at): FlowRecord => {
    checkFields(entity, fields);
    return { entity, key: `${at}`, fields: fields as JsonObject };
  });
  return flowGroup({ key: 'x', records: checked });
}

const pieces = (value: number) => ({ value: String(value), unit: 'C62' });
const euro = (amount: string) => ({ amount, currency: 'EUR' });

describe('stock of a shop', () => {
  it('is what can be sold of it, over the locations that serve it', () => {
    const records = group(
      ['stock', { sku: 'A', location: 'dc', onHand: pieces(9), damaged: pieces(2) }],
      ['stock', { sku: 'A', location: 'store', available: pieces(4) }],
      ['stock', { sku: 'A', location: 'far', onHand: pieces(50), qualityHold: pieces(50) }],
    );
    expect(mapStockWanted(records, context())).toEqual({ key: 'A', fields: { stock: 11 } });
    const near = context({ stock: { locations: ['dc'] } });
    expect(mapStockWanted(records, near)).toEqual({ key: 'A', fields: { stock: 7 } });
  });

  it('is never less than nothing, and nothing is said where no place is', () => {
    const oversold = group(['stock', { sku: 'A', location: 'dc', onHand: pieces(-3) }]);
    expect(mapStockWanted(oversold, context())?.fields.stock).toBe(0);
    expect(mapStockWanted(group(), context())).toBeNull();
    const unknown = group(['stock', { sku: 'A', location: 'dc', incoming: pieces(3) }]);
    expect(mapStockWanted(unknown, context())).toBeNull();
  });

  it('is looked at again when an order of it is shipped', () => {
    const line = (fields: JsonObject): FlowRecord => ({ entity: 'orderLine', key: 'x', fields });
    expect(stock.groupsOf?.(line({ sku: 'A', orderNo: '1' }))).toEqual(['A']);
    expect(stock.groupsOf?.(line({ sku: 'A', orderNo: '1', state: 'shipped' }))).toEqual([]);
  });
});

describe('prices of a shop', () => {
  const price = (fields: object) =>
    ['price', { sku: 'A', currency: 'EUR', basis: 'gross', ...fields }] as const;

  it('are those of the first channel that has one in a currency', () => {
    const records = group(
      price({ channel: 'alpha-nl', list: euro('25.00'), sale: euro('19.95') }),
      price({ channel: 'beta-gb', list: euro('99.00') }),
      price({
        ...{ channel: 'beta-gb', currency: 'GBP' },
        list: { amount: '17.50', currency: 'GBP' },
      }),
    );
    expect(mapPriceWanted(records, context())).toEqual({
      key: 'A',
      fields: {
        price: {
          EUR: { basis: 'gross', amount: '19.95', list: '25' },
          GBP: { basis: 'gross', amount: '17.5', list: null },
        },
      },
    });
  });

  it('leave out what ends, what was agreed with one, and what holds from a quantity on', () => {
    const records = group(
      price({ channel: 'alpha-nl', list: euro('10.00'), validFrom: '2026-01-01T00:00:00Z' }),
      price({ channel: 'alpha-nl', list: euro('12.00'), validFrom: '2026-03-01T00:00:00Z' }),
      price({
        ...{ channel: 'alpha-nl', list: euro('8.00') },
        ...{ validFrom: '2026-04-01T00:00:00Z', validTo: '2026-05-01T00:00:00Z' },
      }),
      price({ channel: 'alpha-nl', list: euro('1.00'), accountId: 'friend' }),
      price({ channel: 'alpha-nl', list: euro('9.00'), minQuantity: '10' }),
    );
    expect(mapPriceWanted(records, context())?.fields).toEqual({
      price: { EUR: { basis: 'gross', amount: '12', list: null } },
    });
  });

  it('are written under a rule where the settings name it', () => {
    const records = group(
      price({ channel: 'alpha-nl', list: euro('10.00') }),
      price({ channel: 'alpha-b2b', basis: 'net', list: euro('7.00') }),
      price({ channel: 'alpha-b2b', basis: 'net', minQuantity: '10', list: euro('6.50') }),
    );
    const advanced = context({ price: { channels: ['alpha-nl'], advanced: { r1: 'alpha-b2b' } } });
    expect(mapPriceWanted(records, advanced)?.fields.advanced).toEqual({
      r1: {
        '1': { EUR: { basis: 'net', amount: '7', list: null } },
        '10': { EUR: { basis: 'net', amount: '6.5', list: null } },
      },
    });
  });
});

describe('products of a shop', () => {
  it('have the languages, categories and properties it knows', () => {
    const records = group([
      'product',
      {
        ...{ brand: 'alpha', productId: 'P', state: 'active', manufacturer: 'Maker', fit: 'Wijd' },
        name: { 'nl-NL': 'Jas', de: 'Jacke', fr: 'Veste' },
        categoryIds: ['10', '11', '12'],
        material: { 'nl-NL': 'Wol', 'de-DE': 'Wolle' },
        traits: { pim: { fit: 'wide' } },
      },
    ]);
    const write = {
      product: {
        categories: { '10': 'c1', '12': 'c0' },
        properties: { fit: 'Pasvorm', material: 'Materiaal' },
      },
    };
    expect(mapProductWanted(records, context(write))).toEqual({
      key: 'P',
      fields: {
        name: { 'nl-NL': 'Jas', 'de-DE': 'Jacke' },
        active: true,
        manufacturer: 'Maker',
        categoryIds: ['c0', 'c1'],
        properties: { Pasvorm: ['Wijd'], Materiaal: ['Wol'] },
        customFields: { custom_fit: 'wide' },
        brands: ['alpha'],
      },
    });
  });

  it('have variants with what sets them apart; one without is sold as it is', () => {
    const fields = {
      ...{ sku: 'P.1', productId: 'P', gtin: '08710011000594', state: 'blocked' },
      ...{ weightKilograms: '1.0720', options: { colour: { 'nl-NL': 'Zwart' }, size: 'S' } },
    };
    const write = { product: { options: { colour: 'Kleur' } } };
    expect(mapVariantWanted(group(['variant', fields]), context(write))).toEqual({
      key: 'P.1',
      fields: {
        ...{ product: 'P', options: { Kleur: 'Zwart', size: 'S' }, gtin: '8710011000594' },
        ...{ weightKilograms: '1.072', active: false },
      },
    });
    const alone = group(['variant', { sku: 'P', productId: 'P' }]);
    expect(mapVariantWanted(alone, context())).toBeNull();
  });
});

describe('orders of a shop', () => {
  const shipment = (fields: object) =>
    ['shipment', { channel: 'alpha-nl', orderNo: '1', ...fields }] as const;

  it.each([
    [['planned'], undefined],
    [['handed-over', 'planned'], 'shipped_partially'],
    [['handed-over', 'delivered'], 'shipped'],
    [['handed-over', 'cancelled'], 'shipped'],
  ])('with parcels %s are %s', (states, delivery) => {
    const records = states.map((state, at) => shipment({ shipmentNo: `${at}`, state }));
    expect(mapTrackingWanted(group(...records))?.fields.delivery).toBe(delivery);
  });

  it('are complete when all has arrived, with the codes of all parcels', () => {
    const records = group(
      shipment({ shipmentNo: '1', state: 'delivered', trackingNos: ['3S2'] }),
      shipment({ shipmentNo: '2', state: 'delivered', trackingNos: ['3S1', '3S2'] }),
    );
    expect(mapTrackingWanted(records)).toEqual({
      key: 'alpha-nl/1',
      fields: { trackingCodes: ['3S1', '3S2'], delivery: 'shipped', order: 'completed' },
    });
  });

  it('take returns with their lines, refused ones left out', () => {
    const keys = { channel: 'alpha-nl', orderNo: '1', rma: '60' };
    const line = (fields: object) => ['returnLine', { ...keys, ...fields }] as const;
    const records = group(
      ['return', { ...keys, state: 'received', requestedAt: '2026-05-04T00:00:00Z' }],
      line({ line: '10', sku: 'A', quantity: pieces(2), reason: 'too-small' }),
      line({ line: '20', sku: 'A', quantity: pieces(1) }),
      line({ line: '30', sku: 'B', quantity: pieces(1), state: 'rejected' }),
    );
    expect(mapReturnWanted(records)).toEqual({
      key: 'alpha-nl/1/60',
      fields: {
        ...{ order: 'alpha-nl/1', requestedAt: '2026-05-04T00:00:00Z' },
        lines: [{ sku: 'A', quantity: 3, reason: 'too-small' }],
      },
    });
  });
});

describe('categories of a shop', () => {
  const category = (fields: object) => group(['category', { categoryId: '7', ...fields }]);

  it('hang below the one above, or below the root that is set, or stand by themselves', () => {
    const below = category({ parentId: '3', name: { nl: 'Jassen', de: 'Jacken', fr: 'Vestes' } });
    expect(mapCategoryWanted(below, context())).toEqual({
      key: '7',
      fields: {
        name: { 'nl-NL': 'Jassen', 'de-DE': 'Jacken' },
        parentId: idOf('category', '3'),
      },
    });
    const root = category({ parentId: null, isActive: false });
    expect(mapCategoryWanted(root, context())?.fields).toEqual({ parentId: null, active: false });
    const set = context({ product: { categoryRoot: 'r'.repeat(32) } });
    expect(mapCategoryWanted(root, set)?.fields.parentId).toBe('r'.repeat(32));
  });

  it('say nothing of a place that is not told, and leave alone what the shop looks after', () => {
    expect(mapCategoryWanted(category({ isActive: true }), context())?.fields).toEqual({
      active: true,
    });
    const own = context({ product: { categories: { '7': 'a'.repeat(32) } } });
    expect(mapCategoryWanted(category({ parentId: null }), own)).toBeNull();
    const below = category({ parentId: '3' });
    const mapped = context({ product: { categories: { '3': 'b'.repeat(32) } } });
    expect(mapCategoryWanted(below, mapped)?.fields.parentId).toBe('b'.repeat(32));
    expect(mapCategoryWanted(group(), context())).toBeNull();
  });
});

describe('pictures of a shop', () => {
  const product = (media: unknown) =>
    group([
      'product',
      { brand: 'alpha', productId: 'P', ...(media === undefined ? {} : { media }) },
    ]);
  const picture = (name: string, position: number, kind = 'image') => ({
    ...{ url: `https://files.example/${name}`, position, kind },
  });

  it('are the images in their order, the first of them the cover', () => {
    const told = product([
      picture('b.jpg', 1),
      picture('a.jpg', 0),
      picture('manual.pdf', 2, 'document'),
      picture('a.jpg', 3),
    ]);
    expect(mapMediaWanted(told, context())).toEqual({
      key: 'P',
      fields: {
        pictures: ['https://files.example/a.jpg', 'https://files.example/b.jpg'],
        cover: 'https://files.example/a.jpg',
      },
    });
  });

  it('are none where there are none, and nothing is said where nothing is told', () => {
    expect(mapMediaWanted(product([]), context())?.fields).toEqual({ pictures: [] });
    expect(mapMediaWanted(product(undefined), context())).toBeNull();
    expect(mapMediaWanted(group(), context())).toBeNull();
  });
});

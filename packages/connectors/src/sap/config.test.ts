import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { channelOf, config, locationOf, type SapSettings, skuOf } from './config.js';
import { sap } from './index.js';
import { streams } from './streams.js';

const base: SapSettings = { url: 'https://sap.example', auth: sap.basic('user:password') };
const problemOf = (more: object) => {
  const result = z.safeParse(config, { ...base, ...more });
  return result.success ? '' : z.prettifyError(result.error);
};

describe('settings', () => {
  it('are typed as a project writes them', () => {
    const source = sap({
      url: 'https://sap.example',
      auth: sap.oauth('id:secret'),
      quiet: '02:00-04:00',
      stock: { every: '60s' },
      plants: { NL01: 'dc-nl' },
      salesAreas: { '1000/10/00': 'alpha-nl', '1000/20/00': 'alpha-b2b' },
      extend: { variant: { 'traits.fit': 'A_Product.YY1_Fit_PRD' } },
      odata: {
        notes: sap.odata({ service: 'ZNOTES_SRV', entity: 'Notes', key: 'Id', version: 2 }),
      },
    });
    const settings = z.parse(config, source.settings);
    expect(settings.stock.every).toBe(60_000);
    expect(sap.spec.quietOf?.(settings)).toEqual([{ from: '02:00', to: '04:00', timeZone: 'UTC' }]);
    expect(streams(settings).map(({ name }) => name)).toContain('notes');
    expectTypeOf(sap).parameter(0).toEqualTypeOf<SapSettings>();
  });

  it.each([
    [
      'a field of a set the entity is not read from',
      { extend: { variant: { 'traits.fit': 'A_Plant.X' } } },
      'A_Product.<property>, such as A_Product.YY1_Field',
    ],
    [
      'a field without its set',
      { extend: { order: { 'traits.x': 'YY1_X' } } },
      'A_SalesOrder.<property>',
    ],
    [
      'a place that is no trait',
      { extend: { variant: { weight: 'A_Product.X' } } },
      'must be like traits.fit',
    ],
    ['an unknown entity', { extend: { stock: {} } }, 'stock'],
    ['a sales area in two parts', { salesAreas: { '1000/10': 'x' } }, 'must be like 1000/10/00'],
    ['an interval without unit', { stock: { every: '60' } }, 'must be like 30s'],
    ['a wrong window', { quiet: '2-4' }, 'must be like 02:00-04:00'],
    ['a zone that is none', { timeZone: 'CET+1' }, 'must be an IANA zone'],
    ['a stream of another make', { odata: { notes: {} } }, 'must be made with sap.odata'],
    ['an unknown stream to leave out', { without: ['orders'] }, 'without'],
  ])('%s is refused', (_, more, expected) => {
    expect(problemOf(more)).toContain(expected);
  });

  it('leave out streams, and refuse a name twice', () => {
    const names = streams(z.parse(config, { ...base, without: ['price'] })).map(({ name }) => name);
    expect(names).not.toContain('price');
    const posting = {
      to_MaterialDocumentItem: { results: [{ Material: '1', PurchaseOrder: '2' }] },
    };
    const some = streams(z.parse(config, { ...base, without: ['stock', 'cost'] }));
    const movement = some.find(({ name }) => name === 'stockMovement');
    expect(movement?.touches?.(posting)).toEqual([{ stream: 'purchaseOrder', key: '2' }]);
    const own = sap.odata({ service: 'Z', entity: 'E', key: 'K', version: 2 });
    const doubled = z.parse(config, { ...base, odata: { order: own } });
    expect(() => streams(doubled)).toThrow('There is a stream order already.');
  });
});

describe('what a material, plant and sales area are called', () => {
  const settings = (more: object) => z.parse(config, { ...base, ...more });

  it.each([
    ['000000000000012345', {}, '12345'],
    ['0A1', {}, '0A1'],
    ['000', {}, '0'],
    ['00012', { sku: { leadingZeros: 'keep' } }, '00012'],
    ['M-0012', { sku: { prefix: 'M-' } }, '12'],
  ])('%s is %s', (material, more, expected) => {
    expect(skuOf(settings(more), material)).toBe(expected);
  });

  it('follow the settings, and themselves where there are none', () => {
    const plants = settings({ plants: { NL01: 'dc', 'NL01/0002': 'store' } });
    expect(locationOf(plants, 'NL01', '0002')).toBe('store');
    expect(locationOf(plants, 'NL01', '0001')).toBe('dc');
    expect(locationOf(plants, 'DE01')).toBeNull();
    expect(locationOf(settings({}), 'DE01')).toBe('DE01');
    expect(channelOf(settings({}), '1000', '10', '00')).toBe('1000-10-00');
    expect(
      channelOf(settings({ salesAreas: { '1000/10/00': 'a' } }), '1000', '20', '00'),
    ).toBeNull();
  });
});

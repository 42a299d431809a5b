import { describe, expect, it } from 'vitest';
import { placeOf } from './code-place.js';

function thrown(...frames: string[]): Error {
  const error = new TypeError('no such thing');
  error.stack = ['TypeError: no such thing', ...frames.map((at) => `    at ${at}`)].join('\n');
  return error;
}

describe('the place of a mistake', () => {
  it('is the innermost line of the project', () => {
    const error = thrown(
      'moneyOf (file:///srv/app/node_modules/@headrace/sdk/dist/model/money.js:5:9)',
      'amount (/srv/shop/maps/to shop.ts:12:31)',
      'Object.toShop [as map] (/srv/shop/maps/prices.ts:40:7)',
      'mapGroup (file:///srv/app/node_modules/@headrace/sdk/dist/connector/map-group.js:50:3)',
    );
    expect(placeOf(error, '/srv/shop')).toEqual({
      ...{ file: 'maps/to shop.ts', line: 12, column: 31 },
    });
    const wrapped = new Error('could not map', { cause: error });
    expect(placeOf(wrapped, '/srv/shop')?.line).toBe(12);
  });

  it('is that of the connector where the project has no part in it, and tells no more of the machine', () => {
    const packaged = thrown(
      'canonicalDecimal (file:///srv/shop/node_modules/@headrace/sdk/dist/model/decimal.js:1:1)',
      'price (file:///srv/shop/node_modules/@headrace/connectors/dist/shopware/sinks/price.js:88:5)',
    );
    expect(placeOf(packaged, '/srv/shop')).toMatchObject({
      ...{ file: '@headrace/connectors/dist/shopware/sinks/price.js', line: 88 },
    });
    const cloned = thrown(
      'price (file:///home/x/src/connectors/dist/shopware/sinks/price.js:88:5)',
    );
    expect(placeOf(cloned, null)?.file).toBe('dist/shopware/sinks/price.js');
  });

  it('is nowhere for what is no error, or came from nowhere', () => {
    expect(placeOf('text', '/srv/shop')).toBeNull();
    expect(placeOf(thrown(), '/srv/shop')).toBeNull();
    expect(placeOf(thrown('JSON.parse (<anonymous>)', 'node:internal/x:1:2'), null)).toBeNull();
  });
});

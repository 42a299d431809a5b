import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyFilter } from './key-filter.js';

describe('KeyFilter', () => {
  it('may have every key that was added', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 20 }), (keys) => {
        const filter = new KeyFilter();
        for (const key of keys) filter.add(key);
        for (const key of keys) expect(filter.mayHave(key)).toBe(true);
      }),
    );
  });

  it('has nothing before anything was added', () => {
    expect(new KeyFilter().mayHave('order/alpha-nl/1')).toBe(false);
  });

  it('is right about nearly all keys it never saw, over several layers', () => {
    const filter = new KeyFilter();
    const keys = 60_000;
    for (let at = 0; at < keys; at += 1) filter.add(`orderLine/alpha-nl/${at}/1`);
    let wrong = 0;
    for (let at = 0; at < keys; at += 1) {
      if (filter.mayHave(`orderLine/alpha-de/${at}/1`)) wrong += 1;
    }
    expect(wrong).toBeLessThan(keys / 100);
    expect(filter.mayHave('orderLine/alpha-nl/59999/1')).toBe(true);
  });
});

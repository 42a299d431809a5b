import { describe, expect, it } from 'vitest';
import { createRetailer } from '../retailer/retailer.js';
import { createServices } from '../sap/services.js';
import { keyOrderOf, keyReaderOf, keyTextOf } from './keys.js';
import { metadataOf } from './metadata.js';
import type { EntitySet, KeyValues, PropertyValue } from './model.js';
import { classOf, compareValues } from './values.js';

/** What the engine takes for granted of every row source: one order, and indexes that agree. */

const { erp } = createRetailer(
  { seed: 5, scale: 0.01, days: 40, epochMs: Date.UTC(2026, 4, 4) },
  { model: 'default' },
);
const services = erp === undefined ? [] : createServices(erp, () => erp.nowMs);
const sets: [string, EntitySet][] = services.flatMap((service) =>
  service.entitySets.map((set): [string, EntitySet] => [`${service.name}/${set.name}`, set]),
);
const all = (set: EntitySet): unknown[] => [...set.source.rows({ kind: 'offset', offset: 0 })];

describe('row sources of the ERP', () => {
  it.each(sets)('%s is in key order, and found by offset and key', (_, set) => {
    const rows = all(set);
    const keyOf = keyReaderOf(set);
    const order = keyOrderOf(set);
    const keys = rows.map(keyOf);
    expect(set.source.count()).toBe(rows.length);
    const wrong = keys.slice(1).filter((key, index) => order(keys[index] as KeyValues, key) >= 0);
    expect(wrong.slice(0, 3)).toEqual([]);
    const step = Math.max(1, Math.floor(rows.length / 20));
    for (let at = 0; at < rows.length; at += step) {
      const key = keys[at] as KeyValues;
      const found = set.source.byKey(key);
      expect(found === undefined ? undefined : keyOf(found)).toEqual(key);
      const [byOffset] = set.source.rows({ kind: 'offset', offset: at });
      expect(keyOf(byOffset)).toEqual(key);
      const [next] = set.source.rows({ kind: 'after-key', key });
      expect(next === undefined ? undefined : keyOf(next)).toEqual(keys[at + 1]);
    }
  });

  it.each(sets)('%s has indexes that find what a scan finds', (_, set) => {
    const rows = all(set);
    const keyOf = keyReaderOf(set);
    for (const [name, index] of Object.entries(set.source.indexes ?? {})) {
      const property = set.properties.find((entry) => entry.name === name);
      if (property === undefined) throw new Error(`no property ${name}`);
      const valueClass = classOf(property.type);
      const order = (left: PropertyValue, right: PropertyValue): number =>
        compareValues(valueClass, left, right);
      const step = Math.max(1, Math.floor(rows.length / 5));
      for (let at = 0; at < rows.length; at += step) {
        const value = property.value(rows[at]);
        if (value === null) continue;
        for (const isIncluded of [true, false]) {
          const bound = { value, isIncluded };
          const ranges = [
            { lower: bound },
            { upper: bound },
            ...(isIncluded ? [{ lower: bound, upper: bound }] : []),
          ];
          for (const range of ranges) {
            const wanted = rows.filter((row) => {
              const own = property.value(row);
              if (own === null) return false;
              const isAbove = !('lower' in range) || order(own, value) > (isIncluded ? -1 : 0);
              const isBelow = !('upper' in range) || order(own, value) < (isIncluded ? 1 : 0);
              return isAbove && isBelow;
            });
            const found = [...index.range(range)];
            const wantedKeys = wanted.map((row) => keyTextOf(keyOf(row)));
            expect([name, range, found.map((row) => keyTextOf(keyOf(row))).sort()]).toEqual([
              name,
              range,
              wantedKeys.sort(),
            ]);
            const values = found.map((row) => property.value(row));
            const unordered = values.filter(
              (own, i) => i > 0 && order(values[i - 1] ?? null, own) > 0,
            );
            expect([name, unordered.slice(0, 2)]).toEqual([name, []]);
          }
        }
      }
    }
  });

  it('have documents in which every navigation leads somewhere', () => {
    for (const service of services) expect(metadataOf(service)).toContain('</edmx:Edmx>');
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Cover, type Decided, purchaseDecision } from './proposal.js';

const basis = { predictionId: 'prediction/demand/A/7', gate: 'serve', at: 0 };
const micros = fc.integer({ min: 0, max: 1e12 });
const cover: fc.Arbitrary<Cover> = fc.record({
  ...{ sku: fc.constant('A'), location: fc.constant('dc'), unit: fc.constant('C62') },
  ...{ horizonMicros: micros, marginMicros: micros, horizonDays: fc.integer({ min: 1, max: 91 }) },
  ...{ availableMicros: fc.integer({ min: -1e10, max: 1e12 }), onOrderMicros: micros },
  supplierId: fc.constantFrom('S1', null),
  date: fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-03'),
});

test('over any course of things a cycle is opened, settled and followed by the next, and ends', () => {
  fc.assert(
    fc.property(fc.array(cover, { minLength: 1, maxLength: 30 }), (course) => {
      let last: Decided | null = null;
      for (const one of course) {
        const fields = purchaseDecision(one, last, basis);
        const missing =
          one.horizonMicros + one.marginMicros - one.availableMicros - one.onOrderMicros;
        const wasOpen = last !== null && last.quantity.value !== '0';
        if (fields === null) {
          // What stands is right, or was stated today already.
          if (!wasOpen) expect(missing).toBeLessThanOrEqual(0);
          else expect(missing).toBeGreaterThan(0);
          continue;
        }
        const now = fields['parameters'] as unknown as Decided & { readonly neededOn: string };
        const bought = Number(now.quantity.value);
        expect(bought * 1e6).toBeGreaterThanOrEqual(Math.max(0, missing));
        expect(bought * 1e6 - Math.max(0, missing)).toBeLessThan(1e6);
        // A number is never given to two times of being short.
        expect(Number(now.cycle)).toBe(Number(last?.cycle ?? 0) + (wasOpen ? 0 : 1));
        expect(now.neededOn >= one.date).toBe(true);
        // The same again changes nothing.
        expect(purchaseDecision(one, now, basis)).toBeNull();
        last = now;
      }
    }),
  );
});

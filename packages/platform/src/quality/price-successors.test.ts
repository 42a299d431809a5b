import { describe, expect, it } from 'vitest';
import { doubtsOf, suspectOf } from './doubts.js';
import { FoldHarness, row } from './fold-harness.js';
import { foldOf } from './part.js';
import { type ValueFacts, valueFactsPart, valueFactsTable } from './value-facts.js';

const keyOf = (day: number, minQuantity = '-') =>
  `A/nl/EUR/-/-/-/${minQuantity}/2026-05-${String(day).padStart(2, '0')}T00%3A00%3A00Z`;

/** An ERP that ends a price and begins the next, each with a record of its own. */
function erp() {
  const harness = new FoldHarness(
    foldOf('test', 1, [valueFactsPart(['erp/price'], () => [])]),
    1_760_000_000_000,
  );
  const begin = (day: number, amount: string, minQuantity?: string) =>
    harness.record('erp', 'price', `R${day}${minQuantity ?? ''}`, [
      row('price', keyOf(day, minQuantity), {
        ...{ sku: 'A', channel: 'nl', currency: 'EUR', basis: 'gross' },
        list: { amount, currency: 'EUR' },
      }),
    ]);
  const statement = (day: number) => ({ entity: 'price', key: keyOf(day), source: 'erp' });
  return {
    harness,
    begin,
    isSuspect: (day: number) => {
      const found = suspectOf(harness.reader, statement(day));
      const [text] = doubtsOf(harness.reader, [statement(day)]);
      // The gate and what is asked before a write say the same.
      expect(text !== null).toBe(found !== null);
      return found !== null;
    },
    suspects: () => harness.row<ValueFacts>(valueFactsTable.name, 'erp/price')?.suspects,
    confirm: (day: number) => {
      const { key } = suspectOf(harness.reader, statement(day)) ?? { key: '' };
      const body = { entity: 'price', key, source: 'erp', stream: 'price' };
      harness.control({ action: 'confirm-value', principal: 'ann', ...body });
    },
  };
}

describe('a price that follows on another', () => {
  it('is suspect at a hundred times that, until one near it follows', () => {
    const { begin, isSuspect, suspects } = erp();
    begin(1, '10.00');
    begin(2, '12.00');
    expect(isSuspect(2)).toBe(false);
    begin(3, '1200.00');
    expect([isSuspect(3), suspects()]).toEqual([true, 1]);
    begin(4, '1250.00');
    expect([isSuspect(4), suspects()], 'no other is near what was right').toEqual([true, 1]);
    begin(5, '12.50');
    expect([isSuspect(5), suspects()]).toEqual([false, 0]);
    begin(6, '1300.00');
    expect(isSuspect(6)).toBe(true);
  });

  it('is suspect until its record goes, or is corrected', () => {
    const { begin, isSuspect, suspects, harness } = erp();
    begin(1, '10.00');
    begin(2, '1000.00');
    harness.record('erp', 'price', 'R2', []);
    expect([isSuspect(2), suspects()]).toEqual([false, 0]);
    begin(3, '1000.00');
    begin(3, '10.50');
    expect([isSuspect(3), suspects()]).toEqual([false, 0]);
  });

  it('is right when a person says so, and what follows is held against it', () => {
    const { begin, isSuspect, confirm, suspects } = erp();
    begin(1, '10.00');
    begin(2, '1000.00');
    confirm(2);
    expect([isSuspect(2), suspects()]).toEqual([false, 0]);
    begin(3, '1040.00');
    expect(isSuspect(3)).toBe(false);
    begin(4, '10.00');
    expect(isSuspect(4)).toBe(true);
  });

  it('is held against its like alone, and an older one that comes late against none', () => {
    const { begin, isSuspect } = erp();
    begin(5, '1000.00');
    begin(5, '10.00', '50');
    begin(2, '10.00');
    expect(isSuspect(5)).toBe(false);
    begin(6, '1010.00');
    expect(isSuspect(6)).toBe(false);
  });
});

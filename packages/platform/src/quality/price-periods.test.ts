import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubtsOf, suspectOf, suspectsIn } from './doubts.js';
import { FoldHarness, row } from './fold-harness.js';
import { foldOf } from './part.js';
import { type PriceLine, priceLineTable } from './price-lines.js';
import { type ValueFacts, valueFactsPart, valueFactsTable } from './value-facts.js';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 4, 1);
const instant = (day: number) => new Date(start + day * dayMs).toISOString().replace('.000Z', 'Z');

interface Said {
  readonly from: number;
  readonly to?: number | null;
  readonly list?: string;
  readonly sale?: string;
  readonly currency?: string;
  readonly minQuantity?: string;
  readonly group?: string;
  readonly account?: string;
  readonly pieces?: string;
}

function keyOf({ from, currency = 'EUR', minQuantity, group, account }: Said): string {
  const parts = [group ?? '-', account ?? '-', '-', minQuantity ?? '-'];
  return ['A', 'nl', currency, ...parts, encodeURIComponent(instant(from))].join('/');
}

function priceRow(said: Said) {
  const { from, to = null, list, sale, currency = 'EUR', pieces } = said;
  return row('price', keyOf(said), {
    ...{ sku: 'A', channel: 'nl', currency, basis: 'gross', validFrom: instant(from) },
    ...(to === null ? {} : { validTo: instant(to) }),
    ...(list === undefined ? {} : { list: { amount: list, currency } }),
    ...(sale === undefined ? {} : { sale: { amount: sale, currency } }),
    ...(pieces === undefined ? {} : { perQuantity: { value: pieces, unit: 'C62' } }),
  });
}

/** An ERP that says what it likes of one price, on the first of May. */
function erp() {
  const fold = foldOf('test', 1, [valueFactsPart(['erp/price', 'erp/offer'], () => [])]);
  const harness = new FoldHarness(fold, start + 1000);
  const facts = () => harness.row<ValueFacts>(valueFactsTable.name, 'erp/price');
  const statement = (said: Said) => ({ entity: 'price', key: keyOf(said), source: 'erp' });
  return {
    harness,
    facts,
    say(record: string, ...said: readonly Said[]) {
      harness.record('erp', 'price', record, said.map(priceRow));
    },
    /** In the first pass over the stream. */
    tell(record: string, ...said: readonly Said[]) {
      harness.record('erp', 'price', record, said.map(priceRow), { imputed: true });
    },
    isSuspect(said: Said): boolean {
      const found = suspectOf(harness.reader, statement(said), { now: harness.now });
      const [doubt = null] = doubtsOf(harness.reader, [statement(said)], harness.now);
      // What stops a write is suspect itself.
      if (doubt !== null) expect(found).not.toBeNull();
      return doubt !== null;
    },
    /** What the gate is told of it, also when it holds no more. */
    isWrong: (said: Said) =>
      suspectOf(harness.reader, statement(said), { now: harness.now }) !== null,
    doubt: (said: Said) => doubtsOf(harness.reader, [statement(said)], harness.now)[0] ?? null,
    confirm(said: Said) {
      const body = { ...statement(said), stream: 'price' };
      harness.control({ action: 'confirm-value', principal: 'ann', ...body });
    },
    pass(days: number) {
      harness.now += days * dayMs;
      harness.tick();
    },
    /** As many as are counted are named. */
    suspects: () => {
      const { now, reader } = harness;
      const keys = new Set([...suspectsIn(reader, 'erp/price', now)].map(({ key }) => key));
      const counted = facts()?.suspects ?? 0;
      expect(keys.size).toBeLessThanOrEqual(counted);
      expect(keys.size > 0).toBe(counted > 0);
      return counted;
    },
    lines: () =>
      [...(harness.tables.get(priceLineTable.name)?.values() ?? [])] as unknown as PriceLine[],
  };
}

describe('a price that begins with a record of its own', () => {
  it('is suspect from the step that brings it where it is far from the one before', () => {
    const { say, isSuspect, suspects, doubt, facts } = erp();
    say('1', { from: -30, list: '10.00' });
    say('1', { from: -30, to: 0, list: '10.00' });
    say('2', { from: 0, list: '1000.00' });
    expect([isSuspect({ from: 0 }), isSuspect({ from: -30 }), suspects()]).toEqual([
      true,
      false,
      1,
    ]);
    expect(doubt({ from: 0 })?.text).toContain('list jumped from 10.00 EUR to 1000.00 EUR');
    expect(facts()?.jumps.at(-1)).toMatchObject({ record: 'erp/price/2', key: keyOf({ from: 0 }) });
  });

  it('is suspect in whatever order the two are told', () => {
    const { say, isSuspect } = erp();
    say('1', { from: -30, list: '10.00' });
    say('2', { from: 0, list: '1000.00' });
    expect(isSuspect({ from: 0 })).toBe(true);
    say('1', { from: -30, to: 0, list: '10.00' });
    expect(isSuspect({ from: 0 }), 'that the one before ends says nothing').toBe(true);
  });

  it('is held against its like alone: the same field, group and quantity', () => {
    const { say, isSuspect, suspects } = erp();
    say('1', { from: -30, list: '1000.00' });
    say('2', { from: 0, sale: '10.00' });
    say('3', { from: 0, list: '20.00', minQuantity: '50' });
    say('4', { from: 0, list: '9.00', group: 'b2b' });
    expect(suspects()).toBe(0);
    say('5', { from: 1, list: '2000.00', minQuantity: '50' });
    expect(isSuspect({ from: 1, minQuantity: '50' })).toBe(true);
    say('6', { from: 1, sale: '1000.00' });
    expect([isSuspect({ from: 1 }), suspects()]).toEqual([true, 2]);
  });

  it('is compared by the piece, and never with nothing', () => {
    const { say, suspects } = erp();
    say('1', { from: -30, list: '10.00' });
    say('2', { from: 0, list: '950.00', pieces: '100' });
    say('3', { from: 1, list: '0.00' });
    say('4', { from: 2, list: '9.00' });
    expect(suspects()).toBe(0);
  });

  it('is suspect after one that is gone, too', () => {
    const { say, isSuspect } = erp();
    say('1', { from: -30, list: '10.00' });
    say('1');
    say('2', { from: 0, list: '1000.00' });
    expect(isSuspect({ from: 0 })).toBe(true);
  });

  it('is right where it stood before anyone looked', () => {
    const { tell, say, isSuspect, suspects } = erp();
    tell('1', { from: -30, to: 0, list: '0.01' });
    tell('2', { from: 0, list: '29.95' });
    expect(suspects()).toBe(0);
    say('3', { from: 1, list: '2995.00' });
    expect(isSuspect({ from: 1 })).toBe(true);
  });

  it('is held against one that was right, however many are told meanwhile', () => {
    const { say, isSuspect, pass, suspects } = erp();
    say('0', { from: -90, to: -60, list: '9.00' });
    say('1', { from: -60, to: 0, list: '10.00' });
    for (let day = 0; day < 30; day += 1) say(`w${day}`, { from: day, list: '1000.00' });
    expect(suspects()).toBe(30);
    pass(30);
    say('x', { from: 30, list: '1000.00' });
    expect(isSuspect({ from: 30 })).toBe(true);
  });

  it('keeps nothing of prices that were agreed with one customer', () => {
    const { say, lines } = erp();
    say('1', { from: -30, list: '10.00', account: 'K1' });
    expect(lines()).toEqual([]);
  });
});

describe('a suspect price', () => {
  const wrong = (): ReturnType<typeof erp> => {
    const made = erp();
    made.say('1', { from: -30, to: 0, list: '10.00' });
    made.say('2', { from: 0, list: '1000.00' });
    expect(made.isSuspect({ from: 0 })).toBe(true);
    return made;
  };

  it('is right once it is corrected, and is forgotten with its record', () => {
    const corrected = wrong();
    corrected.say('2', { from: 0, list: '1010.00' });
    expect(corrected.suspects()).toBe(1);
    corrected.say('2', { from: 0, list: '11.00' });
    expect([corrected.isSuspect({ from: 0 }), corrected.suspects()]).toEqual([false, 0]);
    const gone = wrong();
    gone.say('3', { from: 0, list: '11.00', group: 'b2b' });
    gone.say('2');
    expect([gone.isSuspect({ from: 0 }), gone.suspects()]).toEqual([false, 0]);
  });

  it('goes on to be while it holds, though the next one is right', () => {
    const { say, isSuspect, isWrong, suspects, pass, confirm } = wrong();
    say('2', { from: 0, to: 20, list: '1000.00' });
    say('3', { from: 20, list: '12.00' });
    expect([isSuspect({ from: 0 }), isSuspect({ from: 20 }), suspects()]).toEqual([true, false, 1]);
    pass(19);
    expect([isSuspect({ from: 0 }), suspects()]).toEqual([true, 1]);
    pass(1);
    expect([isSuspect({ from: 0 }), suspects()], 'it has ended').toEqual([false, 0]);
    expect(isWrong({ from: 0 }), 'what it said is as wrong as before').toBe(true);
    say('2', { from: 0, to: 20, list: '1000.00' });
    expect(suspects()).toBe(0);
    say('4', { from: 21, list: '1300.00' });
    expect([isSuspect({ from: 21 }), suspects()]).toEqual([true, 1]);
    confirm({ from: 0 });
    expect([isWrong({ from: 0 }), isSuspect({ from: 21 })]).toEqual([false, true]);
  });

  it('ends with the next that is right, where nobody says when it ends', () => {
    const { say, isSuspect, suspects, pass } = wrong();
    say('3', { from: 1, list: '12.00' });
    expect(isSuspect({ from: 0 })).toBe(true);
    pass(1);
    expect([isSuspect({ from: 0 }), suspects()]).toEqual([false, 0]);
  });

  it('is right when a person says so, and what follows is held against it', () => {
    const { say, isSuspect, suspects, confirm } = wrong();
    say('3', { from: 5, list: '1040.00' });
    expect(suspects()).toBe(2);
    confirm({ from: 0 });
    expect([isSuspect({ from: 0 }), isSuspect({ from: 5 }), suspects()]).toEqual([false, false, 0]);
    say('4', { from: 6, list: '10.00' });
    expect(isSuspect({ from: 6 })).toBe(true);
  });

  it('is one that changed in its record, though none went before', () => {
    const { say, isSuspect, confirm } = erp();
    say('1', { from: 0, list: '10.00' });
    say('1', { from: 0, list: '1000.00' });
    expect(isSuspect({ from: 0 })).toBe(true);
    say('2', { from: 3, list: '1000.00' });
    expect(isSuspect({ from: 3 })).toBe(true);
    say('1', { from: 0, list: '12.00' });
    expect([isSuspect({ from: 0 }), isSuspect({ from: 3 })]).toEqual([false, true]);
    say('1', { from: 0, list: '1200.00' });
    confirm({ from: 0 });
    expect([isSuspect({ from: 0 }), isSuspect({ from: 3 })]).toEqual([false, false]);
  });
});

describe('a price in another currency', () => {
  it('is suspect where the one before it ended, until it is confirmed', () => {
    const { say, isSuspect, confirm, suspects, pass } = erp();
    say('1', { from: -30, to: 0, list: '10.00' });
    say('2', { from: 0, list: '10.00', currency: 'USD' });
    pass(1);
    expect(isSuspect({ from: 0, currency: 'USD' })).toBe(true);
    confirm({ from: 0, currency: 'USD' });
    say('3', { from: 2, list: '11.00', currency: 'USD' });
    expect(suspects()).toBe(0);
  });

  it('is suspect where its record was in another, and no more when that is back', () => {
    const { say, isSuspect, isWrong, suspects, pass } = erp();
    say('1', { from: -30, list: '10.00' });
    say('1', { from: -30, to: 0, list: '10.00', currency: 'USD' });
    say('2', { from: 0, list: '10.50', currency: 'USD' });
    pass(1);
    const first = { from: -30, currency: 'USD' };
    expect([isSuspect(first), isWrong(first)], 'it has ended').toEqual([false, true]);
    expect(isSuspect({ from: 0, currency: 'USD' })).toBe(true);
    say('1', { from: -30, to: 0, list: '10.00' });
    say('2', { from: 0, list: '10.50' });
    expect([suspects(), isSuspect({ from: 0 })]).toEqual([0, false]);
  });

  it('is right beside one that goes on to hold, once none was ended for it', () => {
    const beside = erp();
    beside.say('1', { from: -30, list: '10.00' });
    beside.pass(0.01);
    beside.say('2', { from: 0, list: '9.50', currency: 'CHF' });
    expect(beside.suspects(), 'which is told nobody').toBe(0);
    expect(beside.isSuspect({ from: 0, currency: 'CHF' }), 'the end may be told next').toBe(true);
    beside.pass(0.01);
    expect([beside.isWrong({ from: 0, currency: 'CHF' }), beside.suspects()]).toEqual([false, 0]);
    beside.say('2', { from: 0, list: '950.00', currency: 'CHF' });
    expect(beside.isSuspect({ from: 0, currency: 'CHF' })).toBe(true);
    const both = erp();
    both.say('1', { from: 0, list: '10.00' }, { from: 0, list: '9.50', currency: 'CHF' });
    both.say('2', { from: 0, list: '11.00', currency: 'USD' });
    const currencies = ['CHF', 'USD'].map((currency) => both.isSuspect({ from: 0, currency }));
    expect(currencies, 'all of a new product').toEqual([false, false]);
    const long = erp();
    long.say('1', { from: -90, to: -60, list: '10.00' });
    long.say('2', { from: 0, list: '75.00', currency: 'CHF' });
    expect(long.suspects(), 'the other was given up long ago').toBe(0);
    const flipped = erp();
    flipped.say('1', { from: -30, list: '10.00' });
    flipped.say('5', { from: -30, list: '9.00', currency: 'CHF' });
    flipped.pass(0.01);
    flipped.say('2', { from: 0, list: '10.00', currency: 'USD' });
    flipped.say('1', { from: -30, to: 0, list: '10.00' });
    flipped.pass(1);
    expect([flipped.isSuspect({ from: 0, currency: 'USD' }), flipped.suspects()]).toEqual([
      true,
      1,
    ]);
  });
});

describe('a doubt', () => {
  const usd = { from: 0, currency: 'USD' };

  it('about a currency stays, whatever is said in the other meanwhile', () => {
    const { say, pass, isSuspect } = erp();
    say('1', { from: -30, to: 0, list: '10.00' });
    say('2', { ...usd, list: '10.00' });
    pass(1);
    say('3', { from: 0, list: '10.00' });
    say('1', { from: -30, to: 1, list: '10.00' });
    expect(isSuspect(usd)).toBe(true);
  });

  it('about a currency asks what was said of the same field', () => {
    const { say, pass, isSuspect } = erp();
    say('list', { from: -30, list: '10.00' });
    say('1', { from: -10, to: 0, sale: '9.00' });
    pass(0.1);
    say('2', { ...usd, sale: '9.00' });
    pass(1);
    expect(isSuspect(usd)).toBe(true);
  });

  it('about a currency follows its record, also through a third and to another day', () => {
    const { say, pass, isSuspect, suspects, confirm } = erp();
    say('other', { from: -30, list: '10.00' });
    say('1', { from: -20, list: '10.00' });
    pass(1);
    say('1', { from: -19, list: '10.00', currency: 'USD' });
    say('1', { from: -19, list: '10.00', currency: 'CHF' });
    pass(1);
    expect(isSuspect({ from: -19, currency: 'CHF' })).toBe(true);
    say('1', { from: -19, list: '10.00' });
    expect(suspects()).toBe(0);
    const inUsd = { from: -19, list: '10.00', currency: 'USD' };
    say('1', inUsd);
    confirm(inUsd);
    say('1', { from: -19, list: '10.00' });
    expect(suspects()).toBe(1);
    say('1', inUsd);
    expect(suspects(), 'back in what was confirmed').toBe(0);
  });

  it('is about the amounts too, where these are in another currency than the price', () => {
    const { harness, suspects } = erp();
    const stated = priceRow({ from: 0, list: '10.00' });
    const inUsd = { ...stated.fields, list: { amount: '10.00', currency: 'USD' } };
    harness.record('erp', 'price', '1', [stated]);
    harness.record('erp', 'price', '1', [{ ...stated, fields: inUsd }]);
    expect(suspects()).toBe(1);
    harness.record('erp', 'price', '1', [stated]);
    expect(suspects()).toBe(0);
  });

  it('is none where nothing is asked for', () => {
    const { say, suspects, pass } = erp();
    say('1', { from: -30, to: 0, list: '10.00' });
    say('2', { ...usd, list: '0.00' });
    say('3', { from: 0, list: '0.01', pieces: '100000' });
    say('4', { from: 1, list: '9.00' });
    pass(2);
    expect(suspects()).toBe(0);
  });

  it('is not ended by one that holds for a while, or for another field', () => {
    const { say, pass, doubt } = erp();
    say('1', { from: -30, to: 0, list: '10.00', sale: '9.00' });
    say('2', { from: 0, list: '1000.00', sale: '9.00' });
    say('3', { from: 5, to: 7, list: '9.00' });
    say('4', { from: 1, sale: '8.00' });
    pass(6);
    expect(doubt({ from: 0 })?.until).toBeNull();
    say('5', { from: 8, list: '12.00' });
    expect(doubt({ from: 0 })?.until).toBe(start + 8 * dayMs);
  });

  it('is confirmed by the period, where two records state the same', () => {
    const { say, suspects, confirm, doubt } = erp();
    say('1', { from: -30, to: 0, list: '10.00' });
    say('2', { from: -30, to: 0, sale: '9.00' });
    say('3', { from: 0, list: '1000.00' });
    say('4', { from: 0, sale: '900.00' });
    expect(doubt({ from: 0 })?.text).toContain('list');
    confirm({ from: 0 });
    expect([suspects(), doubt({ from: 0 })?.text.includes('sale')]).toEqual([1, true]);
  });

  it('is counted in the stream that has it', () => {
    const { say, suspects, harness, facts } = erp();
    const fields = (from: number, list: string) => [priceRow({ from, list })];
    harness.record('erp', 'offer', '1', fields(-30, '10.00'));
    harness.record('erp', 'offer', '2', fields(0, '1000.00'));
    say('1', { from: 1, list: '11.00' });
    const ofOffers = harness.row<ValueFacts>(valueFactsTable.name, 'erp/offer')?.suspects;
    expect([ofOffers, suspects(), facts()?.ends]).toEqual([1, 0, {}]);
  });

  it('has an end that is written though nothing else of the stream is', () => {
    const { say, pass, suspects } = erp();
    say('1', { from: -30, to: 0, list: '10.00' });
    say('2', { from: 0, list: '1000.00' });
    for (let at = 0; at < 40; at += 1) say(`x${at}`, { from: 0, list: '5.00', group: `g${at}` });
    say('2', { from: 0, to: 20, list: '1000.00' });
    pass(20);
    expect(suspects()).toBe(0);
  });
});

describe('several currencies', () => {
  it('of one record may begin anew together, and one may be left out', () => {
    const { say, suspects } = erp();
    say('1', { from: -30, list: '10.00' }, { from: -30, list: '9.00', currency: 'CHF' });
    say('1', { from: 1, list: '10.50' }, { from: 1, list: '9.50', currency: 'CHF' });
    expect(suspects()).toBe(0);
    say('1', { from: 2, list: '10.50' });
    expect(suspects()).toBe(0);
  });

  it('do not excuse an amount that is far', () => {
    const { say, pass, isSuspect } = erp();
    const chf = { from: 0, currency: 'CHF' };
    say('1', { from: -30, list: '10.00', sale: '9.00' });
    pass(0.01);
    say('2', { ...chf, list: '9.00' });
    say('2', { ...chf, list: '900.00' });
    say('3', { ...chf, from: 1, sale: '8.00', list: '950.00' });
    pass(0.01);
    expect([isSuspect(chf), isSuspect({ ...chf, from: 1 })]).toEqual([true, true]);
  });

  it.each([
    ['list', 'sale'],
    ['sale', 'list'],
  ] as const)('are asked for field by field: %s, then %s', (one, two) => {
    const { say, pass, isSuspect } = erp();
    say('1', { from: -30, list: '10.00' });
    say('2', { from: -30, to: 0, sale: '9.00' });
    pass(0.01);
    const chf = { from: 0, currency: 'CHF' };
    say('3', { ...chf, [one]: '9.00', [two]: '9.00' });
    pass(1);
    expect(isSuspect(chf)).toBe(true);
  });

  it('are looked at as of now, though a price is dated back', () => {
    const { say, pass, isSuspect } = erp();
    say('1', { from: -30, list: '10.00' });
    say('1');
    say('2', { from: -40, list: '10.00', currency: 'USD' });
    pass(1);
    expect(isSuspect({ from: -40, currency: 'USD' })).toBe(true);
  });

  it('within one price leave what it is held against', () => {
    const { harness, isSuspect } = erp();
    const stated = (amount: string, currency = 'EUR') => {
      const made = priceRow({ from: 0, list: amount });
      return [{ ...made, fields: { ...made.fields, list: { amount, currency } } }];
    };
    harness.record('erp', 'price', '1', stated('10.00'));
    harness.record('erp', 'price', '1', stated('10.00', 'USD'));
    harness.record('erp', 'price', '1', stated('1000.00'));
    expect(isSuspect({ from: 0 })).toBe(true);
  });
});

describe('a confirmation', () => {
  it('is of what was shown, field by field', () => {
    const { say, suspects, confirm, doubt } = erp();
    say('1', { from: -30, to: 0, list: '10.00', sale: '9.00' });
    say('2', { from: 0, list: '1000.00', sale: '0.01' });
    confirm({ from: 0 });
    expect([suspects(), doubt({ from: 0 })?.text.includes('sale')]).toEqual([1, true]);
    confirm({ from: 0 });
    expect(suspects()).toBe(0);
  });

  it('of what is over moves nothing', () => {
    const { say, suspects, confirm, pass, isWrong } = erp();
    say('1', { from: -30, to: 0, list: '10.00' });
    say('2', { from: 0, to: 1, list: '1000.00' });
    pass(1);
    confirm({ from: 0 });
    say('3', { from: 1, list: '11.00' });
    expect([suspects(), isWrong({ from: 0 })]).toEqual([0, false]);
  });

  it('is of one stream', () => {
    const { harness, suspects, confirm } = erp();
    for (const stream of ['offer', 'price']) {
      const told = (record: string, from: number, list: string) =>
        harness.record('erp', stream, record, [priceRow({ from, list })]);
      told('1', -30, '10.00');
      told('2', 0, '1000.00');
    }
    const ofOffers = () => harness.row<ValueFacts>(valueFactsTable.name, 'erp/offer')?.suspects;
    expect([suspects(), ofOffers()]).toEqual([1, 1]);
    confirm({ from: 0 });
    // What is right now is so for all of the source, once the other stream says anything.
    expect([suspects(), ofOffers()]).toEqual([0, 1]);
  });
});

describe('what is remembered of a price', () => {
  it('keeps the regular one through a year of offers', () => {
    const { say, isSuspect } = erp();
    say('list', { from: -400, list: '20.00' });
    for (let week = 0; week < 55; week += 1) {
      const from = -395 + week * 7;
      say(`w${week}`, { from, to: from + 5, sale: '15.00' });
    }
    say('list', { from: -400, to: 0, list: '20.00' });
    say('next', { from: 0, list: '2000.00' });
    expect(isSuspect({ from: 0 })).toBe(true);
  });

  it('does not let go of what is suspect, however much is planned', () => {
    const { say, isSuspect } = erp();
    say('first', { from: -1, list: '10.00' });
    for (let day = 1; day < 120; day += 1) {
      say(`d${day}`, { from: day, to: day + 1, list: '10.00' });
      if (day === 90 || day === 110) {
        say(`w${day}`, { from: 0, list: '1000.00', minQuantity: '2' });
        say('w', { from: 0, to: 100, list: '1000.00' });
      }
      if (day >= 90) expect(isSuspect({ from: 0 }), `day ${day}`).toBe(true);
    }
  });

  it('has ends that another stream tells of', () => {
    const { harness, say, doubt } = erp();
    const told = (from: number) =>
      harness.record('erp', 'offer', 's', [priceRow({ from, list: '11.00' })]);
    say('1', { from: -30, list: '10.00' });
    say('2', { from: 0, list: '1000.00' });
    told(5);
    expect(doubt({ from: 0 })?.until).toBe(start + 5 * dayMs);
    told(20);
    expect(doubt({ from: 0 })?.until).toBe(start + 20 * dayMs);
  });

  it.each([
    ['right', '20.00'],
    ['suspect', '2000.00'],
  ])('does not grow with %s ones that nobody ends', (_name, list) => {
    const { say, lines, pass } = erp();
    say('first', { from: -1, list: '20.00' });
    for (let day = 0; day < 150; day += 1) {
      say(`d${day}`, { from: day, list });
      pass(1);
    }
    const [line] = lines();
    expect(line?.periods.length).toBeLessThanOrEqual(list === '20.00' ? 24 : 100);
  });
});

describe('prices drawn at random', () => {
  const records = ['1', '2', '3', '4', '5'];
  const said = (least: number, most: number) =>
    fc.record({
      from: fc.integer({ min: -40, max: 20 }),
      days: fc.option(fc.integer({ min: 1, max: 30 })),
      list: fc.integer({ min: least, max: most }).map((cents) => (cents / 100).toFixed(2)),
    });
  const step = (least: number, most: number) =>
    fc.oneof(
      fc.record({ record: fc.constantFrom(...records), said: fc.option(said(least, most)) }),
      fc.record({ days: fc.integer({ min: 0, max: 10 }) }),
    );
  type Step = Parameters<Parameters<ReturnType<typeof step>['map']>[0]>[0];
  /** Each record says its price in all of the currencies. */
  const take = (system: ReturnType<typeof erp>, one: Step, currencies = ['EUR']) => {
    if ('days' in one) return system.pass(one.days);
    if (one.said === null) return system.say(one.record);
    const { from, days, list } = one.said;
    const to = days === null ? null : from + days;
    system.say(one.record, ...currencies.map((currency) => ({ from, list, to, currency })));
  };

  it.each([['EUR'], ['EUR', 'CHF']])(
    'are never suspect while they keep within the factor of trade, in %s %s',
    (...currencies) => {
      fc.assert(
        fc.property(fc.array(step(1000, 19_999), { maxLength: 40 }), (steps) => {
          const system = erp();
          for (const one of steps) {
            take(system, one, currencies);
            expect(system.suspects()).toBe(0);
          }
        }),
      );
    },
  );

  it('leave a wrong one suspect while it holds, whatever is said of the others', () => {
    const others = fc.array(step(1000, 4000), { maxLength: 30 });
    const wrongTo = fc.option(fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(others, others, wrongTo, (before, after, ends) => {
        const system = erp();
        system.say('right', { from: -60, list: '20.00' });
        for (const one of before) take(system, one);
        const day = Math.floor((system.harness.now - start) / dayMs);
        const wrong = { from: day, to: ends === null ? null : day + ends, list: '2000.00' };
        system.say('wrong', wrong);
        expect(system.isSuspect(wrong)).toBe(true);
        const next = [...before, ...after].flatMap((one) =>
          'said' in one && one.said !== null && one.said.from > day ? [one.said.from] : [],
        );
        for (const one of after) {
          take(system, one);
          const today = (system.harness.now - start) / dayMs;
          const isOver = ends !== null ? today >= day + ends : next.some((from) => from <= today);
          if (!isOver) expect(system.isSuspect(wrong)).toBe(true);
          else if (ends !== null) expect(system.isSuspect(wrong)).toBe(false);
        }
        system.say('wrong');
        expect(system.suspects()).toBe(0);
      }),
    );
  });

  it('are counted as they stand, and remembered without growing', () => {
    fc.assert(
      fc.property(fc.array(step(1, 5_000_000), { maxLength: 60 }), (steps) => {
        const system = erp();
        for (const one of steps) {
          take(system, one);
          system.harness.tick();
          const { now } = system.harness;
          const periods = system.lines().flatMap((line) => line.periods);
          const standing = periods.filter(
            ({ doubt }) => doubt !== null && (doubt.until === null || doubt.until > now),
          );
          expect(system.suspects()).toBe(standing.length);
          expect(periods.length).toBeLessThanOrEqual(24);
        }
      }),
    );
  });
});

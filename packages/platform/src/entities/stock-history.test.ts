import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  rebuildStock,
  type StockHistory,
  type StockPosting,
  type StockReading,
} from './stock-history.js';

const runs = process.env['CI'] === 'true' ? 5000 : 500;

/** A shelf in an ERP: what was posted when, with posting times in whole `grainMs`. */
const shelf = fc.record({
  opening: fc.integer({ min: 0, max: 50 }),
  moves: fc.array(
    fc.record({
      at: fc.integer({ min: 1, max: 20_000 }),
      quantity: fc.integer({ min: -9, max: 9 }).filter((value) => value !== 0),
    }),
    { maxLength: 25 },
  ),
  /** Passes over the stock while all this is posted: each page is read at some moment of its time. */
  reads: fc.array(
    fc.record({
      begin: fc.integer({ min: 0, max: 20_000 }),
      lasts: fc.integer({ min: 0, max: 3000 }),
      when: fc.float({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 8 },
  ),
  grainMs: fc.constantFrom(1, 1000),
});

type Shelf = typeof shelf extends fc.Arbitrary<infer Value> ? Value : never;

/** What truly lay there right after everything posted until `time`. */
function truth({ opening, moves }: Shelf, time: number): bigint {
  return BigInt(
    moves.reduce((sum, { at, quantity }) => (at <= time ? sum + quantity : sum), opening),
  );
}

function postingsOf({ moves, grainMs }: Shelf): StockPosting[] {
  return moves.map(({ at, quantity }) => ({
    postedAt: Math.floor(at / grainMs) * grainMs,
    quantityMicros: BigInt(quantity),
  }));
}

function readingsOf(given: Shelf): StockReading[] {
  return given.reads.map(({ begin, lasts, when }) => ({
    readAt: begin,
    receivedAt: begin + lasts,
    onHandMicros: truth(given, begin + Math.floor(lasts * when)),
  }));
}

const slackOf = ({ grainMs }: Shelf) => (grainMs === 1 ? 0 : grainMs);
/** Every movement there is, is known. */
const allOf = (given: Shelf) => ({ slackMs: slackOf(given), knownUntil: Number.MAX_SAFE_INTEGER });
const all = { slackMs: 0, knownUntil: Number.MAX_SAFE_INTEGER };

function levelAt(history: StockHistory, time: number) {
  return history.spans.find(({ from, to }) => from <= time && (to === null || time < to));
}

describe('stock history', () => {
  it('is the truth at every instant, with postings during the passes', () => {
    fc.assert(
      fc.property(shelf, (given) => {
        const history = rebuildStock(readingsOf(given), postingsOf(given), allOf(given));
        expect(history.unexplainedMicros).toBe(0n);
        for (const span of history.spans) expect(span.confidence).not.toBe('contradicted');
        const { grainMs, moves } = given;
        const grained = (at: number) => Math.floor(at / grainMs) * grainMs;
        for (const time of moves.flatMap(({ at }) => [at - 1, at, at + 1])) {
          const level = levelAt(history, time);
          // Within the grain of its time, when exactly something was posted is not known.
          const isBlurred = moves.some(({ at }) => at > time && grained(at) <= time);
          if (level !== undefined && !isBlurred) {
            expect(level.onHandMicros).toBe(truth(given, time));
          }
        }
      }),
      { numRuns: runs },
    );
  });

  it('accuses nobody, and claims nothing false, while movements are still being read', () => {
    const poll = fc.record({
      begun: fc.integer({ min: 0, max: 25_000 }),
      /** Which of the later movements came along, by an event or a page read late. */
      also: fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
    });
    fc.assert(
      fc.property(shelf, poll, (given, { begun, also }) => {
        const known = {
          ...given,
          moves: given.moves.filter(({ at }, n) => at <= begun || also[n]),
        };
        const history = rebuildStock(readingsOf(given), postingsOf(known), {
          slackMs: slackOf(given),
          knownUntil: begun,
        });
        expect(history.unexplainedMicros).toBe(0n);
        const { grainMs, moves } = given;
        const grained = (at: number) => Math.floor(at / grainMs) * grainMs;
        for (const { from, to, confidence, onHandMicros } of history.spans) {
          expect(confidence).not.toBe('contradicted');
          if (confidence === 'rolled-forward') continue;
          const times = moves.flatMap(({ at }) => [at - 1, at]).concat(from);
          for (const time of times.filter((one) => one >= from && one < (to ?? 0))) {
            const isBlurred = moves.some(({ at }) => at > time && grained(at) <= time);
            if (!isBlurred) expect(onHandMicros).toBe(truth(given, time));
          }
        }
      }),
      { numRuns: runs },
    );
  });

  it('takes a reading as it is until the movements are known that may explain it', () => {
    const readings = [
      { readAt: 100, receivedAt: 110, onHandMicros: 10n },
      { readAt: 300, receivedAt: 310, onHandMicros: 7n },
    ];
    const posting = { postedAt: 200, quantityMicros: -3n };
    for (const knownUntil of [null, 120, 309]) {
      const history = rebuildStock(readings, [], { slackMs: 0, knownUntil });
      expect(history.unexplainedMicros).toBe(0n);
      expect(history.unjudged).toBe(knownUntil === null ? 2 : 1);
      expect(history.spans).toEqual([
        { from: 100, to: 300, onHandMicros: 10n, confidence: 'rolled-forward' },
        { from: 300, to: null, onHandMicros: 7n, confidence: 'rolled-forward' },
      ]);
    }
    const judged = rebuildStock(readings, [], { slackMs: 0, knownUntil: 310 });
    expect(judged).toMatchObject({ unjudged: 0, unexplainedMicros: 3n });
    const explained = rebuildStock(readings, [posting], { slackMs: 0, knownUntil: 310 });
    expect(explained.spans.map(({ confidence }) => confidence)).toEqual([
      ...['confirmed', 'confirmed', 'rolled-forward'],
    ]);
  });

  it('never counts a posting twice when a page may or may not hold it', () => {
    const posting = { postedAt: 1500, quantityMicros: -2n };
    const withIt = { readAt: 1000, receivedAt: 2000, onHandMicros: 8n };
    const without = { ...withIt, onHandMicros: 10n };
    const again = { readAt: 3000, receivedAt: 3100, onHandMicros: 8n };
    for (const page of [withIt, without]) {
      const history = rebuildStock([page, again], [posting], all);
      expect(history).toMatchObject({ readings: 1, unclear: 1 });
      expect(levelAt(history, 1500)?.onHandMicros).toBe(8n);
      expect(levelAt(history, 1499)).toBeUndefined();
      expect(rebuildStock([page], [posting], all).spans).toEqual([]);
    }
  });

  it('says so when a movement is missing between two readings', () => {
    fc.assert(
      fc.property(shelf, fc.nat(), (given, choice) => {
        const readings = readingsOf(given);
        const clear = rebuildStock(readings, postingsOf(given), allOf(given));
        const lost = given.moves[choice % Math.max(1, given.moves.length)];
        if (lost === undefined || clear.readings < 2) return;
        const kept = { ...given, moves: given.moves.filter((move) => move !== lost) };
        // Those that proved a level still do; without the lost posting, others may seem to.
        const proving = readings.filter(
          (reading) => rebuildStock([reading], postingsOf(given), allOf(given)).readings === 1,
        );
        const first = Math.min(...proving.map(({ readAt }) => readAt));
        const last = Math.max(...proving.map(({ readAt }) => readAt));
        const history = rebuildStock(proving, postingsOf(kept), allOf(given));
        const isBetween = lost.at > first && lost.at < last;
        expect(history.unexplainedMicros).toBe(isBetween ? BigInt(Math.abs(lost.quantity)) : 0n);
        expect(history.spans.some(({ confidence }) => confidence === 'contradicted')).toBe(
          isBetween,
        );
      }),
      { numRuns: runs },
    );
  });

  it('tells how sure each span is', () => {
    const readings = [
      { readAt: 100, receivedAt: 110, onHandMicros: 10n },
      { readAt: 300, receivedAt: 310, onHandMicros: 7n },
      { readAt: 500, receivedAt: 510, onHandMicros: 9n },
    ];
    const postings = [
      { postedAt: 50, quantityMicros: 4n },
      { postedAt: 80, quantityMicros: 1n },
      { postedAt: 200, quantityMicros: -3n },
      { postedAt: 600, quantityMicros: -1n },
    ];
    expect(rebuildStock(readings, postings, all)).toEqual({
      readings: 3,
      unclear: 0,
      unjudged: 0,
      unexplainedMicros: 2n,
      spans: [
        { from: 50, to: 80, onHandMicros: 9n, confidence: 'rebuilt' },
        { from: 80, to: 100, onHandMicros: 10n, confidence: 'rebuilt' },
        { from: 100, to: 200, onHandMicros: 10n, confidence: 'confirmed' },
        { from: 200, to: 300, onHandMicros: 7n, confidence: 'confirmed' },
        { from: 300, to: 500, onHandMicros: 9n, confidence: 'contradicted' },
        { from: 500, to: 600, onHandMicros: 9n, confidence: 'rolled-forward' },
        { from: 600, to: null, onHandMicros: 8n, confidence: 'rolled-forward' },
      ],
    });
  });
});

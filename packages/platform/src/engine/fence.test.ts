import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absenceAfter,
  advance,
  compareRanks,
  type FenceState,
  type Incoming,
  isDeleted,
  judge,
  Sightings,
} from './fence.js';

/** What stands after all arrivals, by the definition: no order, no memory, no journal. */
function expected(arrivals: readonly Incoming[]) {
  const rows = arrivals.filter((arrival) => !arrival.missing);
  if (rows.length === 0) return null;
  const best = rows.reduce((a, b) => (compareRanks(b, a, 'text') > 0 ? b : a));
  const seen = Math.max(...rows.map((row) => row.readSeq));
  const gone = Math.max(-1, ...arrivals.filter((a) => a.missing).map((a) => a.readSeq));
  return { version: best.version, hash: best.hash, deleted: gone > seen };
}

function run(arrivals: readonly Incoming[]) {
  const sightings = new Sightings();
  let state: FenceState | undefined;
  const journal: Incoming[] = [];
  for (const arrival of arrivals) {
    const verdict = judge('k', state, arrival, sightings, 'text');
    if (verdict === 'duplicate' || verdict === 'stale') continue;
    const absence = { ...arrival, missing: true, readSeq: absenceAfter('k', sightings).gone };
    for (const entry of verdict === 'journal' ? [arrival] : [arrival, absence]) {
      journal.push(entry);
      state = advance(state, entry, 'text').state;
    }
  }
  return { state, journal };
}

const outcome = (state: FenceState | undefined) =>
  state === undefined
    ? null
    : { version: state.version, hash: state.hash, deleted: isDeleted(state) };

/** Reads of one key: each has its own readSeq; versions and contents come from a small set. */
const arrivals = (versioned: boolean) =>
  fc
    .uniqueArray(
      fc.record({
        readSeq: fc.integer({ min: 0, max: 30 }),
        version: versioned ? fc.constantFrom('1', '2', '3') : fc.constant(null),
        hash: fc.constantFrom('a', 'b', 'c'),
        missing: fc.boolean(),
      }),
      { selector: (read) => read.readSeq, minLength: 1, maxLength: 9 },
    )
    .chain((reads) =>
      fc.record({
        reads: fc.constant(reads),
        order: fc.shuffledSubarray([...reads.keys(), ...reads.keys()], {
          minLength: reads.length * 2,
          maxLength: reads.length * 2,
        }),
      }),
    )
    .map(({ reads, order }) => order.map((index) => reads[index] as Incoming));

describe('fence', () => {
  for (const versioned of [true, false]) {
    it(`ends alike for every order and doubling of ${versioned ? 'versioned' : 'unversioned'} reads`, () => {
      fc.assert(
        fc.property(arrivals(versioned), (list) => {
          const { state } = run(list);
          const wanted = expected(list);
          if (versioned || wanted === null) expect(outcome(state)).toEqual(wanted);
          else {
            // Equal content at a later read confirms rather than changes; the content is what counts.
            expect(outcome(state)).toMatchObject({ hash: wanted.hash, deleted: wanted.deleted });
          }
        }),
        { numRuns: 5000 },
      );
    });
  }

  it('gives the same state when the journal alone is folded again', () => {
    fc.assert(
      fc.property(fc.boolean().chain(arrivals), (list) => {
        const { state, journal } = run(list);
        let again: FenceState | undefined;
        for (const entry of journal) again = advance(again, entry, 'text').state;
        expect(again).toEqual(state);
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps all three of 5, 4, 5', () => {
    const read = (readSeq: number, hash: string): Incoming => ({
      readSeq,
      hash,
      version: null,
      missing: false,
    });
    expect(run([read(1, '5'), read(2, '4'), read(3, '5')]).journal).toHaveLength(3);
    expect(outcome(run([read(1, '5'), read(3, '5'), read(2, '4')]).state)?.hash).toBe('5');
  });
});

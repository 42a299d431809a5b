/**
 * What may be on its way between two systems that differ.
 *
 * A change explains a difference for as long as the other system is given to follow, and no longer: one
 * that was made before that has arrived, or never will. So the largest change counts of those that are
 * new enough, and an old one is forgotten however large it was.
 *
 * What comes within a moment is one change. A sale that takes a piece off what can be sold and adds an
 * open order changes nothing, though its two records do, one after the other.
 */

/** Since two systems differ, by the ends of moments. */
export interface Moves {
  /** How often either changed. */
  readonly moves: number;
  /** How far they were apart at the least, in millionths. */
  readonly least: string;
  /**
   * When a change came, by our clock, and what it came to, in millionths: oldest first, each larger than
   * all after it. A smaller one before a larger one is never the largest of any time that ends now.
   */
  readonly largest: readonly (readonly [at: number, size: string])[];
}

export interface Values {
  readonly a: string | null;
  readonly b: string | null;
}

/** How things were when the last moment of change began. */
export interface Moment extends Values, Moves {
  readonly at: number;
  /** Since when they differed then; null where they agreed. */
  readonly since: number | null;
}

const momentMs = 1000;
/** So many changes while two systems differ are nothing that could hide a difference. */
const movesMax = 4;
const largestMax = 8;

export const noMoves: Moves = { moves: 0, least: '0', largest: [] };

export function apart(one: string | null, other: string | null): bigint {
  const off = BigInt(one ?? '0') - BigInt(other ?? '0');
  return off < 0n ? -off : off;
}

/** The moment a change belongs to: the last one where it is not over yet, or a new one. */
export function momentOf(
  last: Moment | null,
  now: number,
  before: Values,
  since: number | null,
): Moment {
  if (last !== null && now - last.at < momentMs) return last;
  return { at: now, since, ...before, ...movesAfter(last, before, since !== null) };
}

/** What moved, were the last moment over now. */
export function movesAfter(last: Moment | null, now: Values, isDifferent: boolean): Moves {
  if (!isDifferent) return noMoves;
  const off = apart(now.a, now.b);
  if (last === null || last.since === null) return { ...noMoves, least: String(off) };
  const sizes = [apart(last.a, now.a), apart(last.b, now.b)].filter((size) => size > 0n);
  return {
    moves: last.moves + sizes.length,
    least: off < BigInt(last.least) ? String(off) : last.least,
    largest: sizes.reduce((largest, size) => withMove(largest, last.at, size), last.largest),
  };
}

/** With one more change; of very many, the oldest are taken for as new as the one after them. */
export function withMove(largest: Moves['largest'], at: number, size: bigint): Moves['largest'] {
  const kept = [
    ...largest.filter(([, other]) => BigInt(other) > size),
    [at, String(size)] as const,
  ];
  const [oldest, next] = kept;
  if (kept.length <= largestMax || oldest === undefined || next === undefined) return kept;
  return [[next[0], oldest[1]], ...kept.slice(2)];
}

/** The largest change from then on, in millionths. */
export function largestSince(largest: Moves['largest'], from: number): bigint {
  return BigInt(largest.find(([at]) => at >= from)?.[1] ?? '0');
}

/**
 * Whether what changed from then on may be all there is between them: of many changes, one a good part of it.
 */
export function isMoving({ moves, least, largest }: Moves, from: number): boolean {
  return moves > movesMax && BigInt(least) < 2n * largestSince(largest, from);
}

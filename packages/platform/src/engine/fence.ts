/**
 * Which of two statements about one key stands. Pure.
 *
 * A key's journaled state has three registers, each a maximum, so that the end state is the same
 * for every order and repetition of arrivals:
 *
 *   best   the row with the highest rank (version, readSeq, hash)
 *   seen   the highest readSeq of a read that showed the record
 *   gone   the highest readSeq of a read that showed it missing
 *
 * The record is deleted while gone > seen, or while its best row says so itself.
 *
 * Rows that change nothing are not journaled, yet they prove that content stood and that the record
 * existed at a later read. That matters only against reads still under way, so it is kept in memory
 * (`Sightings`) for as long as an older read may still answer; a crash ends those reads as well.
 */

export interface Rank {
  readonly version: string | null;
  readonly readSeq: number;
  /** Hex. */
  readonly hash: string;
}

export interface FenceState extends Rank {
  readonly seen: number;
  readonly gone: number;
}

export interface Incoming extends Rank {
  /** A read that asked for the key and did not find it. */
  readonly missing: boolean;
}

export type VersionOrder = 'text' | 'integer';

export type Verdict =
  /** Goes into the journal; it changes best, seen or gone in a way that matters. */
  | 'journal'
  /** As `journal`, followed by the absence that a later read has already shown. */
  | 'journal-then-gone'
  /** Equal to what stands. */
  | 'duplicate'
  /** Older than what stands. */
  | 'stale';

export function compareVersions(a: string | null, b: string | null, order: VersionOrder): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (order === 'integer') {
    const difference = BigInt(a) - BigInt(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return a < b ? -1 : 1;
}

export function compareRanks(a: Rank, b: Rank, order: VersionOrder): number {
  const byVersion = compareVersions(a.version, b.version, order);
  if (byVersion !== 0) return byVersion;
  if (a.readSeq !== b.readSeq) return a.readSeq - b.readSeq;
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}

/** What reads under way have shown of a key without changing it. */
export interface Sighting {
  /** Highest readSeq at which content was confirmed, and which content that was. */
  readonly confirmed: number;
  readonly content: string;
  readonly seen: number;
  readonly gone: number;
}

const unseen: Sighting = { confirmed: -1, content: '', seen: -1, gone: -1 };

/** Sightings by key, forgotten once no read older than them is under way. */
export class Sightings {
  readonly #byKey = new Map<string, Sighting>();

  of(key: string): Sighting {
    return this.#byKey.get(key) ?? unseen;
  }

  note(key: string, part: Partial<Pick<Sighting, 'seen' | 'gone'>>): void {
    const old = this.of(key);
    this.#byKey.delete(key);
    this.#byKey.set(key, {
      ...old,
      seen: Math.max(old.seen, part.seen ?? -1),
      gone: Math.max(old.gone, part.gone ?? -1),
    });
  }

  /**
   * A read showed this content again. Kept with the content it is about: a plan that fails to commit
   * is made again over the older state, of which it says nothing.
   */
  confirm(key: string, content: string, readSeq: number): void {
    const old = this.of(key);
    const confirmed = old.content === content ? Math.max(old.confirmed, readSeq) : readSeq;
    this.#byKey.set(key, { ...old, confirmed, content });
  }

  /** Drops what no read under way can contradict any more. */
  forgetBefore(oldestReadSeq: number): void {
    for (const [key, sighting] of this.#byKey) {
      const last = Math.max(sighting.confirmed, sighting.seen, sighting.gone);
      if (last < oldestReadSeq) this.#byKey.delete(key);
    }
  }

  get size(): number {
    return this.#byKey.size;
  }
}

/** The absence to journal after a row judged `journal-then-gone`. */
export function absenceAfter(key: string, sightings: Sightings): number {
  return sightings.of(key).gone;
}

/** Decides and notes the sighting. `state` is undefined for a key never journaled. */
export function judge(
  key: string,
  state: FenceState | undefined,
  incoming: Incoming,
  sightings: Sightings,
  order: VersionOrder,
): Verdict {
  const sighting = sightings.of(key);
  const seen = Math.max(state?.seen ?? -1, sighting.seen);
  const gone = Math.max(state?.gone ?? -1, sighting.gone);

  if (incoming.missing) {
    sightings.note(key, { gone: incoming.readSeq });
    if (state === undefined || incoming.readSeq <= seen) return 'stale';
    return state.gone > state.seen ? 'duplicate' : 'journal';
  }

  sightings.note(key, { seen: incoming.readSeq });
  // A later read found nothing, but was not journaled since there was nothing to delete.
  const goneLater =
    sighting.gone > (state?.gone ?? -1) && sighting.gone > Math.max(seen, incoming.readSeq);
  const journal = goneLater ? 'journal-then-gone' : 'journal';
  if (state === undefined) return journal;
  // Back from the dead: even an unchanged row has to be journaled, for it ends a deletion.
  const revives = state.gone > state.seen && incoming.readSeq > gone;
  const sameVersion = compareVersions(incoming.version, state.version, order) === 0;
  if (sameVersion && incoming.hash === state.hash) {
    sightings.confirm(key, contentOf(state), incoming.readSeq);
    return revives ? journal : 'duplicate';
  }
  const confirmed = sighting.content === contentOf(state) ? sighting.confirmed : -1;
  const standing: Rank = { ...state, readSeq: Math.max(state.readSeq, confirmed) };
  if (compareRanks(incoming, standing, order) > 0) return journal;
  return revives ? journal : 'stale';
}

function contentOf(rank: Rank): string {
  return `${rank.hash} ${rank.version ?? ''}`;
}

/** The registers after a journaled statement. */
export function advance(
  state: FenceState | undefined,
  incoming: Incoming,
  order: VersionOrder,
): { readonly state: FenceState; readonly wins: boolean } {
  if (incoming.missing) {
    if (state === undefined) {
      return { state: { ...incoming, seen: -1, gone: incoming.readSeq }, wins: false };
    }
    return { state: { ...state, gone: Math.max(state.gone, incoming.readSeq) }, wins: false };
  }
  if (state === undefined) {
    const { version, readSeq, hash } = incoming;
    return { state: { version, readSeq, hash, seen: readSeq, gone: -1 }, wins: true };
  }
  const wins = compareRanks(incoming, state, order) > 0;
  const best = wins ? incoming : state;
  return {
    state: {
      version: best.version,
      readSeq: best.readSeq,
      hash: best.hash,
      seen: Math.max(state.seen, incoming.readSeq),
      gone: state.gone,
    },
    wins,
  };
}

export function isDeleted(state: FenceState): boolean {
  return state.gone > state.seen;
}

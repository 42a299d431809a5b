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
  /** When that read was, kept for an absence that is journaled later. */
  readonly times?: ReadMoments;
}

/** When a notification arrived and when the read after it began and ended; ms. */
interface ReadMoments {
  readonly noticedAt: number | null;
  readonly readAt: number | null;
  readonly receivedAt: number;
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
  /** Highest readSeq at which the standing content was confirmed. */
  readonly confirmed: number;
  readonly seen: number;
  readonly gone: number;
  /** Of the read that `gone` is as of. */
  readonly goneTimes: ReadMoments | null;
}

const unseen: Sighting = { confirmed: -1, seen: -1, gone: -1, goneTimes: null };

/**
 * Sightings by key, forgotten once no read older than them is under way. What a plan noted that did
 * not become durable is taken back: planned again over the older state, the same reads would find
 * themselves confirmed already and be taken for stale.
 */
export class Sightings {
  readonly #byKey = new Map<string, Sighting>();
  /** What stood before each note of a batch that is not durable, oldest first. */
  #undo: { readonly batch: number; readonly key: string; readonly before: Sighting | undefined }[] =
    [];
  #batch = 0;

  /** What is noted from now on belongs to this batch. */
  begin(batch: number): void {
    this.#batch = batch;
  }

  durable(batch: number): void {
    const first = this.#undo.findIndex((note) => note.batch > batch);
    this.#undo = first === -1 ? [] : this.#undo.slice(first);
  }

  /** No batch under way becomes durable. */
  takeBack(): void {
    for (const { key, before } of this.#undo.reverse()) {
      if (before === undefined) this.#byKey.delete(key);
      else this.#byKey.set(key, before);
    }
    this.#undo = [];
  }

  of(key: string): Sighting {
    return this.#byKey.get(key) ?? unseen;
  }

  note(key: string, part: Partial<Sighting>): void {
    const old = this.#remember(key) ?? unseen;
    this.#byKey.delete(key);
    this.#byKey.set(key, {
      confirmed: Math.max(old.confirmed, part.confirmed ?? -1),
      seen: Math.max(old.seen, part.seen ?? -1),
      gone: Math.max(old.gone, part.gone ?? -1),
      goneTimes: (part.gone ?? -1) > old.gone ? (part.goneTimes ?? null) : old.goneTimes,
    });
  }

  /** A new winner makes earlier confirmations meaningless. */
  replaced(key: string): void {
    const old = this.#remember(key);
    if (old !== undefined) this.#byKey.set(key, { ...old, confirmed: -1 });
  }

  #remember(key: string): Sighting | undefined {
    const before = this.#byKey.get(key);
    this.#undo.push({ batch: this.#batch, key, before });
    return before;
  }

  /**
   * Drops what no read under way can contradict any more. Keys stand in the order of their last
   * note, so it stops at the first that is still needed: what lies behind goes a little later.
   */
  forgetBefore(oldestReadSeq: number): void {
    for (const [key, sighting] of this.#byKey) {
      const last = Math.max(sighting.confirmed, sighting.seen, sighting.gone);
      if (last >= oldestReadSeq) return;
      this.#byKey.delete(key);
    }
  }

  get size(): number {
    return this.#byKey.size;
  }
}

/** The absence to journal after a row judged `journal-then-gone`: as of its own read, not the row's. */
export function absenceAfter(
  key: string,
  sightings: Sightings,
): Pick<Sighting, 'gone' | 'goneTimes'> {
  return sightings.of(key);
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
    sightings.note(key, { gone: incoming.readSeq, goneTimes: incoming.times ?? null });
    if (state === undefined || incoming.readSeq <= seen) return 'stale';
    return state.gone > state.seen ? 'duplicate' : 'journal';
  }

  sightings.note(key, { seen: incoming.readSeq });
  // A later read found nothing, but was not journaled since there was nothing to delete. Where a
  // journaled absence outlasts this row as well, there is still nothing.
  const staysGone = state !== undefined && state.gone > Math.max(state.seen, incoming.readSeq);
  const goneLater =
    !staysGone &&
    sighting.gone > (state?.gone ?? -1) &&
    sighting.gone > Math.max(seen, incoming.readSeq);
  const journal = goneLater ? 'journal-then-gone' : 'journal';
  if (state === undefined) return journal;
  // Back from the dead: even an unchanged row has to be journaled, for it ends a deletion.
  const revives = state.gone > state.seen && incoming.readSeq > gone;
  const sameVersion = compareVersions(incoming.version, state.version, order) === 0;
  if (sameVersion && incoming.hash === state.hash) {
    sightings.note(key, { confirmed: incoming.readSeq });
    return revives ? journal : 'duplicate';
  }
  const standing: Rank = { ...state, readSeq: Math.max(state.readSeq, sighting.confirmed) };
  if (compareRanks(incoming, standing, order) > 0) {
    sightings.replaced(key);
    return journal;
  }
  return revives ? journal : 'stale';
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

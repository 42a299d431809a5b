/**
 * Fills batches of rows: the lines of many keys are read together, each line once for all rows of its
 * key, and each row is worked out from columns. What columns do not hold (merged keys, views that look
 * ahead, numbers beyond doubles) goes through the general walk, row by row, with the same result.
 *
 *   chunk of rows → keys with their dates → lines of so many keys as fit → per key: columns → rows
 *
 * Memory is bounded by bytes of lines, not by keys: when more come than fit, fewer keys are read at a
 * time, down to one.
 */
import type { FeatureDefinition } from './definition.js';
import type { Known, Question } from './evaluate.js';
import { emptyNotes, type FeatureReader, type VectorNotes } from './feature-reader.js';
import { derivedValue, fullValues, statusRanks } from './feature-values.js';
import { linesOfText, type Stretch } from './lines.js';
import {
  differ,
  emptyBatch,
  fullValueAt,
  layoutOf,
  type PlacedView,
  type RowBatch,
  type RowLayout,
  setFullValues,
  setGroup,
  setValue,
} from './row-batch.js';
import { ViewSweep } from './sweep.js';

/** Which knowledge a row may use. */
export type KnownMode = 'row-time' | 'restated' | { readonly k: number };

/** Rows that are asked for: keys in runs, after which row each ends, and a moment for each row. */
export interface RowChunk {
  readonly keys: readonly string[];
  readonly ends: Uint32Array;
  readonly t: Float64Array;
}

export interface SweepOptions {
  readonly reader: FeatureReader;
  readonly definitions: readonly FeatureDefinition[];
  readonly known: KnownMode;
  /** Entries of the journal that are looked at. */
  readonly k: number;
  /** Bytes of lines that are in memory at a time, where a key does not have more by itself. */
  readonly bytes?: number;
}

/** What is known of one key for one view before its rows are worked out. */
type Prepared =
  | { readonly kind: 'erased' | 'absent' }
  | { readonly kind: 'columns'; readonly owner: number; readonly from: number; hasOlder: boolean }
  | { readonly kind: 'general'; readonly load: FeatureReader['load'] };

interface LoadedView {
  readonly owners: ReadonlyMap<string, number>;
  readonly linked: ReadonlySet<string>;
  readonly from: number;
  readonly text: ReadonlyMap<number, readonly Stretch[]>;
  readonly bytes: number;
}

const bytesDefault = 16 << 20;
const keysAtFirst = 64;
const keysMost = 8192;
/** Rarely are keys so much larger than those before them. */
const bytesSlack = 4;

const [missingRank, expiredRank, erasedRank, staleRank] = (
  ['missing', 'expired', 'erased', 'stale'] as const
).map((status) => statusRanks.indexOf(status)) as [number, number, number, number];
const noTimes = { ageMs: null, eventAt: null, knownAt: null } as const;

export class RowSweeper {
  readonly layout: RowLayout;
  readonly #options: SweepOptions;
  readonly #sweeps: ReadonlyMap<PlacedView, ViewSweep>;
  /** Notes of what was known by a row, and of all that is known: what was heard of is kept. */
  readonly #notes = emptyNotes();
  readonly #allNotes = emptyNotes();
  #keys = keysAtFirst;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.layout = layoutOf(options.definitions);
    this.#sweeps = new Map(
      this.layout.views.map((placed) => [placed, new ViewSweep(placed.view, placed.groups)]),
    );
  }

  fill({ keys, ends, t }: RowChunk): RowBatch {
    const batch = emptyBatch(this.layout, keys, ends);
    batch.t.set(t);
    for (let run = 0; run < keys.length; ) run = this.#fillRuns(batch, run);
    return batch;
  }

  /** Fills the rows of as many keys as fit, and says which comes next. */
  #fillRuns(batch: RowBatch, first: number): number {
    const { bytes: bytesMax = bytesDefault } = this.#options;
    for (;;) {
      const end = Math.min(batch.keys.length, first + this.#keys);
      const loaded: LoadedView[] = [];
      let bytes = 0;
      for (const placed of this.layout.views) {
        const most = end === first + 1 ? Number.POSITIVE_INFINITY : bytesMax * bytesSlack - bytes;
        const one = this.#load(placed, batch, first, end, most);
        if (one === null) break;
        loaded.push(one);
        bytes += one.bytes;
      }
      if (loaded.length < this.layout.views.length) {
        this.#keys = Math.max(1, (end - first) >> 1);
        continue;
      }
      for (let run = first; run < end; run += 1) this.#fillRun(batch, run, loaded);
      const aKey = Math.max(1, bytes) / (end - first);
      this.#keys = Math.max(1, Math.min(keysMost, Math.floor(bytesMax / aKey)));
      return end;
    }
  }

  /** The lines of a view that the rows of these runs need; null when they are too many. */
  #load(
    placed: PlacedView,
    batch: RowBatch,
    first: number,
    end: number,
    bytesMax: number,
  ): LoadedView | null {
    const { reader } = this.#options;
    const { view } = placed;
    const keys = [...new Set(batch.keys.slice(first, end))];
    const owners = reader.lines.ownersOf(view, keys);
    const linked = reader.lines.linkedAmong(view, keys);
    const wanted = new Set<number>();
    let from = Number.MAX_SAFE_INTEGER;
    let to = Number.MIN_SAFE_INTEGER;
    for (let run = first; run < end; run += 1) {
      const key = batch.keys[run] as string;
      const owner = owners.get(key);
      if (owner === undefined || linked.has(key)) continue;
      const [low, high] = this.#spanOf(placed, batch, run);
      wanted.add(owner);
      from = Math.min(from, low);
      to = Math.max(to, high);
    }
    // In the order of the log, so that neighbours are met on one page.
    const sorted = [...wanted].sort((one, other) => one - other);
    const text = reader.lines.loadText({ owners: sorted, from, to }, bytesMax);
    if (text === null) return null;
    let bytes = 0;
    for (const stretches of text.values()) {
      for (const { start, end: until } of stretches) bytes += until - start;
    }
    return { owners, linked, from, text, bytes };
  }

  #spanOf(placed: PlacedView, batch: RowBatch, run: number): readonly [number, number] {
    if (placed.view.over !== null) return [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let row = startOf(batch, run); row < (batch.ends[run] as number); row += 1) {
      const t = batch.t[row] as number;
      low = Math.min(low, t);
      high = Math.max(high, t);
    }
    const zone = this.#options.reader.zoneOf(placed.view, batch.keys[run] as string);
    return [(this.#sweeps.get(placed) as ViewSweep).farEdge(low, zone), high + 1];
  }

  #fillRun(batch: RowBatch, run: number, loaded: readonly LoadedView[]): void {
    const { known, k } = this.#options;
    const { layout } = this;
    const key = batch.keys[run] as string;
    const prepared = layout.views.map((placed, index) =>
      this.#prepare(placed, key, loaded[index] as LoadedView),
    );
    const isErased = prepared.some(({ kind }) => kind === 'erased');
    for (let row = startOf(batch, run); row < (batch.ends[run] as number); row += 1) {
      const t = batch.t[row] as number;
      if (isErased) batch.erased[row] = 1;
      const notes = this.#notes;
      notes.hidden = 0;
      notes.imputed = 0;
      this.#fillRow(batch, row, key, { t, known: knownAt(known, t, k) }, prepared, notes);
      if (notes.imputed > 0) batch.imputed[row] = 1;
      // Only where something was hidden can a join that hides nothing differ.
      if (notes.hidden === 0) continue;
      this.#fillRow(batch, batch.rows, key, { t, known: { k } }, prepared, this.#allNotes);
      if (differ(layout, batch, row, batch.rows)) batch.leaks[row] = 1;
    }
  }

  #prepare(placed: PlacedView, key: string, loaded: LoadedView): Prepared {
    const { reader, k } = this.#options;
    const { view } = placed;
    if (reader.isErased(view, key)) return { kind: 'erased' };
    if (loaded.linked.has(key)) {
      // Who is one thing with whom depends on the moment, so each row reads for itself.
      return {
        kind: 'general',
        load: (of, one, question) => {
          const read = reader.load(of, one, question);
          return { ...read, lines: read.lines.filter((line) => line.seq < k) };
        },
      };
    }
    const owner = loaded.owners.get(key);
    if (owner === undefined) return { kind: 'absent' };
    const stretches = loaded.text.get(owner) ?? [];
    const sweep = this.#sweeps.get(placed) as ViewSweep;
    if (view.over === null && sweep.columns.take(stretches, k)) {
      return { kind: 'columns', owner, from: loaded.from, hasOlder: true };
    }
    const all = { owners: [owner], lines: linesOfText(stretches, k) };
    return { kind: 'general', load: () => all };
  }

  #fillRow(
    batch: RowBatch,
    row: number,
    key: string,
    question: Question,
    prepared: readonly Prepared[],
    notes: VectorNotes,
  ): void {
    const { reader } = this.#options;
    const { views, derived } = this.layout;
    for (let index = 0; index < views.length; index += 1) {
      const placed = views[index] as PlacedView;
      const how = prepared[index] as Prepared;
      switch (how.kind) {
        case 'columns':
          this.#fillFromColumns(batch, row, key, question, placed, how, notes);
          break;
        case 'general': {
          const values = reader.valuesOf(placed.view, key, question, how.load, notes);
          setFullValues(batch, placed, row, fullValues(values));
          break;
        }
        default:
          setNothing(batch, placed, row, how.kind === 'erased' ? erasedRank : missingRank);
      }
    }
    for (const { derived: one, inputs, column, group } of derived) {
      const given = inputs.map(({ view, firstColumn }) =>
        view.features.map((_, place) => fullValueAt(this.layout, batch, firstColumn + place, row)),
      );
      const value = derivedValue(one, given, question.t);
      setValue(batch, column, row, value.value);
      setGroup(batch, group, row, statusRanks.indexOf(value.status), value);
    }
  }

  #fillFromColumns(
    batch: RowBatch,
    row: number,
    key: string,
    question: Question,
    placed: PlacedView,
    how: Prepared & { readonly kind: 'columns' },
    notes: VectorNotes,
  ): void {
    const { view, firstColumn, firstGroup, groups } = placed;
    const sweep = this.#sweeps.get(placed) as ViewSweep;
    const zone = this.#options.reader.zoneOf(view, key);
    sweep.evaluate(question.t, question.known, zone);
    notes.hidden += sweep.hidden;
    notes.imputed += sweep.imputed;
    const otherwise = sweep.feeds;
    const older = otherwise === 0 ? this.#older(sweep, how, question, placed, zone) : null;
    if (otherwise === 0 && older === null) {
      setNothing(batch, placed, row, missingRank);
      return;
    }
    let agesOf = -1;
    let ageMs: number | null = null;
    for (let index = 0; index < groups.length; index += 1) {
      const passed = sweep.passed[index] as (typeof sweep.passed)[number];
      const bits = passed.feeds === 0 ? otherwise : passed.feeds;
      if (bits !== agesOf) {
        ageMs = this.#ageOf(bits, sweep, older, question, notes);
        agesOf = bits;
      }
      const isExpired = view.maxAgeMs !== null && ageMs !== null && ageMs > view.maxAgeMs;
      const isStale = view.freshMs !== null && ageMs !== null && ageMs > view.freshMs;
      const group = firstGroup + index;
      const rank = isExpired ? expiredRank : isStale ? staleRank : 0;
      (batch.ranks[group] as Uint8Array)[row] = rank;
      (batch.ageMs[group] as Float64Array)[row] = ageMs ?? Number.NaN;
      (batch.eventAt[group] as Float64Array)[row] = passed.eventAt;
      (batch.knownAt[group] as Float64Array)[row] = passed.knownAt;
      for (const place of groups[index]?.features ?? []) {
        const value = isExpired ? null : (sweep.values[place] ?? null);
        setValue(batch, firstColumn + place, row, value);
      }
    }
  }

  /** How long ago the streams were last heard of, the oldest of them. */
  #ageOf(
    bits: number,
    sweep: ViewSweep,
    older: number | null,
    question: Question,
    notes: VectorNotes,
  ): number | null {
    const { reader } = this.#options;
    let oldest: number | null = null;
    const hear = (feed: number): void => {
      const at = reader.heardBy(feed, question, notes);
      if (at !== null && (oldest === null || at < oldest)) oldest = at;
    };
    if (older !== null) hear(older);
    else
      for (const [place, feed] of sweep.columns.feeds.entries()) {
        if ((bits & (1 << place)) !== 0) hear(feed);
      }
    return oldest === null ? null : Math.max(0, question.t - oldest);
  }

  /** Stream of the newest line before all windows that was known; null when the key was not known. */
  #older(
    sweep: ViewSweep,
    how: Prepared & { readonly kind: 'columns' },
    question: Question,
    { view }: PlacedView,
    zone: string,
  ): number | null {
    const { columns } = sweep;
    const place = sweep.olderThan(sweep.farEdge(question.t, zone), question.t, question.known);
    if (place !== -1) {
      const bit = columns.feedBit[place] as number;
      return columns.feeds[31 - Math.clz32(bit)] as number;
    }
    if (!how.hasOlder) return null;
    const { lines } = this.#options.reader;
    how.hasOlder = lines.has([how.owner], how.from);
    if (!how.hasOlder) return null;
    return lines.older([how.owner], how.from, question, view.importLagMs)?.feed ?? null;
  }
}

function knownAt(mode: KnownMode, t: number, k: number): Known {
  if (mode === 'row-time') return { by: t };
  return { k: mode === 'restated' ? k : Math.min(mode.k, k) };
}

function startOf(batch: RowBatch, run: number): number {
  return run === 0 ? 0 : (batch.ends[run - 1] as number);
}

function setNothing(batch: RowBatch, placed: PlacedView, row: number, rank: number): void {
  for (let index = 0; index < placed.groups.length; index += 1) {
    setGroup(batch, placed.firstGroup + index, row, rank, noTimes);
  }
  for (let place = 0; place < placed.view.features.length; place += 1) {
    setValue(batch, placed.firstColumn + place, row, null);
  }
}

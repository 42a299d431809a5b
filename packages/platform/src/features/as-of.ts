/**
 * Rows of a training set: for each key and moment of a spine, the values as they were known then.
 *
 * The default is honest: a row at T uses what was known by T. Facts of imported history count from
 * `importLag` after they became true, and how many rows rest on that is told. `restated` uses all that
 * is known today, for reports; `k` asks for what the first K entries of the journal say.
 *
 * Beside each row it is counted whether a join by event time alone would have given something else:
 * that row would have leaked. Memory is bounded: lines of one key at a time.
 */
import { HeadraceError } from '@headrace/sdk';
import type { FeatureDefinition, FeatureView } from './definition.js';
import type { Known, Question } from './evaluate.js';
import {
  emptyNotes,
  type FeatureReader,
  type FeatureVector,
  type Loaded,
} from './feature-reader.js';

/** Which knowledge a row may use. */
export type KnownMode = 'row-time' | 'restated' | { readonly k: number };

export interface SpineRow {
  readonly key: string;
  readonly t: number;
}

export interface AsOfOptions {
  readonly known?: KnownMode;
  /** Entries of the journal that are looked at; what comes later does not count. */
  readonly k: number;
}

export interface AsOfRow extends FeatureVector {
  /** A join by event time alone would have given other values. */
  readonly leaks: boolean;
  /** Some of it counts by an imputed time of knowing. */
  readonly isImputed: boolean;
}

/** What a set says of itself once all rows are out. */
export interface AsOfSummary {
  rows: number;
  /** Rows that a join by event time alone would have filled with what was not known yet. */
  leakedRows: number;
  imputedRows: number;
}

export function emptySummary(): AsOfSummary {
  return { rows: 0, leakedRows: 0, imputedRows: 0 };
}

/**
 * Rows in the order of the spine. A spine that names a key's moments one after another is read with
 * one look at the log per key.
 */
export function* asOf(
  reader: FeatureReader,
  definitions: readonly FeatureDefinition[],
  spine: Iterable<SpineRow>,
  { known = 'row-time', k }: AsOfOptions,
  summary: AsOfSummary = emptySummary(),
): Iterable<AsOfRow> {
  const notes = emptyNotes();
  for (const run of runsOf(spine)) {
    const loads = new Map<FeatureView, Loaded>();
    const load = (view: FeatureView, key: string, question: Question): Loaded => {
      // Who is one thing with whom depends on the moment; the lines of one key alone do not.
      if (view.of.identity !== null) return withinK(reader.load(view, key, question), k);
      let loaded = loads.get(view);
      if (loaded === undefined) {
        loaded = withinK(loadRun(reader, view, run), k);
        loads.set(view, loaded);
      }
      return loaded;
    };
    for (const { key, t } of run) {
      notes.hidden = 0;
      notes.imputed = 0;
      const vector = reader.vector(
        definitions,
        key,
        { t, known: knownAt(known, t, k) },
        load,
        notes,
      );
      // Only where something was hidden can a join that hides nothing differ.
      const leaks = notes.hidden > 0 && differs(vector, reader, definitions, { key, t }, k, load);
      summary.rows += 1;
      if (leaks) summary.leakedRows += 1;
      if (notes.imputed > 0) summary.imputedRows += 1;
      yield { ...vector, leaks, isImputed: notes.imputed > 0 };
    }
  }
}

function knownAt(mode: KnownMode, t: number, k: number): Known {
  if (mode === 'row-time') return { by: t };
  return { k: mode === 'restated' ? k : Math.min(mode.k, k) };
}

function withinK(loaded: Loaded, k: number): Loaded {
  const lines = loaded.lines;
  return lines.every((line) => line.seq < k)
    ? loaded
    : { ...loaded, lines: lines.filter((line) => line.seq < k) };
}

/** Rows of one key that follow each other. */
function* runsOf(spine: Iterable<SpineRow>): Iterable<readonly SpineRow[]> {
  let run: SpineRow[] = [];
  for (const row of spine) {
    if (run.length > 0 && (run[0]?.key !== row.key || run.length >= runMax)) {
      yield run;
      run = [];
    }
    run.push(row);
  }
  if (run.length > 0) yield run;
}

const runMax = 1000;

function loadRun(reader: FeatureReader, view: FeatureView, run: readonly SpineRow[]): Loaded {
  const key = run[0]?.key ?? '';
  const owners = reader.lines.owners(view, [key]);
  let from = Number.MAX_SAFE_INTEGER;
  let to = Number.MIN_SAFE_INTEGER;
  for (const t of [run[0], run.at(-1)].map((row) => row?.t ?? 0)) {
    const span = reader.span(view, key, t);
    from = Math.min(from, span[0]);
    to = Math.max(to, span[1]);
  }
  for (const { t } of run) to = Math.max(to, t + 1);
  const first = Math.min(...run.map((row) => row.t));
  from = Math.min(from, reader.span(view, key, first)[0]);
  return { owners, lines: owners.length === 0 ? [] : reader.lines.load(owners, from, to) };
}

function differs(
  vector: FeatureVector,
  reader: FeatureReader,
  definitions: readonly FeatureDefinition[],
  { key, t }: SpineRow,
  k: number,
  load: (view: FeatureView, key: string, question: Question) => Loaded,
): boolean {
  const joined = reader.vector(definitions, key, { t, known: { k } }, load);
  return Object.entries(vector.values).some(
    ([name, { value }]) => JSON.stringify(value) !== JSON.stringify(joined.values[name]?.value),
  );
}

/** A row for each key at each step of time. */
export function* every(
  keys: Iterable<string>,
  stepMs: number,
  from: number,
  to: number,
): Iterable<SpineRow> {
  if (!(stepMs > 0) || (to - from) / stepMs > 1e8) {
    throw new HeadraceError('config', 'The spine has no end.', {
      code: 'E_SPINE',
      hint: 'Give a step above nothing, and from before to.',
    });
  }
  for (const key of keys) for (let t = from; t < to; t += stepMs) yield { key, t };
}

/** A row for each contribution to a view, at the moment it became true: `onEvent('demand')`. */
export function* onEvent(
  reader: FeatureReader,
  view: FeatureView,
  from: number,
  to: number,
): Iterable<SpineRow> {
  for (const key of allKeys(reader, view)) {
    const lines = reader.lines.load(reader.lines.owners(view, [key]), from, to);
    let last: number | null = null;
    for (const { at } of lines) {
      if (at === last) continue;
      last = at;
      yield { key, t: at };
    }
  }
}

/** Rows of labels that a user brings, key by key and in order of time. */
export function fromLabels(rows: readonly SpineRow[]): readonly SpineRow[] {
  return [...rows].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.t - b.t));
}

const keysPage = 1000;

/** Every key a view ever had. */
export function* allKeys(reader: FeatureReader, view: FeatureView): Iterable<string> {
  for (let after = ''; ; ) {
    const keys = reader.lines.keys(view, after, keysPage);
    yield* keys;
    if (keys.length < keysPage) return;
    after = keys.at(-1) as string;
  }
}

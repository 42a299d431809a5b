/**
 * Values of views at (T, K, V): V is the set of definitions the reader was made with. Online is now
 * and all that is durable; as of any other moment it is the same function.
 */
import { HeadraceError } from '@headrace/sdk';
import type { StoreReader } from '../storage/index.js';
import {
  type FeatureDefinition,
  type FeatureView,
  isSameEntity,
  keyParts,
  versionOfAll,
} from './definition.js';
import { isKnownAt, type Line, type Question, spanOf } from './evaluate.js';
import {
  clockLog,
  erasedTable,
  feedId,
  feedTable,
  statsTable,
  subjectTable,
} from './feature-fold.js';
import {
  derivedValue,
  erasedAge,
  type FeatureValue,
  fullValues,
  joinRows,
  missingAge,
  noValues,
  rowOf,
  type ValueRow,
  valuesOf,
} from './feature-values.js';
import { Lines } from './lines.js';
import { evaluateKept, type KeptStanding } from './standing.js';

/** What an answer stands on: asking for the same again gives the same again. */
export interface Evidence {
  /** Moment asked for, ms. */
  readonly t: number;
  /** Entries of the journal that were known; null where the wall clock decided row by row. */
  readonly k: number | null;
  /** Hash of the definitions. */
  readonly v: string;
}

export interface FeatureVector {
  readonly key: string;
  /** By `view.value`, or by the name of a derived value. */
  readonly values: Readonly<Record<string, FeatureValue>>;
  readonly evidence: Evidence;
}

/** A vector as it is worked out; where many are asked for, their names are one list. */
export interface FeatureRow {
  readonly key: string;
  readonly names: readonly string[];
  readonly row: ValueRow;
  readonly evidence: Evidence;
}

export function vectorOf({ key, names, row, evidence }: FeatureRow): FeatureVector {
  const named: Record<string, FeatureValue> = {};
  const values = fullValues(row);
  for (const [place, name] of names.entries()) named[name] = values[place] as FeatureValue;
  return { key, values: named, evidence };
}

/** What reading a vector showed beside its values. */
export interface VectorNotes {
  /** Lines left out because they were not known yet. */
  hidden: number;
  /** Contributions that count by an imputed time of knowing. */
  imputed: number;
  /**
   * When a stream was last heard of, by stream and moment. Rows of a set share moments; what is known at
   * one is the same for all of them.
   */
  readonly heard: Map<number, Map<number, number | null>>;
}

export function emptyNotes(): VectorNotes {
  return { hidden: 0, imputed: 0, heard: new Map() };
}

export interface FeatureReaderOptions {
  readonly reader: StoreReader;
  readonly definitions: readonly FeatureDefinition[];
  /** Zone of days where a view names none. */
  readonly timeZone: string;
}

/** Lines of a key, read beforehand for several moments. */
export interface Loaded {
  readonly owners: readonly number[];
  readonly lines: readonly Line[];
  /** What they came to last, where who keeps them sees to it that all of them are known to who asks. */
  readonly standing?: KeptStanding;
}

export class FeatureReader {
  readonly definitions: readonly FeatureDefinition[];
  readonly version: string;
  readonly lines: Lines;
  readonly timeZone: string;
  readonly #reader: StoreReader;
  readonly #byName: ReadonlyMap<string, FeatureDefinition>;

  constructor({ reader, definitions, timeZone }: FeatureReaderOptions) {
    this.#reader = reader;
    this.timeZone = timeZone;
    this.definitions = definitions;
    this.version = versionOfAll(definitions);
    this.lines = new Lines(reader);
    this.#byName = new Map(definitions.map((one) => [one.name, one]));
  }

  /** Definitions by name; all of one entity. Throws with what there is when a name is wrong. */
  select(names: readonly string[]): readonly FeatureDefinition[] {
    const found = [...new Set(names)].map((name) => {
      const one = this.#byName.get(name);
      if (one !== undefined) return one;
      throw new HeadraceError('config', `There is no view ${name}.`, {
        code: 'E_NO_VIEW',
        hint: `There are ${[...this.#byName.keys()].sort().join(', ') || 'none; list some under features in the project'}.`,
      });
    });
    const first = found[0];
    if (first !== undefined && found.some((one) => !isSameEntity(one.of, first.of))) {
      throw new HeadraceError('config', 'These views have different keys.', {
        code: 'E_FEATURE_KEY',
        hint: `${found.map((one) => `${one.name} has ${one.of.parts.join('/')}`).join(', ')}; read them apart.`,
      });
    }
    return found;
  }

  zoneOf(view: FeatureView, key: string): string {
    if (typeof view.zone === 'string') return view.zone;
    if (view.zone === null) return this.timeZone;
    return view.zone(keyParts(view.of, key) as never);
  }

  /** What the values of these definitions are called, in their order. */
  names(definitions: readonly FeatureDefinition[]): readonly string[] {
    const [first] = definitions;
    // The list of a view alone is one, and what is made of it can be kept.
    if (definitions.length === 1 && first?.kind === 'view') return namesOf(first);
    return definitions.flatMap((one) => (one.kind === 'derived' ? [one.name] : namesOf(one)));
  }

  /** The values of one key, in the order of `names`. `load` may hand in lines that are in memory already. */
  row(
    definitions: readonly FeatureDefinition[],
    key: string,
    question: Question,
    load: (view: FeatureView, key: string, question: Question) => Loaded = this.load,
    notes: VectorNotes = emptyNotes(),
  ): ValueRow {
    const [first] = definitions;
    if (definitions.length === 1 && first?.kind === 'view') {
      return this.valuesOf(first, key, question, load, notes);
    }
    const read = new Map<FeatureView, ValueRow>();
    const of = (view: FeatureView) => {
      let found = read.get(view);
      if (found === undefined) {
        found = this.valuesOf(view, key, question, load, notes);
        read.set(view, found);
      }
      return found;
    };
    const full = new Map<FeatureView, readonly FeatureValue[]>();
    const fullOf = (view: FeatureView) => {
      let found = full.get(view);
      if (found === undefined) {
        found = fullValues(of(view));
        full.set(view, found);
      }
      return found;
    };
    return joinRows(
      definitions.map((one) =>
        one.kind === 'view'
          ? of(one)
          : rowOf([derivedValue(one, one.views.map(fullOf), question.t)]),
      ),
    );
  }

  /** The same by name, with what it stands on. */
  vector(
    definitions: readonly FeatureDefinition[],
    key: string,
    question: Question,
    load?: (view: FeatureView, key: string, question: Question) => Loaded,
    notes?: VectorNotes,
  ): FeatureVector {
    return vectorOf({
      key,
      names: this.names(definitions),
      row: this.row(definitions, key, question, load, notes),
      evidence: this.evidence(question),
    });
  }

  evidence({ t, known }: Question): Evidence {
    return { t, k: 'k' in known ? known.k : null, v: this.version };
  }

  /** The lines of a key that a question needs. */
  readonly load = (view: FeatureView, key: string, question: Question): Loaded => {
    const owners = this.lines.owners(view, this.lines.cluster(view, key, question.known));
    if (owners.length === 0) return { owners, lines: [] };
    const [from, to] = this.span(view, key, question.t);
    return { owners, lines: this.lines.load(owners, from, to) };
  };

  /** Dates of the lines a question needs. Views that look ahead need all of a key. */
  span(view: FeatureView, key: string, t: number): readonly [number, number] {
    if (view.over !== null) return [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    return spanOf(view, t, this.zoneOf(view, key));
  }

  /** How many facts of each view were not used, by reason. */
  unused(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    const names = this.definitions.filter((one) => one.kind === 'view').map((one) => one.name);
    const rows = this.#reader.rows(statsTable.name, names);
    return Object.fromEntries(rows.map((row) => [row.key, JSON.parse(row.value)]));
  }

  /** The values of one view, in its order. */
  valuesOf(
    view: FeatureView,
    key: string,
    question: Question,
    load: (view: FeatureView, key: string, question: Question) => Loaded,
    notes: VectorNotes,
  ): ValueRow {
    if (this.isErased(view, key)) return noValues(view, erasedAge);
    const { owners, lines, standing } = load(view, key, question);
    const zone = this.zoneOf(view, key);
    const result = evaluateKept(view, lines, question, zone, standing);
    notes.hidden += result.hidden;
    notes.imputed += result.imputed;
    const older = () => this.#older(view, owners, lines, question, zone);
    const feeds = result.feeds.size > 0 ? result.feeds : older();
    if (feeds === null) return noValues(view, missingAge);
    const heardAt = (feed: number) => this.heardBy(feed, question, notes);
    return valuesOf(view, result, feeds, heardAt, question.t);
  }

  /** Streams of a key that has nothing in any window but was known; null when it was not. */
  #older(
    view: FeatureView,
    owners: readonly number[],
    lines: readonly Line[],
    question: Question,
    zone: string,
  ): ReadonlySet<number> | null {
    if (owners.length === 0) return null;
    if (view.over !== null) {
      const { t, known } = question;
      const seen = lines.filter(
        (line) => line.eventAt <= t && isKnownAt(line, known, view.importLagMs),
      );
      return seen.length === 0 ? null : new Set(seen.map((line) => line.feed));
    }
    const [from] = spanOf(view, question.t, zone);
    const line = this.lines.older(owners, from, question, view.importLagMs);
    return line === null ? null : new Set([line.feed]);
  }

  /** When a stream was last heard of, as far as that was known. */
  heardBy(feed: number, question: Question, { heard }: VectorNotes): number | null {
    const { t } = question;
    let times = heard.get(feed);
    if (times === undefined || times.size >= momentsMax) {
      times = new Map();
      heard.set(feed, times);
    }
    let at = times.get(t);
    if (at === undefined) {
      at = this.#heardAt(feed, question);
      times.set(t, at);
    }
    return at;
  }

  #heardAt(feed: number, { t, known }: Question): number | null {
    const id = this.#feedId(feed);
    if (id === undefined) return null;
    if ('k' in known) return this.#heardBefore(id, t, known.k);
    // The newest is nearly always known: a stream is heard of when it is read.
    for (const limit of [1, 16]) {
      const recent = this.#reader.logBefore(clockLog.name, id, t + 1, limit);
      const found = recent.find((row) => (row['known_at'] as number) <= known.by);
      if (found !== undefined) return found['at'] ?? null;
      if (recent.length < limit) return null;
    }
    return null;
  }

  /** By row id of a stream, the newest that was heard of it before an entry. */
  readonly #newest = new Map<number, { readonly k: number; readonly at: number | null }>();

  /** Between two commits the answer is the same for all who ask about now, and it takes two statements. */
  #heardBefore(id: number, t: number, k: number): number | null {
    const last = (at: number) => this.#reader.logLast(clockLog.name, id, at, k)?.['at'] ?? null;
    let newest = this.#newest.get(id);
    if (newest?.k !== k) {
      newest = { k, at: last(Number.MAX_SAFE_INTEGER) };
      this.#newest.set(id, newest);
    }
    return newest.at === null || newest.at <= t ? newest.at : last(t);
  }

  #feedIds: ReadonlyMap<number, number> = new Map();

  /** Row id of a stream by how lines name it; all are read again when one is new. */
  #feedId(feed: number): number | undefined {
    const found = this.#feedIds.get(feed);
    if (found !== undefined) return found;
    const rows = this.#reader.keysRange(feedTable.name, '', '', 10_000);
    this.#feedIds = new Map(rows.map((row) => [feedId(row.key), row.id]));
    return this.#feedIds.get(feed);
  }

  /** Whether the person a key stands for was erased. */
  isErased(view: FeatureView, key: string): boolean {
    if (view.of.identity !== 'customer') return false;
    const row = this.#reader.row(subjectTable.name, key);
    if (row === undefined) return false;
    const { subjects } = JSON.parse(row.value) as { readonly subjects: readonly string[] };
    return this.#reader.rows(erasedTable.name, subjects).length > 0;
  }
}

const momentsMax = 50_000;

const fullNames = new WeakMap<FeatureView, readonly string[]>();

/** What the values of a view are called beside those of others. */
function namesOf(view: FeatureView): readonly string[] {
  let names = fullNames.get(view);
  if (names === undefined) {
    names = view.features.map(({ name }) => `${view.name}.${name}`);
    fullNames.set(view, names);
  }
  return names;
}

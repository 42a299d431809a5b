/**
 * Values of views at (T, K, V): V is the set of definitions the reader was made with. Online is now
 * and all that is durable; as of any other moment it is the same function.
 */
import { HeadraceError } from '@headrace/sdk';
import type { StoreReader } from '../storage/index.js';
import {
  type DerivedFeature,
  type FeatureDefinition,
  type FeatureView,
  isSameEntity,
  keyParts,
  versionOfAll,
} from './definition.js';
import {
  type Evaluation,
  evaluateKept,
  isKnownAt,
  type KeptStanding,
  type Line,
  type Question,
  spanOf,
} from './evaluate.js';
import {
  clockLog,
  erasedTable,
  feedId,
  feedTable,
  statsTable,
  subjectTable,
} from './feature-fold.js';
import type { FeaturePlain } from './finish.js';
import { Lines } from './lines.js';

export type FeatureStatus = 'ok' | 'stale' | 'missing' | 'expired' | 'erased';

export interface FeatureValue {
  /** Null unless the status is `ok` or `stale`. */
  readonly value: FeaturePlain;
  readonly status: FeatureStatus;
  /** How long ago the streams behind the value were last heard of, the oldest of them; ms. */
  readonly ageMs: number | null;
  /** When the newest fact in it became true; ms since the epoch. */
  readonly eventAt: number | null;
  /** When the last of what made it so became known. */
  readonly knownAt: number | null;
}

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
    const found = names.map((name) => {
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

  /** The vector of one key. `load` may hand in lines that are in memory already. */
  vector(
    definitions: readonly FeatureDefinition[],
    key: string,
    question: Question,
    load: (view: FeatureView, key: string, question: Question) => Loaded = this.load,
    notes: VectorNotes = emptyNotes(),
  ): FeatureVector {
    const values: Record<string, FeatureValue> = {};
    const read = new Map<FeatureView, readonly FeatureValue[]>();
    const of = (view: FeatureView) => {
      let found = read.get(view);
      if (found === undefined) {
        found = this.valuesOf(view, key, question, load, notes);
        read.set(view, found);
      }
      return found;
    };
    for (const one of definitions) {
      if (one.kind === 'derived')
        values[one.name] = derivedValue(one, one.views.map(of), question.t);
      else {
        const names = namesOf(one);
        for (const [place, value] of of(one).entries()) values[names[place] as string] = value;
      }
    }
    const k = 'k' in question.known ? question.known.k : null;
    return { key, values, evidence: { t: question.t, k, v: this.version } };
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
  ): readonly FeatureValue[] {
    if (this.isErased(view, key)) return same(view, erasedValue);
    const { owners, lines, standing } = load(view, key, question);
    const zone = this.zoneOf(view, key);
    const result = evaluateKept(view, lines, question, zone, standing);
    notes.hidden += result.hidden;
    notes.imputed += result.imputed;
    const older = () => this.#older(view, owners, lines, question, zone);
    const feeds = result.feeds.size > 0 ? result.feeds : older();
    if (feeds === null) return same(view, missingValue);
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
    if ('k' in known) {
      return this.#reader.logLast(clockLog.name, id, t, known.k)?.['at'] ?? null;
    }
    // The newest is nearly always known: a stream is heard of when it is read.
    for (const limit of [1, 16]) {
      const recent = this.#reader.logBefore(clockLog.name, id, t + 1, limit);
      const found = recent.find((row) => (row['known_at'] as number) <= known.by);
      if (found !== undefined) return found['at'] ?? null;
      if (recent.length < limit) return null;
    }
    return null;
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

const nothing = { ageMs: null, eventAt: null, knownAt: null } as const;
const missingValue: FeatureValue = { value: null, status: 'missing', ...nothing };
const erasedValue: FeatureValue = { value: null, status: 'erased', ...nothing };

function same(view: FeatureView, value: FeatureValue): readonly FeatureValue[] {
  return view.features.map(() => value);
}

function valuesOf(
  view: FeatureView,
  { features }: Evaluation,
  otherwise: ReadonlySet<number>,
  heardAt: (feed: number) => number | null,
  t: number,
): readonly FeatureValue[] {
  // Windows mostly saw the same streams, and then share one set.
  const ages = new Map<ReadonlySet<number>, number | null>();
  const ageOf = (feeds: ReadonlySet<number>): number | null => {
    let oldest: number | null = null;
    for (const feed of feeds) {
      const at = heardAt(feed);
      if (at !== null && (oldest === null || at < oldest)) oldest = at;
    }
    return oldest === null ? null : Math.max(0, t - oldest);
  };
  return features.map(({ value, feeds, eventAt, knownAt }) => {
    const used = feeds.size === 0 ? otherwise : feeds;
    let ageMs = ages.get(used);
    if (ageMs === undefined) {
      ageMs = ageOf(used);
      ages.set(used, ageMs);
    }
    const isExpired = view.maxAgeMs !== null && ageMs !== null && ageMs > view.maxAgeMs;
    const isStale = view.freshMs !== null && ageMs !== null && ageMs > view.freshMs;
    const status = isExpired ? 'expired' : value === null ? 'missing' : isStale ? 'stale' : 'ok';
    return { value: isExpired ? null : value, status, ageMs, eventAt, knownAt };
  });
}

/** In the order in which one is worse than another. */
export const statusRanks: readonly FeatureStatus[] = [
  'ok',
  'stale',
  'missing',
  'expired',
  'erased',
];

/** A derived value, from the values of its views. */
export function derivedValue(
  one: DerivedFeature,
  inputs: readonly (readonly FeatureValue[])[],
  t: number,
): FeatureValue {
  const all = inputs.flat();
  const worst = Math.max(...all.map(({ status }) => statusRanks.indexOf(status)));
  const known = (pick: (value: FeatureValue) => number | null) =>
    all.map(pick).filter((time): time is number => time !== null);
  let value: FeaturePlain = null;
  try {
    const shaped = inputs.map((values, index) => shapeOf(one.views[index] as FeatureView, values));
    // What may not be used must not decide by way of something else either.
    if (worst < statusRanks.indexOf('expired'))
      value = one.compute(...([...shaped, t] as never[])) ?? null;
    if (typeof value === 'number' && !Number.isFinite(value)) value = null;
  } catch {
    // A user's code over values that may be null; it then has nothing to say.
  }
  const ages = known(({ ageMs }) => ageMs);
  const times = known(({ eventAt }) => eventAt);
  const learned = known(({ knownAt }) => knownAt);
  const isStale = all.some(({ status: of }) => of === 'stale');
  const status =
    value === null ? (statusRanks[Math.max(worst, 2)] as FeatureStatus) : isStale ? 'stale' : 'ok';
  return {
    value,
    status,
    ageMs: ages.length === 0 ? null : Math.max(...ages),
    eventAt: times.length === 0 ? null : Math.max(...times),
    knownAt: learned.length === 0 ? null : Math.max(...learned),
  };
}

/** Values as `derive` sees them: by name, and by window where there are windows. */
function shapeOf(
  view: FeatureView,
  values: readonly FeatureValue[],
): Readonly<Record<string, unknown>> {
  const shaped: Record<string, unknown> = {};
  for (const [place, { name, aggregate, window }] of view.features.entries()) {
    const value = values[place]?.value ?? null;
    if (window === null || aggregate.windows.length === 0 || window.name === '') {
      shaped[name] = value;
      continue;
    }
    const plain = name.slice(0, -window.name.length - 1);
    shaped[plain] = { ...(shaped[plain] as object | undefined), [window.name]: value };
  }
  return shaped;
}

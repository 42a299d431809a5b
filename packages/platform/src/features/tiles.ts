/**
 * Keeps the lines of keys that are asked for a second time, older ones added up to tiles, so that a hot
 * key is not read from the log each time. Tiles are no state: they are made from the log when a key is asked for, and
 * forgotten when an entry touches it, so there is nothing to recover and nothing to fold again.
 *
 *   asked for twice ─▶ kept, asked ──touched──▶ due ──refresh──▶ kept, not asked ──touched──▶ forgotten
 *                          ▲                     └──question──┐          │
 *                          └──────────────────────────────────┴─question─┘
 *
 * What is due is read again before anybody asks, once nobody waits; what nobody asked for since then is not,
 * so that a key costs no more reads ahead of questions than it has questions.
 *
 * A tile never reaches over an edge that a window can have: five minutes of the last twelve hours,
 * hours of the last twelve days (cut at the zone's midnights, which not every zone has on the hour),
 * days before that. Dates to come, and dates with retractions, stay as they are.
 */
import { addTo, emptyState, type Measure, measuresOf } from './aggregates.js';
import type { FeatureView } from './definition.js';
import type { Line, Question, Tile } from './evaluate.js';
import { retracts } from './feature-fold.js';
import type { FeatureReader, Loaded } from './feature-reader.js';
import { linesOfText } from './lines.js';
import { TouchedSeries } from './touched-series.js';
import { bucketStart, dayMs } from './windows.js';

interface Kept {
  readonly loaded: Loaded;
  /** Entries that were durable when it was made. */
  readonly k: number;
  readonly madeAt: number;
  readonly bytes: number;
  readonly view: FeatureView;
  readonly key: string;
  /** Since it was made. */
  isAsked: boolean;
}

export interface TileOptions {
  /** Memory for what is kept, roughly. */
  readonly bytesMax?: number;
  /** Of fewer lines no tiles are made: they are walked as they are. */
  readonly linesMin?: number;
}

/** Names asked for lately, roughly: of twice as many as it holds, the older half may be forgotten. */
class AskedLately {
  #now = new Set<string>();
  #before: ReadonlySet<string> = new Set();

  /** Whether it was asked for before. */
  note(name: string): boolean {
    const isKnown = this.#now.has(name) || this.#before.has(name);
    this.#now.add(name);
    if (this.#now.size >= latelyMax) {
      this.#before = this.#now;
      this.#now = new Set();
    }
    return isKnown;
  }
}

const latelyMax = 20_000;
/** Longer names are nobody's key, and would take the room of many. */
const nameMax = 500;
const hourMs = 3_600_000;
/** Edges move on, and tiles made for an earlier moment are finer than they need to be. */
const remakeMs = 6 * hourMs;
/** So many keys, or bytes of lines, are read ahead of those that are asked for next. */
const aheadMax = 16;
const aheadBytesMax = 1 << 20;
/** So many keys, or bytes of lines, are read again in a turn: a question waits for no more than these. */
const refreshMax = 8;
const refreshBytesMax = 1 << 17;
/** Of keys that are due the oldest are forgotten beyond this. */
const dueMax = 2000;

export class TileCache {
  readonly #reader: FeatureReader;
  readonly #bytesMax: number;
  readonly #linesMin: number;
  readonly #kept = new Map<string, Kept>();
  readonly #lately = new AskedLately();
  #bytes = 0;
  readonly #touched = new TouchedSeries();
  /** What was asked for and then touched, by name. */
  readonly #due = new Map<string, Pick<Kept, 'view' | 'key'>>();
  /** Entries known to be durable. */
  #end = 0;

  constructor(reader: FeatureReader, { bytesMax = 32 << 20, linesMin = 64 }: TileOptions = {}) {
    this.#reader = reader;
    this.#bytesMax = bytesMax;
    this.#linesMin = linesMin;
  }

  get size(): number {
    return this.#kept.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** An entry that is being planned changes this series. */
  note(seq: number, series: string): void {
    this.#touched.note(seq, series);
  }

  /** Entries before `end` are durable: what they touched is let go of, or due where it was asked for. */
  durable(end: number): void {
    this.#end = Math.max(this.#end, end);
    for (const series of this.#touched.until(end)) {
      const kept = this.#kept.get(series);
      if (kept === undefined) continue;
      this.#drop(series);
      const { view, key, isAsked } = kept;
      if (isAsked) this.#due.set(series, { view, key });
    }
    for (const oldest of this.#due.keys()) {
      if (this.#due.size <= dueMax) break;
      this.#due.delete(oldest);
    }
  }

  /** Keys that `refresh` would read. */
  get due(): number {
    return this.#due.size;
  }

  /** Reads some of what is due, for a question about now that nobody has put yet; one key, if it has many lines. */
  refresh(question: Question): void {
    const [first] = this.#due.values();
    const { known } = question;
    if (first === undefined || !('k' in known)) return;
    // Nothing could be kept for a question that was put earlier.
    if (known.k < this.#end) {
      this.#due.clear();
      return;
    }
    const { view } = first;
    let keys: string[] = [];
    for (const one of this.#due.values()) {
      if (one.view === view && keys.push(one.key) === refreshMax) break;
    }
    const { load, isRead } = this.ahead([view], keys, 0, question, refreshBytesMax);
    if (!isRead) keys = keys.slice(0, 1);
    for (const key of keys) {
      const name = `${view.name}/${key}`;
      // Before it is read: what cannot be read is not tried again and again.
      this.#due.delete(name);
      this.#reader.row([view], key, question, load);
      const kept = this.#kept.get(name);
      if (kept !== undefined) kept.isAsked = false;
    }
  }

  /** Lines and tiles for a question about now. */
  readonly load = (view: FeatureView, key: string, question: Question): Loaded =>
    this.#load(view, key, question, nothingRead);

  /**
   * The same for the keys from a place on, up to another one: of those that are not in memory the log is
   * read at once, with a statement for each of its periods and not one for each key, too. `isRead` says
   * whether it was: not for one key alone, and not where they have more lines than `bytesMax` of text.
   */
  ahead(
    views: readonly FeatureView[],
    keys: readonly string[],
    place: number,
    question: Question,
    bytesMax = aheadBytesMax,
  ): { readonly load: TileCache['load']; readonly until: number; readonly isRead: boolean } {
    const read = new Map<string, Loaded>();
    const { known } = question;
    if (!('k' in known)) return { load: this.load, until: keys.length, isRead: false };
    const kept = views.filter(isKept);
    const missing: string[] = [];
    let until = place;
    for (; until < keys.length && missing.length < aheadMax; until += 1) {
      const key = keys[until] as string;
      if (kept.some((view) => !this.#has(`${view.name}/${key}`, question, known.k)))
        missing.push(key);
    }
    for (const view of missing.length < 2 ? [] : kept) {
      const owners = this.#reader.lines.ownersOf(view, missing);
      const from = Math.min(...missing.map((key) => this.#reader.span(view, key, question.t)[0]));
      const span = { owners: [...owners.values()], from, to: Number.MAX_SAFE_INTEGER };
      const texts = this.#reader.lines.loadText(span, bytesMax);
      for (const key of texts === null ? [] : missing) {
        const owner = owners.get(key);
        const stretches = owner === undefined ? [] : (texts?.get(owner) ?? []);
        const loaded = {
          owners: owner === undefined ? [] : [owner],
          lines: linesOfText(stretches, known.k),
        };
        read.set(`${view.name}/${key}`, loaded);
      }
    }
    const load: TileCache['load'] = (view, key, asked) => this.#load(view, key, asked, read);
    return { load, until, isRead: read.size > 0 };
  }

  #has(name: string, question: Question, k: number): boolean {
    const found = this.#kept.get(name);
    return found !== undefined && isUsable(found, question, k);
  }

  #load(
    view: FeatureView,
    key: string,
    question: Question,
    read: ReadonlyMap<string, Loaded>,
  ): Loaded {
    if (!isKept(view) || !('k' in question.known)) return this.#reader.load(view, key, question);
    const name = `${view.name}/${key}`;
    const { k } = question.known;
    const found = this.#kept.get(name);
    if (found !== undefined && isUsable(found, question, k)) {
      found.isAsked = true;
      this.#kept.delete(name);
      this.#kept.set(name, found);
      return found.loaded;
    }
    // A question that was put earlier: what is there is for later ones.
    if (found !== undefined && (found.k > k || found.madeAt > question.t))
      return read.get(name) ?? this.#reader.load(view, key, question);
    if (found !== undefined) this.#drop(name);
    // Most keys are asked for once: keeping those costs more than it ever saves.
    if (name.length > nameMax || !this.#lately.note(name))
      return read.get(name) ?? this.#reader.load(view, key, question);
    // Also what is dated later: it counts once its moment has come, without an entry to tell so.
    const { owners, lines: all } = read.get(name) ?? this.#whole(view, key, question);
    const seen = all.filter((line) => line.seq < k);
    const zone = this.#reader.zoneOf(view, key);
    const lines = seen.length < this.#linesMin ? seen : tiled(view, seen, question.t, zone);
    const loaded = { owners, lines };
    // A question that was put earlier does not see what became durable since, and nobody would say so again.
    if (k < this.#end) return loaded;
    this.#due.delete(name);
    const kept = { ...loaded, standing: { last: null } };
    const bytes = bytesOf(view, lines);
    const made = { loaded: kept, k, madeAt: question.t, bytes, view, key, isAsked: true };
    this.#keep(name, made);
    return kept;
  }

  #whole(view: FeatureView, key: string, { t }: Question): Loaded {
    const { lines } = this.#reader;
    const owners = lines.owners(view, [key]);
    const [from] = this.#reader.span(view, key, t);
    return { owners, lines: lines.load(owners, from, Number.MAX_SAFE_INTEGER) };
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.set(name, kept);
    this.#bytes += kept.bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    this.#bytes -= kept.bytes;
    this.#kept.delete(name);
  }
}

const nothingRead: ReadonlyMap<string, Loaded> = new Map();

/** What a key takes up, roughly: its lines and tiles, and what they come to once it is asked for. */
function bytesOf(view: FeatureView, lines: readonly Line[]): number {
  let bytes = keyBytes;
  for (const { value, tile } of lines) {
    bytes += lineBytes + value.length;
    if (tile === null) continue;
    bytes += tileBytes;
    for (const { told, buckets } of tile.states)
      bytes += stateBytes + told.length * toldBytes + (buckets?.size ?? 0) * bucketBytes;
  }
  for (const { aggregate } of view.features) bytes += valueBytes + aggregate.size * itemBytes;
  return bytes;
}

const keyBytes = 800;
const [lineBytes, tileBytes] = [120, 300];
const [stateBytes, toldBytes, bucketBytes] = [110, 150, 60];
/** Of what a window came to, and its text; of one item of a list, too. */
const [valueBytes, itemBytes] = [130, 24];

/** What is one thing today may not be tomorrow, and what lies ahead is short. */
function isKept(view: FeatureView): boolean {
  return view.of.identity === null && view.over === null;
}

/** Made of no more than the question may know, and for no later moment. */
function isUsable(kept: Kept, { t }: Question, k: number): boolean {
  return kept.k <= k && kept.madeAt <= t && t - kept.madeAt < remakeMs;
}

/** The lines with older ones added up. All of them are known. */
export function tiled(
  view: FeatureView,
  lines: readonly Line[],
  t: number,
  zone: string,
): readonly Line[] {
  const result: Line[] = [];
  const retracted = new Set<number>();
  for (const line of lines) if ((line.kind & retracts) !== 0) retracted.add(line.at);
  let bucket: Line[] = [];
  let bucketAt = Number.NaN;
  const flush = () => {
    if (bucket.length > 1) result.push(tileOf(view, bucket, zone));
    else result.push(...bucket);
    bucket = [];
  };
  for (const line of lines) {
    if (line.at > t || line.eventAt > t || line.at !== line.eventAt || retracted.has(line.at)) {
      flush();
      bucketAt = Number.NaN;
      result.push(line);
      continue;
    }
    const start = startOf(line.at, t, zone);
    if (start !== bucketAt) {
      flush();
      bucketAt = start;
    }
    bucket.push(line);
  }
  flush();
  return result;
}

/** The head stays exact for `remakeMs` too: every level begins that much earlier than it must. */
function startOf(at: number, t: number, zone: string): number {
  const day = bucketStart(0, at, zone);
  if (at < bucketStart(0, t - 12 * dayMs, zone)) return day;
  const hop = at < Math.floor((t - 12 * hourMs) / hourMs) * hourMs ? hourMs : hourMs / 12;
  return Math.max(day, Math.floor(at / hop) * hop);
}

function tileOf(view: FeatureView, lines: readonly Line[], zone: string): Line {
  const states = view.aggregates.map(emptyState);
  const feeds = new Set<number>();
  const newest = lines.at(-1) as Line;
  let knownAt = newest.knownAt;
  let seq = newest.seq;
  for (const line of lines) {
    feeds.add(line.feed);
    knownAt = Math.max(knownAt, line.knownAt);
    seq = Math.max(seq, line.seq);
    line.measures ??= measuresOf(line.value);
    for (const [place, aggregate] of view.aggregates.entries()) {
      const state = states[place];
      const measure = line.measures[place] as Measure;
      if (state !== undefined) addTo(aggregate, state, measure, line.at, 1, zone);
    }
  }
  const tile: Tile = { states, feeds, newestEventAt: newest.eventAt, count: lines.length };
  // The text of a line may hold on to that of all lines it was read with.
  return { ...newest, value: '', seq, knownAt, kind: 0, tile, measures: null };
}

/**
 * The value of a view at (T, K), from the lines of its key. One walk from the moment asked for into
 * the past (or, for views that look ahead, into the future) adds up contributions; where the walk
 * passes the edge of a window, that window's values are taken. Online and as-of reads both end here.
 *
 * Lines of one date are netted before anything is added: what was retracted by K was never there.
 */
import {
  addTo,
  emptyState,
  isSeries,
  type Measure,
  measuresOf,
  mergeInto,
  type State,
  seriesStart,
} from './aggregates.js';
import type { Feature, FeatureView } from './definition.js';
import { imports, retracts } from './feature-fold.js';
import { type FeaturePlain, finish } from './finish.js';
import { FeatureTimes, ValueList } from './value-text.js';
import { dayMs, windowEnd, windowStart } from './windows.js';

/** What was known: the first `k` entries of the journal, or all that was known by a moment. */
export type Known = { readonly k: number } | { readonly by: number };

export interface Question {
  readonly t: number;
  readonly known: Known;
}

/** A line of the log, or a tile: several lines of one stretch of time, added up beforehand. */
export interface Line {
  readonly at: number;
  readonly seq: number;
  readonly knownAt: number;
  readonly kind: number;
  readonly feed: number;
  readonly eventAt: number;
  readonly value: string;
  readonly tile: Tile | null;
  measures: readonly Measure[] | null;
}

export interface Tile {
  readonly states: readonly State[];
  readonly feeds: ReadonlySet<number>;
  readonly newestEventAt: number;
  readonly count: number;
}

/** What all values share for which the walk had seen the same when it took them. */
export interface Seen {
  /** Whether these are the values that came to nothing. */
  readonly isNull: boolean;
  /** Contributions in the window. */
  readonly count: number;
  /** Of the newest of them; and when the last of all became known, retractions included. */
  readonly times: FeatureTimes;
  readonly feeds: ReadonlySet<number>;
}

export interface Evaluation {
  readonly values: ValueList;
  readonly seen: readonly Seen[];
  /** Place among `seen`, for each value. */
  readonly seenOf: readonly number[];
  /** Streams of all lines that were known in any window. */
  readonly feeds: ReadonlySet<number>;
  /** Lines left out because they were not known yet. */
  readonly hidden: number;
  /** Contributions that count only because their time of knowing was imputed. */
  readonly imputed: number;
}

export function isKnownAt(line: Line, known: Known, importLagMs: number): boolean {
  if ('k' in known) return line.seq < known.k;
  if (line.knownAt <= known.by) return true;
  return (line.kind & imports) !== 0 && line.eventAt + importLagMs <= known.by;
}

interface Edge {
  readonly place: number;
  readonly at: number;
}

/** Where each value's window ends, in the order a walk passes them. */
export type Edges = readonly Edge[];

interface EdgesAt {
  readonly t: number;
  readonly list: Edges;
}

/** By zone: keys of one view may lie in several. */
const lastEdges = new WeakMap<FeatureView, Map<string, EdgesAt>>();

/** Those of a moment; the same list again where it is equal to the one asked for last. */
export function edgesOf(view: FeatureView, t: number, zone: string): Edges {
  let byZone = lastEdges.get(view);
  if (byZone === undefined) {
    byZone = new Map();
    lastEdges.set(view, byZone);
  }
  const last = byZone.get(zone);
  if (last !== undefined && last.t === t) return last.list;
  const sign = view.over === null ? -1 : 1;
  const known = new Map<string, number>();
  const list = view.features.map((feature, place) => {
    if (isSeries(feature.aggregate)) return { place, at: edgeOf(view, feature, t, zone) };
    const name = feature.window?.name ?? '';
    let at = known.get(name);
    if (at === undefined) {
      at = edgeOf(view, feature, t, zone);
      known.set(name, at);
    }
    return { place, at };
  });
  list.sort((a, b) => sign * (a.at - b.at) || a.place - b.place);
  // Tails move by hops: of two moments close by they are the same, and so is the list.
  const same = last !== undefined && isSameEdges(last.list, list);
  const edges = same ? last.list : list;
  byZone.set(zone, { t, list: edges });
  return edges;
}

function isSameEdges(left: Edges, right: Edges): boolean {
  return left.every(({ place, at }, index) => {
    const other = right[index] as Edge;
    return place === other.place && at === other.at;
  });
}

const windowCounts = new WeakMap<FeatureView, readonly number[]>();

/** How many values there are of each aggregate. */
function windowsOf(view: FeatureView): readonly number[] {
  let counts = windowCounts.get(view);
  if (counts === undefined) {
    counts = view.aggregates.map(
      (aggregate) => view.features.filter((feature) => feature.aggregate === aggregate).length,
    );
    windowCounts.set(view, counts);
  }
  return counts;
}

/** Where a value's window ends on the way from the moment asked for. */
export function edgeOf(
  view: FeatureView,
  { aggregate, window }: Feature,
  t: number,
  zone: string,
): number {
  if (isSeries(aggregate)) return seriesStart(aggregate, t, zone);
  const used = window ?? {
    name: '',
    ms: view.retainMs,
    hopMs: view.retainMs < 12 * dayMs ? 3_600_000 : 0,
  };
  return view.over === null ? windowStart(used, t, zone) : windowEnd(used, t, zone);
}

/** The dates of lines a question needs: from the first, until before the second. */
export function spanOf(view: FeatureView, t: number, zone: string): readonly [number, number] {
  const edges = edgesOf(view, t, zone);
  const far = edges.at(-1)?.at ?? t;
  return view.over === null ? [far, t + 1] : [t, far];
}

/** The dates each value of a view looks at, by its name: from the first ms, until before the second. */
export function spansOf(
  view: FeatureView,
  t: number,
  zone: string,
): Readonly<Record<string, readonly [number, number]>> {
  return Object.fromEntries(
    view.features.map((feature): [string, readonly [number, number]] => {
      const edge = edgeOf(view, feature, t, zone);
      return [feature.name, view.over === null ? [edge, t + 1] : [t, edge]];
    }),
  );
}

/** @param lines In order of `at`; of all keys of a merged thing together. */
export function evaluate(
  view: FeatureView,
  lines: readonly Line[],
  { t, known }: Question,
  zone: string,
): Evaluation {
  const edges = edgesOf(view, t, zone);
  const isBack = view.over === null;
  const values: FeaturePlain[] = new Array(view.features.length).fill(null);
  const seenOf: number[] = new Array(view.features.length).fill(0);
  const seen: Seen[] = [];
  const states = view.aggregates.map(emptyState);
  const left = [...windowsOf(view)];
  const windowFeeds = new Set<number>();
  let count = 0;
  let imputed = 0;
  let hidden = 0;
  let eventAt: number | null = null;
  let knownAt: number | null = null;
  let edge = 0;

  // Of values, and of those that came to nothing: where what was seen last stands, until more is seen.
  const placeOfSeen: [number, number] = [-1, -1];
  // Windows mostly hold the same streams: one copy of the set serves all that saw no new one.
  let feedsNow: ReadonlySet<number> = new Set();
  let timesNow = new FeatureTimes(null, null);
  const take = (): void => {
    const { place } = edges[edge] as Edge;
    const feature = view.features[place] as Feature;
    const value = finish(feature.aggregate, states[feature.place] as State, t, zone);
    const isNull = value === null;
    const which = isNull ? 1 : 0;
    if (placeOfSeen[which] === -1) {
      if (feedsNow.size !== windowFeeds.size) feedsNow = new Set(windowFeeds);
      if (timesNow.eventAt !== eventAt || timesNow.knownAt !== knownAt) {
        timesNow = new FeatureTimes(eventAt, knownAt);
      }
      placeOfSeen[which] = seen.push({ isNull, count, times: timesNow, feeds: feedsNow }) - 1;
    }
    values[place] = value;
    seenOf[place] = placeOfSeen[which];
    left[feature.place] = (left[feature.place] as number) - 1;
    edge += 1;
  };
  const isPast = (at: number): boolean => {
    const limit = (edges[edge] as Edge).at;
    return isBack ? at < limit : at >= limit;
  };
  const addLine = (line: Line, times: number): void => {
    count += times;
    if (eventAt === null || line.eventAt > eventAt) eventAt = line.eventAt;
    if ('by' in known && line.knownAt > known.by) imputed += times;
    line.measures ??= measuresOf(line.value);
    for (let place = 0; place < states.length; place += 1) {
      if (left[place] === 0) continue;
      const aggregate = view.aggregates[place] as FeatureView['aggregates'][number];
      const measure = line.measures[place] as Measure;
      addTo(aggregate, states[place] as State, measure, line.at, times, zone);
    }
  };
  const addTile = (tile: Tile): void => {
    count += tile.count;
    if (eventAt === null || tile.newestEventAt > eventAt) eventAt = tile.newestEventAt;
    for (const feed of tile.feeds) windowFeeds.add(feed);
    for (let place = 0; place < states.length; place += 1) {
      if (left[place] === 0) continue;
      const aggregate = view.aggregates[place] as FeatureView['aggregates'][number];
      mergeInto(aggregate, states[place] as State, tile.states[place] as State);
    }
  };
  const isSeen = (line: Line): boolean => {
    if (line.eventAt > t) return false;
    if (!isKnownAt(line, known, view.importLagMs)) {
      hidden += 1;
      return false;
    }
    return true;
  };
  const note = (line: Line): void => {
    // An imputed line was known earlier than its own time says, and a read at `by` must not show it.
    const at = 'by' in known ? Math.min(line.knownAt, known.by) : line.knownAt;
    if (knownAt === null || at > knownAt) knownAt = at;
    if (line.tile === null) windowFeeds.add(line.feed);
  };

  const end = lines.length;
  const start = isBack ? firstAfter(lines, t) - 1 : firstAfter(lines, t - 1);
  const step = isBack ? -1 : 1;
  for (let index = start; index >= 0 && index < end && edge < edges.length; ) {
    const { at } = lines[index] as Line;
    while (edge < edges.length && isPast(at)) take();
    if (edge === edges.length) break;
    // All lines of this date: whether one was retracted shows only among them.
    let until = index;
    let found = 0;
    let gone = false;
    for (; until >= 0 && until < end && (lines[until] as Line).at === at; until += step) {
      const line = lines[until] as Line;
      if (!isSeen(line)) continue;
      note(line);
      found += 1;
      if ((line.kind & retracts) !== 0) gone = true;
    }
    if (found > 0) {
      placeOfSeen.fill(-1);
      if (!gone) {
        for (let one = index; one !== until; one += step) {
          const line = lines[one] as Line;
          if (line.eventAt > t || !isKnownAt(line, known, view.importLagMs)) continue;
          if (line.tile === null) addLine(line, 1);
          else addTile(line.tile);
        }
      } else {
        for (const { line, times } of net(lines, index, until, step, { t, known }, view)) {
          if (line.tile !== null) addTile(line.tile);
          else if (times > 0) addLine(line, times);
        }
      }
    }
    index = until;
  }
  while (edge < edges.length) take();
  return { values: new ValueList(values), seen, seenOf, feeds: windowFeeds, hidden, imputed };
}

/** What of the lines of one date stands, by their value. */
function net(
  lines: readonly Line[],
  from: number,
  until: number,
  step: number,
  { t, known }: Question,
  view: FeatureView,
): readonly { readonly line: Line; readonly times: number }[] {
  const byValue = new Map<string, { line: Line; times: number }>();
  for (let index = from; index !== until; index += step) {
    const line = lines[index] as Line;
    if (line.eventAt > t || !isKnownAt(line, known, view.importLagMs)) continue;
    const isGone = (line.kind & retracts) !== 0;
    const name = line.tile === null ? `${line.eventAt} ${line.value}` : `tile ${index}`;
    const found = byValue.get(name);
    if (found === undefined) byValue.set(name, { line, times: isGone ? -1 : 1 });
    else {
      found.times += isGone ? -1 : 1;
      if (!isGone) found.line = line;
    }
  }
  return [...byValue.values()];
}

/** Place of the first line dated after `at`. */
export function firstAfter(lines: readonly Line[], at: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] as Line).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Values of a view for many moments of one key. The key's lines are in memory as columns; a row walks
 * back from its moment once, window by window, and adds up what lies between two edges in loops
 * over plain doubles. Says the same as `evaluate`, to the last bit, which the tests hold it to.
 *
 * Nothing is subtracted from an aggregate: lines that were taken back, and those that were not known,
 * are left out of the list of places before anything is added.
 */
import { type AnyAggregate, addTo, emptyState, type Measure, type State } from './aggregates.js';
import type { FeatureView } from './definition.js';
import { edgeOf, type Known } from './evaluate.js';
import { type FeaturePlain, finish } from './finish.js';
import { KeyColumns, type MeasureColumn } from './key-columns.js';
import { plainOf } from './measures.js';
import type { ValueGroup } from './row-batch.js';

interface Edges {
  readonly at: Float64Array;
  /** Groups in the order in which the walk passes their edges. */
  readonly order: Uint16Array;
}

/** What a walk has added up of one aggregate. */
interface Running {
  readonly aggregate: AnyAggregate;
  readonly column: MeasureColumn;
  /** Groups that still want it; nothing is added for nobody. */
  readonly wanted: number;
  left: number;
  count: number;
  sum: number;
  /** Of values divided by the column's divisor. */
  squares: number;
  low: number;
  high: number;
  /** Place of the line whose measure `first` or `last` is. */
  told: number;
  state: State | null;
}

/** How a group of values stands once the walk has passed its edge. */
export interface Passed {
  count: number;
  eventAt: number;
  knownAt: number;
  /** Bits of the streams of all lines that were known. */
  feeds: number;
}

const edgesKept = 8192;

export class ViewSweep {
  readonly columns: KeyColumns;
  /** Of the row that was worked out last: by value, by group, and as a whole. */
  readonly values: FeaturePlain[];
  readonly passed: readonly Passed[];
  hidden = 0;
  imputed = 0;
  /** Bits of the streams of all lines in any window. */
  feeds = 0;
  readonly #view: FeatureView;
  readonly #groups: readonly ValueGroup[];
  readonly #running: readonly Running[];
  readonly #edges = new Map<string, Map<number, Edges>>();
  #places = new Int32Array(64);
  /** By the first line that says the same: how often that stands, and by which line. */
  #times = new Int32Array(64);
  #stands = new Int32Array(64);

  constructor(view: FeatureView, groups: readonly ValueGroup[]) {
    this.#view = view;
    this.#groups = groups;
    this.columns = new KeyColumns(view);
    this.values = view.features.map(() => null);
    this.passed = groups.map(() => ({ count: 0, eventAt: 0, knownAt: 0, feeds: 0 }));
    this.#running = view.aggregates.map((aggregate, place) => ({
      aggregate,
      column: this.columns.columns[place] as MeasureColumn,
      wanted: groups.filter(({ features }) =>
        features.some((one) => view.features[one]?.place === place),
      ).length,
      ...{ left: 0, count: 0, sum: 0, squares: 0, low: 0, high: 0, told: -1, state: null },
    }));
  }

  /** The first ms any window looks at. */
  farEdge(t: number, zone: string): number {
    const { at, order } = this.#edgesAt(t, zone);
    return at[order[order.length - 1] as number] as number;
  }

  /** Works out the values at (T, K) into `values`, `passed`, `hidden` and `imputed`. */
  evaluate(t: number, known: Known, zone: string): void {
    const { at, order } = this.#edgesAt(t, zone);
    const columns = this.columns;
    const isByTime = 'by' in known;
    const when = isByTime ? columns.since : columns.seq;
    const limit = isByTime ? known.by : known.k - 1;
    const by = isByTime ? known.by : Number.POSITIVE_INFINITY;
    if (this.#places.length < columns.size) {
      this.#places = new Int32Array(columns.at.length);
      this.#times = new Int32Array(columns.at.length);
      this.#stands = new Int32Array(columns.at.length);
    }
    const places = this.#places;
    this.#begin();
    let count = 0;
    let eventAt = Number.NaN;
    let knownAt = Number.NaN;
    let feeds = 0;
    let index = firstAfter(columns.at, columns.size, t) - 1;
    for (let turn = 0; turn < order.length; turn += 1) {
      const group = order[turn] as number;
      const edge = at[group] as number;
      let found = 0;
      while (index >= 0 && (columns.at[index] as number) >= edge) {
        if ((columns.dateOf[index] as number) === -1) {
          if ((when[index] as number) > limit) this.hidden += 1;
          else {
            const told = Math.min(columns.knownAt[index] as number, by);
            if (!(knownAt >= told)) knownAt = told;
            feeds |= columns.feedBit[index] as number;
            if (columns.isGone[index] === 0) {
              if ((columns.knownAt[index] as number) > by) this.imputed += 1;
              places[found] = index;
              found += 1;
            }
          }
          index -= 1;
          continue;
        }
        const first = columns.dateOf[index] as number;
        let isGone = false;
        for (let one = index; one >= first; one -= 1) {
          if ((when[one] as number) > limit) {
            this.hidden += 1;
            continue;
          }
          const told = Math.min(columns.knownAt[one] as number, by);
          if (!(knownAt >= told)) knownAt = told;
          feeds |= columns.feedBit[one] as number;
          if (columns.isGone[one] !== 0) isGone = true;
        }
        const before = found;
        found = this.#standing(first, index, when, limit, isGone, found);
        for (let one = before; one < found; one += 1) {
          if ((columns.knownAt[places[one] as number] as number) > by) this.imputed += 1;
        }
        index = first - 1;
      }
      if (found > 0) {
        count += found;
        if (Number.isNaN(eventAt)) eventAt = columns.at[places[0] as number] as number;
        for (const running of this.#running) if (running.left > 0) this.#add(running, found, zone);
      }
      const passed = this.passed[group] as Passed;
      passed.count = count;
      passed.eventAt = eventAt;
      passed.knownAt = knownAt;
      passed.feeds = feeds;
      this.#finish(group, t, zone);
    }
    this.feeds = feeds;
  }

  /** Newest line dated before `edge` that was known, or -1. */
  olderThan(edge: number, t: number, known: Known): number {
    const columns = this.columns;
    const isByTime = 'by' in known;
    const when = isByTime ? columns.since : columns.seq;
    const limit = isByTime ? known.by : known.k - 1;
    let index = firstAfter(columns.at, columns.size, Math.min(t, edge - 1)) - 1;
    while (index >= 0 && (when[index] as number) > limit) index -= 1;
    return index;
  }

  /** Adds the places of what stands of the lines of one date, and says how many places there are. */
  #standing(
    first: number,
    last: number,
    when: Float64Array,
    limit: number,
    isGone: boolean,
    found: number,
  ): number {
    const { sameAs, isGone: gone } = this.columns;
    const places = this.#places;
    let end = found;
    if (!isGone) {
      for (let index = last; index >= first; index -= 1) {
        if ((when[index] as number) > limit) continue;
        places[end] = index;
        end += 1;
      }
      return end;
    }
    const times = this.#times;
    const stands = this.#stands;
    times.fill(0, first, last + 1);
    for (let index = last; index >= first; index -= 1) {
      if ((when[index] as number) > limit) continue;
      const same = sameAs[index] as number;
      if (gone[index] !== 0) times[same] = (times[same] as number) - 1;
      else {
        times[same] = (times[same] as number) + 1;
        stands[same] = index;
      }
    }
    for (let same = last; same >= first; same -= 1) {
      for (let left = times[same] as number; left > 0; left -= 1) {
        places[end] = stands[same] as number;
        end += 1;
      }
    }
    return end;
  }

  #begin(): void {
    this.hidden = 0;
    this.imputed = 0;
    for (const running of this.#running) {
      running.left = running.wanted;
      running.count = 0;
      running.sum = 0;
      running.squares = 0;
      running.low = Number.POSITIVE_INFINITY;
      running.high = Number.NEGATIVE_INFINITY;
      running.told = -1;
      if (running.column.kind === 'measure') running.state = emptyState();
    }
  }

  #add(running: Running, found: number, zone: string): void {
    const { aggregate, column } = running;
    const { numbers } = column;
    const places = this.#places;
    switch (aggregate.kind) {
      case 'count': {
        let { count } = running;
        for (let one = 0; one < found; one += 1) count += numbers[places[one] as number] as number;
        running.count = count;
        return;
      }
      case 'sum':
      case 'avg': {
        let { count, sum } = running;
        for (let one = 0; one < found; one += 1) {
          const number = numbers[places[one] as number] as number;
          if (Number.isNaN(number)) continue;
          count += 1;
          sum += number;
        }
        running.count = count;
        running.sum = sum;
        return;
      }
      case 'min':
      case 'max': {
        let { count, low, high } = running;
        for (let one = 0; one < found; one += 1) {
          const number = numbers[places[one] as number] as number;
          if (Number.isNaN(number)) continue;
          count += 1;
          if (number < low) low = number;
          if (number > high) high = number;
        }
        running.count = count;
        running.low = low;
        running.high = high;
        return;
      }
      case 'variance':
      case 'deviation': {
        let { count, sum, squares } = running;
        const { divisor } = column;
        for (let one = 0; one < found; one += 1) {
          const number = (numbers[places[one] as number] as number) / divisor;
          if (Number.isNaN(number)) continue;
          count += 1;
          sum += number;
          squares += number * number;
        }
        running.count = count;
        running.sum = sum;
        running.squares = squares;
        return;
      }
      case 'first':
      case 'last':
        this.#remember(running, found, aggregate.kind === 'first');
        return;
      default:
        for (let one = 0; one < found; one += 1) {
          const place = places[one] as number;
          const measure = column.measures[place] as Measure;
          const at = this.columns.at[place] as number;
          addTo(aggregate, running.state as State, measure, at, 1, zone);
        }
    }
  }

  /** The walk goes from new to old, so that only lines of one date have to be compared. */
  #remember(running: Running, found: number, isFirst: boolean): void {
    const { columns } = this;
    const { column } = running;
    for (let one = 0; one < found; one += 1) {
      const place = this.#places[one] as number;
      const { told } = running;
      const isTied = told !== -1 && columns.at[place] === columns.at[told];
      if (told !== -1 && !isTied && !isFirst) return;
      if (columns.encodedAt(column, place) === null) continue;
      if (isTied) {
        const [mine, its] = [columns.textAt(column, place), columns.textAt(column, told)];
        if (isFirst ? mine < its : mine > its) running.told = place;
      } else running.told = place;
    }
  }

  #finish(group: number, t: number, zone: string): void {
    const { features } = this.#groups[group] as ValueGroup;
    for (const place of features) {
      const running = this.#running[this.#view.features[place]?.place ?? 0] as Running;
      this.values[place] = finished(this.columns, running, t, zone);
      running.left -= 1;
    }
  }

  #edgesAt(t: number, zone: string): Edges {
    let ofZone = this.#edges.get(zone);
    if (ofZone === undefined) {
      ofZone = new Map();
      this.#edges.set(zone, ofZone);
    }
    let edges = ofZone.get(t);
    if (edges === undefined) {
      if (ofZone.size >= edgesKept) ofZone.clear();
      const at = Float64Array.from(this.#groups, ({ sample }) =>
        edgeOf(this.#view, sample, t, zone),
      );
      const order = Uint16Array.from(at.keys()).sort(
        (one, other) => (at[other] as number) - (at[one] as number) || one - other,
      );
      edges = { at, order };
      ofZone.set(t, edges);
    }
    return edges;
  }
}

/** As `finish` says it, of what is exact in doubles. */
function finished(columns: KeyColumns, running: Running, t: number, zone: string): FeaturePlain {
  const { aggregate, column, count } = running;
  const isOther = count > 0 && aggregate.unit !== null && aggregate.unit !== column.unit;
  switch (aggregate.kind) {
    case 'count':
      return count;
    case 'sum':
      return isOther ? null : running.sum / 1e6;
    case 'avg':
      return isOther || count === 0 ? null : running.sum / 1e6 / count;
    case 'min':
      return isOther || count === 0 ? null : running.low / 1e6;
    case 'max':
      return isOther || count === 0 ? null : running.high / 1e6;
    case 'variance':
      return isOther ? null : varianceOf(running);
    case 'deviation': {
      const squared = isOther ? null : varianceOf(running);
      return squared === null ? null : Math.sqrt(squared);
    }
    case 'first':
    case 'last':
      return running.told === -1 ? null : plainOf(columns.encodedAt(column, running.told));
    default:
      return finish(aggregate, running.state as State, t, zone);
  }
}

function varianceOf({ count, sum, squares, column }: Running): number | null {
  if (count < 2) return null;
  const square = column.divisor * column.divisor;
  const above = count * squares;
  const exact =
    above <= Number.MAX_SAFE_INTEGER && sum * sum <= Number.MAX_SAFE_INTEGER
      ? (above - sum * sum) * square
      : Number((BigInt(count) * BigInt(squares) - BigInt(sum) * BigInt(sum)) * BigInt(square));
  return exact / (count * (count - 1) * 1e12);
}

/** Place of the first date after `at`. */
function firstAfter(dates: Float64Array, size: number, at: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((dates[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

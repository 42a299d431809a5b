/**
 * Aggregates: what a view makes of many contributions. Each is a state that contributions are added
 * to in any order, that merges with the state of other contributions, and that ends in a value. The
 * same functions answer online and as of any moment; nothing is ever subtracted from a state, so
 * there is no aggregate that works for sums and is wrong for extremes.
 */
import { HeadraceError, type Money, type Quantity } from '@headrace/sdk';
import {
  type Addend,
  addWhole,
  compareWhole,
  type Encoded,
  encodeMeasure,
  numberOf,
  type Remembered,
  type Scaled,
  timesWhole,
  type Whole,
} from './measures.js';
import { bucketBefore, bucketStart, type Duration, parseWindow, type Window } from './windows.js';

export type AggregateKind =
  | 'count'
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'variance'
  | 'deviation'
  | 'first'
  | 'last'
  | 'lastN'
  | 'series';

/** What a value looks like to those who use it: one for each window, or the one there is. */
export type Windowed<Value, Names extends string> = [Names] extends [never]
  ? Value | null
  : { readonly [Name in Names]: Value | null };

/** One value of a view, before it is given a name. `Shape` exists for the compiler. */
export interface Aggregate<Row, Shape> {
  readonly kind: AggregateKind;
  readonly windows: readonly Window[];
  /** Currency or unit a sum must be in; other contributions make it null. */
  readonly unit: string | null;
  /** How many of `lastN` or `series`. */
  readonly size: number;
  readonly text: string;
  pick(row: Row): Encoded;
  /** Never there: carries the types. */
  readonly shape?: Shape;
}

type NoWindow = never;

interface Making<Row> {
  readonly kind: AggregateKind;
  readonly pick: ((row: Row) => Remembered) | null;
  readonly windows?: readonly string[] | undefined;
  readonly unit?: string | null;
  readonly size?: number;
}

function make<Row, Shape>(of: Making<Row>): Aggregate<Row, Shape> {
  const { kind, pick, windows = [], unit = null, size = 0 } = of;
  return {
    kind,
    unit,
    size,
    windows: windows.map(parseWindow),
    text: [kind, pick === null ? '' : String(pick), windows.join(), unit ?? '', size].join('|'),
    pick: pick === null ? () => true : (row) => encodeMeasure(pick(row)),
  };
}

/** How many contributions there are, or for how many `when` holds. */
export function count<Row, const Names extends Duration = NoWindow>(
  when?: ((row: Row) => boolean | null | undefined) | readonly Names[],
  windows?: readonly Names[],
): Aggregate<Row, Windowed<number, Names>> {
  if (typeof when === 'function') return make({ kind: 'count', pick: when, windows });
  return make({ kind: 'count', pick: null, windows: when ?? windows });
}

/** The sum of a measure; null when quantities of several units meet. */
export function sum<Row, const Names extends Duration = NoWindow>(
  pick: (row: Row) => Exclude<Addend, Money>,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<number, Names>> {
  return make({ kind: 'sum', pick, windows });
}

/** The sum of amounts in one currency; null while other currencies are among them. */
export function sumMoney<Row, const Names extends Duration = NoWindow>(
  pick: (row: Row) => Money | null | undefined,
  windows: readonly Names[],
  options: { readonly currency: string },
): Aggregate<Row, Windowed<number, Names>> {
  return make({ kind: 'sum', pick, windows, unit: options.currency });
}

/** The mean of what was told. */
export function avg<Row, const Names extends Duration = NoWindow>(
  pick: (row: Row) => Addend,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<number, Names>> {
  return make({ kind: 'avg', pick, windows });
}

export function min<Row, const Names extends Duration = NoWindow>(
  pick: (row: Row) => Addend,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<number, Names>> {
  return make({ kind: 'min', pick, windows });
}

export function max<Row, const Names extends Duration = NoWindow>(
  pick: (row: Row) => Addend,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<number, Names>> {
  return make({ kind: 'max', pick, windows });
}

/** Sample variance; null below two values. */
export function variance<Row, const Names extends Duration = NoWindow>(
  pick: (row: Row) => Addend,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<number, Names>> {
  return make({ kind: 'variance', pick, windows });
}

/** Sample standard deviation; null below two values. */
export function deviation<Row, const Names extends Duration = NoWindow>(
  pick: (row: Row) => Addend,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<number, Names>> {
  return make({ kind: 'deviation', pick, windows });
}

/** What a remembered measure comes back as: amounts and quantities as numbers. */
export type Told<T> = T extends Quantity | Money | bigint ? number : NonNullable<T>;

/** The measure of the oldest contribution; among equal times the smallest. */
export function first<Row, T extends Remembered, const Names extends Duration = NoWindow>(
  pick: (row: Row) => T,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<Told<T>, Names>> {
  return make({ kind: 'first', pick, windows });
}

/** The measure of the newest contribution; among equal times the largest. */
export function last<Row, T extends Remembered, const Names extends Duration = NoWindow>(
  pick: (row: Row) => T,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<Told<T>, Names>> {
  return make({ kind: 'last', pick, windows });
}

/** The measures of the newest contributions, newest first. */
export function lastN<Row, T extends Remembered, const Names extends Duration = NoWindow>(
  pick: (row: Row) => T,
  size: number,
  windows?: readonly Names[],
): Aggregate<Row, Windowed<readonly Told<T>[], Names>> {
  return make({ kind: 'lastN', pick, windows, size });
}

/** Sums of the last so many days or hours, oldest first; the last one is still under way. */
export function series<Row>(
  pick: (row: Row) => Exclude<Addend, Money>,
  every: '1d' | '1h',
  size: number,
): Aggregate<Row, readonly number[] | null> {
  const most = every === '1d' ? 800 : hourlyMax;
  if (!Number.isInteger(size) || size < 1 || size > most) {
    throw new HeadraceError('config', `A series by ${every} has 1 to ${most} values.`, {
      code: 'E_WINDOW',
      hint: 'Older hours are kept added up to days; ask for days.',
    });
  }
  const made = make<Row, readonly number[] | null>({ kind: 'series', pick, size });
  const hopMs = every === '1d' ? 0 : 3_600_000;
  return {
    ...made,
    text: `${made.text}|${every}`,
    windows: [{ name: '', ms: seriesMark, hopMs }],
  };
}

/** Eleven days: hours are told apart for twelve. */
const hourlyMax = 264;
/** The window of a series counts buckets, not time. */
const seriesMark = -1;

export type AnyAggregate = Aggregate<never, unknown>;

export function isSeries(aggregate: AnyAggregate): boolean {
  return aggregate.kind === 'series';
}

/** Where a series asked for at `at` begins. */
export function seriesStart(aggregate: AnyAggregate, at: number, zone: string): number {
  const hopMs = aggregate.windows[0]?.hopMs ?? 0;
  return bucketBefore(hopMs, bucketStart(hopMs, at, zone), aggregate.size - 1, zone);
}

interface Remember {
  readonly at: number;
  readonly encoded: Encoded;
  readonly text: string;
}

/** What has been added up so far. Only the parts an aggregate needs are there. */
export interface State {
  count: number;
  sum: Whole;
  /** Of the sum; null before there is one. */
  unit: string | null;
  /** Several units have met, so there is no sum. */
  isMixed: boolean;
  squares: Whole;
  low: Whole | null;
  high: Whole | null;
  /** Newest first for `last`, oldest first for `first`. */
  told: readonly Remember[];
  buckets: Map<number, Whole> | null;
}

const noneTold: readonly Remember[] = [];

export function emptyState(): State {
  return {
    count: 0,
    sum: 0,
    unit: null,
    isMixed: false,
    squares: 0,
    low: null,
    high: null,
    told: noneTold,
    buckets: null,
  };
}

/** A measure as it is written and, where it is one, as a number: read once, added many times. */
export interface Measure {
  readonly encoded: Encoded;
  readonly number: Scaled | null;
}

/** The measures of a line, in the order of the view's aggregates. */
export function measuresOf(value: string): readonly Measure[] {
  const list = JSON.parse(value) as readonly Encoded[];
  return list.map((encoded) => ({ encoded, number: numberOf(encoded) }));
}

/** Adds a measure that stands `times` times at `at`. */
export function addTo(
  aggregate: AnyAggregate,
  state: State,
  { encoded, number }: Measure,
  at: number,
  times: number,
  zone: string,
): void {
  if (encoded === null) return;
  switch (aggregate.kind) {
    case 'count':
      if (encoded !== false) state.count += times;
      return;
    case 'first':
    case 'last':
    case 'lastN':
      // Most lines come after all that is told already, and making text of them takes longest.
      if (isBehind(aggregate, state, at)) return;
      remember(aggregate, state, { at, encoded, text: JSON.stringify(encoded) }, times);
      return;
    default:
      if (number !== null) addNumber(aggregate, state, number.micros, number.unit, at, times, zone);
  }
}

function addNumber(
  aggregate: AnyAggregate,
  state: State,
  micros: Whole,
  unit: string,
  at: number,
  times: number,
  zone: string,
): void {
  const added = times === 1 ? micros : timesWhole(micros, times);
  state.count += times;
  addSum(state, unit, added);
  if (aggregate.kind === 'variance' || aggregate.kind === 'deviation') {
    state.squares = addWhole(state.squares, timesWhole(timesWhole(micros, micros), times));
  }
  if (aggregate.kind === 'min') {
    if (state.low === null || compareWhole(micros, state.low) < 0) state.low = micros;
  }
  if (aggregate.kind === 'max') {
    if (state.high === null || compareWhole(micros, state.high) > 0) state.high = micros;
  }
  if (aggregate.kind === 'series') {
    const start = bucketStart(aggregate.windows[0]?.hopMs ?? 0, at, zone);
    state.buckets ??= new Map();
    state.buckets.set(start, addWhole(state.buckets.get(start) ?? 0, added));
  }
}

function addSum(state: State, unit: string, micros: Whole): void {
  if (state.unit === null) state.unit = unit;
  else if (state.unit !== unit) state.isMixed = true;
  state.sum = addWhole(state.sum, micros);
}

function toldMax(aggregate: AnyAggregate): number {
  return aggregate.kind === 'lastN' ? aggregate.size : 1;
}

/** Whether as many are told as are wanted, and something of this moment comes after all of them. */
function isBehind(aggregate: AnyAggregate, { told }: State, at: number): boolean {
  const size = toldMax(aggregate);
  const end = told[size - 1];
  return end !== undefined && (aggregate.kind === 'first' ? at > end.at : at < end.at);
}

function remember(aggregate: AnyAggregate, state: State, told: Remember, times: number): void {
  const size = toldMax(aggregate);
  const sign = aggregate.kind === 'first' ? 1 : -1;
  for (let left = Math.min(times, size); left > 0; left -= 1) {
    let place = state.told.length;
    while (place > 0 && sign * compareTold(told, state.told[place - 1] as Remember) < 0) place -= 1;
    if (place >= size) return;
    state.told = [...state.told.slice(0, place), told, ...state.told.slice(place, size - 1)];
  }
}

function compareTold(left: Remember, right: Remember): number {
  if (left.at !== right.at) return left.at - right.at;
  return left.text < right.text ? -1 : left.text > right.text ? 1 : 0;
}

/** Adds what another state holds. */
export function mergeInto(aggregate: AnyAggregate, state: State, other: State): void {
  state.count += other.count;
  state.squares = addWhole(state.squares, other.squares);
  if (other.unit !== null) addSum(state, other.unit, other.sum);
  if (other.isMixed) state.isMixed = true;
  for (const [start, micros] of other.buckets ?? []) {
    state.buckets ??= new Map();
    state.buckets.set(start, addWhole(state.buckets.get(start) ?? 0, micros));
  }
  if (other.low !== null && (state.low === null || compareWhole(other.low, state.low) < 0)) {
    state.low = other.low;
  }
  if (other.high !== null && (state.high === null || compareWhole(other.high, state.high) > 0)) {
    state.high = other.high;
  }
  for (const told of other.told) remember(aggregate, state, told, 1);
}

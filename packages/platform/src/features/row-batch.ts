/**
 * Rows of a training set as columns: what the sweep over a key's lines fills in, what threads hand to
 * each other, and what files are written from. A row as an object is made only for those who ask.
 *
 * A value has two places: numbers in one column of doubles, NaN where there is none; anything else in a
 * list that exists only where there is such a thing. What a value's status, age and times are is
 * the same for all values of a view that share a window, and is kept once for those: a group.
 */
import type { DerivedFeature, Feature, FeatureDefinition, FeatureView } from './definition.js';
import type { FeatureVector } from './feature-reader.js';
import { type FeatureValue, statusRanks } from './feature-values.js';
import type { FeaturePlain } from './finish.js';

const missingRank = statusRanks.indexOf('missing');

/** Values of a view that have one window. */
export interface ValueGroup {
  /** Places of its values among those of the view. */
  readonly features: readonly number[];
  readonly sample: Feature;
}

export interface PlacedView {
  readonly view: FeatureView;
  readonly firstColumn: number;
  readonly firstGroup: number;
  readonly groups: readonly ValueGroup[];
}

export interface PlacedDerived {
  readonly derived: DerivedFeature;
  readonly inputs: readonly PlacedView[];
  readonly column: number;
  readonly group: number;
}

/** Where everything lies in a batch; follows from the definitions alone. */
export interface RowLayout {
  readonly views: readonly PlacedView[];
  readonly derived: readonly PlacedDerived[];
  /** Names and columns of what was asked for, in its order. */
  readonly names: readonly string[];
  readonly shown: readonly number[];
  /** Group of each column. */
  readonly groupOf: readonly number[];
  readonly groups: number;
}

const layouts = new WeakMap<readonly FeatureDefinition[], RowLayout>();

export function layoutOf(definitions: readonly FeatureDefinition[]): RowLayout {
  let layout = layouts.get(definitions);
  if (layout === undefined) {
    layout = makeLayout(definitions);
    layouts.set(definitions, layout);
  }
  return layout;
}

function makeLayout(definitions: readonly FeatureDefinition[]): RowLayout {
  const groupOf: number[] = [];
  let groups = 0;
  const placed = new Map<FeatureView, PlacedView>();
  const place = (view: FeatureView): PlacedView => {
    const found = placed.get(view);
    if (found !== undefined) return found;
    const made = { view, firstColumn: groupOf.length, firstGroup: groups, groups: groupsOf(view) };
    for (const [index, { features }] of made.groups.entries()) {
      for (const one of features) groupOf[made.firstColumn + one] = groups + index;
    }
    groups += made.groups.length;
    placed.set(view, made);
    return made;
  };
  const names: string[] = [];
  const shown: number[] = [];
  const derived: PlacedDerived[] = [];
  for (const one of definitions) {
    if (one.kind === 'view') {
      const { firstColumn } = place(one);
      for (const [index, { name }] of one.features.entries()) {
        names.push(`${one.name}.${name}`);
        shown.push(firstColumn + index);
      }
    } else {
      const inputs = one.views.map(place);
      derived.push({ derived: one, inputs, column: groupOf.length, group: groups });
      names.push(one.name);
      shown.push(groupOf.length);
      groupOf.push(groups);
      groups += 1;
    }
  }
  return { views: [...placed.values()], derived, names, shown, groupOf, groups };
}

/** A series counts buckets and has a beginning of its own. */
function groupsOf({ features }: FeatureView): readonly ValueGroup[] {
  const byWindow = new Map<string, { features: number[]; sample: Feature }>();
  for (const [index, feature] of features.entries()) {
    const isSeries = feature.aggregate.kind === 'series';
    const name = isSeries ? `series ${index}` : `window ${feature.window?.name ?? ''}`;
    const group = byWindow.get(name);
    if (group === undefined) byWindow.set(name, { features: [index], sample: feature });
    else group.features.push(index);
  }
  return [...byWindow.values()];
}

export interface RowBatch {
  readonly rows: number;
  /** Keys of runs of rows, and after which row each run ends. */
  readonly keys: readonly string[];
  readonly ends: Uint32Array;
  readonly t: Float64Array;
  readonly leaks: Uint8Array;
  readonly imputed: Uint8Array;
  /** Rows of persons who were erased. */
  readonly erased: Uint8Array;
  /** By column. */
  readonly numbers: readonly Float64Array[];
  readonly others: (FeaturePlain[] | null)[];
  /** By group: rank of the status, age and times (NaN where there is none). */
  readonly ranks: readonly Uint8Array[];
  readonly ageMs: readonly Float64Array[];
  readonly eventAt: readonly Float64Array[];
  readonly knownAt: readonly Float64Array[];
}

/** An empty batch, with one row more than it says: a scratch row behind the last. */
export function emptyBatch(
  layout: RowLayout,
  keys: readonly string[],
  ends: Uint32Array,
): RowBatch {
  const rows = ends.at(-1) ?? 0;
  const doubles = (count: number) =>
    Array.from({ length: count }, () => new Float64Array(rows + 1));
  const bytes = () => new Uint8Array(rows + 1);
  return {
    ...{ rows, keys, ends, t: new Float64Array(rows + 1), leaks: bytes(), imputed: bytes() },
    erased: bytes(),
    numbers: doubles(layout.groupOf.length).map((column) => column.fill(Number.NaN)),
    others: layout.groupOf.map(() => null),
    ranks: Array.from({ length: layout.groups }, bytes),
    ageMs: doubles(layout.groups),
    eventAt: doubles(layout.groups),
    knownAt: doubles(layout.groups),
  };
}

/** The memory that may go to another thread instead of being copied. */
export function buffersOf(batch: RowBatch): ArrayBuffer[] {
  const columns = [
    ...[batch.ends, batch.t, batch.leaks, batch.imputed, batch.erased],
    ...[...batch.numbers, ...batch.ranks, ...batch.ageMs, ...batch.eventAt, ...batch.knownAt],
  ];
  return columns.map((column) => column.buffer as ArrayBuffer);
}

export function setValue(batch: RowBatch, column: number, row: number, value: FeaturePlain): void {
  const numbers = batch.numbers[column] as Float64Array;
  const others = batch.others[column] ?? null;
  if (typeof value === 'number') {
    numbers[row] = value;
    if (others !== null) others[row] = null;
    return;
  }
  numbers[row] = Number.NaN;
  if (others !== null) others[row] = value;
  else if (value !== null) {
    const list = new Array<FeaturePlain>(batch.rows + 1).fill(null);
    list[row] = value;
    batch.others[column] = list;
  }
}

export function valueAt(batch: RowBatch, column: number, row: number): FeaturePlain {
  const number = (batch.numbers[column] as Float64Array)[row] as number;
  if (!Number.isNaN(number)) return number;
  return batch.others[column]?.[row] ?? null;
}

/** What a value is and how it stands. */
export function fullValueAt(
  layout: RowLayout,
  batch: RowBatch,
  column: number,
  row: number,
): FeatureValue {
  const group = layout.groupOf[column] as number;
  const rank = (batch.ranks[group] as Uint8Array)[row] as number;
  const value = valueAt(batch, column, row);
  return {
    value,
    status: statusRanks[value === null && rank < missingRank ? missingRank : rank] ?? 'missing',
    ageMs: maybe((batch.ageMs[group] as Float64Array)[row]),
    eventAt: maybe((batch.eventAt[group] as Float64Array)[row]),
    knownAt: maybe((batch.knownAt[group] as Float64Array)[row]),
  };
}

function maybe(number: number | undefined): number | null {
  return number === undefined || Number.isNaN(number) ? null : number;
}

/** Enters values that were worked out one by one. */
export function setFullValues(
  batch: RowBatch,
  placed: PlacedView,
  row: number,
  values: readonly FeatureValue[],
): void {
  for (const [index, { features }] of placed.groups.entries()) {
    const group = placed.firstGroup + index;
    let rank = 0;
    for (const place of features) {
      const one = values[place] as FeatureValue;
      setValue(batch, placed.firstColumn + place, row, one.value);
      // Of a group the ones without a value say nothing about the others.
      if (one.status !== 'missing') rank = Math.max(rank, statusRanks.indexOf(one.status));
    }
    setGroup(batch, group, row, rank, values[features[0] as number] as FeatureValue);
  }
}

export function setGroup(
  batch: RowBatch,
  group: number,
  row: number,
  rank: number,
  { ageMs, eventAt, knownAt }: Pick<FeatureValue, 'ageMs' | 'eventAt' | 'knownAt'>,
): void {
  (batch.ranks[group] as Uint8Array)[row] = rank;
  (batch.ageMs[group] as Float64Array)[row] = ageMs ?? Number.NaN;
  (batch.eventAt[group] as Float64Array)[row] = eventAt ?? Number.NaN;
  (batch.knownAt[group] as Float64Array)[row] = knownAt ?? Number.NaN;
}

/** Whether two rows of a batch differ in a value that is shown. */
export function differ(layout: RowLayout, batch: RowBatch, left: number, right: number): boolean {
  return layout.shown.some((column) => {
    const [one, other] = [valueAt(batch, column, left), valueAt(batch, column, right)];
    return one !== other && JSON.stringify(one) !== JSON.stringify(other);
  });
}

/** The vector of a row, as an answer about one key has it. */
export function vectorAt(
  layout: RowLayout,
  batch: RowBatch,
  { row, key, k, v }: { row: number; key: string; k: number | null; v: string },
): FeatureVector {
  const values: Record<string, FeatureValue> = {};
  for (const [index, name] of layout.names.entries()) {
    values[name] = fullValueAt(layout, batch, layout.shown[index] as number, row);
  }
  return { key, values, evidence: { t: batch.t[row] as number, k, v } };
}

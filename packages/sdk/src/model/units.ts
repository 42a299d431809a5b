// UN/ECE Recommendation 20 codes commerce uses, with their exact ratio to the first unit of the
// dimension where one is fixed by definition. A pack, box or kit has no fixed content: what is in
// it is a fact of the variant (`packSize`), never of the unit.

export type Dimension = 'count' | 'mass' | 'length' | 'area' | 'volume' | 'time' | 'pack' | 'other';

export interface Unit {
  readonly code: string;
  readonly title: string;
  readonly dimension: Dimension;
  /** Exact size in the dimension's first unit as numerator and denominator; null when not fixed. */
  readonly ratio: readonly [bigint, bigint] | null;
}

type Row = readonly [code: string, title: string, numerator?: bigint, denominator?: bigint];

const rows: Readonly<Record<Dimension, readonly Row[]>> = {
  count: [
    ['C62', 'one (piece)', 1n],
    ['H87', 'piece', 1n],
    ['EA', 'each', 1n],
    ['PR', 'pair', 2n],
    ['NPR', 'number of pairs', 2n],
    ['DZN', 'dozen', 12n],
    ['DPC', 'dozen pieces', 12n],
    ['GRO', 'gross', 144n],
    ['CEN', 'hundred', 100n],
    ['MIL', 'thousand', 1000n],
  ],
  mass: [
    ['GRM', 'gram', 1n],
    ['KGM', 'kilogram', 1000n],
    ['MGM', 'milligram', 1n, 1000n],
    ['TNE', 'tonne', 1_000_000n],
    ['LBR', 'pound', 45_359_237n, 100_000n],
    ['ONZ', 'ounce', 28_349_523_125n, 1_000_000_000n],
  ],
  length: [
    ['MTR', 'metre', 1n],
    ['MMT', 'millimetre', 1n, 1000n],
    ['CMT', 'centimetre', 1n, 100n],
    ['DMT', 'decimetre', 1n, 10n],
    ['KMT', 'kilometre', 1000n],
    ['INH', 'inch', 254n, 10_000n],
    ['FOT', 'foot', 3048n, 10_000n],
    ['YRD', 'yard', 9144n, 10_000n],
  ],
  area: [
    ['MTK', 'square metre', 1n],
    ['MMK', 'square millimetre', 1n, 1_000_000n],
    ['CMK', 'square centimetre', 1n, 10_000n],
    ['DMK', 'square decimetre', 1n, 100n],
    ['FTK', 'square foot', 9_290_304n, 100_000_000n],
  ],
  volume: [
    ['LTR', 'litre', 1n],
    ['MLT', 'millilitre', 1n, 1000n],
    ['CLT', 'centilitre', 1n, 100n],
    ['DLT', 'decilitre', 1n, 10n],
    ['HLT', 'hectolitre', 100n],
    ['CMQ', 'cubic centimetre', 1n, 1000n],
    ['DMQ', 'cubic decimetre', 1n],
    ['MTQ', 'cubic metre', 1000n],
    ['GLL', 'gallon (US)', 3_785_411_784n, 1_000_000_000n],
    ['GLI', 'gallon (UK)', 454_609n, 100_000n],
  ],
  time: [
    ['SEC', 'second', 1n],
    ['MIN', 'minute', 60n],
    ['HUR', 'hour', 3600n],
    ['DAY', 'day', 86_400n],
    ['WEE', 'week', 604_800n],
    ['MON', 'month'],
    ['ANN', 'year'],
  ],
  pack: [
    ['SET', 'set'],
    ['KT', 'kit'],
    ['AS', 'assortment'],
    ['NMP', 'number of packs'],
  ],
  other: [
    ['P1', 'percent'],
    ['KWH', 'kilowatt hour'],
    ['WTT', 'watt'],
    ['E48', 'service unit'],
  ],
};

/** Every unit the model knows by name; package codes of Recommendation 21 (`XBX`) come on top. */
export const units: readonly Unit[] = Object.entries(rows).flatMap(([dimension, list]) =>
  list.map(([code, title, numerator, denominator]) => ({
    code,
    title,
    dimension: dimension as Dimension,
    ratio: numerator === undefined ? null : ([numerator, denominator ?? 1n] as const),
  })),
);

const unitsByCode: ReadonlyMap<string, Unit> = new Map(units.map((unit) => [unit.code, unit]));
const packageCode = /^X[0-9A-Z]{2}$/;

/** The unit of a code, or null when neither Recommendation knows it. */
export function findUnit(code: string): Unit | null {
  const unit = unitsByCode.get(code);
  if (unit !== undefined) return unit;
  if (!packageCode.test(code)) return null;
  return { code, title: 'package', dimension: 'pack', ratio: null };
}

/** Whether the code is a unit of measure of UN/ECE Rec 20, packages of Rec 21 included. */
export function isUnit(code: string): boolean {
  return unitsByCode.has(code) || packageCode.test(code);
}

import type { Property, PropertyValue } from '../odata/model.js';
import { DAY_MS } from '../retailer/parameters.js';

/** Short ways to say what a property is, in the words of the vendor's descriptions. */

type Read<Row, Value> = (row: Row) => Value;
type Extras = Partial<Omit<Property, 'value' | 'name' | 'type'>>;

/** As SAP does, empty text where there is nothing. */
export const text = <Row>(
  name: string,
  maxLength: number,
  value: Read<Row, string>,
  extras: Extras = {},
): Property<Row> => ({ name, type: 'Edm.String', maxLength, value, ...extras });

export const keyText = <Row>(
  name: string,
  maxLength: number,
  value: Read<Row, string>,
): Property<Row> => text(name, maxLength, value, { isNullable: false });

export const fixed = <Row>(name: string, maxLength: number, value: string): Property<Row> =>
  text(name, maxLength, () => value);

export const flag = <Row>(name: string, value: Read<Row, boolean>): Property<Row> => ({
  name,
  type: 'Edm.Boolean',
  value,
});

/** What only the system itself sets: named here, in one place, rather than at each property. */
export const outputOnly = <Row>(
  names: readonly string[],
  properties: readonly Property<Row>[],
): readonly Property<Row>[] => {
  for (const name of names) {
    if (!properties.some((property) => property.name === name))
      throw new TypeError(`there is no property ${name}`);
  }
  return properties.map((property) =>
    names.includes(property.name)
      ? { ...property, isCreatable: false, isUpdatable: false }
      : property,
  );
};

/** Decimal text, never a float: what it holds is exact. */
export const decimal = <Row>(
  name: string,
  [precision, scale]: readonly [number, number],
  value: Read<Row, string | null>,
  extras: Extras = {},
): Property<Row> => ({ name, type: 'Edm.Decimal', precision, scale, value, ...extras });

export const quantity = <Row>(
  name: string,
  value: Read<Row, number>,
  unit?: string,
  size: readonly [number, number] = [13, 3],
): Property<Row> =>
  decimal(name, size, (row) => String(value(row)), unit === undefined ? {} : { unit });

/** An amount of money from minor units. */
export const amount = <Row>(
  name: string,
  value: Read<Row, number>,
  unit: string,
  size: readonly [number, number] = [16, 3],
): Property<Row> => decimal(name, size, (row) => minorText(value(row)), { unit });

export const minorText = (minor: number): string => {
  const whole = Math.abs(Math.round(minor));
  const sign = minor < 0 && whole !== 0 ? '-' : '';
  return `${sign}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
};

export const milliText = (milli: number): string => {
  const whole = Math.round(milli);
  return `${Math.floor(whole / 1000)}.${String(whole % 1000).padStart(3, '0')}`;
};

const dayStart = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;
/** 0 stands for "never". */
export const dayOrNull = (atMs: number): number | null => (atMs === 0 ? null : dayStart(atMs));

export const day = <Row>(
  name: string,
  atMs: Read<Row, number>,
  precision: 0 | 7 = 0,
  extras: Extras = {},
): Property<Row> => ({
  name,
  type: 'Edm.DateTime',
  precision,
  displayFormat: 'Date',
  value: (row) => dayOrNull(atMs(row)),
  ...extras,
});

/** Time of day, to the second; midnight where there is no time at all. */
export const clockTime = <Row>(name: string, atMs: Read<Row, number>): Property<Row> => ({
  name,
  type: 'Edm.Time',
  precision: 0,
  value: (row) => Math.floor((atMs(row) - dayStart(atMs(row))) / 1000) * 1000,
});

export const instant = <Row>(
  name: string,
  value: Read<Row, PropertyValue>,
  extras: Extras = {},
): Property<Row> => ({ name, type: 'Edm.DateTimeOffset', precision: 7, value, ...extras });

export const uuid = <Row>(name: string, value: Read<Row, string>): Property<Row> => ({
  name,
  type: 'Edm.Guid',
  value,
});

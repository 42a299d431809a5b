import { type Encoder, etagReaderOf, joined } from './encode-v2.js';
import type { EntitySet, Property, PropertyValue, Service } from './model.js';
import type { Shape } from './query.js';
import { formatInstant, formatTimeOfDay, isInstant } from './values.js';

/** Rows as V4 JSON text: no wrappers, ISO dates, and numbers as numbers unless asked otherwise. */

export const encoderV4 = (
  service: Service,
  set: EntitySet,
  shape: Shape,
  /** `IEEE754Compatible=true`: decimals and 64-bit integers as strings. */
  hasTextNumbers: boolean,
): Encoder => {
  const etagOf = etagReaderOf(set);
  const fields = set.properties
    .filter((property) => shape.properties?.has(property.name) !== false)
    .map((property): Encoder => {
      const prefix = `${JSON.stringify(property.name)}:`;
      return (row) => prefix + encodeValueV4(property, property.value(row), hasTextNumbers);
    });
  for (const [name, { navigation, set: target, shape: inner }] of shape.expanded) {
    const encode = encoderV4(service, target, inner, hasTextNumbers);
    const prefix = `${JSON.stringify(name)}:`;
    fields.push((row) => {
      if (navigation.multiplicity === '*')
        return `${prefix}[${joined(navigation.rows(row), encode)}]`;
      const [only] = navigation.rows(row);
      return prefix + (only === undefined ? 'null' : encode(only));
    });
  }
  return (row) => {
    const etag = etagOf(row);
    const parts = fields.map((field) => field(row));
    if (etag !== undefined) parts.unshift(`"@odata.etag":${JSON.stringify(etag)}`);
    return `{${parts.join(',')}}`;
  };
};

/** SAP's V2 has no date type of its own; V4 has, and SAP uses it for its date fields. */
export const typeV4 = (property: Property): string => {
  if (property.type === 'Edm.DateTime')
    return property.displayFormat === 'Date' ? 'Edm.Date' : 'Edm.DateTimeOffset';
  return property.type === 'Edm.Time' ? 'Edm.TimeOfDay' : property.type;
};

export const encodeValueV4 = (
  property: Property,
  value: PropertyValue,
  hasTextNumbers: boolean,
): string => {
  if (value === null) return 'null';
  if (isInstant(value) && property.type.startsWith('Edm.DateTime')) {
    if (typeV4(property) === 'Edm.Date') return `"${formatInstant(value, 0).slice(0, 10)}"`;
    return `"${formatInstant(value, property.precision ?? 0)}Z"`;
  }
  if (property.type === 'Edm.Time') return `"${formatTimeOfDay(Number(value))}"`;
  if (property.type === 'Edm.Decimal' || property.type === 'Edm.Int64')
    return hasTextNumbers ? JSON.stringify(String(value)) : String(value);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
};

export const collectionV4 = (
  context: string,
  rows: readonly unknown[],
  encode: Encoder,
  count: number | undefined,
  nextLink: string | undefined,
): string => {
  const countText = count === undefined ? '' : `"@odata.count":${count},`;
  const nextText = nextLink === undefined ? '' : `,"@odata.nextLink":${JSON.stringify(nextLink)}`;
  return `{"@odata.context":${JSON.stringify(context)},${countText}"value":[${joined(rows, encode)}]${nextText}}`;
};

import { keyFormatterOf } from './keys.js';
import { formatLiteral } from './literals.js';
import type { EntitySet, Property, PropertyValue, Service } from './model.js';
import { typeNameOf } from './model.js';
import type { Shape } from './query.js';
import { formatDuration, isInstant, msOf } from './values.js';

/**
 * Rows as V2 JSON text. An encoder is made once per request: names, types and selections are
 * decided then, so that a row costs its values and nothing else.
 */

export type Encoder = (row: unknown) => string;

export const encoderV2 = (
  service: Service,
  set: EntitySet,
  shape: Shape,
  /** Address of the service root, without a slash at its end. */
  root: string,
): Encoder => {
  const uriOf = uriFormatter(set, root);
  const etagOf = etagReaderOf(set);
  const type = JSON.stringify(`${service.name}.${typeNameOf(set)}`);
  const fields = set.properties
    .filter((property) => shape.properties?.has(property.name) !== false)
    .map((property) => fieldEncoder(property));
  const links = linkEncoders(service, set, shape, root);
  return (row) => {
    const uri = uriOf(row);
    const etag = etagOf(row);
    let text = `{"__metadata":{"id":${JSON.stringify(uri)},"uri":${JSON.stringify(uri)},"type":${type}`;
    if (etag !== undefined) text += `,"etag":${JSON.stringify(etag)}`;
    text += '}';
    for (const field of fields) text += field(row);
    for (const link of links) text += link(row, uri);
    return `${text}}`;
  };
};

export const uriFormatter = (set: EntitySet, root: string): Encoder => {
  const keyText = keyFormatterOf(set, 2);
  return (row) => `${root}/${set.name}${keyText(row)}`;
};

/** `W/"datetimeoffset'2026-05-04T10%3A11%3A12.3456789Z'"`: all seven digits, unlike the JSON. */
export const etagReaderOf = (set: EntitySet): ((row: unknown) => string | undefined) => {
  if (set.etag !== undefined) return (row) => set.etag?.(row);
  const tokens = set.properties.filter((property) => property.isConcurrencyToken === true);
  if (tokens.length === 0) return () => undefined;
  return (row) => {
    const parts = tokens.map((property) =>
      encodeURIComponent(formatLiteral(property, property.value(row), 2)),
    );
    return `W/"${parts.join(',')}"`;
  };
};

const fieldEncoder = (property: Property): Encoder => {
  const prefix = `,${JSON.stringify(property.name)}:`;
  return (row) => prefix + encodeValueV2(property, property.value(row));
};

export const encodeValueV2 = (property: Property, value: PropertyValue): string => {
  if (value === null) return 'null';
  switch (property.type) {
    case 'Edm.DateTime':
      return `"\\/Date(${wholeMs(property, value)})\\/"`;
    case 'Edm.DateTimeOffset':
      // Milliseconds only: what is finer shows in the ETag and in filters.
      return `"\\/Date(${wholeMs(property, value)}+0000)\\/"`;
    case 'Edm.Time':
      return `"${formatDuration(Number(value))}"`;
    case 'Edm.Boolean':
    case 'Edm.Byte':
    case 'Edm.Int16':
    case 'Edm.Int32':
      return String(value);
    default:
      return JSON.stringify(String(value));
  }
};

const wholeMs = (property: Property, value: PropertyValue): number => {
  if (!isInstant(value)) throw new TypeError(`${property.name} cannot hold ${String(value)}`);
  return msOf(value);
};

type LinkEncoder = (row: unknown, uri: string) => string;

const linkEncoders = (
  service: Service,
  set: EntitySet,
  shape: Shape,
  root: string,
): readonly LinkEncoder[] =>
  (set.navigations ?? []).flatMap((navigation): LinkEncoder[] => {
    const prefix = `,${JSON.stringify(navigation.name)}:`;
    const expanded = shape.expanded.get(navigation.name);
    if (expanded === undefined) {
      if (shape.deferred?.has(navigation.name) === false) return [];
      return [
        (_, uri) =>
          `${prefix}{"__deferred":{"uri":${JSON.stringify(`${uri}/${navigation.name}`)}}}`,
      ];
    }
    const encode = encoderV2(service, expanded.set, expanded.shape, root);
    if (navigation.multiplicity === '*') {
      return [(row) => `${prefix}{"results":[${joined(navigation.rows(row), encode)}]}`];
    }
    return [
      (row) => {
        const [target] = navigation.rows(row);
        return prefix + (target === undefined ? 'null' : encode(target));
      },
    ];
  });

export const joined = (rows: Iterable<unknown>, encode: Encoder): string => {
  let text = '';
  for (const row of rows) text += text === '' ? encode(row) : `,${encode(row)}`;
  return text;
};

/** `{"d":{"results":[…],"__count":"2","__next":"…"}}` */
export const collectionV2 = (
  rows: readonly unknown[],
  encode: Encoder,
  count: number | undefined,
  nextLink: string | undefined,
): string => {
  const countText = count === undefined ? '' : `"__count":"${count}",`;
  const nextText = nextLink === undefined ? '' : `,"__next":${JSON.stringify(nextLink)}`;
  return `{"d":{${countText}"results":[${joined(rows, encode)}]${nextText}}}`;
};

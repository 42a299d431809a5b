import { propertyOf } from './condition.js';
import { badRequest, ODataError } from './errors.js';
import { formatLiteral, literalOf, type ODataVersion } from './literals.js';
import type { EntitySet, KeyValues, Property, PropertyValue } from './model.js';
import { type Token, tokenize } from './tokens.js';
import { classOf, compareValues } from './values.js';

/** Keys: `('1')` and `(SalesOrder='1',SalesOrderItem='10')`, both ways, and their order. */

/** A set without its rows. */
export type EntityShape = Pick<EntitySet, 'name' | 'key' | 'properties'>;

export const keyPropertiesOf = (set: EntityShape): readonly Property[] =>
  set.key.map((name) => {
    const property = propertyOf(set, name);
    if (property === undefined) throw new TypeError(`${set.name} has no key property ${name}`);
    return property;
  });

/** Reads the key of a row; made once per use, so that a row costs only its own values. */
export const keyReaderOf = (set: EntityShape): ((row: unknown) => KeyValues) => {
  const properties = keyPropertiesOf(set);
  return (row) => properties.map((property) => property.value(row));
};

export const keyOrderOf = (set: EntityShape): ((left: KeyValues, right: KeyValues) => number) => {
  const classes = keyPropertiesOf(set).map((property) => classOf(property.type));
  return (left, right) => {
    for (const [index, valueClass] of classes.entries()) {
      const order = compareValues(valueClass, left[index] ?? null, right[index] ?? null);
      if (order !== 0) return order;
    }
    return 0;
  };
};

/** One text per key, for sets and maps; not for URLs. */
export const keyTextOf = (key: KeyValues): string => JSON.stringify(key);

/** The part in parentheses, percent-encoded, as it stands in URLs. */
export const keyFormatterOf = (
  set: EntitySet,
  version: ODataVersion,
): ((row: unknown) => string) => {
  const properties = keyPropertiesOf(set);
  const literal = (property: Property, row: unknown): string =>
    encodeURIComponent(formatLiteral(property, property.value(row), version));
  const [only] = properties;
  if (properties.length === 1 && only !== undefined) return (row) => `(${literal(only, row)})`;
  return (row) =>
    `(${properties.map((property) => `${property.name}=${literal(property, row)}`).join(',')})`;
};

/** Parses what stands between the parentheses, already percent-decoded. */
export const parseKey = (set: EntitySet, text: string, version: ODataVersion): KeyValues => {
  const tokens = tokenize(text);
  const properties = keyPropertiesOf(set);
  const [first, second] = tokens;
  if (properties.length === 1 && first !== undefined && second?.kind === 'end') {
    return [keyValue(properties[0], first, version)];
  }
  const values = readNamed(tokens, version, set);
  return properties.map((property) => {
    const value = values.get(property.name);
    if (value === undefined) throw malformedKey();
    return value;
  });
};

const readNamed = (
  tokens: readonly Token[],
  version: ODataVersion,
  set: EntitySet,
): Map<string, PropertyValue> => {
  const values = new Map<string, PropertyValue>();
  for (let at = 0; ; at += 4) {
    const [name, equals, literal, separator] = tokens.slice(at, at + 4);
    if (name?.kind !== 'bare' || equals?.kind !== 'equals' || literal === undefined)
      throw malformedKey();
    if (!set.key.includes(name.text)) throw malformedKey();
    values.set(name.text, keyValue(propertyOf(set, name.text), literal, version));
    if (separator?.kind === 'end') break;
    if (separator?.kind !== 'comma') throw malformedKey();
  }
  if (values.size !== set.key.length) throw malformedKey();
  return values;
};

const keyValue = (
  property: Property | undefined,
  token: Token,
  version: ODataVersion,
): PropertyValue => {
  const value = property === undefined ? undefined : literalOf(token, property.type, version);
  if (value === undefined || value === null)
    throw badRequest(`Invalid key predicate type for '${property?.name ?? ''}'`);
  return value;
};

const malformedKey = (): ODataError =>
  new ODataError(400, '/IWFND/CM_MGW/042', 'Invalid key predicate');

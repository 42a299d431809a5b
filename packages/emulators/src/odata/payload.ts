import { propertyOf } from './condition.js';
import { typeV4 } from './encode-v4.js';
import { badRequest, ODataError } from './errors.js';
import type { EntitySet, Property, PropertyValue, Service, WriteValues } from './model.js';
import { navigationOf } from './query.js';
import {
  classOf,
  isDecimalText,
  numberAs,
  parseDuration,
  parseGuid,
  parseInstant,
  parseTimeOfDay,
} from './values.js';

/** JSON bodies of writes, checked against the types of their set. */

type Json = Readonly<Record<string, unknown>>;

const DEPTH_MAX = 10;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const parsePayload = (
  service: Service,
  set: EntitySet,
  body: Buffer,
  purpose: 'create' | 'update',
): WriteValues => {
  let given: unknown;
  try {
    given = JSON.parse(body.toString());
  } catch {
    throw badRequest('Error while parsing the JSON document');
  }
  const wrapped = isObject(given) && isObject(given['d']) ? given['d'] : given;
  if (!isObject(wrapped)) throw badRequest('The request body must be a JSON object');
  return valuesOf(service, set, wrapped, purpose, 0);
};

const valuesOf = (
  service: Service,
  set: EntitySet,
  given: Json,
  purpose: 'create' | 'update',
  depth: number,
): WriteValues => {
  if (depth > DEPTH_MAX) throw badRequest('The request body is too deep');
  const values: Record<string, PropertyValue | readonly WriteValues[]> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === '__metadata' || name.includes('@')) continue;
    const property = propertyOf(set, name);
    if (property !== undefined) {
      const isTaken = purpose === 'create' ? property.isCreatable : property.isUpdatable;
      // What the caller may not set is passed over, as SAP's own interfaces do.
      if (isTaken === false || (purpose === 'update' && set.key.includes(name))) continue;
      values[name] = readValue(service, property, value);
    } else if (set.navigations?.some((entry) => entry.name === name) === true) {
      const rows = deepRows(service, set, name, value, purpose, depth);
      if (rows !== undefined) values[name] = rows;
    } else {
      throw new ODataError(400, '/IWFND/CM_MGW/052', `Property '${name}' is invalid`, {
        target: name,
      });
    }
  }
  return values;
};

const deepRows = (
  service: Service,
  set: EntitySet,
  name: string,
  value: unknown,
  purpose: 'create' | 'update',
  depth: number,
): readonly WriteValues[] | undefined => {
  if (value === null || (isObject(value) && '__deferred' in value)) return undefined;
  if (purpose === 'update')
    throw new ODataError(501, '/IWBEP/CM_MGW_RT/139', `Deep update of '${name}' is not supported`);
  const { target } = navigationOf(service, set, name);
  const results = isObject(value) && 'results' in value ? value['results'] : value;
  const rows: readonly unknown[] = Array.isArray(results) ? results : [results];
  return rows.map((row) => {
    if (!isObject(row)) throw badRequest(`'${name}' must hold objects`);
    return valuesOf(service, target, row, purpose, depth + 1);
  });
};

const invalid = (property: Property): ODataError =>
  new ODataError(
    400,
    '/IWFND/CM_MGW/053',
    `Failed to read property '${property.name}': its value is no ${property.type}`,
    { target: property.name },
  );

const readValue = (service: Service, property: Property, given: unknown): PropertyValue => {
  if (given === null) {
    if (property.isNullable === false) throw invalid(property);
    return null;
  }
  const value = service.version === 2 ? valueV2(property, given) : valueV4(property, given);
  if (value === undefined) throw invalid(property);
  checkSize(property, value);
  return value;
};

const V2_DATE = /^\/Date\((-?\d{1,15})([+-]\d{4})?\)\/$/;

/** V2 wants decimals and 64-bit integers as strings, as it gives them. */
const valueV2 = (property: Property, given: unknown): PropertyValue | undefined => {
  switch (classOf(property.type)) {
    case 'boolean':
      return typeof given === 'boolean' ? given : undefined;
    case 'number':
      return typeof given === 'number' || typeof given === 'string'
        ? numberAs(property.type, String(given))
        : undefined;
    default:
      break;
  }
  if (typeof given !== 'string') return undefined;
  switch (classOf(property.type)) {
    case 'decimal':
      return numberAs(property.type, given);
    case 'instant': {
      const match = V2_DATE.exec(given);
      return match === null ? parseInstant(given) : Number(match[1]);
    }
    case 'time':
      return parseDuration(given);
    default:
      return property.type === 'Edm.Guid' ? parseGuid(given) : given;
  }
};

const valueV4 = (property: Property, given: unknown): PropertyValue | undefined => {
  if (typeof given === 'boolean') return property.type === 'Edm.Boolean' ? given : undefined;
  if (typeof given === 'number') {
    const valueClass = classOf(property.type);
    return valueClass === 'number' || valueClass === 'decimal'
      ? numberAs(property.type, String(given))
      : undefined;
  }
  if (typeof given !== 'string') return undefined;
  switch (classOf(property.type)) {
    case 'decimal':
      return numberAs(property.type, given);
    case 'instant':
      return typeV4(property) === 'Edm.Date' && given.length !== 10
        ? undefined
        : parseInstant(given);
    case 'time':
      return parseTimeOfDay(given);
    case 'text':
      return property.type === 'Edm.Guid' ? parseGuid(given) : given;
    default:
      return undefined;
  }
};

const checkSize = (property: Property, value: PropertyValue): void => {
  const { maxLength, precision, scale = 0 } = property;
  if (typeof value !== 'string') return;
  if (property.type === 'Edm.String' && maxLength !== undefined && value.length > maxLength)
    throw tooLong(property);
  if (property.type !== 'Edm.Decimal' || precision === undefined || !isDecimalText(value)) return;
  const [whole = '', part = ''] = value.replace(/^-?0*/, '').split('.');
  if (whole.length > precision - scale || part.length > scale) throw tooLong(property);
};

const tooLong = (property: Property): ODataError =>
  new ODataError(
    400,
    '/IWFND/CM_MGW/054',
    `Property '${property.name}' has a value that is too long`,
    { target: property.name },
  );

import type { EdmType, Property, PropertyValue } from './model.js';
import type { Token } from './tokens.js';
import {
  classOf,
  formatDuration,
  formatInstant,
  formatTimeOfDay,
  isInstant,
  numberAs,
  parseDuration,
  parseGuid,
  parseInstant,
  parseTimeOfDay,
} from './values.js';

/** Literals of URLs, in the notations of V2 and V4. */

export type ODataVersion = 2 | 4;

const NUMBER = /^(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([mMdDfFlL]?)$/;

/**
 * The token as a value of the type; undefined when it is no such literal, which the caller words
 * as SAP does for its place. V2 tells types apart by prefix and suffix: `datetime'…'` is never a
 * `DateTimeOffset`, nor the other way round.
 */
export const literalOf = (
  token: Token,
  type: EdmType,
  version: ODataVersion,
): PropertyValue | undefined => {
  if (token.kind === 'bare' && token.text === 'null') return null;
  if (token.kind !== 'bare' && token.kind !== 'quoted') return undefined;
  switch (classOf(type)) {
    case 'text':
      return textLiteral(token, type, version);
    case 'boolean':
      return booleanLiteral(token);
    case 'instant':
      return version === 2 ? instantV2(token, type) : instantV4(token);
    case 'time':
      return version === 2
        ? quotedWith(token, 'time', parseDuration)
        : bareWith(token, parseTimeOfDay);
    default:
      return numericLiteral(token, type, version);
  }
};

type Literal = Extract<Token, { kind: 'bare' | 'quoted' }>;

const quotedWith = <T>(
  token: Literal,
  prefix: string,
  parse: (text: string) => T,
): T | undefined =>
  token.kind === 'quoted' && token.prefix === prefix ? parse(token.text) : undefined;

const bareWith = <T>(token: Literal, parse: (text: string) => T): T | undefined =>
  token.kind === 'bare' ? parse(token.text) : undefined;

const textLiteral = (token: Literal, type: EdmType, version: ODataVersion): string | undefined => {
  if (type !== 'Edm.Guid') return quotedWith(token, '', (text) => text);
  return version === 2 ? quotedWith(token, 'guid', parseGuid) : bareWith(token, parseGuid);
};

const booleanLiteral = (token: Literal): boolean | undefined => {
  if (token.kind !== 'bare') return undefined;
  if (token.text === 'true' || token.text === '1') return true;
  return token.text === 'false' || token.text === '0' ? false : undefined;
};

const instantV2 = (token: Literal, type: EdmType): PropertyValue | undefined =>
  type === 'Edm.DateTime'
    ? quotedWith(token, 'datetime', (text) => parseInstant(text, false))
    : quotedWith(token, 'datetimeoffset', (text) => parseInstant(text, true));

const instantV4 = (token: Literal): PropertyValue | undefined => bareWith(token, parseInstant);

const numericLiteral = (
  token: Literal,
  type: EdmType,
  version: ODataVersion,
): PropertyValue | undefined => {
  const match = token.kind === 'bare' ? NUMBER.exec(token.text) : null;
  if (match === null || (version === 4 && match[2] !== '')) return undefined;
  return numberAs(type, match[1] ?? '');
};

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The value as a literal, not yet percent-encoded. */
export const formatLiteral = (
  property: Pick<Property, 'type' | 'precision'>,
  value: PropertyValue,
  version: ODataVersion,
): string => {
  if (value === null) return 'null';
  switch (property.type) {
    case 'Edm.String':
      return quote(String(value));
    case 'Edm.Guid':
      return version === 2 ? `guid'${String(value)}'` : String(value);
    case 'Edm.DateTime':
    case 'Edm.DateTimeOffset':
      return formatInstantLiteral(property, value, version);
    case 'Edm.Time':
      return version === 2
        ? `time'${formatDuration(Number(value))}'`
        : formatTimeOfDay(Number(value));
    case 'Edm.Decimal':
      return version === 2 ? `${String(value)}M` : String(value);
    case 'Edm.Int64':
      return version === 2 ? `${String(value)}L` : String(value);
    case 'Edm.Double':
      return version === 2 ? `${String(value)}d` : String(value);
    default:
      return String(value);
  }
};

const formatInstantLiteral = (
  property: Pick<Property, 'type' | 'precision'>,
  value: PropertyValue,
  version: ODataVersion,
): string => {
  if (!isInstant(value)) throw new TypeError(`${property.type} cannot hold ${String(value)}`);
  const text = formatInstant(value, property.precision ?? 0);
  if (version === 4) return `${text}Z`;
  return property.type === 'Edm.DateTime' ? `datetime'${text}'` : `datetimeoffset'${text}Z'`;
};

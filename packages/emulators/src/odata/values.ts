import type { EdmType, FineInstant, PropertyValue } from './model.js';

/** Order, literals and notations of property values. No decimal ever becomes a float here. */

export type ValueClass = 'text' | 'boolean' | 'number' | 'decimal' | 'instant' | 'time';

const CLASSES: Readonly<Record<EdmType, ValueClass>> = {
  'Edm.String': 'text',
  'Edm.Guid': 'text',
  'Edm.Boolean': 'boolean',
  'Edm.Byte': 'number',
  'Edm.Int16': 'number',
  'Edm.Int32': 'number',
  'Edm.Double': 'number',
  'Edm.Int64': 'decimal',
  'Edm.Decimal': 'decimal',
  'Edm.DateTime': 'instant',
  'Edm.DateTimeOffset': 'instant',
  'Edm.Time': 'time',
};

export const classOf = (type: EdmType): ValueClass => CLASSES[type];

export const msOf = (value: number | FineInstant): number =>
  typeof value === 'number' ? Math.floor(value) : value.ms;

export const ticksOf = (value: number | FineInstant): number =>
  typeof value === 'number' ? 0 : value.ticks;

export const isInstant = (value: unknown): value is number | FineInstant =>
  typeof value === 'number' || (typeof value === 'object' && value !== null && 'ticks' in value);

const DECIMAL = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/;

/** Compares decimal texts of any length: `-1.50` and `-1.5` are equal. */
export const compareDecimals = (left: string, right: string): number => {
  if (left === right) return 0;
  const a = DECIMAL.exec(left);
  const b = DECIMAL.exec(right);
  if (a === null || b === null) return Math.sign(Number(left) - Number(right));
  const signA = signOf(a);
  const signB = signOf(b);
  if (signA !== signB) return signA < signB ? -1 : 1;
  return signA * compareMagnitudes(a, b);
};

const signOf = (parts: RegExpExecArray): number => {
  if ((parts[2] ?? '') === '' && (parts[3] ?? '') === '') return 0;
  return parts[1] === '-' ? -1 : 1;
};

const compareMagnitudes = (a: RegExpExecArray, b: RegExpExecArray): number => {
  const wholeA = a[2] ?? '';
  const wholeB = b[2] ?? '';
  if (wholeA.length !== wholeB.length) return wholeA.length < wholeB.length ? -1 : 1;
  if (wholeA !== wholeB) return wholeA < wholeB ? -1 : 1;
  const partA = a[3] ?? '';
  const partB = b[3] ?? '';
  // A shorter fraction sorts before the longer one it begins: both lost their last zeros.
  return partA === partB ? 0 : partA < partB ? -1 : 1;
};

const DIGITS = /^\d+$/;
/** The longest field with leading zeros is the material's. */
const PADDED_LENGTH = 40;

const asStored = (text: string): string =>
  DIGITS.test(text) ? text.padStart(PADDED_LENGTH, '0') : text;

/**
 * The database keeps numbers that are text with leading zeros, and SAP shows them without
 * (conversion exit ALPHA): so `9` comes before `10`, and numbers before letters.
 */
export const compareTexts = (left: string, right: string): number => {
  if (left === right) return 0;
  const a = asStored(left);
  const b = asStored(right);
  // `010` and `10` are stored alike; telling them apart keeps the order a total one.
  if (a === b) return left.length - right.length;
  return a < b ? -1 : 1;
};

/** Order of two values of one class; null comes first, as it does on the database. */
export const compareValues = (
  valueClass: ValueClass,
  left: PropertyValue,
  right: PropertyValue,
): number => {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  if (valueClass === 'decimal') return compareDecimals(String(left), String(right));
  if (valueClass === 'text') return compareTexts(String(left), String(right));
  if (valueClass === 'instant' && isInstant(left) && isInstant(right)) {
    return msOf(left) - msOf(right) || ticksOf(left) - ticksOf(right);
  }
  return left === right ? 0 : left < right ? -1 : 1;
};

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** `2026-05-04T10:11:12.3456789`, with as many digits of a second as asked for. */
export const formatInstant = (value: number | FineInstant, digits: number): string => {
  const text = new Date(msOf(value)).toISOString();
  if (digits === 0) return text.slice(0, 19);
  const fraction = `${text.slice(20, 23)}${String(ticksOf(value)).padStart(4, '0')}`;
  return `${text.slice(0, 19)}.${fraction.slice(0, digits)}`;
};

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?(Z|[+-]\d\d:\d\d)?$/i;

const instantOf = (ms: number, ticks: number): number | FineInstant =>
  ticks === 0 ? ms : { ms, ticks };

/** Undefined when the text is no moment. Without a zone it is UTC; `hasZone` demands or bans one. */
export const parseInstant = (text: string, hasZone?: boolean): number | FineInstant | undefined => {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', part = '', zone] = match;
  if (hasZone !== undefined && hasZone !== (zone !== undefined)) return undefined;
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isCalendarDay = new Date(dayMs).toISOString().startsWith(`${year}-${month}-${day}`);
  if (!isCalendarDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return undefined;
  const fraction = part.padEnd(7, '0');
  const ms =
    dayMs +
    Number(hour) * 3_600_000 +
    Number(minute) * 60_000 +
    Number(second) * 1_000 +
    Number(fraction.slice(0, 3)) -
    offsetMs(zone);
  return instantOf(ms, Number(fraction.slice(3)));
};

const offsetMs = (zone: string | undefined): number => {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))) * 60_000;
};

const DURATION = /^PT(?:(\d{1,2})H)?(?:(\d{1,2})M)?(?:(\d{1,2})(?:\.(\d{1,7}))?S)?$/;

/** `PT10H11M12S` as milliseconds since midnight. */
export const parseDuration = (text: string): number | undefined => {
  const match = DURATION.exec(text);
  if (match === null || text === 'PT') return undefined;
  const [, hours = '0', minutes = '0', seconds = '0', part = ''] = match;
  return clockTime(hours, minutes, seconds, part);
};

const TIME_OF_DAY = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?$/;

/** `10:11:12` as milliseconds since midnight. */
export const parseTimeOfDay = (text: string): number | undefined => {
  const match = TIME_OF_DAY.exec(text);
  if (match === null) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0', part = ''] = match;
  return clockTime(hours, minutes, seconds, part);
};

const clockTime = (
  hours: string,
  minutes: string,
  seconds: string,
  part: string,
): number | undefined => {
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  return (
    Number(hours) * 3_600_000 +
    Number(minutes) * 60_000 +
    Number(seconds) * 1_000 +
    Number(part.padEnd(3, '0').slice(0, 3))
  );
};

export const formatTimeOfDay = (ms: number): string =>
  `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1_000) % 60)}`;

export const formatDuration = (ms: number): string => {
  const [hours, minutes, seconds] = formatTimeOfDay(ms).split(':');
  return `PT${hours}H${minutes}M${seconds}S`;
};

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const parseGuid = (text: string): string | undefined =>
  GUID.test(text) ? text.toLowerCase() : undefined;

const PLAIN_DECIMAL = /^-?\d{1,100}(?:\.\d{1,100})?$/;
const WHOLE = /^-?\d{1,19}$/;

export const isDecimalText = (text: string): boolean => PLAIN_DECIMAL.test(text);

/** A numeric text as a value of the property type, undefined where it cannot be one. */
export const numberAs = (type: EdmType, text: string): PropertyValue | undefined => {
  if (type === 'Edm.Double') return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (type === 'Edm.Decimal') return isDecimalText(text) ? text : undefined;
  if (classOf(type) === 'decimal') return WHOLE.test(text) ? text : undefined;
  return isDecimalText(text) ? Number(text) : undefined;
};

import { HeadraceError } from '../connector/errors.js';

// Instants stay the text the source gave: SAP states 7 digits of a second, and a cursor that lost
// the last four would read records twice or never. Only comparing and bucketing need numbers.

/** A point in time: whole seconds since the epoch, and the digits of the second as stated. */
export interface Instant {
  readonly epochSeconds: number;
  readonly fractionDigits: string;
}

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,18}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
/** Instants that need no calendar: no leap second, no day that some months lack. */
const usualInstant =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,18})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const calendarDate = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Reads an RFC 3339 instant, or gives null when the text is none. */
export function readInstant(text: string): Instant | null {
  const match = rfc3339.exec(text);
  if (match === null) return null;
  const day = epochDay(Number(match[1]), Number(match[2]), Number(match[3]));
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6]);
  if (day === null || hour > 23 || minute > 59 || second > 60) return null;
  const offsetHours = Number(match[9] ?? 0);
  const offsetMinutes = Number(match[10] ?? 0);
  if (offsetHours > 23 || offsetMinutes > 59) return null;
  const offsetSeconds = (offsetHours * 60 + offsetMinutes) * 60 * (match[8] === '-' ? -1 : 1);
  const epochSeconds = day * 86_400 + hour * 3600 + minute * 60 + second - offsetSeconds;
  // A leap second only ever ends a UTC day; it counts as the first second of the next one.
  if (second === 60 && epochSeconds % 86_400 !== 0) return null;
  return { epochSeconds, fractionDigits: match[7] ?? '' };
}

/** Reads an RFC 3339 instant. Throws `E_INSTANT` when the text is none. */
export function parseInstant(text: string): Instant {
  const instant = readInstant(text);
  if (instant !== null) return instant;
  throw new HeadraceError('record', 'The text is not an RFC 3339 instant.', {
    code: 'E_INSTANT',
    hint: 'Write instants like 2026-03-01T09:30:00Z, with Z or an offset.',
  });
}

/** Whether the text is an RFC 3339 instant. */
export function isInstant(text: string): boolean {
  return usualInstant.test(text) || readInstant(text) !== null;
}

/** Writes an instant in UTC with the digits it was stated with. */
export function formatInstant(instant: Instant): string {
  const day = Math.floor(instant.epochSeconds / 86_400);
  const secondOfDay = instant.epochSeconds - day * 86_400;
  const hour = Math.floor(secondOfDay / 3600);
  const minute = Math.floor((secondOfDay % 3600) / 60);
  const time = `${pad(hour, 2)}:${pad(minute, 2)}:${pad(secondOfDay % 60, 2)}`;
  const fraction = instant.fractionDigits === '' ? '' : `.${instant.fractionDigits}`;
  return `${formatEpochDay(day)}T${time}${fraction}Z`;
}

/** The instant of a wall clock in ms, with 3 digits. */
export function instantFromEpochMs(atMs: number): Instant {
  const epochSeconds = Math.floor(atMs / 1000);
  return { epochSeconds, fractionDigits: pad(Math.floor(atMs) - epochSeconds * 1000, 3) };
}

/** Ms since the epoch of an RFC 3339 instant; digits finer than ms are cut off. */
export function epochMs(text: string): number {
  const instant = parseInstant(text);
  return instant.epochSeconds * 1000 + Number(instant.fractionDigits.slice(0, 3).padEnd(3, '0'));
}

/** -1, 0 or 1 by time, to the last digit stated, whatever the offsets. */
export function compareInstants(left: string, right: string): -1 | 0 | 1 {
  if (left === right) return 0;
  const a = parseInstant(left);
  const b = parseInstant(right);
  if (a.epochSeconds !== b.epochSeconds) return a.epochSeconds < b.epochSeconds ? -1 : 1;
  const digits = Math.max(a.fractionDigits.length, b.fractionDigits.length);
  const leftDigits = a.fractionDigits.padEnd(digits, '0');
  const rightDigits = b.fractionDigits.padEnd(digits, '0');
  if (leftDigits === rightDigits) return 0;
  return leftDigits < rightDigits ? -1 : 1;
}

/** One text for each instant, for keys: UTC, no zeros at the end. Null when the text is none. */
export function canonicalInstant(text: string): string | null {
  const instant = readInstant(text);
  if (instant === null) return null;
  const fractionDigits = instant.fractionDigits.replace(/0+$/, '');
  return formatInstant({ epochSeconds: instant.epochSeconds, fractionDigits });
}

/** Whether the text is a date of the calendar, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  return epochDayOf(text) !== null;
}

/** Days since 1970-01-01 of a date, or null when the text is none. */
export function epochDayOf(date: string): number | null {
  const match = calendarDate.exec(date);
  return match === null ? null : epochDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** The date so many days after 1970-01-01. */
export function formatEpochDay(day: number): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`;
}

/** The date `days` later, or earlier when negative. Throws `E_DATE` when the text is no date. */
export function addDays(date: string, days: number): string {
  const day = epochDayOf(date);
  if (day !== null) return formatEpochDay(day + days);
  throw new HeadraceError('record', 'The text is not a date.', {
    code: 'E_DATE',
    hint: 'Write dates like 2026-03-01.',
  });
}

// Days from a civil date, after Howard Hinnant's "chrono-compatible low-level date algorithms":
// years start in March so that the leap day comes last. `Date` is avoided for its years 0 to 99.
function epochDay(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

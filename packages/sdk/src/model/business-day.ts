import { HeadraceError } from '../connector/errors.js';
import { addDays, epochDayOf, epochMs, formatEpochDay } from './instant.js';

// The day of a shop or warehouse is a day of its own zone, 23 to 25 hours long around clock
// changes. Formatters are slow to make and kept per zone; results are kept in small bounded maps,
// which changes speed only, never an answer.

const dayMs = 86_400_000;
const startsMax = 4096;

const formatters = new Map<string, Intl.DateTimeFormat>();
const starts = new Map<string, number>();
const lastDays = new Map<string, BusinessDay>();

/** A day of a zone: from its first ms up to, not including, the first of the next. */
export interface BusinessDay {
  readonly date: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Whether the text is an IANA time zone this runtime knows. */
export function isZone(zone: string): boolean {
  if (formatters.has(zone)) return true;
  // Fixed offsets are no zones: they know nothing of the next clock change.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    formatterOf(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * The date `YYYY-MM-DD` of the business day the instant lies in. It is the date clocks show, but
 * where clocks once went back over midnight (St. John's until 2011): there a day begun stays begun.
 */
export function businessDate(instantMs: number, zone: string): string {
  const last = lastDays.get(zone);
  if (last !== undefined && last.startMs <= instantMs && instantMs < last.endMs) return last.date;
  let date = dateAt(instantMs, zone);
  while (instantMs < startOfBusinessDayMs(date, zone)) date = addDays(date, -1);
  while (instantMs >= endOfBusinessDayMs(date, zone)) date = addDays(date, 1);
  const startMs = startOfBusinessDayMs(date, zone);
  lastDays.set(zone, { date, startMs, endMs: endOfBusinessDayMs(date, zone) });
  return date;
}

/** `businessDate` of an RFC 3339 instant. */
export function businessDateOf(instant: string, zone: string): string {
  return businessDate(epochMs(instant), zone);
}

/** The first ms of the date in the zone; where midnight is skipped, the first ms after the skip. */
export function startOfBusinessDayMs(date: string, zone: string): number {
  const cacheKey = `${zone} ${date}`;
  const cached = starts.get(cacheKey);
  if (cached !== undefined) return cached;
  const startMs = findStartMs(date, zone);
  if (starts.size >= startsMax) starts.clear();
  starts.set(cacheKey, startMs);
  return startMs;
}

/** The first ms after the date in the zone. */
export function endOfBusinessDayMs(date: string, zone: string): number {
  return startOfBusinessDayMs(addDays(date, 1), zone);
}

function findStartMs(date: string, zone: string): number {
  const day = epochDayOf(date);
  if (day === null) {
    throw new HeadraceError('record', 'The text is not a date.', { code: 'E_DATE' });
  }
  // Offsets lie within -12 and +14 hours, so local midnight is in this range whatever the zone.
  const midnightMs = day * dayMs;
  const earliestMs = midnightMs - 15 * 3_600_000;
  const latestMs = midnightMs + 13 * 3_600_000;
  const guessesMs = [
    midnightMs - zoneOffsetMs(earliestMs, zone),
    midnightMs - zoneOffsetMs(latestMs, zone),
  ].sort((a, b) => a - b);
  for (const guessMs of guessesMs) {
    if (dateAt(guessMs, zone) >= date && dateAt(guessMs - 1, zone) < date) return guessMs;
  }
  // Midnight does not exist there (clocks go forward at 0:00, or the whole day is skipped).
  let beforeMs = earliestMs;
  let afterMs = latestMs + dayMs;
  while (afterMs - beforeMs > 1) {
    const middleMs = Math.floor((beforeMs + afterMs) / 2);
    if (dateAt(middleMs, zone) < date) beforeMs = middleMs;
    else afterMs = middleMs;
  }
  return afterMs;
}

function dateAt(instantMs: number, zone: string): string {
  return formatEpochDay(Math.floor((instantMs + zoneOffsetMs(instantMs, zone)) / dayMs));
}

/** What the zone's clocks show ahead of UTC at that instant, in ms. */
export function zoneOffsetMs(instantMs: number, zone: string): number {
  const wholeSecondMs = Math.floor(instantMs / 1000) * 1000;
  const shown = formatterOf(zone).format(wholeSecondMs);
  const match = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/.exec(shown);
  if (match === null) {
    throw new HeadraceError('invariant', 'Unexpected text of a date formatter.', {
      code: 'E_ZONE_FORMAT',
    });
  }
  const [, month, day, year, hour, minute, second] = match.map(Number);
  const shownMs = Date.UTC(
    year ?? 0,
    (month ?? 1) - 1,
    day ?? 1,
    hour ?? 0,
    minute ?? 0,
    second ?? 0,
  );
  return shownMs - wholeSecondMs;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const cached = formatters.get(zone);
  if (cached !== undefined) return cached;
  let formatter: Intl.DateTimeFormat;
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (cause) {
    throw new HeadraceError('record', 'The time zone is not an IANA zone.', {
      code: 'E_ZONE',
      hint: 'Write zones like Europe/Amsterdam.',
      cause,
    });
  }
  formatters.set(zone, formatter);
  return formatter;
}

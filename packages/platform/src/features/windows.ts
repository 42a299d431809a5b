/**
 * The one rule for windows, the same online and as of any moment. A window is exact at its head,
 * the moment asked for; its tail is rounded to a hop, so that few different tails are ever asked for:
 *
 *   below 12 hours   5 minutes, UTC
 *   below 12 days    1 hour, UTC
 *   longer           1 day of the key's zone, 23 to 25 hours around clock changes
 *
 * Backwards the tail is rounded down, ahead it is rounded up: a window is never shorter than it says.
 */
import {
  addDays,
  businessDate,
  endOfBusinessDayMs,
  HeadraceError,
  startOfBusinessDayMs,
} from '@headrace/sdk';

const minuteMs = 60_000;
const hourMs = 3_600_000;
export const dayMs = 86_400_000;
const fiveMinutesMs = 5 * minuteMs;

const unitMs: Readonly<Record<string, number>> = { m: minuteMs, h: hourMs, d: dayMs };

/** A duration such as `5m`, `12h` or `28d`. */
export type Duration = `${number}${'m' | 'h' | 'd'}`;

export interface Window {
  readonly name: string;
  readonly ms: number;
  /** 0 for days of the zone. */
  readonly hopMs: number;
}

export function parseWindow(text: string): Window {
  const ms = durationOf(text);
  const hopMs = ms < 12 * hourMs ? fiveMinutesMs : ms < 12 * dayMs ? hourMs : 0;
  if (ms % (hopMs === 0 ? dayMs : hopMs) !== 0) {
    const hop = hopMs === fiveMinutesMs ? '5 minutes' : hopMs === hourMs ? 'an hour' : 'a day';
    throw new HeadraceError('config', `The window ${text} is no multiple of ${hop}.`, {
      code: 'E_WINDOW',
      hint: 'Below 12h count in 5m, below 12d in hours, above in days: 30m, 36h, 28d.',
    });
  }
  return { name: text, ms, hopMs };
}

/** Milliseconds of a duration. Throws `E_WINDOW` when it is none. */
export function durationOf(text: string): number {
  const [, count, unit = ''] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (Number.isSafeInteger(ms) && ms > 0) return ms;
  throw new HeadraceError('config', `${text} is no duration.`, {
    code: 'E_WINDOW',
    hint: 'Write a whole number and m, h or d: 15m, 12h, 28d.',
  });
}

/** The first ms that a window ending at `at` holds. */
export function windowStart(window: Window, at: number, zone: string): number {
  if (window.hopMs !== 0) return Math.floor((at - window.ms) / window.hopMs) * window.hopMs;
  return daysBefore(dayStart(at, zone), window.ms / dayMs, zone);
}

/** The first ms that a window looking ahead from `at` does not hold any more. */
export function windowEnd(window: Window, at: number, zone: string): number {
  if (window.hopMs !== 0) return Math.ceil((at + window.ms) / window.hopMs) * window.hopMs;
  return endOfBusinessDayMs(addDays(businessDate(at, zone), window.ms / dayMs), zone);
}

/** Where the bucket of a time series begins that `at` lies in. */
export function bucketStart(hopMs: number, at: number, zone: string): number {
  if (hopMs !== 0) return Math.floor(at / hopMs) * hopMs;
  return dayStart(at, zone);
}

/** Where the bucket begins that lies `back` buckets before the one that begins at `start`. */
export function bucketBefore(hopMs: number, start: number, back: number, zone: string): number {
  return hopMs !== 0 ? start - back * hopMs : daysBefore(start, back, zone);
}

// Days of a zone are asked for by the line and by the row. What was found is kept in bounded maps,
// which change speed only: finding a date from a moment costs as much as a whole walk over a key.

interface ZoneDays {
  /** Starts of the zone's days that touch a day of UTC, by its number. */
  readonly touching: Map<number, readonly number[]>;
  /** By the start of a day and how many days before it. */
  readonly before: Map<number, Map<number, number>>;
}

const zoneDays = new Map<string, ZoneDays>();
const keptMax = 4096;

function daysOf(zone: string): ZoneDays {
  let days = zoneDays.get(zone);
  if (days === undefined) {
    days = { touching: new Map(), before: new Map() };
    zoneDays.set(zone, days);
  }
  return days;
}

/** The first ms of the zone's day that `at` lies in. */
function dayStart(at: number, zone: string): number {
  const { touching } = daysOf(zone);
  const utcDay = Math.floor(at / dayMs);
  let starts = touching.get(utcDay);
  if (starts === undefined) {
    const found: number[] = [];
    const endMs = (utcDay + 1) * dayMs;
    for (let day = businessDate(utcDay * dayMs, zone); ; day = addDays(day, 1)) {
      const startMs = startOfBusinessDayMs(day, zone);
      if (startMs >= endMs) break;
      found.push(startMs);
    }
    starts = found;
    if (touching.size >= keptMax) touching.clear();
    touching.set(utcDay, starts);
  }
  let start = starts[0] as number;
  for (const one of starts) if (one <= at) start = one;
  return start;
}

/** The start of the day so many days before the one that begins at `start`. */
function daysBefore(start: number, days: number, zone: string): number {
  const { before } = daysOf(zone);
  let found = before.get(start);
  if (found === undefined) {
    if (before.size >= keptMax) before.clear();
    found = new Map();
    before.set(start, found);
  }
  let at = found.get(days);
  if (at === undefined) {
    at = startOfBusinessDayMs(addDays(businessDate(start, zone), -days), zone);
    found.set(days, at);
  }
  return at;
}

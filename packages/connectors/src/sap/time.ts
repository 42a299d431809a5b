/** Times without a zone, as older parts of SAP keep them: clocks of the system's own time zone. */
import {
  addDays,
  epochDayOf,
  formatInstant,
  instantFromEpochMs,
  startOfBusinessDayMs,
  zoneOffsetMs,
} from '@headrace/sdk';

const dayMs = 86_400_000;

/**
 * The instant clocks of the zone show this date and time. Of an hour that comes twice it is the
 * first one; a time that clocks skip is counted on from before the skip.
 */
export function localInstant(date: string, time: string, zone: string): string {
  const shownMs = (epochDayOf(date) ?? 0) * dayMs + secondsOf(time) * 1000;
  const before = shownMs - zoneOffsetMs(shownMs - dayMs, zone);
  const after = shownMs - zoneOffsetMs(shownMs + dayMs, zone);
  const isRight = (ms: number) => ms + zoneOffsetMs(ms, zone) === shownMs;
  const [early, late] = before < after ? [before, after] : [after, before];
  const ms = isRight(early) ? early : isRight(late) ? late : before;
  return formatInstant({ epochSeconds: Math.floor(ms / 1000), fractionDigits: '' });
}

/** The first instant of a day of the zone. */
export function startOfDay(date: string, zone: string): string {
  const ms = startOfBusinessDayMs(date, zone);
  return formatInstant({ epochSeconds: Math.floor(ms / 1000), fractionDigits: '' });
}

/** The first instant after a day of the zone. */
export function endOfDay(date: string, zone: string): string {
  return startOfDay(addDays(date, 1), zone);
}

/** What clocks of the zone show: `2026-03-01T09:30:00`. */
export function shownAt(instantMs: number, zone: string): string {
  const shown = formatInstant(instantFromEpochMs(instantMs + zoneOffsetMs(instantMs, zone)));
  return shown.slice(0, 19);
}

/** A shown time some seconds earlier, by the clock alone. */
export function shownBefore(shown: string, ms: number): string {
  const day = epochDayOf(shown.slice(0, 10)) ?? 0;
  const shownMs = day * dayMs + secondsOf(shown.slice(11)) * 1000 - ms;
  return formatInstant(instantFromEpochMs(shownMs)).slice(0, 19);
}

function secondsOf(time: string): number {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  return hour * 3600 + minute * 60 + second;
}

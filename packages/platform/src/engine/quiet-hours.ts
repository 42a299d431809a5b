/** Daily times in which a system is known to be down: what is missed then is no cause for alarm. */
import { type QuietWindow, zoneOffsetMs } from '@headrace/sdk';

const minuteMs = 60_000;
const dayMinutes = 1440;

/** The window that `now` lies in, by the clocks of its zone, or null. */
export function quietAt(windows: readonly QuietWindow[], now: number): QuietWindow | null {
  return (
    windows.find((window) => sinceMinutes(window.from, window, now) < lengthOf(window)) ?? null
  );
}

/**
 * When the last window ended, at most a day ago; null without windows. Where clocks change between
 * then and now it is off by that hour.
 */
export function quietEndedAt(windows: readonly QuietWindow[], now: number): number | null {
  if (windows.length === 0) return null;
  const since = windows.map((window) => sinceMinutes(window.to, window, now));
  return now - Math.min(...since) * minuteMs;
}

/** `02:00-04:00 Europe/Amsterdam`. */
export function quietText({ from, to, timeZone }: QuietWindow): string {
  return `${from}-${to} ${timeZone}`;
}

/** Minutes since clocks last showed `time`, with their fraction, below 1440. */
function sinceMinutes(time: string, { timeZone }: QuietWindow, now: number): number {
  const shown = (now + zoneOffsetMs(now, timeZone)) / minuteMs;
  return modulo(shown - minutesOf(time), dayMinutes);
}

function lengthOf({ from, to }: QuietWindow): number {
  return modulo(minutesOf(to) - minutesOf(from), dayMinutes);
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Numbers and times as people read them. */

const countFormat = new Intl.NumberFormat('en-GB');

export function countText(count: number): string {
  return countFormat.format(count);
}

/** Two parts at most: 840 ms, 2.3 s, 4 m 10 s, 3 h 5 m, 12 d. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  const size = Math.abs(ms);
  const sign = ms < 0 ? '−' : '';
  if (size < 1) return '0 ms';
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  if (size < 9950) return `${sign}${(size / 1000).toFixed(1)} s`;
  const seconds = Math.round(size / 1000);
  if (seconds < 60) return `${sign}${seconds} s`;
  if (seconds < 3600) return `${sign}${pair(seconds, 60, 'm', 's')}`;
  const minutes = Math.round(size / 60_000);
  if (minutes < 1440) return `${sign}${pair(minutes, 60, 'h', 'm')}`;
  const hours = Math.round(size / 3_600_000);
  return hours < 240 ? `${sign}${pair(hours, 24, 'd', 'h')}` : `${sign}${Math.round(hours / 24)} d`;
}

function pair(value: number, size: number, large: string, small: string): string {
  const rest = value % size;
  return `${Math.floor(value / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** In the zone of whoever looks: 2026-05-04 08:00:12.345, shorter where the rest says nothing. */
export function timeText(ms: number, grain: 'ms' | 's' | 'minute' | 'day' = 's'): string {
  const at = new Date(ms);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  if (grain === 'day') return day;
  const minute = `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
  if (grain === 'minute') return minute;
  const second = `${minute}:${two(at.getSeconds())}`;
  return grain === 's' ? second : `${second}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A value in one line, for tables. */
export function valueText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

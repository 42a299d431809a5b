/**
 * Times of the PIM: UTC, with or without a `Z`, with up to seven digits of which .NET leaves out
 * zeros at the end. They are brought to one width as text, so that text order is the order of time
 * and no digit is lost.
 */
import type { Json } from '@headrace/sdk';

const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|\+00:00)?$/;

/** `2026-05-04T08:00:00.1` is `2026-05-04T08:00:00.1000000Z`; null when it is no time in UTC. */
export function instant(value: Json | undefined): string | null {
  const match = typeof value === 'string' ? pattern.exec(value) : null;
  return match === null ? null : `${match[1]}.${(match[2] ?? '').padEnd(7, '0')}Z`;
}

/** The same without a zone, as criteria of a query take it. */
export function criterionTime(at: string): string {
  return at.replace(/Z$/, '');
}

/** A time at least so much earlier; to whole milliseconds, which is earlier still. */
export function earlier(at: string, ms: number): string {
  return new Date(Date.parse(at) - ms).toISOString();
}

export function latest(values: readonly (string | null)[]): string | null {
  let last: string | null = null;
  for (const value of values) if (value !== null && (last === null || value > last)) last = value;
  return last;
}

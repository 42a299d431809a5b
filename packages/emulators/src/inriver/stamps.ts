import { mix } from '../retailer/random.js';

/**
 * Times as the PIM's database keeps them: UTC with seven digits, held as text of one width, so that
 * comparing text compares times and no digit is lost.
 */
export const stampOf = (atMs: number, salt: number): string => {
  const ticks = String(mix(salt, Math.floor(atMs / 1000)) % 10_000).padStart(4, '0');
  return `${new Date(Math.floor(atMs)).toISOString().slice(0, 23)}${ticks}`;
};

/** Without trailing zeros, as .NET writes a fraction, and with its zone where the customer has one. */
export const showStamp = (stamp: string, hasZone: boolean): string =>
  `${stamp.replace(/\.?0+$/, '')}${hasZone ? 'Z' : ''}`;

/** A time given in a criterion, as the same text; null when it is none. */
export const readStamp = (given: unknown): string | null => {
  const match =
    typeof given === 'string'
      ? /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7})\d*)?)?(Z|[+-]\d\d:\d\d)?$/.exec(
          given.trim(),
        )
      : null;
  if (match === null) return null;
  const [, day = '', time = '00:00:00', fraction = '', zone = ''] = match;
  const digits = fraction.padEnd(7, '0');
  const whole = `${day}T${time.length === 5 ? `${time}:00` : time}`;
  if (zone === '' || zone === 'Z') return `${whole}.${digits}`;
  const atMs = Date.parse(`${whole}${zone}`);
  return Number.isNaN(atMs) ? null : `${new Date(atMs).toISOString().slice(0, 19)}.${digits}`;
};

export const stampMs = (stamp: string): number => Date.parse(`${stamp.slice(0, 23)}Z`);

/**
 * Values of OData JSON as exact texts. Version 2 writes dates as `/Date(ms)/` and decimals as
 * strings; version 4 writes ISO texts, and decimals as numbers unless asked otherwise. Nothing
 * here goes through a binary fraction.
 */
import type { Json } from '@headrace/sdk';
import {
  epochDayOf,
  formatEpochDay,
  formatInstant,
  instantFromEpochMs,
  isDate,
  isInstant,
} from '@headrace/sdk';

const dayMs = 86_400_000;
/** The offset only says how the sender would write it: the milliseconds are UTC already. */
const versionTwoDate = /^\/Date\((-?\d{1,15})(?:[+-]\d{1,4})?\)\/$/;

/** Milliseconds of `/Date(…)/`, or null. */
export function dateMs(value: Json | undefined): number | null {
  if (typeof value !== 'string') return null;
  const match = versionTwoDate.exec(value);
  if (match === null) return null;
  const ms = Number(match[1]);
  // Years 1 to 9999, which is what an Edm.DateTime can say.
  return ms >= -62_135_596_800_000 && ms <= 253_402_300_799_999 ? ms : null;
}

/** A point in time: `2026-03-01T09:30:00.123Z`. */
export function instantOf(value: Json | undefined): string | null {
  const ms = dateMs(value);
  if (ms !== null) return formatInstant(instantFromEpochMs(ms));
  return typeof value === 'string' && isInstant(value) ? value : null;
}

/** A day of the calendar: `2026-03-01`. SAP writes "never" as the last day of year 9999. */
export function dateOf(value: Json | undefined): string | null {
  const ms = dateMs(value);
  if (ms !== null) return formatEpochDay(Math.floor(ms / dayMs));
  return typeof value === 'string' && isDate(value) ? value : null;
}

const duration = /^PT(?:(\d{1,2})H)?(?:(\d{1,2})M)?(?:(\d{1,2})(?:\.\d+)?S)?$/;
const clockTime = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?$/;

/** A time of day: `09:30:00`, from `PT09H30M00S` or as it is. */
export function timeOf(value: Json | undefined): string | null {
  if (typeof value !== 'string') return null;
  const match = duration.exec(value) ?? clockTime.exec(value);
  if (match === null || value === 'PT') return null;
  const [hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return null;
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

const plainDecimal = /^-?\d{1,30}(\.\d{1,20})?$/;

/** A decimal as text; ABAP also writes its sign behind the digits. */
export function decimalOf(value: Json | undefined): string | null {
  if (typeof value === 'number') {
    const written = String(value);
    return plainDecimal.test(written) ? written : null;
  }
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  const signed = trimmed.endsWith('-') ? `-${trimmed.slice(0, -1)}` : trimmed;
  return plainDecimal.test(signed) ? signed : null;
}

/** Whether a decimal is zero or not told: SAP has no empty amounts, it writes zeros. */
export function isZero(decimal: string | null): boolean {
  return decimal === null || /^-?0+(\.0+)?$/.test(decimal);
}

/** The number without the zeros ABAP fills numbers up with; texts stay as they are. */
export function withoutLeadingZeros(value: string): string {
  return /^\d+$/.test(value) ? value.replace(/^0+(?=\d)/, '') : value;
}

/** A day as version 2 writes it: midnight UTC, whatever zone the system is in. */
export function dateValue(date: string): string {
  return `/Date(${(epochDayOf(date) ?? 0) * dayMs})/`;
}

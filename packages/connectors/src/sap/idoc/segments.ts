/** Takes IDocs apart: texts that may be absent, dates without dashes, signs behind digits. */
import type { Json, JsonObject } from '@headrace/sdk';
import { isDate } from '@headrace/sdk';
import { object } from '../json.js';

/** The segments of a name below another, in their order. */
export function segments(parent: JsonObject | undefined, name: string): readonly JsonObject[] {
  const list = parent?.[name];
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).filter((item): item is JsonObject => object(item) !== null);
}

/** The first of them. */
export function segment(parent: JsonObject | undefined, name: string): JsonObject | undefined {
  return segments(parent, name)[0];
}

/** The first segment whose qualifier is this. */
export function qualified(
  parent: JsonObject | undefined,
  name: string,
  qualifier: string,
  by = 'QUALF',
): JsonObject | undefined {
  return segments(parent, name).find((one) => field(one, by) === qualifier);
}

/** A field without the spaces around it; null where it is empty or absent. */
export function field(parent: JsonObject | undefined, name: string): string | null {
  const value = parent?.[name];
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? null : text;
}

/** `20260301` as `2026-03-01`; null where there is no day, which SAP writes as zeros. */
export function dayOf(value: string | null): string | null {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(value ?? '') ?? [];
  const date = `${year}-${month}-${day}`;
  return isDate(date) && year !== '0000' ? date : null;
}

/** `093000` or `0930` as `09:30:00`. */
export function clockOf(value: string | null): string | null {
  const match = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)?$/.exec(value ?? '');
  return match === null ? null : `${match[1]}:${match[2]}:${match[3] ?? '00'}`;
}

/** Takes records apart: a system sends anything, and a mapping must not fail on it. */
import type { Json, JsonObject } from '@headrace/sdk';

export function object(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

export function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function boolean(value: Json | undefined): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

export function integer(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** Rows of an expanded navigation: `{ results: […] }` in version 2, the list itself in version 4. */
export function rowsOf(value: Json | undefined): readonly JsonObject[] {
  const list = Array.isArray(value) ? value : object(value)?.results;
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).filter((item): item is JsonObject => object(item) !== null);
}

/** The one row of a navigation to one, or null. */
export function rowOf(value: Json | undefined): JsonObject | null {
  const row = object(value);
  return row === null || row.__deferred !== undefined ? null : row;
}

/** The value of a name that may come from outside, where `constructor` is a name as well. */
export function lookUp<Value>(
  map: Readonly<Record<string, Value>>,
  name: string | null,
): Value | undefined {
  return name !== null && Object.hasOwn(map, name) ? map[name] : undefined;
}

/** The record without members that are not told. */
export function told(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept;
}

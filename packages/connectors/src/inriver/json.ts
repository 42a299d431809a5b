/** Takes records apart: a source sends anything, and a mapping must not fail on it. */
import type { Json, JsonObject } from '@headrace/sdk';

export function object(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

export function objects(value: Json | undefined): readonly JsonObject[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).filter((item): item is JsonObject => object(item) !== null);
}

export function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function integer(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** An id of an entity as the platform's keys want it. */
export function idText(value: Json | undefined): string | null {
  const id = integer(value);
  return id === null || id < 0 ? null : String(id);
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

/** Takes records apart: a source sends anything, and a mapping must not fail on it. */
import type { Json, JsonObject } from '@headrace/sdk';

export function object(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

/** The objects of a list; Shopware sends empty maps as `[]` and sometimes lists as maps. */
export function objects(value: Json | undefined): readonly JsonObject[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).filter((item): item is JsonObject => object(item) !== null);
}

export function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function number(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function integer(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

export function boolean(value: Json | undefined): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

export function texts(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).filter((item): item is string => text(item) !== null);
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** A point in time as it was sent, or null when it is none. */
export function instant(value: Json | undefined): string | null {
  return typeof value === 'string' && instantPattern.test(value) ? value : null;
}

/** The latest of some instants; Shopware writes all of them in one shape and in UTC. */
export function latest(values: readonly (string | null)[]): string | null {
  let last: string | null = null;
  for (const value of values) if (value !== null && (last === null || value > last)) last = value;
  return last;
}

/** The value of a name that may come from outside, where `constructor` is a name as well. */
export function lookUp<Value>(
  map: Readonly<Record<string, Value>>,
  name: string | null,
): Value | undefined {
  return name !== null && Object.hasOwn(map, name) ? map[name] : undefined;
}

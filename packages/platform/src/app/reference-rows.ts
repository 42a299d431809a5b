import type { Json, JsonObject } from '@headrace/sdk';

/** One id of the system's reference data and what it stands for, as settings need them. */
export interface ReferenceRow {
  readonly kind: string;
  readonly id: string;
  readonly text: string;
}

/** The parts of a source's reference data that are lists by id; ids inside are told by name. */
export function referenceRows(reference: JsonObject): readonly ReferenceRow[] {
  const lists = Object.entries(reference).filter(
    (entry): entry is [string, JsonObject] => asObject(entry[1]) !== null,
  );
  const names = new Map(
    lists.flatMap(([, list]) => Object.entries(list).map(([id, value]) => [id, nameOf(value)])),
  );
  return lists.flatMap(([kind, list]) =>
    Object.entries(list).map(([id, value]) => ({ kind, id, text: textOf(value, names) })),
  );
}

function textOf(value: Json, names: ReadonlyMap<string, string>): string {
  const own = nameOf(value);
  const inner = Object.values(asObject(value) ?? {}).flatMap((part) =>
    typeof part === 'string' ? (names.get(part) ?? []) : [],
  );
  return [own, ...inner].filter((part) => part !== '').join(', ');
}

function nameOf(value: Json): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const { name, isoCode } = asObject(value) ?? {};
  return typeof name === 'string' ? name : typeof isoCode === 'string' ? isoCode : '';
}

function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

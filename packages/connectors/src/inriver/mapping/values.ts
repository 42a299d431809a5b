/** Values of the PIM's fields in our words, by what kind of field they are to fill. Pure. */
import {
  canonicalLanguage,
  isGtin,
  type Json,
  type JsonObject,
  lifecycleStates,
  type MapContext,
} from '@headrace/sdk';
import type { InriverConfig } from '../config.js';
import type { FieldKind, FieldSource } from '../fields.js';
import { fieldIdOf } from '../fields.js';
import { lookUp, object, objects, text } from '../json.js';

export type InriverMapContext = MapContext<InriverConfig>;

/** Values by field type; undefined for a field that the entity's field set does not have. */
export interface FieldValues {
  get(fieldTypeId: string): Json | undefined;
}

/** Looks at values when they are asked for, so that coverage can tell which a mapping uses. */
export function valuesOf(record: JsonObject): FieldValues {
  const fields = new Map<string, JsonObject>();
  for (const field of objects(record.fieldValues)) {
    const id = text(field.fieldTypeId);
    if (id !== null) fields.set(id, field);
  }
  return {
    get(fieldTypeId) {
      const field = fields.get(fieldTypeId);
      return field === undefined ? undefined : (field.value ?? null);
    },
  };
}

/** A canonical field's value, or undefined where the PIM has none that fits. */
export function valueFor(
  kind: FieldKind | 'free' | 'raw',
  source: FieldSource | undefined,
  values: FieldValues,
  context: InriverMapContext,
): unknown {
  const id = fieldIdOf(source);
  const raw = id === null ? undefined : values.get(id);
  if (id === null || source === undefined || raw === undefined || raw === null || raw === '') {
    return undefined;
  }
  const given = { id, raw, source: typeof source === 'string' ? { field: source } : source };
  if (kind === 'raw') return Array.isArray(raw) && raw.length === 0 ? undefined : raw;
  return readers[kind](given, context) ?? undefined;
}

interface Given {
  readonly id: string;
  readonly raw: Json;
  readonly source: Exclude<FieldSource, string>;
}

type Reader = (given: Given, context: InriverMapContext) => unknown;

const readers: Readonly<Record<FieldKind | 'free', Reader>> = {
  id: (given) => plain(given.raw)?.trim() || null,
  ids: (given) => keysOf(given.raw).map((key) => lookUp(given.source.values ?? {}, key) ?? key),
  text: (given, context) => mapped(given) ?? inMainLanguage(shown(given, context), context),
  texts: (given, context) => localized(shown(given, context), context),
  date: ({ raw }) => /^\d{4}-\d\d-\d\d(?=T|$)/.exec(plain(raw) ?? '')?.[0] ?? null,
  flag: (given) => flag(mapped(given) ?? given.raw),
  state: (given) => lifecycleStates.safeParse(mapped(given) ?? plain(given.raw)).data ?? 'unknown',
  gtin: ({ raw }) => {
    const digits = plain(raw)?.replace(/[\s-]/g, '') ?? '';
    return isGtin(digits) ? digits : null;
  },
  country: (given) => {
    const code = (mapped(given) ?? plain(given.raw) ?? '').toUpperCase();
    return /^[A-Z]{2}$/.test(code) ? code : null;
  },
  kilograms: ({ raw, source }) => shifted(decimal(raw), source.unit === 'g' ? -3 : 0),
  millimetres: ({ raw, source }) => shifted(decimal(raw), millimetreShifts[source.unit ?? 'mm']),
  pieces: ({ raw }) => {
    const value = decimal(raw);
    return value === null ? null : { value, unit: 'C62' };
  },
  free: (given, context) => mapped(given) ?? attribute(shown(given, context), context),
};

const millimetreShifts = { mm: 0, cm: 1, m: 3, kg: 0, g: 0 } as const;

/** What the settings say a value or key means. */
function mapped({ raw, source }: Given): string | null {
  return lookUp(source.values ?? {}, plain(raw)) ?? null;
}

function plain(value: Json): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' ? decimal(value) : null;
}

/** Several keys come as a list, or joined by semicolons. */
function keysOf(value: Json): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
  const keys = list.flatMap((entry) => plain(entry)?.split(';') ?? []).map((key) => key.trim());
  return [...new Set(keys.filter((key) => key !== ''))];
}

/** What people see: a key of a list of values becomes its value there. */
function shown({ id, raw }: Given, { source }: InriverMapContext): Json {
  const type = object(lookUp(object(source.fieldTypes) ?? {}, id));
  const cvl = object(lookUp(object(source.cvls) ?? {}, text(type?.cvlId)));
  if (cvl === null) return raw;
  const words = keysOf(raw).map((key) => lookUp(cvl, key) ?? key);
  return type?.isMulti === true ? words : (words[0] ?? null);
}

/** Text by language tag; plain text is in the PIM's first language. */
function localized(value: Json, context: InriverMapContext): Record<string, string> | null {
  const texts = object(value);
  if (texts === null) {
    const line = inMainLanguage(value, context);
    return line === null ? null : { [tagOf(mainLanguage(context), context) ?? 'und']: line };
  }
  const found: Record<string, string> = {};
  for (const [name, entry] of Object.entries(texts)) {
    const tag = tagOf(name, context);
    const line = text(entry);
    if (tag !== null && line !== null) found[tag] = line;
  }
  return Object.keys(found).length === 0 ? null : found;
}

function inMainLanguage(value: Json, context: InriverMapContext): string | null {
  if (Array.isArray(value)) {
    const lines = (value as readonly Json[]).flatMap((one) => inMainLanguage(one, context) ?? []);
    return lines.length === 0 ? null : lines.join(', ');
  }
  const texts = object(value);
  if (texts === null) return plain(value) || null;
  const main = text(lookUp(texts, mainLanguage(context)));
  return (
    main ??
    Object.values(texts)
      .map(text)
      .find((line) => line !== null) ??
    null
  );
}

/** Attributes take text, yes or no, lists, and text by language. */
function attribute(value: Json, context: InriverMapContext): unknown {
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    const lines = (value as readonly Json[]).flatMap((one) => inMainLanguage(one, context) ?? []);
    return lines.length === 0 ? null : lines;
  }
  return object(value) === null ? plain(value) || null : localized(value, context);
}

/** The language plain texts are in, and the one shown where there is room for one. */
export function mainLanguage({ source }: InriverMapContext): string {
  return Array.isArray(source.languages) ? (text(source.languages[0]) ?? 'und') : 'und';
}

export function tagOf(name: string, { config }: InriverMapContext): string | null {
  return canonicalLanguage(lookUp(config.languages, name) ?? name);
}

function flag(value: Json): boolean | null {
  if (typeof value === 'boolean') return value;
  const word = plain(value)?.toLowerCase() ?? '';
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}

/** Plain decimal text of a number, or null where it has none that is short. */
function decimal(value: Json): string | null {
  const written = typeof value === 'number' ? String(value) : text(value);
  return written !== null && /^-?\d+(\.\d+)?$/.test(written) ? written : null;
}

/** Moves the point, without calculating: 450 by -3 is 0.45. */
function shifted(value: string | null, places: number): string | null {
  if (value === null || places === 0) return value;
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(value) ?? [];
  const digits =
    places < 0 ? whole.padStart(1 - places, '0') + fraction : whole + fraction.padEnd(places, '0');
  const point = places < 0 ? digits.length - fraction.length + places : whole.length + places;
  const moved = `${digits.slice(0, point)}.${digits.slice(point)}`;
  const plainText = moved.replace(/\.?0+$/, '').replace(/^0+(?=\d)/, '');
  return `${sign}${plainText === '' ? '0' : plainText}`;
}

/**
 * The shape of a stream's records as a contract: which fields must be there, of which kind, with which
 * values. A record that breaks it is not mapped: it waits in quarantine with the difference. Fields the
 * contract does not name are no breach; `compareShapes` tells of them. Pure.
 */
import { HeadraceError, type Json, type JsonObject } from '@headrace/sdk';

/** `string`, `number|null`; `?` at its end: it may be absent. Or the values it may have. */
export type FieldShape = string | readonly string[];
/** By path: names from the root, `*` for each element of a list. */
export type RecordShape = Readonly<Record<string, FieldShape>>;

export const fieldKinds = ['string', 'number', 'boolean', 'null', 'object', 'list'] as const;
export type FieldKind = (typeof fieldKinds)[number];

export type Difference =
  | { readonly kind: 'removed'; readonly path: string; readonly text: string }
  | { readonly kind: 'retyped'; readonly path: string; readonly text: string }
  | { readonly kind: 'extended'; readonly path: string; readonly text: string }
  | { readonly kind: 'added'; readonly path: string; readonly text: string };

interface Rule {
  readonly path: string;
  readonly steps: readonly string[];
  readonly kinds: ReadonlySet<string>;
  readonly values: ReadonlySet<string> | null;
  readonly isOptional: boolean;
}

const differencesMax = 5;
const valueLength = 40;

/** What is wrong with a shape as a project writes it. */
export function shapeProblems(shape: RecordShape): string[] {
  return Object.entries(shape).flatMap(([path, field]) => {
    if (typeof field !== 'string') {
      return field.length === 0 ? [`${path}: a list of no values lets nothing pass`] : [];
    }
    const wrong = field
      .replace(/\?$/, '')
      .split('|')
      .filter((kind) => !(fieldKinds as readonly string[]).includes(kind));
    return wrong.map(
      (kind) => `${path}: there is no kind ${kind}; there are ${fieldKinds.join(', ')}`,
    );
  });
}

/** Throws `E_SCHEMA_DRIFT` with the differences when a record breaks the shape. */
export function shapeCheck(shape: RecordShape): (record: JsonObject) => void {
  const rules = Object.entries(shape).map(ruleOf);
  return (record) => {
    const found: Difference[] = [];
    for (const rule of rules) {
      if (found.length >= differencesMax) break;
      walk(record, rule, 0, found);
    }
    if (found.length === 0) return;
    throw new HeadraceError('contract', found.map(({ text }) => text).join(' '), {
      code: 'E_SCHEMA_DRIFT',
    });
  };
}

function ruleOf([path, field]: [string, FieldShape]): Rule {
  const steps = path.split('.');
  if (typeof field !== 'string') {
    return { path, steps, kinds: new Set(['string']), values: new Set(field), isOptional: false };
  }
  const kinds = new Set(field.replace(/\?$/, '').split('|'));
  return { path, steps, kinds, values: null, isOptional: field.endsWith('?') };
}

function walk(value: Json, rule: Rule, depth: number, found: Difference[]): void {
  const step = rule.steps[depth];
  if (step === undefined) {
    judge(value, rule, found);
    return;
  }
  if (step === '*') {
    if (!Array.isArray(value)) return;
    for (const item of value as readonly Json[]) {
      if (found.length >= differencesMax) return;
      walk(item, rule, depth + 1, found);
    }
    return;
  }
  // What holds the field is missing or is something else: the rule of that one says so.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const next = (value as JsonObject)[step];
  if (next !== undefined) {
    walk(next, rule, depth + 1, found);
    return;
  }
  if (rule.isOptional || depth < rule.steps.length - 1) return;
  note(found, { kind: 'removed', path: rule.path, text: `${rule.path} is missing.` });
}

function judge(value: Json, { path, kinds, values }: Rule, found: Difference[]): void {
  const kind = kindOf(value);
  if (!kinds.has(kind)) {
    const text = `${path} was ${[...kinds].join(' or ')} and is ${kind}.`;
    note(found, { kind: 'retyped', path, text });
  } else if (values !== null && !values.has(value as string)) {
    const text = `${path} says ${JSON.stringify(String(value).slice(0, valueLength))}, which is none of its values.`;
    note(found, { kind: 'extended', path, text });
  }
}

/** Elements of a list often differ alike. */
function note(found: Difference[], difference: Difference): void {
  if (!found.some(({ text }) => text === difference.text)) found.push(difference);
}

function kindOf(value: Json): FieldKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value as FieldKind;
}

interface Seen {
  readonly kinds: Set<FieldKind>;
  /** Times it was there. */
  there: number;
}

/**
 * A contract that all of these records keep. Fields of `needed` must be there if they always were; the
 * rest may be absent. Nothing is taken for a list of values: which ones may come, a person knows.
 */
export function suggestShape(
  records: readonly JsonObject[],
  needed: (path: string) => boolean,
): RecordShape {
  const seen = new Map<string, Seen>();
  const holders = new Map<string, number>();
  for (const record of records) gather(record, '', seen, holders);
  const shape: Record<string, string> = {};
  for (const [path, { kinds, there }] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const holder = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
    const isAlways = there === (holders.get(holder) ?? 0);
    const names = fieldKinds.filter((kind) => kinds.has(kind)).join('|');
    shape[path] = isAlways && needed(path) ? names : `${names}?`;
  }
  return shape;
}

function gather(
  value: Json,
  path: string,
  seen: Map<string, Seen>,
  holders: Map<string, number>,
): void {
  if (path !== '') {
    const field = seen.get(path) ?? { kinds: new Set<FieldKind>(), there: 0 };
    field.kinds.add(kindOf(value));
    field.there += 1;
    seen.set(path, field);
  }
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      const inner = path === '' ? '*' : `${path}.*`;
      // Elements that are no objects are of the list's own kind.
      if (kindOf(item) === 'object') {
        holders.set(inner, (holders.get(inner) ?? 0) + 1);
        for (const [name, one] of Object.entries(item as JsonObject)) {
          gather(one, `${inner}.${name}`, seen, holders);
        }
      }
    }
  } else if (kindOf(value) === 'object') {
    holders.set(path, (holders.get(path) ?? 0) + 1);
    for (const [name, one] of Object.entries(value as JsonObject)) {
      gather(one, path === '' ? name : `${path}.${name}`, seen, holders);
    }
  }
}

/** How records differ from a contract: what breaks it, and what it does not know yet. */
export function compareShapes(shape: RecordShape, records: readonly JsonObject[]): Difference[] {
  const found: Difference[] = [];
  for (const rule of Object.entries(shape).map(ruleOf)) {
    const own: Difference[] = [];
    for (const record of records) {
      if (own.length >= differencesMax) break;
      walk(record, rule, 0, own);
    }
    found.push(...own);
  }
  const known = new Set(Object.keys(shape));
  for (const [path, kinds] of Object.entries(suggestShape(records, () => false))) {
    if (known.has(path)) continue;
    const text = `${path} is new: ${String(kinds).replace(/\?$/, '')}.`;
    found.push({ kind: 'added', path, text });
  }
  return found;
}

/**
 * Which fields of a source's records the mapping reads, and how often the others are filled: what a
 * company keeps in its systems and nobody uses yet.
 */
import {
  compilePersonal,
  type Json,
  type JsonObject,
  type Stream,
  splitPersonal,
} from '@headrace/sdk';

export type FieldUse =
  /** The mapping reads it. */
  | 'read'
  /** It is about a person: sealed, and no mapping ever sees it. */
  | 'sealed'
  | 'unmapped';

export interface FieldCoverage {
  /** Names from the root, `*` for each element of a list. */
  readonly path: string;
  readonly use: FieldUse;
  /** Share of records in which it is filled at least once, 0 to 1. */
  readonly fillRate: number;
  /**
   * A value of it, cut; null for what is sealed and for what is always empty. In records about a
   * person, only what kind of value it is: a field nobody declared may be personal all the same.
   */
  readonly sample: string | null;
}

export interface StreamCoverage {
  readonly stream: string;
  readonly records: number;
  /** The fullest first. */
  readonly fields: readonly FieldCoverage[];
}

const sampleLength = 48;
/** Who keeps a record, in systems that write it beside everything: somebody, though not a customer. */
const mayNameSomebody = /(user|author|createdBy|changedBy|modifiedBy|updatedBy|mail|phone)[^.]*$/i;

/** Runs the mapping over records that note what is read of them. */
export function coverageOf(
  stream: Stream<never>,
  config: unknown,
  records: readonly JsonObject[],
  reference: JsonObject,
  options: { readonly reveal: boolean },
): StreamCoverage {
  const isShown = options.reveal || stream.personal === undefined;
  const paths = stream.personal === undefined ? null : compilePersonal(stream.personal.paths);
  const read = new Set<string>();
  const stepOf = stepsOf(stream.listsByName);
  const filled = new Map<string, { count: number; sample: string | null; isSealed: boolean }>();
  for (const record of records) {
    const { business, personal } =
      paths === null ? { business: record, personal: null } : splitPersonal(record, paths);
    const seen = new Set<string>();
    const note = (isSealed: boolean) => (path: string, value: Json) => {
      // In the sealed part, null stands in the places of what was not sealed.
      if (isSealed && value === null) return;
      const field = filled.get(path) ?? { count: 0, sample: null, isSealed };
      if (isFilled(value) && !seen.has(path)) {
        seen.add(path);
        field.count += 1;
        if (!isSealed) {
          field.sample ??= isShown && !mayNameSomebody.test(path) ? textOf(value) : kindOf(value);
        }
      }
      filled.set(path, field);
    };
    eachLeaf(business, '', stepOf, note(false));
    if (personal !== null) eachLeaf(personal, '', stepOf, note(true));
    const watched = watch(business, '', stepOf, read);
    // What a broken record makes a mapping throw is told elsewhere; until then it read what it read.
    for (const work of [
      () => stream.map(watched, { config: config as never, source: reference, subject: null }),
      () => stream.key(watched),
      () => stream.version(watched),
      () => stream.eventAt(watched),
      () => stream.isDeleted?.(watched),
      () => stream.touches?.(watched),
    ]) {
      try {
        work();
      } catch {}
    }
  }
  const fields = [...filled].map(([path, { count, sample, isSealed }]): FieldCoverage => {
    const use = isSealed ? 'sealed' : read.has(path) ? 'read' : 'unmapped';
    return { path, use, fillRate: records.length === 0 ? 0 : count / records.length, sample };
  });
  fields.sort((a, b) => b.fillRate - a.fillRate || (a.path < b.path ? -1 : 1));
  return { stream: stream.name, records: records.length, fields };
}

/** Empty texts and lists count as not filled, as a person looking at the form would say. */
function isFilled(value: Json): boolean {
  return value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function textOf(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  return line.length > sampleLength ? `${line.slice(0, sampleLength - 1)}…` : line;
}

function kindOf(value: Json): string {
  return typeof value === 'string' ? `text of ${value.length}` : typeof value;
}

/** What an element of a list is called in a path. */
type StepOf = (path: string, item: Json) => string;

/** `*`, or the name the element bears where a list holds fields by name. */
function stepsOf(lists: Stream<never>['listsByName']): StepOf {
  return (path, item) => {
    if (lists === undefined || !`.${path}`.endsWith(`.${lists.path}`)) return '*';
    const name = isObject(item) ? item[lists.name] : null;
    return typeof name === 'string' && name !== '' ? name : '*';
  };
}

function eachLeaf(
  value: Json,
  path: string,
  stepOf: StepOf,
  note: (path: string, value: Json) => void,
): void {
  if (Array.isArray(value) && value.length > 0) {
    for (const item of value as readonly Json[]) {
      eachLeaf(item, join(path, stepOf(path, item)), stepOf, note);
    }
  } else if (isObject(value) && Object.keys(value).length > 0) {
    for (const [name, item] of Object.entries(value)) {
      eachLeaf(item, join(path, name), stepOf, note);
    }
  } else note(path, value);
}

/** The value as it is, but telling of every leaf that is looked at. */
function watch<Value extends Json>(
  value: Value,
  path: string,
  stepOf: StepOf,
  read: Set<string>,
): Value {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value as object, {
    get(target, name, receiver) {
      const item = Reflect.get(target, name, receiver) as Json;
      if (typeof name === 'symbol' || !Object.hasOwn(target, name)) return item;
      const inner = join(path, Array.isArray(target) ? stepOf(path, item) : name);
      const isEmpty = typeof item === 'object' && item !== null && Object.keys(item).length === 0;
      if (typeof item !== 'object' || item === null || isEmpty) {
        if (!(Array.isArray(target) && name === 'length')) read.add(inner);
      }
      return watch(item, inner, stepOf, read);
    },
  }) as Value;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

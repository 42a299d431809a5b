/**
 * Splits a record into what may be stored in the clear and what is about a person. It errs to the
 * safe side: where a record has another shape than a path expects, the branch is sealed.
 */
import type { Json, JsonObject } from './connector.js';

/** Personal paths, prepared by `compilePersonal`. */
export interface PersonalPaths {
  readonly root: PathNode | null;
}

interface PathNode {
  /** The branch ends here: all below is personal. */
  readonly seals: boolean;
  readonly names: Map<string, PathNode>;
  each: PathNode | null;
}

export interface SplitRecord {
  /** The record without its personal paths; the record itself when it has none. */
  readonly business: JsonObject;
  /** The personal branches in their places, or null when there were none. */
  readonly personal: JsonObject | null;
}

/**
 * Prepares `PersonalSpec.paths`, once for each stream. A trailing `*` means the branch itself.
 *
 * ```ts
 * const paths = compilePersonal(['email', 'deliveries.*.address']);
 * const { business, personal } = splitPersonal(record, paths);
 * ```
 */
export function compilePersonal(paths: readonly string[]): PersonalPaths {
  const root = { seals: false, names: new Map<string, PathNode>(), each: null };
  for (const path of paths) insert(root, path.replace(/(\.\*)+$/, '').split('.'));
  return { root: paths.length === 0 ? null : root };
}

function insert(root: PathNode, steps: readonly string[]): void {
  let node = root;
  for (const [index, step] of steps.entries()) {
    const seals = index === steps.length - 1;
    const known: PathNode | null = (step === '*' ? node.each : node.names.get(step)) ?? null;
    // A shorter path covers a longer one.
    if (known?.seals === true) return;
    const next = known === null || seals ? { seals, names: new Map(), each: null } : known;
    if (step === '*') node.each = next;
    else node.names.set(step, next);
    node = next;
  }
}

/** Called at intake and by the contract suite. Untouched branches are shared, not copied. */
export function splitPersonal(record: JsonObject, paths: PersonalPaths): SplitRecord {
  if (paths.root === null) return { business: record, personal: null };
  const parts = splitObject(record, paths.root);
  return parts === null
    ? { business: record, personal: null }
    : { business: parts.business as JsonObject, personal: parts.personal as JsonObject };
}

/** Puts a record together again, for those who may see all of it. */
export function joinPersonal(business: JsonObject, personal: JsonObject | null): JsonObject {
  return personal === null ? business : (join(business, personal) as JsonObject);
}

/** The two sides of a branch, or null when nothing in it is personal. */
interface Parts {
  readonly business: Json | undefined;
  readonly personal: Json;
}

function split(value: Json, node: PathNode): Parts | null {
  if (node.seals) return { business: undefined, personal: value };
  if (value === null) return null;
  if (Array.isArray(value)) return splitArray(value, node);
  if (typeof value === 'object') return splitObject(value as JsonObject, node);
  // A path goes deeper than this record does: the source changed its shape.
  return { business: undefined, personal: value };
}

function splitObject(value: JsonObject, node: PathNode): Parts | null {
  let business: Record<string, Json> | null = null;
  let personal: Record<string, Json> | null = null;
  const names = Object.keys(value);
  for (const [index, name] of names.entries()) {
    const item = value[name] as Json;
    const next = node.names.get(name) ?? node.each;
    const parts = next === null ? null : split(item, next);
    if (parts === null) {
      if (business !== null) set(business, name, item);
      continue;
    }
    if (business === null || personal === null) {
      personal = {};
      business = {};
      for (let before = 0; before < index; before += 1) {
        const earlier = names[before] as string;
        set(business, earlier, value[earlier] as Json);
      }
    }
    set(personal, name, parts.personal);
    if (parts.business !== undefined) set(business, name, parts.business);
  }
  return business === null || personal === null ? null : { business, personal };
}

function splitArray(items: readonly Json[], node: PathNode): Parts | null {
  // A name that meets an array is meant for its elements.
  const next = node.each ?? node;
  let business: Json[] | null = null;
  let personal: Json[] | null = null;
  for (const [index, item] of items.entries()) {
    const parts = split(item, next);
    if (parts === null) continue;
    business ??= [...items];
    personal ??= items.map(() => null);
    business[index] = parts.business === undefined ? null : parts.business;
    personal[index] = parts.personal;
  }
  return business === null || personal === null ? null : { business, personal };
}

function join(business: Json | undefined, personal: Json): Json {
  if (business === undefined || business === null) return personal;
  if (Array.isArray(business) && Array.isArray(personal)) {
    const sealed: readonly Json[] = personal;
    return business.map((item: Json, index) => {
      const part = sealed[index] ?? null;
      return part === null ? item : join(item, part);
    });
  }
  if (!isObject(business) || !isObject(personal)) return personal;
  const joined: Record<string, Json> = { ...business };
  for (const name of Object.keys(personal)) {
    const own = Object.hasOwn(business, name) ? business[name] : undefined;
    set(joined, name, join(own, personal[name] as Json));
  }
  return joined;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Assigning to `__proto__` would change the object instead of filling it. */
function set(target: Record<string, Json>, name: string, value: Json): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else target[name] = value;
}

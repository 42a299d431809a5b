/**
 * Compiles a schema of the model into one function. Every mapped record is checked, so a check has
 * to cost little: zod allocates a result for each field and copies each value, where nearly all
 * values are right and canonical as they come. Compiled checks are made of the same schemas and
 * run the same checks of values, and only ever say "yes, this" or "refused"; whoever asked lets
 * zod have the last word, and the reason, on what is refused.
 */

/** A value that is not valid, or of which only zod can say. */
export const refused: unique symbol = Symbol('refused');

/** The checked value; the given one where nothing had to change. */
export type CompiledCheck = (value: unknown) => unknown;

/** What of a schema is read here; zod calls it `_zod` and keeps it stable for libraries. */
interface Schema {
  readonly _zod: {
    readonly def: Definition;
    readonly traits: ReadonlySet<string>;
    readonly optin?: string | undefined;
    readonly optout?: string | undefined;
  };
}

interface Definition {
  readonly type: string;
  readonly checks?: readonly ValueCheck[];
  readonly coerce?: boolean;
  /** Unions of which exactly one option may match. */
  readonly inclusive?: boolean;
  /** Records that keep keys they do not know. */
  readonly mode?: string;
  readonly partial?: boolean;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly catchall?: Schema;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly options?: readonly Schema[];
  readonly entries?: Readonly<Record<string, unknown>>;
}

interface Payload {
  value: unknown;
  issues: unknown[];
}

interface ValueCheck {
  readonly _zod: {
    readonly def: { readonly when?: (payload: Payload) => boolean };
    check(payload: Payload): unknown;
  };
}

/** The check of a schema, or null when it is made of parts that only zod can check. */
export function compileCheck(schema: object): CompiledCheck | null {
  const { _zod: zod } = schema as Schema;
  const shape = shapeOf(zod.def);
  if (shape === null) return null;
  const checks = [...(zod.def.checks ?? [])];
  if (zod.traits.has('$ZodCheck')) checks.unshift(schema as unknown as ValueCheck);
  if (checks.length === 0) return shape;
  return (value) => {
    const shaped = shape(value);
    return shaped === refused ? refused : runChecks(checks, shaped);
  };
}

// Checks run one after the other and never within each other, so they can share one payload.
const payload: Payload = { value: undefined, issues: [] };

function runChecks(checks: readonly ValueCheck[], value: unknown): unknown {
  payload.value = value;
  for (let index = 0; index < checks.length; index += 1) {
    const zod = (checks[index] as ValueCheck)._zod;
    if (zod.def.when !== undefined && !zod.def.when(payload)) continue;
    // Anything but undefined is a promise: a check we cannot wait for.
    if (zod.check(payload) !== undefined || payload.issues.length > 0) {
      payload.issues = [];
      return refused;
    }
  }
  return payload.value;
}

function shapeOf(definition: Definition): CompiledCheck | null {
  if (definition.coerce === true) return null;
  switch (definition.type) {
    case 'string':
      return (value) => (typeof value === 'string' ? value : refused);
    case 'number':
      return (value) => (Number.isFinite(value) ? value : refused);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : refused);
    case 'null':
      return (value) => (value === null ? value : refused);
    case 'custom':
      return (value) => value;
    case 'enum': {
      const values = new Set(Object.values(definition.entries ?? {}));
      // Numbered enums list their names as values as well.
      if ([...values].some((value) => typeof value !== 'string')) return null;
      return (value) => (values.has(value) ? value : refused);
    }
    case 'nullable': {
      const inner = compileInner(definition.innerType);
      return inner && ((value) => (value === null ? value : inner(value)));
    }
    case 'optional': {
      const inner = compileInner(definition.innerType);
      return inner && ((value) => (value === undefined ? value : inner(value)));
    }
    case 'union':
      if (definition.inclusive === false) return null;
      return compileUnion((definition.options ?? []).map(compileInner));
    case 'array':
      return compileArray(compileInner(definition.element));
    case 'record':
      // A list of keys is a list of required ones.
      if (definition.keyType?._zod.def.type !== 'string') return null;
      if (definition.mode !== undefined || definition.partial !== undefined) return null;
      return compileRecord(compileInner(definition.keyType), compileInner(definition.valueType));
    case 'object':
      return compileObject(definition);
    default:
      return null;
  }
}

function compileInner(schema: Schema | undefined): CompiledCheck | null {
  return schema === undefined ? null : compileCheck(schema);
}

function compileUnion(options: readonly (CompiledCheck | null)[]): CompiledCheck | null {
  const known = options.filter((option) => option !== null);
  if (known.length < options.length || known.length === 0) return null;
  return (value) => {
    for (const option of known) {
      const checked = option(value);
      if (checked !== refused) return checked;
    }
    return refused;
  };
}

function compileArray(element: CompiledCheck | null): CompiledCheck | null {
  if (element === null) return null;
  return (value) => {
    if (!Array.isArray(value)) return refused;
    let copy: unknown[] | null = null;
    for (let index = 0; index < value.length; index += 1) {
      const checked = element(value[index]);
      if (checked === refused) return refused;
      if (checked === value[index]) continue;
      copy ??= [...value];
      copy[index] = checked;
    }
    return copy ?? value;
  };
}

function compileRecord(
  keyCheck: CompiledCheck | null,
  valueCheck: CompiledCheck | null,
): CompiledCheck | null {
  if (keyCheck === null || valueCheck === null) return null;
  return (value) => {
    if (!isPlain(value)) return refused;
    let copy: Record<string, unknown> | null = null;
    for (const key in value) {
      // zod leaves `__proto__` out; a key that a check rewrites is another key.
      if (key === '__proto__' || keyCheck(key) !== key) return refused;
      const checked = valueCheck(value[key]);
      if (checked === refused) return refused;
      if (checked === value[key]) continue;
      copy ??= { ...value };
      copy[key] = checked;
    }
    return copy ?? value;
  };
}

/** Places are kept in two masks, which are small integers up to 30 bits. */
const maskBits = 30;

function compileObject({ shape = {}, catchall }: Definition): CompiledCheck | null {
  // Only objects that refuse unknown fields.
  if (catchall?._zod.def.type !== 'never') return null;
  const names = Object.keys(shape);
  const checks = names.map((name) => compileInner(shape[name]));
  if (names.length > 2 * maskBits || checks.includes(null)) return null;
  const known = checks as readonly CompiledCheck[];
  const places = new Map(names.map((name, place) => [name, place]));
  let requiredLow = 0;
  let requiredHigh = 0;
  for (const [place, name] of names.entries()) {
    const { optin, optout } = (shape[name] as Schema)._zod;
    if (optin === 'optional' && optout === 'optional') continue;
    if (optin !== undefined || optout !== undefined) return null;
    if (place < maskBits) requiredLow |= 1 << place;
    else requiredHigh |= 1 << (place - maskBits);
  }
  const layouts = new Layouts(names);
  return (value) => {
    if (!isPlain(value)) return refused;
    const values: unknown[] = layouts.scratch;
    let low = 0;
    let high = 0;
    let last = -1;
    let isSame = true;
    for (const name in value) {
      const place = places.get(name);
      if (place === undefined) return refused;
      const given = value[name];
      if (given === undefined) {
        isSame = false;
        continue;
      }
      const checked = (known[place] as CompiledCheck)(given);
      if (checked === refused) return refused;
      if (checked !== given || place < last) isSame = false;
      last = place;
      values[place] = checked;
      if (place < maskBits) low |= 1 << place;
      else high |= 1 << (place - maskBits);
    }
    if ((low & requiredLow) !== requiredLow || (high & requiredHigh) !== requiredHigh) {
      return refused;
    }
    return isSame ? value : layouts.build(low, high);
  };
}

interface Layout {
  readonly template: Readonly<Record<string, unknown>>;
  readonly places: readonly number[];
}

const layoutsMax = 256;

/**
 * Builds objects with the fields that are told, in the order of the schema. An object that is given
 * its fields one by one ends up as a hash table inside V8, which costs twice as much to build and to
 * write as text; one that copies another with the same fields does not.
 */
class Layouts {
  /** Values by place, for the object under way. */
  readonly scratch: unknown[];
  readonly #names: readonly string[];
  readonly #byLow = new Map<number, Map<number, Layout>>();
  #count = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.scratch = names.map(() => undefined);
  }

  build(low: number, high: number): Record<string, unknown> {
    const { template, places } = this.#layoutOf(low, high);
    const built: Record<string, unknown> = { ...template };
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] as number;
      built[this.#names[place] as string] = this.scratch[place];
    }
    return built;
  }

  #layoutOf(low: number, high: number): Layout {
    const known = this.#byLow.get(low)?.get(high);
    if (known !== undefined) return known;
    const places = [...this.#names.keys()].filter((place) =>
      place < maskBits ? low & (1 << place) : high & (1 << (place - maskBits)),
    );
    const template = Object.fromEntries(places.map((place) => [this.#names[place], null]));
    const layout = { template, places };
    if (this.#count < layoutsMax) {
      this.#count += 1;
      const byHigh = this.#byLow.get(low);
      if (byHigh === undefined) this.#byLow.set(low, new Map([[high, layout]]));
      else byHigh.set(high, layout);
    }
    return layout;
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * What a user writes: which facts a view is made of, under which key, and what is made of them. A
 * view is data and pure functions; it is compiled once and never looked up by text on a read.
 */
import { createHash } from 'node:crypto';
import {
  type EntityFields,
  type EntityName,
  HeadraceError,
  isEntityName,
  isZone,
} from '@headrace/sdk';
import type { Aggregate, AnyAggregate } from './aggregates.js';
import type { FeaturePlain } from './finish.js';
import { type Duration, durationOf, type Window } from './windows.js';

/** What values are of: a name and the parts of its key. */
export interface FeatureEntity<Part extends string = string> {
  readonly name: string;
  readonly parts: readonly Part[];
  /** The canonical entity whose merges apply: links between its keys join values at read. */
  readonly identity: EntityName | null;
}

/** `entity('sku_location', ['sku', 'location'])`. */
export function entity<const Part extends string>(
  name: string,
  parts: readonly Part[],
  options: { readonly identity?: EntityName } = {},
): FeatureEntity<Part> {
  checkName(name, 'entity');
  if (parts.length === 0 || new Set(parts).size !== parts.length) {
    throw viewError(`The entity ${name} needs key parts, each named once.`);
  }
  if (options.identity !== undefined && parts.length !== 1) {
    throw viewError(
      `The entity ${name} has merges of ${options.identity}, so its key has one part.`,
    );
  }
  return { name, parts, identity: options.identity ?? null };
}

/** Where contributions come from. */
export interface ViewSource<Name extends EntityName = EntityName> {
  readonly kind: 'state' | 'changes';
  readonly entity: Name;
}

/** What stands now, over all sources of a key: a correction takes back what it corrects. */
export function state<Name extends EntityName>(name: Name): ViewSource<Name> {
  return source('state', name);
}

/** Every version that was told, each a fact that stays. */
export function changes<Name extends EntityName>(name: Name): ViewSource<Name> {
  return source('changes', name);
}

function source<Name extends EntityName>(kind: ViewSource['kind'], name: Name): ViewSource<Name> {
  if (!isEntityName(name)) {
    throw viewError(`${kind}('${String(name)}'): the canonical model has no such entity.`);
  }
  return { kind, entity: name };
}

type Fields<Name extends EntityName> = EntityFields<Name>;
type AnyValues = Readonly<Record<string, AnyAggregate>>;

/** Key parts of a row, by name; a row with a part left out or null does not count. */
export type KeyParts<Part extends string> = Readonly<
  Record<Part, string | number | null | undefined>
>;

/** Which source told a row; of what stands over several sources, none. */
export interface RowOrigin {
  readonly source: string | null;
}

/** Everything about a view but its values. */
export interface ViewOptions<Part extends string, Name extends EntityName> {
  readonly of: FeatureEntity<Part>;
  readonly from: ViewSource<Name>;
  /** The key of a row; by default its fields of the same names. */
  readonly key?: (row: Fields<Name>) => KeyParts<Part>;
  /** Rows that count; all when absent. */
  readonly where?: (row: Fields<Name>, from: RowOrigin) => boolean;
  /** When the fact became true; by default when the source changed it. */
  readonly at?: (row: Fields<Name>) => string | null | undefined;
  /** A date of the row the windows lie over instead, such as a promised one. */
  readonly over?: (row: Fields<Name>) => string | null | undefined;
  /** With `over`: windows look ahead from the moment asked for, at most so far. */
  readonly ahead?: Duration;
  /** A fact told for the first time later than this is counted, and not used. */
  readonly acceptLate?: Duration;
  /** A value whose sources were not heard for longer may decide nothing: it is null, `expired`. */
  readonly maxAge?: Duration;
  /** A value is `stale` past this. */
  readonly fresh?: { readonly p95: Duration };
  /** How long contributions are kept. Default 800d. */
  readonly retain?: Duration;
  /** Zone of a key's days; by default the project's. */
  readonly zone?: string | ((key: Readonly<Record<Part, string>>) => string);
  /** For imported history: how long after it became true a fact is taken to have been known. */
  readonly importLag?: Duration;
  /** For the catalogue: what it is, and in which unit. */
  readonly description?: string;
  readonly unit?: string;
}

/** One value of a view by its full name, with the window it is over. */
export interface Feature {
  readonly name: string;
  readonly aggregate: AnyAggregate;
  /** Place of the aggregate among those of the view: measures lie in that order. */
  readonly place: number;
  readonly window: Window | null;
}

/** A compiled view. `Values` is for the compiler: `d.units['28d']`, `d.lastOrdered` in `derive`. */
export interface FeatureView<Name extends string = string, Values = unknown> {
  readonly kind: 'view';
  readonly name: Name;
  readonly of: FeatureEntity;
  readonly from: ViewSource;
  readonly aggregates: readonly AnyAggregate[];
  readonly features: readonly Feature[];
  readonly where: ((row: never, from: RowOrigin) => boolean) | null;
  readonly at: ((row: never) => string | null | undefined) | null;
  readonly over: ((row: never) => string | null | undefined) | null;
  readonly key: ((row: never) => KeyParts<string>) | null;
  readonly zone: string | ((key: never) => string) | null;
  readonly acceptLateMs: number | null;
  readonly maxAgeMs: number | null;
  readonly freshMs: number | null;
  readonly retainMs: number;
  readonly importLagMs: number;
  readonly description: string;
  readonly unit: string;
  /** Hash of the definition: another one is another feature. */
  readonly version: string;
  readonly types?: Values;
}

/**
 * Defines a view.
 *
 * ```ts
 * export const demand = features(
 *   'demand',
 *   { of: entity('sku', ['sku']), from: state('orderLine'), at: (line) => line.orderedAt },
 *   { units: sum((line) => line.quantity, ['1d', '7d', '28d']) },
 * );
 * ```
 *
 * Values stand beside the options, not among them: only so does the compiler know the fields of
 * `from` by the time it reads the functions inside `sum` and the others.
 */
export function features<
  const Name extends string,
  const Part extends string,
  From extends EntityName,
  Values,
>(
  name: Name,
  options: ViewOptions<Part, From>,
  values: { readonly [Value in keyof Values]: Aggregate<Fields<From>, Values[Value]> },
): FeatureView<Name, Values> {
  checkName(name, 'view');
  const { of, from, over, ahead } = options;
  if ((over === undefined) !== (ahead === undefined)) {
    throw viewError(`${name}: over and ahead belong together.`);
  }
  const all = Object.entries(values as AnyValues);
  const aggregates = all.map(([, aggregate]) => aggregate);
  if (all.length === 0) throw viewError(`${name}: a view needs values.`);
  const aheadMs = ahead === undefined ? null : durationOf(ahead);
  const made = all.flatMap(([value, aggregate], place) => {
    checkName(value, `value of ${name}`);
    checkAhead(name, value, aggregate, aheadMs);
    const windows = aggregate.windows.length === 0 ? [null] : aggregate.windows;
    return windows.map((window): Feature => {
      const suffix = window === null || window.name === '' ? '' : `_${window.name}`;
      return { name: `${value}${suffix}`, aggregate, place, window };
    });
  });
  const names = made.map((feature) => feature.name);
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) throw viewError(`${name}: two values are called ${twice}.`);
  if (typeof options.zone === 'string' && !isZone(options.zone)) {
    throw viewError(`${name}: ${options.zone} is no time zone; write one like Europe/Amsterdam.`);
  }
  const retainMs = durationOf(options.retain ?? '800d');
  const longest = Math.max(0, ...aggregates.flatMap((one) => one.windows.map(({ ms }) => ms)));
  if (longest > retainMs) {
    throw viewError(`${name}: a window is longer than what is kept; raise retain.`);
  }
  return Object.freeze({
    kind: 'view' as const,
    name,
    of,
    from,
    aggregates,
    features: aheadMs === null ? made : made.map((one) => withAhead(one, ahead as string, aheadMs)),
    where: (options.where ?? null) as FeatureView['where'],
    at: (options.at ?? null) as FeatureView['at'],
    over: (over ?? null) as FeatureView['over'],
    key: (options.key ?? null) as FeatureView['key'],
    zone: (options.zone ?? null) as FeatureView['zone'],
    acceptLateMs: maybe(options.acceptLate),
    maxAgeMs: maybe(options.maxAge),
    freshMs: maybe(options.fresh?.p95),
    retainMs,
    importLagMs: durationOf(options.importLag ?? '1h'),
    description: options.description ?? '',
    unit: options.unit ?? '',
    version: versionOf(name, options, all),
  });
}

/** A value computed at read from values of views of the same entity. */
export interface DerivedFeature<Name extends string = string> {
  readonly kind: 'derived';
  readonly name: Name;
  readonly of: FeatureEntity;
  readonly views: readonly FeatureView[];
  /** Gets the values of each view and, last, the moment asked for. */
  readonly compute: (...values: readonly never[]) => FeaturePlain;
  readonly description: string;
  readonly unit: string;
  readonly version: string;
}

type Inputs<Views extends readonly FeatureView[]> = {
  readonly [Index in keyof Views]: Views[Index] extends FeatureView<string, infer Values>
    ? Values
    : never;
};

/**
 * A pure function of values and of the moment asked for (ms, the last argument), run by the same code online and as of any moment. Null when it throws
 * or a value it is made of may not be used.
 *
 * ```ts
 * derive('days_of_cover', [stock, demand], (s, d) => …)
 * ```
 */
export function derive<const Name extends string, const Views extends readonly FeatureView[]>(
  name: Name,
  views: Views,
  compute: (...values: [...Inputs<Views>, at: number]) => FeaturePlain,
  about: { readonly description?: string; readonly unit?: string } = {},
): DerivedFeature<Name> {
  checkName(name, 'derived value');
  const of = views[0]?.of;
  if (of === undefined) throw viewError(`${name}: a derived value needs views.`);
  if (views.some((view) => !isSameEntity(view.of, of))) {
    throw viewError(`${name}: its views are of different entities; give them one key.`);
  }
  return Object.freeze({
    kind: 'derived' as const,
    ...{ name, of, views },
    compute: compute as unknown as DerivedFeature['compute'],
    description: about.description ?? '',
    unit: about.unit ?? '',
    version: hashOf([name, String(compute), ...views.map((view) => view.version)]),
  });
}

export type FeatureDefinition = FeatureView | DerivedFeature;

/** Whether the values of both have the same keys. */
export function isSameEntity(left: FeatureEntity, right: FeatureEntity): boolean {
  return (
    left.name === right.name &&
    left.identity === right.identity &&
    left.parts.join('\0') === right.parts.join('\0')
  );
}

/** The text key of the given parts: the entity's order, each part escaped. */
export function featureKey(of: FeatureEntity, parts: Readonly<Record<string, unknown>>): string {
  return of.parts
    .map((part) => {
      const value = parts[part];
      if (value === undefined || value === null || value === '') {
        throw new HeadraceError('config', `A key of ${of.name} needs ${of.parts.join(', ')}.`, {
          code: 'E_FEATURE_KEY',
          hint: `Give ${part} as well.`,
        });
      }
      return encodeURIComponent(String(value));
    })
    .join('/');
}

/** The parts of a text key. Throws `E_FEATURE_KEY` when it has too few or too many. */
export function keyParts(of: FeatureEntity, key: string): Readonly<Record<string, string>> {
  const parts = key.split('/');
  if (parts.length !== of.parts.length || parts.includes('')) {
    throw new HeadraceError('config', `${key} is no key of ${of.name}.`, {
      code: 'E_FEATURE_KEY',
      hint: `Its parts are ${of.parts.join('/')}, each escaped as in an address.`,
    });
  }
  return Object.fromEntries(
    of.parts.map((part, index) => [part, decodeURIComponent(parts[index] as string)]),
  );
}

/** One hash over everything that decides values. */
export function versionOfAll(definitions: readonly FeatureDefinition[]): string {
  return hashOf(definitions.map(({ name, version }) => `${name}@${version}`).sort());
}

/** Refuses definitions that cannot live together. */
export function checkDefinitions(definitions: readonly FeatureDefinition[]): readonly string[] {
  const names = definitions.map((one) => one.name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const missing = definitions.flatMap((one) =>
    one.kind === 'derived'
      ? one.views.filter((view) => !definitions.includes(view)).map((view) => [one, view] as const)
      : [],
  );
  return [
    ...twice.map((name) => `features: ${name} is defined twice`),
    ...missing.map(
      ([one, view]) => `features: ${one.name} needs ${view.name}, which is not listed`,
    ),
  ];
}

function checkAhead(
  name: string,
  value: string,
  aggregate: AnyAggregate,
  aheadMs: number | null,
): void {
  if (aheadMs === null) return;
  if (aggregate.kind === 'series')
    throw viewError(`${name}: ${value} looks back; it has no ahead.`);
  if (aggregate.windows.some(({ ms }) => ms > aheadMs)) {
    throw viewError(`${name}: a window of ${value} looks further ahead than ahead says.`);
  }
}

/** Without a window of its own a value that looks ahead is over all of it. */
function withAhead(feature: Feature, name: string, ms: number): Feature {
  return feature.window === null
    ? { ...feature, window: { name, ms, hopMs: hopFor(ms) } }
    : feature;
}

function hopFor(ms: number): number {
  const hour = 3_600_000;
  return ms < 12 * hour ? hour / 12 : ms < 12 * 24 * hour ? hour : 0;
}

function maybe(duration: string | undefined): number | null {
  return duration === undefined ? null : durationOf(duration);
}

function versionOf<Part extends string, From extends EntityName>(
  name: string,
  options: ViewOptions<Part, From>,
  values: readonly (readonly [string, AnyAggregate])[],
): string {
  const { of, from, ...rest } = options;
  const texts = Object.entries(rest).map(([option, value]) =>
    [option, typeof value === 'object' ? JSON.stringify(value) : String(value)].join('='),
  );
  const made = values.map(([value, one]) => `${value}=${one.text}`);
  return hashOf([name, JSON.stringify(of), JSON.stringify(from), ...texts.sort(), ...made]);
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function checkName(name: string, what: string): void {
  if (/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/.test(name)) return;
  throw viewError(`${name} cannot name a ${what}: use letters, digits and _, a letter first.`);
}

function viewError(message: string): HeadraceError {
  return new HeadraceError('config', message, {
    code: 'E_VIEW',
    hint: 'Correct the definition of the view.',
  });
}

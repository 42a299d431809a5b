import { type Condition, findSet, type PropertyPath, propertyOf } from './condition.js';
import { badRequest, ODataError } from './errors.js';
import { parseFilter } from './filter.js';
import type { EntitySet, Navigation, Service } from './model.js';

/** Query options of a read, bound to the set they are about. */

export interface OrderTerm {
  readonly path: PropertyPath;
  readonly isDescending: boolean;
}

/** Which properties and navigations of a set go into the answer; nested along `$expand`. */
export interface Shape {
  /** Undefined means all. */
  readonly properties: ReadonlySet<string> | undefined;
  readonly expanded: ReadonlyMap<string, ExpandedShape>;
  /** Navigations shown as links only; undefined means all that are not expanded. */
  readonly deferred: ReadonlySet<string> | undefined;
}

export interface ExpandedShape {
  readonly navigation: Navigation;
  readonly set: EntitySet;
  readonly shape: Shape;
}

export interface Query {
  readonly filter: Condition | undefined;
  readonly order: readonly OrderTerm[];
  readonly top: number | undefined;
  readonly skip: number;
  readonly skipToken: string | undefined;
  readonly hasCount: boolean;
  readonly shape: Shape;
}

const OPTIONS_V2 = new Set([
  ...['$filter', '$select', '$expand', '$orderby', '$top', '$skip', '$skiptoken'],
  ...['$inlinecount', '$format', '$search'],
]);
const OPTIONS_V4 = new Set([
  ...['$filter', '$select', '$expand', '$orderby', '$top', '$skip', '$skiptoken'],
  ...['$count', '$format'],
]);

export type Options = ReadonlyMap<string, string>;

/** Splits a query string; options that begin with `$` must be known and stand once. */
export const parseOptions = (queryText: string, version: 2 | 4): Options => {
  const options = new Map<string, string>();
  const known = version === 2 ? OPTIONS_V2 : OPTIONS_V4;
  for (const part of queryText.split('&')) {
    if (part === '') continue;
    const equalsAt = part.indexOf('=');
    const name = decode(equalsAt < 0 ? part : part.slice(0, equalsAt));
    const value = equalsAt < 0 ? '' : decode(part.slice(equalsAt + 1).replaceAll('+', ' '));
    if (name.startsWith('$')) {
      if (!known.has(name)) throw badRequest(`Invalid query option '${name}'`);
      if (options.has(name)) throw badRequest(`Duplicate query option '${name}'`);
    }
    options.set(name, value);
  }
  return options;
};

export const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('Malformed URI: a percent sign is not followed by two hexadecimal digits');
  }
};

export const parseQuery = (service: Service, set: EntitySet, options: Options): Query => {
  if (options.has('$search'))
    throw new ODataError(501, '/IWBEP/CM_MGW_RT/139', "Query option '$search' is not supported");
  const filter = options.get('$filter');
  return {
    filter: filter === undefined || filter === '' ? undefined : parseFilter(service, set, filter),
    order: parseOrder(service, set, options.get('$orderby') ?? ''),
    top: wholeNumber(options, '$top'),
    skip: wholeNumber(options, '$skip') ?? 0,
    skipToken: options.get('$skiptoken'),
    hasCount: parseCount(options),
    shape: parseShape(service, set, options),
  };
};

const parseCount = (options: Options): boolean => {
  const inline = options.get('$inlinecount');
  if (inline !== undefined && inline !== 'allpages' && inline !== 'none')
    throw badRequest(`Invalid value '${inline}' for query option '$inlinecount'`);
  const count = options.get('$count');
  if (count !== undefined && count !== 'true' && count !== 'false')
    throw badRequest(`Invalid value '${count}' for query option '$count'`);
  return inline === 'allpages' || count === 'true';
};

const wholeNumber = (options: Options, name: string): number | undefined => {
  const text = options.get(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw badRequest(`Invalid value '${text}' for query option '${name}'`);
  return Number(text);
};

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const parseOrder = (service: Service, set: EntitySet, text: string): readonly OrderTerm[] =>
  listOf(text).map((term) => {
    const [path = '', direction = 'asc', ...rest] = term.split(/\s+/);
    if ((direction !== 'asc' && direction !== 'desc') || rest.length > 0)
      throw badRequest(`Invalid value '${term}' for query option '$orderby'`);
    return { path: resolveToOne(service, set, path), isDescending: direction === 'desc' };
  });

const resolveToOne = (service: Service, set: EntitySet, path: string): PropertyPath => {
  const names = path.split('/');
  const last = names.pop() ?? '';
  let at = set;
  for (const name of names) {
    const { navigation, target } = navigationOf(service, at, name);
    if (navigation.multiplicity === '*') throw badRequest(`Cannot order by '${path}'`);
    at = target;
  }
  const property = propertyOf(at, last);
  if (property === undefined) throw notFoundIn(at, last);
  if (property.isSortable === false) throw badRequest(`Property '${last}' is not sortable`);
  return { through: names, property };
};

const notFoundIn = (set: EntitySet, name: string): ODataError =>
  badRequest(`Resource not found for the segment '${name}' in '${set.name}'`);

export const navigationOf = (
  service: Service,
  set: EntitySet,
  name: string,
): { readonly navigation: Navigation; readonly target: EntitySet } => {
  const navigation = set.navigations?.find((entry) => entry.name === name);
  const target = navigation === undefined ? undefined : findSet(service, navigation.target);
  if (navigation === undefined || target === undefined) throw notFoundIn(set, name);
  return { navigation, target };
};

const EXPAND_DEPTH_MAX = 10;

/** Paths as a tree: `to_Item/to_Text` lies below `to_Item`. */
interface PathTree {
  readonly children: Map<string, PathTree>;
}

const treeOf = (paths: readonly string[]): PathTree => {
  const root: PathTree = { children: new Map() };
  for (const path of paths) {
    const names = path.split('/');
    if (names.length > EXPAND_DEPTH_MAX) throw badRequest(`Path '${path}' is too deep`);
    let at = root;
    for (const name of names) {
      const child = at.children.get(name) ?? { children: new Map() };
      at.children.set(name, child);
      at = child;
    }
  }
  return root;
};

const parseShape = (service: Service, set: EntitySet, options: Options): Shape => {
  const select = listOf(options.get('$select') ?? '');
  const expand = listOf(options.get('$expand') ?? '');
  return shapeOf(service, set, select.length === 0 ? undefined : treeOf(select), treeOf(expand));
};

const shapeOf = (
  service: Service,
  set: EntitySet,
  select: PathTree | undefined,
  expand: PathTree,
): Shape => {
  const expanded = new Map<string, ExpandedShape>();
  for (const [name, below] of expand.children) {
    const { navigation, target } = navigationOf(service, set, name);
    const selected = select?.children.get(name);
    // With a selection, only what it names is expanded.
    if (select !== undefined && selected === undefined) continue;
    const inner = selected !== undefined && selected.children.size > 0 ? selected : undefined;
    expanded.set(name, { navigation, set: target, shape: shapeOf(service, target, inner, below) });
  }
  if (select === undefined) return { properties: undefined, expanded, deferred: undefined };
  const properties = new Set<string>();
  const deferred = new Set<string>();
  for (const [name, below] of select.children) {
    if (name === '*') {
      for (const property of set.properties) properties.add(property.name);
    } else if (propertyOf(set, name) !== undefined && below.children.size === 0) {
      properties.add(name);
    } else {
      navigationOf(service, set, name);
      if (!expanded.has(name)) deferred.add(name);
    }
  }
  return { properties, expanded, deferred };
};

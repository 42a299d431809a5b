import { findSet, propertyOf } from './condition.js';
import { badRequest, ODataError } from './errors.js';
import { keyReaderOf, keyTextOf, parseKey } from './keys.js';
import type { EntitySet, Navigation, Property, Service } from './model.js';
import { decode, navigationOf } from './query.js';

/** What the path behind the service root names. */

export interface Collection {
  readonly kind: 'collection';
  readonly set: EntitySet;
  /** Where it is the far side of a navigation: whose, and which rows. */
  readonly origin:
    | { readonly set: EntitySet; readonly row: unknown; readonly navigation: Navigation }
    | undefined;
}

export interface EntityAt {
  readonly kind: 'entity';
  readonly set: EntitySet;
  readonly row: unknown;
}

export type Resource =
  | { readonly kind: 'service' | 'metadata' | 'batch' }
  | Collection
  | EntityAt
  | { readonly kind: 'count'; readonly collection: Collection }
  | {
      readonly kind: 'property';
      readonly entity: EntityAt;
      readonly property: Property;
      readonly isRaw: boolean;
    };

const SEGMENTS_MAX = 20;

export const resolve = (service: Service, path: string): Resource => {
  const segments = splitPath(path);
  const [first] = segments;
  if (first === undefined) return { kind: 'service' };
  if (segments.length > SEGMENTS_MAX) throw badRequest('The resource path is too long');
  if (first === '$metadata') return { kind: 'metadata' };
  if (first === '$batch') return { kind: 'batch' };
  let at = resolveSet(service, first);
  for (const segment of segments.slice(1)) at = step(service, at, segment);
  return at;
};

/** Cut at slashes, except inside quotes, which clients do not always encode. */
const splitPath = (path: string): readonly string[] => {
  const segments: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at <= path.length; at++) {
    const char = path.charAt(at);
    if (char === "'") isQuoted = !isQuoted;
    if (at < path.length && (char !== '/' || isQuoted)) continue;
    if (at > start) segments.push(decode(path.slice(start, at)));
    start = at + 1;
  }
  return segments;
};

const nameAndKey = (
  segment: string,
): { readonly name: string; readonly key: string | undefined } => {
  const open = segment.indexOf('(');
  if (open < 0) return { name: segment, key: undefined };
  if (!segment.endsWith(')')) throw badRequest(`Malformed segment '${segment}'`);
  return { name: segment.slice(0, open), key: segment.slice(open + 1, -1) };
};

const noSegment = (name: string): ODataError =>
  new ODataError(404, '/IWBEP/CM_MGW_RT/020', `Resource not found for segment '${name}'`);

const resolveSet = (service: Service, segment: string): Resource => {
  const { name, key } = nameAndKey(segment);
  const set = findSet(service, name);
  if (set === undefined) throw noSegment(name);
  const collection: Collection = { kind: 'collection', set, origin: undefined };
  return key === undefined || key === '' ? collection : entityIn(service, collection, key);
};

const entityIn = (service: Service, collection: Collection, keyText: string): EntityAt => {
  const { set, origin } = collection;
  const key = parseKey(set, keyText, service.version);
  const row = set.source.byKey(key);
  if (row === undefined) throw noSegment(`${set.name}Type`);
  if (origin !== undefined) {
    const keyOf = keyReaderOf(set);
    const wanted = keyTextOf(key);
    const isThere = [...origin.navigation.rows(origin.row)].some(
      (entry) => keyTextOf(keyOf(entry)) === wanted,
    );
    if (!isThere) throw noSegment(`${set.name}Type`);
  }
  return { kind: 'entity', set, row };
};

const step = (service: Service, at: Resource, segment: string): Resource => {
  if (segment === '$count' && at.kind === 'collection') return { kind: 'count', collection: at };
  if (segment === '$value' && at.kind === 'property') return { ...at, isRaw: true };
  if (segment === '$links' || segment === '$value')
    throw new ODataError(501, '/IWBEP/CM_MGW_RT/139', `'${segment}' is not supported here`);
  if (at.kind !== 'entity') throw noSegment(segment);
  const { name, key } = nameAndKey(segment);
  const property = key === undefined ? propertyOf(at.set, name) : undefined;
  if (property !== undefined) return { kind: 'property', entity: at, property, isRaw: false };
  if (at.set.navigations?.some((entry) => entry.name === name) !== true) throw noSegment(name);
  const { navigation, target } = navigationOf(service, at.set, name);
  if (navigation.multiplicity === '*') {
    const origin = { set: at.set, row: at.row, navigation };
    const collection: Collection = { kind: 'collection', set: target, origin };
    return key === undefined || key === '' ? collection : entityIn(service, collection, key);
  }
  const [row] = navigation.rows(at.row);
  if (row === undefined) throw noSegment(name);
  return { kind: 'entity', set: target, row };
};

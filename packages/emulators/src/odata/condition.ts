import type { EntitySet, Property, PropertyValue, Service } from './model.js';
import { classOf, compareValues } from './values.js';

/** A `$filter` as it is understood: bound to its set, literals turned into values. */

export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export type TextMatch = 'contains' | 'startswith' | 'endswith';

/** A property of the row itself, or of a row reached over to-one navigations. */
export interface PropertyPath {
  readonly through: readonly string[];
  readonly property: Property;
}

export type Condition =
  | {
      readonly kind: 'compare';
      readonly path: PropertyPath;
      readonly operator: Operator;
      readonly value: PropertyValue;
    }
  | {
      readonly kind: 'compare-properties';
      readonly left: PropertyPath;
      readonly right: PropertyPath;
      readonly operator: Operator;
    }
  | {
      readonly kind: 'text';
      readonly match: TextMatch;
      readonly path: PropertyPath;
      readonly text: string;
    }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

export type Predicate = (row: unknown) => boolean;

export const findSet = (service: Service, name: string): EntitySet | undefined =>
  service.entitySets.find((set) => set.name === name);

export const propertyOf = (
  set: Pick<EntitySet, 'properties'>,
  name: string,
): Property | undefined => set.properties.find((property) => property.name === name);

/** A function that tests rows; made once per request, so that a row costs only its own values. */
export const predicateOf = (service: Service, set: EntitySet, condition: Condition): Predicate => {
  switch (condition.kind) {
    case 'compare':
      return comparePredicate(service, set, condition);
    case 'compare-properties': {
      const left = readerOf(service, set, condition.left);
      const right = readerOf(service, set, condition.right);
      const valueClass = classOf(condition.left.property.type);
      const { operator } = condition;
      return (row) => holds(operator, valueClass, left(row), right(row));
    }
    case 'text':
      return textPredicate(service, set, condition);
    case 'not': {
      const inner = predicateOf(service, set, condition.of);
      return (row) => !inner(row);
    }
    default:
      return groupPredicate(service, set, condition.kind, condition.of);
  }
};

/** Reads a path from a row; null where a navigation on the way leads nowhere. */
export const readerOf = (
  service: Service,
  set: EntitySet,
  path: PropertyPath,
): ((row: unknown) => PropertyValue) => {
  const { property } = path;
  if (path.through.length === 0) return (row) => property.value(row);
  const steps: ((row: unknown) => Iterable<unknown>)[] = [];
  let from: EntitySet | undefined = set;
  for (const name of path.through) {
    const navigation = from?.navigations?.find((entry) => entry.name === name);
    if (navigation === undefined) throw new TypeError(`${set.name} has no navigation ${name}`);
    steps.push((row) => navigation.rows(row));
    from = findSet(service, navigation.target);
  }
  return (row) => {
    let at: unknown = row;
    for (const step of steps) {
      const [next] = step(at);
      if (next === undefined) return null;
      at = next;
    }
    return property.value(at);
  };
};

const comparePredicate = (
  service: Service,
  set: EntitySet,
  condition: Extract<Condition, { kind: 'compare' }>,
): Predicate => {
  const read = readerOf(service, set, condition.path);
  const valueClass = classOf(condition.path.property.type);
  const { operator, value } = condition;
  if (valueClass === 'text' && operator === 'eq') return (row) => read(row) === value;
  return (row) => holds(operator, valueClass, read(row), value);
};

/** Null equals null only; no order holds with it. */
const holds = (
  operator: Operator,
  valueClass: ReturnType<typeof classOf>,
  left: PropertyValue,
  right: PropertyValue,
): boolean => {
  if (left === null || right === null) {
    if (operator === 'eq') return left === right;
    return operator === 'ne' && left !== right;
  }
  const order = compareValues(valueClass, left, right);
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    default:
      return order <= 0;
  }
};

const textPredicate = (
  service: Service,
  set: EntitySet,
  condition: Extract<Condition, { kind: 'text' }>,
): Predicate => {
  const read = readerOf(service, set, condition.path);
  const { match, text } = condition;
  const test = (value: string): boolean => {
    if (match === 'contains') return value.includes(text);
    return match === 'startswith' ? value.startsWith(text) : value.endsWith(text);
  };
  return (row) => {
    const value = read(row);
    return typeof value === 'string' && test(value);
  };
};

const groupPredicate = (
  service: Service,
  set: EntitySet,
  kind: 'all' | 'any',
  conditions: readonly Condition[],
): Predicate => {
  if (kind === 'any') {
    const oneOf = oneOfPredicate(service, set, conditions);
    if (oneOf !== undefined) return oneOf;
  }
  const tests = conditions.map((condition) => predicateOf(service, set, condition));
  if (kind === 'all') return (row) => tests.every((test) => test(row));
  return (row) => tests.some((test) => test(row));
};

/** `A eq 'x' or A eq 'y' or …`, as clients fetch by key, is one look into a set. */
const oneOfPredicate = (
  service: Service,
  set: EntitySet,
  conditions: readonly Condition[],
): Predicate | undefined => {
  const first = conditions[0];
  if (first?.kind !== 'compare' || classOf(first.path.property.type) !== 'text') return undefined;
  const values = new Set<PropertyValue>();
  for (const condition of conditions) {
    if (condition.kind !== 'compare' || condition.operator !== 'eq') return undefined;
    if (condition.path.property !== first.path.property) return undefined;
    if (condition.path.through.join('/') !== first.path.through.join('/')) return undefined;
    values.add(condition.value);
  }
  const read = readerOf(service, set, first.path);
  return (row) => values.has(read(row));
};

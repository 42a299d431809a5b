import { badRequest } from './errors.js';
import { readStamp } from './stamps.js';
import { completenessOf, type FieldValue, type PimEntity, type PimStore } from './store.js';
import { structureOf } from './structure.js';

/** `POST /query`: every entity that meets all criteria, as ids, all at once. There are no pages. */

type Test = (entity: PimEntity) => boolean;
type Given = Readonly<Record<string, unknown>>;

export const queryEntities = (store: PimStore, body: unknown): number[] => {
  const query = recordOf(body, 'The query');
  const tests: Test[] = [
    ...listOf(query['systemCriteria'], 'systemCriteria').map((entry) => systemTest(store, entry)),
    ...dataTests(store, query['dataCriteria'], query['dataCriteriaOperator']),
  ];
  const link = query['linkCriterion'];
  if (link !== undefined && link !== null)
    tests.push(linkTest(store, recordOf(link, 'linkCriterion')));
  const found: number[] = [];
  for (const entity of store.entities.values()) {
    if (tests.every((test) => test(entity))) found.push(entity.id);
  }
  return found;
};

const recordOf = (value: unknown, what: string): Given => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return badRequest(`${what} must be an object.`);
  }
  return value as Given;
};

const listOf = (value: unknown, what: string): readonly Given[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return badRequest(`${what} must be a list.`);
  return value.map((entry) => recordOf(entry, what));
};

type Ordered = string | number;
type Comparison = (have: Ordered, wanted: Ordered) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  Equal: (have, wanted) => have === wanted,
  NotEqual: (have, wanted) => have !== wanted,
  GreaterThan: (have, wanted) => have > wanted,
  GreaterThanOrEqual: (have, wanted) => have >= wanted,
  LessThan: (have, wanted) => have < wanted,
  LessThanOrEqual: (have, wanted) => have <= wanted,
};

const comparisonOf = (operator: unknown, type: string): Comparison => {
  const comparison = COMPARISONS[String(operator ?? 'Equal')];
  return comparison ?? badRequest(`Operator ${String(operator)} cannot be used with ${type}.`);
};

const systemTest = (store: PimStore, criterion: Given): Test => {
  const type = String(criterion['type']);
  const compare = comparisonOf(criterion['operator'], type);
  const { value } = criterion;
  const text = (of: (entity: PimEntity) => string): Test => {
    if (typeof value !== 'string') return badRequest(`The value of ${type} must be a text.`);
    return (entity) => compare(of(entity), value);
  };
  const time = (of: (entity: PimEntity) => string): Test => {
    const stamp = readStamp(value);
    if (stamp === null) return badRequest(`The value of ${type} must be a time.`);
    return (entity) => compare(of(entity), stamp);
  };
  if (type === 'EntityTypeId') return text(({ type: { id } }) => id);
  if (type === 'FieldSetId') return text(({ fieldSetId }) => fieldSetId ?? '');
  if (type === 'CreatedBy') return text(({ createdBy }) => createdBy);
  if (type === 'ModifiedBy') return text(({ modifiedBy }) => modifiedBy);
  if (type === 'Created') return time(({ createdDate }) => createdDate);
  if (type === 'LastModified') return time(({ modifiedDate }) => modifiedDate);
  if (type === 'SegmentIds') return () => Number(value) === 0;
  if (type === 'Completeness') {
    const wanted = Number(value);
    if (Number.isNaN(wanted)) return badRequest('The value of Completeness must be a number.');
    return (entity) => compare(completenessOf(store, entity), wanted);
  }
  if (type === 'ChannelId') {
    const within = new Set(structureOf(store, Number(value)).map(({ entityId }) => entityId));
    return (entity) => within.has(entity.id);
  }
  if (type === 'PublicationId') return () => false;
  return badRequest(`There is no system criterion ${type}.`);
};

const dataTests = (store: PimStore, criteria: unknown, operator: unknown): readonly Test[] => {
  const tests = listOf(criteria, 'dataCriteria').map((entry) => dataTest(store, entry));
  if (operator !== 'Or' || tests.length === 0) return tests;
  return [(entity) => tests.some((test) => test(entity))];
};

const dataTest = (store: PimStore, criterion: Given): Test => {
  const id = String(criterion['fieldTypeId']);
  const field = store.model.entityTypes.flatMap(({ fields }) => fields).find((f) => f.id === id);
  if (field === undefined) return badRequest(`There is no field type ${id}.`);
  const operator = String(criterion['operator'] ?? 'Equal');
  const language = criterion['language'];
  const valueIn = (entity: PimEntity): FieldValue => {
    const value = entity.values.get(id) ?? null;
    if (field.dataType !== 'LocaleString' || typeof language !== 'string') return value;
    return (value as Record<string, string> | null)?.[language] ?? null;
  };
  if (operator === 'Empty' || operator === 'NotEmpty') {
    return (entity) => {
      const value = valueIn(entity);
      const isEmpty = value === null || value === '' || Object.keys(Object(value)).length === 0;
      return typeof value === 'object' || typeof value === 'string'
        ? isEmpty === (operator === 'Empty')
        : operator === 'NotEmpty';
    };
  }
  const wanted = criterion['value'];
  if (operator === 'Contains' || operator === 'BeginsWith') {
    return (entity) => {
      const value = valueIn(entity);
      if (Array.isArray(value)) return value.includes(wanted);
      const text = String(value ?? '').toLowerCase();
      const part = String(wanted).toLowerCase();
      return operator === 'Contains' ? text.includes(part) : text.startsWith(part);
    };
  }
  const compare = comparisonOf(operator, id);
  return (entity) => {
    const value = valueIn(entity);
    if (typeof value === 'boolean') return compare(String(value), String(wanted));
    if (typeof value === 'number') return compare(value, Number(wanted));
    return typeof value === 'string' && compare(value, String(wanted));
  };
};

const linkTest = (store: PimStore, criterion: Given): Test => {
  const linkTypeId = String(criterion['linkTypeId']);
  if (!store.model.linkTypes.some(({ id }) => id === linkTypeId)) {
    return badRequest(`There is no link type ${linkTypeId}.`);
  }
  const isInbound = String(criterion['direction']).toLowerCase() === 'inbound';
  const tests = dataTests(store, criterion['dataCriteria'], undefined);
  const mustExist = criterion['linkExists'] !== false;
  return (entity) => {
    const links = isInbound
      ? store.inbound(entity.id, linkTypeId)
      : store.outbound(entity.id, linkTypeId);
    const isThere = links.some(({ source, target }) => {
      const other = store.entities.get(isInbound ? source : target);
      return other !== undefined && tests.every((test) => test(other));
    });
    return isThere === mustExist;
  };
};

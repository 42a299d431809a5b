import {
  type CompanyModel,
  type EntityTypeModel,
  entityTypeOf,
  type FieldTypeModel,
  type LinkTypeModel,
} from './company-model.js';
import { stampOf } from './stamps.js';

/**
 * What the PIM holds: entities with values and their history, links, and who is told of changes.
 * Editing a field moves the entity's date of change; adding or removing a link does not.
 */

export type FieldValue =
  | null
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, string>>;

export interface Revision {
  readonly value: FieldValue;
  readonly revision: number;
  readonly modifiedBy: string;
  readonly modifiedDate: string;
}

export interface PimEntity {
  readonly id: number;
  readonly type: EntityTypeModel;
  fieldSetId: string | null;
  readonly createdBy: string;
  readonly createdDate: string;
  modifiedBy: string;
  modifiedDate: string;
  version: number;
  readonly values: Map<string, FieldValue>;
  /** Of fields that changed after the entity was made. */
  readonly revisions: Map<string, Revision[]>;
}

export interface PimLink {
  readonly id: number;
  readonly type: LinkTypeModel;
  readonly source: number;
  readonly target: number;
  index: number;
  isActive: boolean;
}

export type PimChange =
  | { readonly kind: 'entity-created' | 'entity-deleted'; readonly entity: PimEntity }
  | {
      readonly kind: 'entity-updated';
      readonly entity: PimEntity;
      readonly fieldTypeIds: readonly string[];
    }
  | { readonly kind: 'link-created' | 'link-deleted'; readonly link: PimLink };

export interface PimStore {
  readonly model: CompanyModel;
  /** In the order of their ids. */
  readonly entities: ReadonlyMap<number, PimEntity>;
  readonly listeners: Set<(change: PimChange) => void>;
  readonly create: (
    type: EntityTypeModel,
    values: Readonly<Record<string, FieldValue>>,
    fieldSetId: string | null,
    atMs: number,
    by: string,
  ) => PimEntity;
  readonly edit: (
    entity: PimEntity,
    values: Readonly<Record<string, FieldValue>>,
    atMs: number,
    by: string,
  ) => void;
  /** Takes the links along. */
  readonly remove: (entity: PimEntity) => void;
  readonly link: (type: LinkTypeModel, source: number, target: number, index?: number) => PimLink;
  readonly unlink: (link: PimLink) => void;
  readonly linkById: (id: number) => PimLink | undefined;
  /** By place, then id. */
  readonly outbound: (id: number, linkTypeId?: string) => readonly PimLink[];
  readonly inbound: (id: number, linkTypeId?: string) => readonly PimLink[];
  readonly byUnique: (fieldTypeId: string, value: FieldValue) => number | undefined;
  readonly revisionsOf: (entity: PimEntity, fieldTypeId: string) => readonly Revision[];
  readonly counts: () => { readonly entities: number; readonly links: number };
}

const isEmpty = (value: FieldValue | undefined): boolean => {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  return Object.values(value).every((part) => part === '');
};

/** Fields of the type that the entity's field set has. */
export const fieldsOf = (entity: PimEntity): readonly FieldTypeModel[] =>
  entity.type.fields.filter(
    ({ fieldSets }) =>
      fieldSets === undefined ||
      (entity.fieldSetId !== null && fieldSets.includes(entity.fieldSetId)),
  );

const EMPTY: readonly PimLink[] = [];

export const createPimStore = (model: CompanyModel): PimStore => {
  const entities = new Map<number, PimEntity>();
  const links = new Map<number, PimLink>();
  const outbound = new Map<number, PimLink[]>();
  const inbound = new Map<number, PimLink[]>();
  const unique = new Map<string, number>();
  const listeners = new Set<(change: PimChange) => void>();
  let nextEntityId = model.firstEntityId;
  let nextLinkId = 1;
  let edits = 0;
  const announce = (change: PimChange): void => {
    for (const listener of listeners) listener(change);
  };
  const uniqueKey = (fieldTypeId: string, value: FieldValue): string =>
    `${fieldTypeId}\0${String(value)}`;
  const index = (entity: PimEntity, value: FieldValue | undefined, field: FieldTypeModel): void => {
    if (field.isUnique === true && !isEmpty(value)) {
      unique.set(uniqueKey(field.id, value ?? null), entity.id);
    }
  };
  const unindex = (value: FieldValue | undefined, field: FieldTypeModel): void => {
    if (field.isUnique === true) unique.delete(uniqueKey(field.id, value ?? null));
  };
  const into = (map: Map<number, PimLink[]>, id: number, link: PimLink): void => {
    const list = map.get(id);
    if (list === undefined) map.set(id, [link]);
    else {
      list.push(link);
      list.sort((a, b) => a.index - b.index || a.id - b.id);
    }
  };
  const outOf = (map: Map<number, PimLink[]>, id: number, link: PimLink): void => {
    const rest = (map.get(id) ?? []).filter((entry) => entry !== link);
    if (rest.length === 0) map.delete(id);
    else map.set(id, rest);
  };
  const select = (
    map: Map<number, PimLink[]>,
    id: number,
    linkTypeId?: string,
  ): readonly PimLink[] => {
    const list = map.get(id) ?? EMPTY;
    return linkTypeId === undefined ? list : list.filter(({ type }) => type.id === linkTypeId);
  };

  const unlink = (link: PimLink): void => {
    links.delete(link.id);
    outOf(outbound, link.source, link);
    outOf(inbound, link.target, link);
    announce({ kind: 'link-deleted', link });
  };

  return {
    model,
    entities,
    listeners,
    create: (type, values, fieldSetId, atMs, by) => {
      const createdDate = stampOf(atMs, nextEntityId);
      const entity: PimEntity = {
        id: nextEntityId++,
        type,
        fieldSetId,
        createdBy: by,
        createdDate,
        modifiedBy: by,
        modifiedDate: createdDate,
        version: 1,
        values: new Map(Object.entries(values)),
        revisions: new Map(),
      };
      entities.set(entity.id, entity);
      for (const field of type.fields) index(entity, entity.values.get(field.id), field);
      announce({ kind: 'entity-created', entity });
      return entity;
    },
    edit: (entity, values, atMs, by) => {
      const stamp = stampOf(atMs, edits++);
      // Stamps are text; an entity's date of change never goes back.
      const modifiedDate = [entity.modifiedDate, stamp].sort()[1] ?? stamp;
      for (const [id, value] of Object.entries(values)) {
        const field = entity.type.fields.find((entry) => entry.id === id);
        if (field === undefined) throw new RangeError(`${entity.type.id} has no field ${id}`);
        const before = entity.values.get(id);
        let history = entity.revisions.get(id);
        if (history === undefined) {
          const { createdBy, createdDate } = entity;
          const first = { revision: 1, modifiedBy: createdBy, modifiedDate: createdDate };
          history = before === undefined ? [] : [{ value: before, ...first }];
          entity.revisions.set(id, history);
        }
        history.push({ value, revision: history.length + 1, modifiedBy: by, modifiedDate });
        unindex(before, field);
        entity.values.set(id, value);
        index(entity, value, field);
      }
      entity.modifiedDate = modifiedDate;
      entity.modifiedBy = by;
      entity.version++;
      announce({ kind: 'entity-updated', entity, fieldTypeIds: Object.keys(values) });
    },
    remove: (entity) => {
      for (const link of [...select(outbound, entity.id), ...select(inbound, entity.id)]) {
        unlink(link);
      }
      for (const field of entity.type.fields) unindex(entity.values.get(field.id), field);
      entities.delete(entity.id);
      announce({ kind: 'entity-deleted', entity });
    },
    link: (type, source, target, place) => {
      const siblings = select(outbound, source, type.id);
      const link: PimLink = {
        id: nextLinkId++,
        type,
        source,
        target,
        index: place ?? (siblings.at(-1)?.index ?? -1) + 1,
        isActive: true,
      };
      links.set(link.id, link);
      into(outbound, source, link);
      into(inbound, target, link);
      announce({ kind: 'link-created', link });
      return link;
    },
    unlink,
    linkById: (id) => links.get(id),
    outbound: (id, linkTypeId) => select(outbound, id, linkTypeId),
    inbound: (id, linkTypeId) => select(inbound, id, linkTypeId),
    byUnique: (fieldTypeId, value) => unique.get(uniqueKey(fieldTypeId, value)),
    revisionsOf: (entity, fieldTypeId) => {
      const history = entity.revisions.get(fieldTypeId);
      if (history !== undefined) return history;
      const value = entity.values.get(fieldTypeId);
      if (value === undefined) return [];
      const { createdBy, createdDate } = entity;
      return [{ value, revision: 1, modifiedBy: createdBy, modifiedDate: createdDate }];
    },
    counts: () => ({ entities: entities.size, links: links.size }),
  };
};

/** One rule of completeness: a field filled, in one language where it has several, or a link. */
export interface CompletenessRule {
  readonly group: string;
  readonly name: string;
  readonly isCompleted: boolean;
}

export const rulesOf = (store: PimStore, entity: PimEntity): readonly CompletenessRule[] => {
  const rules: CompletenessRule[] = [];
  for (const field of fieldsOf(entity)) {
    if (field.isExpected !== true) continue;
    const value = entity.values.get(field.id);
    if (field.dataType !== 'LocaleString') {
      rules.push({ group: 'Data', name: field.id, isCompleted: !isEmpty(value) });
      continue;
    }
    const texts = (value ?? {}) as Readonly<Record<string, string>>;
    for (const { name, of } of store.model.languages) {
      if (of === null) continue;
      rules.push({ group: `Texts ${name}`, name: field.id, isCompleted: !isEmpty(texts[name]) });
    }
  }
  if (entity.type === entityTypeOf(store.model, 'product')) {
    for (const { id, role } of store.model.linkTypes) {
      if (role !== 'product-item' && role !== 'product-resource') continue;
      const isCompleted = store.outbound(entity.id, id).length > 0;
      rules.push({ group: 'Links', name: id, isCompleted });
    }
  }
  return rules;
};

export const completenessOf = (store: PimStore, entity: PimEntity): number => {
  const rules = rulesOf(store, entity);
  const done = rules.filter(({ isCompleted }) => isCompleted).length;
  return rules.length === 0 ? 100 : Math.floor((done * 100) / rules.length);
};

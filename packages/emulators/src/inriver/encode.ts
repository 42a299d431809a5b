import type { FieldTypeModel } from './company-model.js';
import { badRequest } from './errors.js';
import { showStamp } from './stamps.js';
import {
  completenessOf,
  type FieldValue,
  fieldsOf,
  type PimEntity,
  type PimStore,
} from './store.js';

/** What the PIM writes about an entity. */

export type Json = Record<string, unknown>;

const ASSETS = 'https://asset.example.org';

export const summaryOf = (store: PimStore, entity: PimEntity): Json => {
  const { hasZone } = store.model;
  const { type } = entity;
  const set = type.fieldSets?.find(({ id }) => id === entity.fieldSetId);
  return {
    id: entity.id,
    displayName: displayOf(store, entity, type.displayName),
    displayDescription: displayOf(store, entity, type.displayDescription),
    version: String(entity.version),
    lockedBy: null,
    createdBy: entity.createdBy,
    createdDate: showStamp(entity.createdDate, hasZone),
    formattedCreatedDate: entity.createdDate.slice(0, 10),
    modifiedBy: entity.modifiedBy,
    modifiedDate: showStamp(entity.modifiedDate, hasZone),
    formattedModifiedDate: entity.modifiedDate.slice(0, 10),
    resourceUrl: filesOf(store, entity)[0]?.url ?? null,
    entityTypeId: type.id,
    entityTypeDisplayName: type.name,
    completeness: completenessOf(store, entity),
    fieldSetId: entity.fieldSetId,
    fieldSetName: set?.name ?? null,
    segmentId: 0,
    segmentName: 'Default',
  };
};

const displayOf = (
  store: PimStore,
  entity: PimEntity,
  fieldId: string | undefined,
): string | null => {
  const value = fieldId === undefined ? null : (entity.values.get(fieldId) ?? null);
  if (typeof value === 'string') return value;
  const texts = (value ?? {}) as Readonly<Record<string, string>>;
  return texts[store.model.languages[0]?.name ?? ''] ?? null;
};

/** A missing value is null; a localized one names every language. */
export const writtenValue = (
  store: PimStore,
  entity: PimEntity,
  field: FieldTypeModel,
): FieldValue => {
  const value = entity.values.get(field.id) ?? null;
  if (field.dataType !== 'LocaleString') return value;
  const texts = (value ?? {}) as Readonly<Record<string, string>>;
  return Object.fromEntries(store.model.languages.map(({ name }) => [name, texts[name] ?? '']));
};

export const fieldValuesOf = (
  store: PimStore,
  entity: PimEntity,
  only: readonly string[],
): Json[] =>
  fieldsOf(entity)
    .filter(({ id }) => only.length === 0 || only.includes(id))
    .map((field) => ({ fieldTypeId: field.id, value: writtenValue(store, entity, field) }));

const displayValueOf = (store: PimStore, field: FieldTypeModel, value: FieldValue): unknown => {
  const cvl = store.model.cvls.find(({ id }) => id === field.cvlId);
  if (cvl === undefined) return value;
  const shown = (key: string): unknown =>
    cvl.values.find((entry) => entry.key === key)?.value ?? key;
  return Array.isArray(value) ? value.map(shown) : typeof value === 'string' ? shown(value) : value;
};

const fieldSummariesOf = (store: PimStore, entity: PimEntity, only: readonly string[]): Json[] =>
  fieldsOf(entity)
    .filter(({ id }) => only.length === 0 || only.includes(id))
    .map((field) => {
      const value = writtenValue(store, entity, field);
      return {
        ...fieldTypeJson(entity.type.fields, field),
        entityId: entity.id,
        value,
        displayValue: displayValueOf(store, field, value),
        categoryName: field.categoryId ?? 'General',
        revision: store.revisionsOf(entity, field.id).length,
      };
    });

export const fieldTypeJson = (fields: readonly FieldTypeModel[], field: FieldTypeModel): Json => ({
  fieldTypeId: field.id,
  fieldTypeDisplayName: field.name,
  fieldTypeDescription: null,
  fieldDataType: field.dataType,
  isMultiValue: field.isMulti === true,
  isHidden: false,
  isReadOnly: false,
  isMandatory: field.isMandatory === true,
  isUnique: field.isUnique === true,
  isExcludedFromDefaultView: false,
  includedInFieldSets: field.fieldSets ?? [],
  categoryId: field.categoryId ?? 'General',
  index: fields.indexOf(field),
  cvlId: field.cvlId ?? null,
  parentCvlId: null,
  settings: {},
});

interface FileFacts {
  readonly fileId: number;
  readonly url: string;
  readonly fileName: string;
  readonly entity: PimEntity;
}

/** The entity's own file, then those of the resources it links to, in their order. */
const filesOf = (store: PimStore, entity: PimEntity): readonly FileFacts[] => {
  const linked = store
    .outbound(entity.id)
    .filter(({ type, isActive }) => isActive && type.target === 'resource')
    .flatMap(({ target }) => store.entities.get(target) ?? []);
  return [entity, ...linked].flatMap((holder) => {
    const role = (wanted: string) => holder.type.fields.find((entry) => entry.role === wanted)?.id;
    const fileId = holder.values.get(role('file') ?? '');
    const fileName = holder.values.get(role('fileName') ?? '');
    if (typeof fileId !== 'number' || typeof fileName !== 'string') return [];
    return [{ fileId, fileName, url: `${ASSETS}/${fileId}/${fileName}`, entity: holder }];
  });
};

const mediaDetailsOf = (store: PimStore, entity: PimEntity): Json[] =>
  filesOf(store, entity).map(({ fileId, url, fileName, entity: holder }) => ({
    fileId,
    url,
    fileName,
    extension: fileName.split('.').at(-1),
    fileSize: 80_000 + ((fileId * 7_919) % 900_000),
    dateCreated: showStamp(holder.createdDate, store.model.hasZone),
    lastModified: showStamp(holder.modifiedDate, store.model.hasZone),
    entityId: holder.id,
  }));

const OBJECTS = [
  'EntitySummary',
  'FieldsSummary',
  'FieldValues',
  'SpecificationSummary',
  'SpecificationValues',
  'Media',
  'MediaDetails',
];

const listText = (text: unknown, what: string): readonly string[] => {
  if (text === undefined || text === null) return [];
  if (typeof text !== 'string') return badRequest(`${what} must be a list joined by commas.`);
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
};

const objectsOf = (text: unknown): readonly string[] => {
  const names = listText(text, 'objects');
  const unknown = names.find((name) => !OBJECTS.includes(name));
  if (unknown !== undefined) return badRequest(`There is no object ${unknown}.`);
  return names;
};

const partsOf = (
  store: PimStore,
  entity: PimEntity,
  objects: readonly string[],
  fieldTypeIds: readonly string[],
): Json => ({
  ...(objects.includes('EntitySummary') ? { summary: summaryOf(store, entity) } : {}),
  ...(objects.includes('FieldsSummary')
    ? { fields: fieldSummariesOf(store, entity, fieldTypeIds) }
    : {}),
  ...(objects.includes('FieldValues')
    ? { fieldValues: fieldValuesOf(store, entity, fieldTypeIds) }
    : {}),
  ...(objects.includes('SpecificationSummary') ? { specification: [] } : {}),
  ...(objects.includes('SpecificationValues') ? { specificationValues: [] } : {}),
  ...(objects.includes('Media') ? { media: filesOf(store, entity).map(({ url }) => url) } : {}),
  ...(objects.includes('MediaDetails') ? { mediaDetails: mediaDetailsOf(store, entity) } : {}),
});

const IDS_MAX = 1_000;

/** `POST entities:fetchdata`. Ids that do not exist are not in the answer. */
export const fetchData = (store: PimStore, body: Json): Json[] => {
  const ids = body['entityIds'];
  if (!Array.isArray(ids)) return badRequest('entityIds is required.');
  if (ids.length > IDS_MAX) return badRequest(`At most ${IDS_MAX} entity ids are allowed.`);
  if (typeof body['objects'] !== 'string') return badRequest('objects is required.');
  const objects = objectsOf(body['objects']);
  const fieldTypeIds = listText(body['fieldTypeIds'], 'fieldTypeIds');
  const linked = (entity: PimEntity, direction: 'inbound' | 'outbound'): Json => {
    const given = body[direction];
    if (given === undefined || given === null) return {};
    const wanted = given as Json;
    const types = listText(wanted['linkTypeIds'], 'linkTypeIds');
    const parts = objectsOf(wanted['objects']);
    const links = direction === 'inbound' ? store.inbound(entity.id) : store.outbound(entity.id);
    const rows = links
      .filter(({ type, isActive }) => isActive && (types.length === 0 || types.includes(type.id)))
      .flatMap((link) => {
        const other = store.entities.get(direction === 'inbound' ? link.source : link.target);
        if (other === undefined) return [];
        return {
          entityId: other.id,
          linkTypeId: link.type.id,
          linkIndex: link.index,
          linkEntity: null,
          ...partsOf(store, other, parts, fieldTypeIds),
        };
      });
    return { [direction]: rows };
  };
  return ids.flatMap((id) => {
    const entity = store.entities.get(Number(id));
    if (entity === undefined) return [];
    return {
      entityId: entity.id,
      ...partsOf(store, entity, objects, fieldTypeIds),
      ...linked(entity, 'inbound'),
      ...linked(entity, 'outbound'),
    };
  });
};

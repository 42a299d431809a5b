import type { EntityTypeModel, FieldTypeModel } from './company-model.js';
import { badRequest } from './errors.js';
import type { FieldValue, PimEntity, PimStore } from './store.js';

/** Checks values given to the PIM against the model, as the PIM does before it writes any of them. */
export const checkValues = (
  store: PimStore,
  type: EntityTypeModel,
  given: unknown,
  entity: PimEntity | undefined,
): Record<string, FieldValue> => {
  if (!Array.isArray(given)) return badRequest('Field values must be a list.');
  const values: Record<string, FieldValue> = {};
  for (const entry of given as readonly Record<string, unknown>[]) {
    const field = type.fields.find(({ id }) => id === entry?.['fieldTypeId']);
    if (field === undefined) {
      return badRequest(`${type.id} has no field type ${String(entry?.['fieldTypeId'])}.`);
    }
    values[field.id] = checkValue(store, field, entry['value'] ?? null, entity);
  }
  for (const field of type.fields) {
    const isSet = values[field.id] ?? entity?.values.get(field.id) ?? null;
    if (field.isMandatory === true && isSet === null) {
      return badRequest(`${field.id} is mandatory.`);
    }
  }
  return values;
};

const checkValue = (
  store: PimStore,
  field: FieldTypeModel,
  value: unknown,
  entity: PimEntity | undefined,
): FieldValue => {
  const wrong = (): never => badRequest(`${field.id} takes a value of type ${field.dataType}.`);
  if (value === null) return null;
  if (field.isUnique === true) {
    const holder = store.byUnique(field.id, value as FieldValue);
    if (holder !== undefined && holder !== entity?.id) {
      return badRequest(`The value of ${field.id} must be unique; entity ${holder} has it.`);
    }
  }
  switch (field.dataType) {
    case 'LocaleString': {
      if (typeof value !== 'object' || Array.isArray(value)) return wrong();
      const names = store.model.languages.map(({ name }) => name);
      for (const [language, text] of Object.entries(value as object)) {
        if (!names.includes(language) || typeof text !== 'string') return wrong();
      }
      const before = entity?.values.get(field.id);
      return {
        ...(typeof before === 'object' ? before : {}),
        ...(value as Record<string, string>),
      };
    }
    case 'CVL': {
      const keys = field.isMulti === true && Array.isArray(value) ? value : [value];
      const known = store.model.cvls.find(({ id }) => id === field.cvlId)?.values ?? [];
      for (const key of keys) if (!known.some((entry) => entry.key === key)) return wrong();
      return field.isMulti === true ? (keys as string[]) : (value as string);
    }
    case 'Integer':
    case 'File':
      return Number.isInteger(value) ? (value as number) : wrong();
    case 'Double':
      return typeof value === 'number' ? value : wrong();
    case 'Boolean':
      return typeof value === 'boolean' ? value : wrong();
    default:
      return typeof value === 'string' ? value : wrong();
  }
};

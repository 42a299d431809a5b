import type { CompanyModel } from './company-model.js';
import { fieldTypeJson, type Json } from './encode.js';
import { notFound } from './errors.js';

/** `GET /model/…`: how this customer models. */

export const readModel = (
  model: CompanyModel,
  parts: readonly string[],
  query: URLSearchParams,
) => {
  const [what, id, rest] = parts;
  if (what === 'entitytypes') {
    const wanted = query.get('entityTypeIds')?.split(',');
    const types = model.entityTypes.filter((type) => wanted?.includes(type.id) ?? true);
    return types.map((type) => entityTypeJson(model, type.id));
  }
  if (what === 'fieldtypes') {
    const types = model.entityTypes.flatMap(({ fields }) =>
      fields.map((field) => fieldTypeJson(fields, field)),
    );
    if (id === undefined) return types;
    return types.find(({ fieldTypeId }) => fieldTypeId === id) ?? notFound(`Field type ${id}`);
  }
  if (what === 'cvls') {
    if (id === undefined) return model.cvls.map(cvlJson);
    const cvl = model.cvls.find((entry) => entry.id === id);
    if (cvl === undefined) return notFound(`CVL ${id}`);
    if (rest !== 'values') return cvlJson(cvl);
    return cvl.values.map(({ key, value }, index) => ({ key, value, index, parentKey: null }));
  }
  if (what === 'languages') {
    return model.languages.map(({ name, displayName }) => ({ name, displayName }));
  }
  if (what === 'fieldsets') {
    return model.entityTypes.flatMap((type) =>
      (type.fieldSets ?? []).map((set) => ({
        fieldSetId: set.id,
        name: set.name,
        description: null,
        entityTypeId: type.id,
        fieldTypeIds: type.fields
          .filter(({ fieldSets }) => fieldSets?.includes(set.id) === true)
          .map((field) => field.id),
      })),
    );
  }
  if (what === 'linktypes') {
    return model.linkTypes.map((link, index) => ({
      id: link.id,
      sourceEntityTypeId: typeId(model, link.source),
      targetEntityTypeId: typeId(model, link.target),
      sourceName: link.id,
      targetName: link.id,
      linkEntityTypeId: null,
      index,
    }));
  }
  return notFound(`model/${what ?? ''}`);
};

const typeId = (model: CompanyModel, role: string): string | undefined =>
  model.entityTypes.find((type) => type.role === role)?.id;

const cvlJson = (cvl: CompanyModel['cvls'][number]): Json => ({
  id: cvl.id,
  dataType: cvl.dataType,
  parentId: null,
  customValueList: false,
});

const entityTypeJson = (model: CompanyModel, id: string): Json => {
  const type = model.entityTypes.find((entry) => entry.id === id);
  if (type === undefined) return notFound(`Entity type ${id}`);
  return {
    id: type.id,
    name: type.name,
    isLinkEntityType: false,
    fieldTypes: type.fields.map((field) => fieldTypeJson(type.fields, field)),
    inboundLinkTypes: model.linkTypes.filter((l) => l.target === type.role).map((l) => l.id),
    outboundLinkTypes: model.linkTypes.filter((l) => l.source === type.role).map((l) => l.id),
    fieldSetIds: (type.fieldSets ?? []).map((set) => set.id),
    displayNameFieldTypeId: type.displayName,
    displayDescriptionFieldTypeId: type.displayDescription ?? null,
  };
};

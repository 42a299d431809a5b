/** Reference data the mapping reads, with sorted keys so that it is the same when nothing changed. */
import type { Json, JsonObject } from '@headrace/sdk';
import type { InriverConfig } from './config.js';
import { fieldIdOf, type MappedType } from './fields.js';
import { objects, text } from './json.js';
import { type FieldType, readTypes } from './model.js';
import { type InriverContext, readModel } from './rest.js';

export async function readContext(context: InriverContext): Promise<JsonObject> {
  const languages = objects(await readModel(context, 'languages')).flatMap(
    ({ name }) => text(name) ?? [],
  );
  const mapped = mappedFieldIds(context.config);
  const fields = (await fieldTypes(context)).filter(({ id }) => mapped.has(id));
  const cvlIds = [...new Set(fields.flatMap(({ cvlId }) => cvlId ?? []))].sort();
  const cvls: Record<string, Json> = {};
  for (const id of cvlIds) {
    const values = objects(await readModel(context, `cvls/${encodeURIComponent(id)}/values`));
    cvls[id] = sorted(
      values.flatMap(({ key, value }) => {
        const name = text(key);
        return name === null ? [] : [[name, value ?? null] as const];
      }),
    );
  }
  return {
    cvls,
    fieldTypes: sorted(
      fields.map(({ id, dataType, cvlId, isMulti }) => [id, { cvlId, dataType, isMulti }] as const),
    ),
    languages,
  };
}

/** Every field type of the entity types the settings name. */
export async function fieldTypes(context: InriverContext): Promise<readonly FieldType[]> {
  const wanted = new Set(Object.values(context.config.types));
  const { types } = await readTypes(context);
  return types.filter(({ id }) => wanted.has(id)).flatMap(({ fields }) => fields);
}

function mappedFieldIds({ fields }: InriverConfig): ReadonlySet<string> {
  const ids = (Object.keys(fields) as MappedType[]).flatMap((type) =>
    Object.values(fields[type]).flatMap((source) => fieldIdOf(source) ?? []),
  );
  return new Set(ids);
}

function sorted(entries: readonly (readonly [string, Json])[]): JsonObject {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { HeadraceError } from '../connector/errors.js';
import type { EntityFields, EntityName } from './registry.js';
import { entityDefinitions, isEntityName, unknownEntity } from './registry.js';

interface FieldIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
}

/**
 * Checks what a mapping gave for an entity and writes canonical texts. Called for each mapped
 * record. Throws `E_FIELDS` with the first wrong path and never a value: errors are shown and
 * stored, values may be personal.
 */
export function checkFields<Name extends EntityName>(
  entity: Name,
  fields: Readonly<Record<string, unknown>>,
): EntityFields<Name> {
  if (!isEntityName(entity)) throw unknownEntity();
  const result = entityDefinitions[entity].schema.safeParse(fields);
  if (result.success) return result.data as EntityFields<Name>;
  const issue = result.error.issues[0] as FieldIssue | undefined;
  const path = [...(issue?.path ?? []), ...(issue?.keys?.slice(0, 1) ?? [])].map(String).join('.');
  const problem = issue?.code ?? 'custom';
  throw new HeadraceError('record', `Field ${path} of ${entity} is not valid (${problem}).`, {
    code: 'E_FIELDS',
    hint: 'Compare the mapping with the field’s type in the reference of the canonical model.',
    context: { entity, path, problem },
  });
}

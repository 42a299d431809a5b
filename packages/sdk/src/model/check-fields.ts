import { HeadraceError } from '../connector/errors.js';
import { type CompiledCheck, compileCheck, refused } from './compile-check.js';
import type { EntityFields, EntityName } from './registry.js';
import { entityDefinitions, entityNames, isEntityName, unknownEntity } from './registry.js';

interface FieldIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
}

const compiled: ReadonlyMap<EntityName, CompiledCheck | null> = new Map(
  entityNames.map((name) => [name, compileCheck(entityDefinitions[name].schema)]),
);

/**
 * Checks what a mapping gave for an entity and writes canonical texts. Called for each mapped
 * record; fields given as undefined count as not told. Throws `E_FIELDS` with the first wrong path
 * and never a value: errors are shown and stored, values may be personal.
 */
export function checkFields<Name extends EntityName>(
  entity: Name,
  fields: Readonly<Record<string, unknown>>,
): EntityFields<Name> {
  if (!isEntityName(entity)) throw unknownEntity();
  const checked = compiled.get(entity)?.(fields) ?? refused;
  return (checked === refused ? checkSlowly(entity, fields) : checked) as EntityFields<Name>;
}

/** Has zod say what is wrong. */
function checkSlowly(entity: EntityName, fields: Readonly<Record<string, unknown>>): unknown {
  const result = entityDefinitions[entity].schema.safeParse(fields);
  if (result.success) {
    return Object.fromEntries(
      Object.entries(result.data).filter(([, value]) => value !== undefined),
    );
  }
  const issue = result.error.issues[0] as FieldIssue | undefined;
  const path = [...(issue?.path ?? []), ...(issue?.keys?.slice(0, 1) ?? [])].map(String).join('.');
  const problem = issue?.code ?? 'custom';
  throw new HeadraceError('record', `Field ${path} of ${entity} is not valid (${problem}).`, {
    code: 'E_FIELDS',
    hint: 'Compare the mapping with the field’s type in the reference of the canonical model.',
    context: { entity, path, problem },
  });
}

import { HeadraceError } from '../connector/errors.js';
import type { EntityName } from './registry.js';
import { entityDefinitions, entityNames, unknownEntity } from './registry.js';

// Key text: the key fields in declared order, each percent-encoded so that no part holds a slash,
// joined by slashes: order `alpha-nl/10023`, stock `SKU-1/dc-nl`. A part that is absent or null is
// `-`; a field that really is a hyphen is written `%2D`, so the two never meet.
//
// Anchor: `<aggregate>/<parts>`, the id people know first, so that a search by the beginning finds
// all there is about it: everything of an order is under `order/<orderNo>/<channel>`, all that is
// bounded per variant under `variant/<sku>`. Records without end per sku (movements, competitors'
// offers, behaviour) and records whose aggregate is not known stand under their own key.

interface KeyPlan {
  readonly fields: readonly string[];
  readonly isRequired: readonly boolean[];
  readonly anchorName: string;
  /** Places of the key parts that make the anchor; null when it is the own key. */
  readonly anchorParts: readonly number[] | null;
}

const absentPart = '-';
const hyphenPart = '%2D';
const plainPart = /^[A-Za-z0-9_.~-]+$/;

const plans: ReadonlyMap<string, KeyPlan> = new Map(
  entityNames.map((name) => [name, planOf(name)]),
);

/**
 * The canonical key text of checked fields. Throws `E_KEY_MISSING` when a required part is absent.
 */
export function entityKey(entity: EntityName, fields: Readonly<Record<string, unknown>>): string {
  const plan = planFor(entity);
  let key = '';
  for (let index = 0; index < plan.fields.length; index += 1) {
    const field = plan.fields[index] as string;
    const part = encodePart(fields[field]);
    if (part === absentPart && plan.isRequired[index] === true) throw missing(entity, field);
    if (part === null) throw malformed(entity);
    key = index === 0 ? part : `${key}/${part}`;
  }
  return key;
}

/** The key fields of a key text, null for absent parts. Throws `E_KEY_MALFORMED`. */
export function parseEntityKey(
  entity: EntityName,
  key: string,
): Readonly<Record<string, string | null>> {
  const plan = planFor(entity);
  const parts = key.split('/');
  if (parts.length !== plan.fields.length) throw malformed(entity);
  const fields: Record<string, string | null> = {};
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] as string;
    const value = part === absentPart ? null : decodePart(part);
    if (value === undefined) throw malformed(entity);
    if (value === null && plan.isRequired[index] === true) throw malformed(entity);
    fields[plan.fields[index] as string] = value;
  }
  return fields;
}

/** The aggregate a record is indexed under, from its key text: `order/10023/alpha-nl`. */
export function anchorOf(entity: EntityName, key: string): string {
  const plan = planFor(entity);
  if (plan.anchorParts === null) return `${entity}/${key}`;
  const parts = key.split('/');
  if (parts.length !== plan.fields.length) throw malformed(entity);
  let anchor = plan.anchorName;
  for (let index = 0; index < plan.anchorParts.length; index += 1) {
    const part = parts[plan.anchorParts[index] as number] as string;
    if (index === 0 && part === absentPart) return `${entity}/${key}`;
    anchor += `/${part}`;
  }
  return anchor;
}

function encodePart(value: unknown): string | null {
  if (typeof value === 'string') {
    if (plainPart.test(value)) return value === absentPart ? hyphenPart : value;
    if (value === '') return absentPart;
    try {
      return encodeURIComponent(value);
    } catch {
      return null;
    }
  }
  if (value === undefined || value === null) return absentPart;
  return typeof value === 'number' && Number.isSafeInteger(value) ? encodePart(`${value}`) : null;
}

function decodePart(part: string): string | undefined {
  try {
    const value = decodeURIComponent(part);
    // Only the one spelling we write is a key; otherwise two texts would name one record.
    return value !== '' && encodePart(value) === part ? value : undefined;
  } catch {
    return undefined;
  }
}

function planFor(entity: EntityName): KeyPlan {
  const plan = plans.get(entity);
  if (plan === undefined) throw unknownEntity();
  return plan;
}

function planOf(entity: EntityName): KeyPlan {
  const { keyFields, schema, aggregate } = entityDefinitions[entity];
  const shape: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> =
    schema.shape;
  const anchorParts = aggregate?.keyFields.map((field) => keyFields.indexOf(field)) ?? null;
  const isOwnKey =
    aggregate?.name === entity && anchorParts?.every((part, index) => part === index) === true;
  return {
    fields: keyFields,
    isRequired: keyFields.map((field) => shape[field]?.safeParse(undefined).success !== true),
    anchorName: aggregate?.name ?? entity,
    anchorParts: isOwnKey ? null : anchorParts,
  };
}

function missing(entity: EntityName, field: string): HeadraceError {
  return new HeadraceError('record', `A ${entity} needs ${field} for its key.`, {
    code: 'E_KEY_MISSING',
    hint: 'Give the field in the mapping, or quarantine until the source tells it.',
    context: { entity, field },
  });
}

function malformed(entity: EntityName): HeadraceError {
  return new HeadraceError('record', `The text is not a key of ${entity}.`, {
    code: 'E_KEY_MALFORMED',
    context: { entity },
  });
}

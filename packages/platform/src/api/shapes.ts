/** Schemas that several routes share, and the names under which the OpenAPI document lists them. */
import { entityNames } from '@headrace/sdk';
import { z } from 'zod';
import { isStorableKey } from '../engine/index.js';

/** Components of the document; what is not named here is written out where it is used. */
export const components = z.registry<{ id: string }>();

export function named<S extends z.ZodType>(id: string, schema: S): S {
  components.add(schema, { id });
  return schema;
}

export const jsonObject = z.record(z.string(), z.unknown());
export const instant = z.string().meta({ format: 'date-time' });
/** Epoch ms. */
export const epoch = z.number().int();
export const offset = z.number().int().min(0);
export const count = z.number().int().min(0);

export const entityName = z.enum(entityNames as [string, ...string[]]);
/** A text that the store can hold as part of a key. */
export const keyText = z
  .string()
  .min(1)
  .refine(isStorableKey, { message: 'Too long, or not plain text.' });

export const problemShape = named(
  'Problem',
  z
    .object({
      type: z.string().meta({ description: 'Address of a page that says what to do.' }),
      title: z.string(),
      status: z.number().int(),
      code: z.string().meta({ description: 'Stable; listed in the reference of error codes.' }),
      detail: z.string().optional(),
      errors: z
        .array(
          z.object({
            detail: z.string(),
            pointer: z.string().optional().meta({ description: 'JSON pointer into the body.' }),
            parameter: z.string().optional(),
          }),
        )
        .optional(),
    })
    .meta({ description: 'What went wrong, as RFC 9457 has it.' }),
);

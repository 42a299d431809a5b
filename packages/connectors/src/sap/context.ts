/** Reference data the mapping needs beside a record: which condition types are in use. */
import type { JsonObject } from '@headrace/sdk';
import { distinctIfReadable } from './distinct.js';
import type { SapContext } from './odata/question.js';

export async function readContext(context: SapContext): Promise<JsonObject> {
  return { conditionTypes: await conditionTypes(context) };
}

/** None where prices are not read, or may not be. */
export async function conditionTypes(context: SapContext): Promise<readonly string[]> {
  if (context.config.without.includes('price')) return [];
  const found = await distinctIfReadable(context, {
    root: '/sap/opu/odata/sap/API_SLSPRICINGCONDITIONRECORD_SRV',
    set: 'A_SlsPrcgConditionRecord',
    properties: ['ConditionType'],
    // More kinds of conditions than any pricing procedure has.
    max: 200,
  });
  return found.flatMap(([type]) => type ?? []);
}

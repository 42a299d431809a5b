/** Reference data the mapping needs beside a record: which condition types are in use. */
import type { JsonObject } from '@headrace/sdk';
import { HeadraceError } from '@headrace/sdk';
import { text } from './json.js';
import { parseRecord } from './odata/page.js';
import { compare } from './odata/query.js';
import { get, type SapContext } from './odata/question.js';

const ROOT = '/sap/opu/odata/sap/API_SLSPRICINGCONDITIONRECORD_SRV';
/** More kinds of conditions than any pricing procedure has. */
const TYPES_MAX = 200;

export async function readContext(context: SapContext): Promise<JsonObject> {
  if (context.config.without.includes('price')) return { conditionTypes: [] };
  try {
    return { conditionTypes: await conditionTypes(context) };
  } catch (thrown) {
    const status = thrown instanceof HeadraceError ? thrown.context.status : undefined;
    // Prices are then not read at all; `check` says so.
    if (status !== 403 && status !== 404) throw thrown;
    context.log.warn('Condition records cannot be read.', { status });
    return { conditionTypes: [] };
  }
}

/** Goes from one type to the next in the order of types: as many requests as there are types. */
async function conditionTypes(context: SapContext): Promise<readonly string[]> {
  const found: string[] = [];
  while (found.length < TYPES_MAX) {
    const last = found.at(-1);
    const page = await get(
      context,
      ROOT,
      'A_SlsPrcgConditionRecord',
      {
        select: ['ConditionRecord', 'ConditionType'],
        orderBy: ['ConditionType'],
        top: 1,
        filter:
          last === undefined
            ? null
            : compare({ property: 'ConditionType', kind: 'text', value: last }, 'gt', 2),
      },
      2,
    );
    const [record] = page.records;
    const type = record === undefined ? null : text(parseRecord(record).ConditionType);
    // A service that does not filter would send the same type for ever.
    if (type === null || type === last) return found;
    found.push(type);
  }
  return found;
}

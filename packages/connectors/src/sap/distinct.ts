/** What values some properties of a set have, without reading the set. */
import { HeadraceError } from '@headrace/sdk';
import { text } from './json.js';
import { parseRecord } from './odata/page.js';
import { beyond } from './odata/query.js';
import { get, type SapContext } from './odata/question.js';

export interface ValuesOf {
  /** Path of the service below the system's address. */
  readonly root: string;
  readonly set: string;
  readonly properties: readonly string[];
  /** No more requests than this. */
  readonly max: number;
}

/**
 * Goes from one combination of values to the next in their order: as many requests as there are
 * combinations. Empty values are none.
 */
export async function distinct(
  context: SapContext,
  { root, set, properties, max }: ValuesOf,
): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  let last: readonly string[] | null = null;
  for (let count = 0; count < max; count += 1) {
    const position: readonly string[] | null = last;
    const terms = properties.map((property, at) => ({
      ...{ property, kind: 'text' as const },
      value: position?.[at] ?? '',
    }));
    const page = await get(
      context,
      root,
      set,
      {
        select: properties,
        orderBy: properties,
        top: 1,
        filter: position === null ? null : beyond(terms, 'after', 2),
      },
      2,
    );
    const [record] = page.records;
    if (record === undefined) return found;
    const row = parseRecord(record);
    const values = properties.map((property) => text(row[property]) ?? '');
    // A service that does not filter would send the same values for ever.
    if (position !== null && values.join('/') === position.join('/')) return found;
    if (values.some((value) => value !== '')) found.push(values);
    last = values;
  }
  return found;
}

/** The same, or nothing where these credentials may not read it; `check` says so. */
export async function distinctIfReadable(
  context: SapContext,
  wanted: ValuesOf,
): Promise<readonly (readonly string[])[]> {
  try {
    return await distinct(context, wanted);
  } catch (thrown) {
    const status = thrown instanceof HeadraceError ? thrown.context.status : undefined;
    if (status !== 403 && status !== 404) throw thrown;
    context.log.warn('These values cannot be read.', { set: wanted.set, status });
    return [];
  }
}

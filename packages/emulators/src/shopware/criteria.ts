import { errorEntry, ShopwareError, type ShopwareErrorEntry } from './errors.js';
import { ID_PATTERN } from './ids.js';

/** Search criteria as clients send them, checked and made regular. */

export const LIMIT_MAX = 500;
export const LIMIT_DEFAULT = 100;

export type FilterValue = string | number | boolean | null;

export type Filter =
  | { readonly kind: 'equals'; readonly field: string; readonly value: FilterValue }
  | { readonly kind: 'equalsAny'; readonly field: string; readonly values: readonly FilterValue[] }
  | {
      readonly kind: 'text';
      readonly how: 'contains' | 'prefix' | 'suffix';
      readonly field: string;
      readonly value: string;
    }
  | {
      readonly kind: 'range';
      readonly field: string;
      readonly gt?: string | number;
      readonly gte?: string | number;
      readonly lt?: string | number;
      readonly lte?: string | number;
    }
  | {
      readonly kind: 'multi';
      readonly operator: 'and' | 'or' | 'xor';
      readonly queries: readonly Filter[];
    }
  | {
      readonly kind: 'not';
      readonly operator: 'and' | 'or' | 'xor';
      readonly queries: readonly Filter[];
    };

export interface Sorting {
  readonly field: string;
  readonly isDescending: boolean;
}

export interface Criteria {
  readonly page: number;
  /** Undefined: everything (only with ids). */
  readonly limit: number | undefined;
  readonly ids: readonly string[];
  readonly filters: readonly Filter[];
  readonly sortings: readonly Sorting[];
  readonly associations: ReadonlyMap<string, Criteria>;
  readonly includes: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  readonly excludes: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  readonly totalCountMode: 0 | 1 | 2;
}

type Body = Readonly<Record<string, unknown>>;

const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const parseCriteria = (body: Body, isNested = false): Criteria => {
  const errors: ShopwareErrorEntry[] = [];
  const ids = parseIds(body['ids'], errors);
  const criteria: Criteria = {
    page: parsePage(body['page'], errors),
    limit: parseLimit(body['limit'], ids.length > 0 || isNested, errors),
    ids,
    filters: parseFilters(body['filter'], '/filter', errors).concat(
      parseFilters(body['post-filter'], '/post-filter', errors),
    ),
    sortings: parseSortings(body['sort'], errors),
    associations: new Map(
      Object.entries(isBody(body['associations']) ? body['associations'] : {}).map(
        ([name, nested]) => [name, parseCriteria(isBody(nested) ? nested : {}, true)],
      ),
    ),
    includes: parseFieldSets(body['includes']),
    excludes: parseFieldSets(body['excludes']),
    totalCountMode: parseTotalCountMode(body['total-count-mode']),
  };
  if (errors.length > 0) throw new ShopwareError(400, errors);
  return criteria;
};

const parseIds = (value: unknown, errors: ShopwareErrorEntry[]): string[] => {
  const ids = typeof value === 'string' ? value.split('|').filter((id) => id !== '') : value;
  if (ids === undefined || ids === null) return [];
  if (!Array.isArray(ids)) {
    errors.push(
      errorEntry(400, 'FRAMEWORK__INVALID_IDS', 'The ids parameter has to be an array.', '/ids'),
    );
    return [];
  }
  for (const id of ids) {
    if (typeof id === 'string' && ID_PATTERN.test(id)) continue;
    errors.push(
      errorEntry(
        400,
        'FRAMEWORK__INVALID_UUID',
        `Value is not a valid UUID: ${String(id)}`,
        '/ids',
      ),
    );
  }
  return ids as string[];
};

const parsePage = (value: unknown, errors: ShopwareErrorEntry[]): number => {
  if (value === undefined) return 1;
  const page = Number(value);
  if (Number.isInteger(page) && page > 0 && value !== '') return page;
  errors.push(
    errorEntry(
      400,
      'FRAMEWORK__INVALID_PAGE_QUERY',
      `The page parameter must be a positive integer. Given: ${String(value)}`,
      '/page',
    ),
  );
  return 1;
};

const parseLimit = (
  value: unknown,
  isUnlimited: boolean,
  errors: ShopwareErrorEntry[],
): number | undefined => {
  if (value === undefined || value === null) return isUnlimited ? undefined : LIMIT_DEFAULT;
  const limit = Number(value);
  if (!Number.isInteger(limit) || limit <= 0 || value === '') {
    errors.push(
      errorEntry(
        400,
        'FRAMEWORK__INVALID_LIMIT_QUERY',
        `The limit parameter must be a positive integer greater or equals than 1. Given: ${String(value)}`,
        '/limit',
      ),
    );
    return LIMIT_DEFAULT;
  }
  if (limit > LIMIT_MAX) {
    errors.push(
      errorEntry(
        400,
        'FRAMEWORK__QUERY_LIMIT_EXCEEDED',
        `The limit must be lower than or equal to MAX_LIMIT(=${LIMIT_MAX}). Given: ${limit}`,
        '/limit',
      ),
    );
  }
  return limit;
};

const parseTotalCountMode = (value: unknown): 0 | 1 | 2 => {
  if (value === 'exact' || value === 1 || value === '1') return 1;
  if (value === 'next-pages' || value === 2 || value === '2') return 2;
  return 0;
};

const parseFieldSets = (value: unknown): Map<string, ReadonlySet<string>> | undefined => {
  if (!isBody(value)) return undefined;
  const sets = new Map<string, ReadonlySet<string>>();
  for (const [alias, fields] of Object.entries(value)) {
    if (Array.isArray(fields)) sets.set(alias, new Set(fields.map(String)));
  }
  return sets;
};

const parseSortings = (value: unknown, errors: ShopwareErrorEntry[]): Sorting[] => {
  if (value === undefined) return [];
  if (typeof value === 'string') {
    return value
      .split(',')
      .filter((part) => part !== '')
      .map((part) => ({ field: part.replace(/^-/, ''), isDescending: part.startsWith('-') }));
  }
  const list = Array.isArray(value) ? value : [value];
  return list.flatMap((entry, index) => {
    if (!isBody(entry) || typeof entry['field'] !== 'string') {
      errors.push(
        errorEntry(
          400,
          'FRAMEWORK__INVALID_SORT_QUERY',
          'A value for the sort parameter is required.',
          `/sort/${index}`,
        ),
      );
      return [];
    }
    return [
      {
        field: entry['field'],
        isDescending: String(entry['order'] ?? 'asc').toLowerCase() === 'desc',
      },
    ];
  });
};

const parseFilters = (value: unknown, pointer: string, errors: ShopwareErrorEntry[]): Filter[] => {
  if (value === undefined || value === null) return [];
  if (isBody(value)) {
    return Object.entries(value).map(([field, entry]) => ({
      kind: 'equals',
      field,
      value: entry as FilterValue,
    }));
  }
  if (!Array.isArray(value)) {
    errors.push(
      errorEntry(
        400,
        'FRAMEWORK__INVALID_FILTER_QUERY',
        'The filter parameter has to be a list of filters.',
        pointer,
      ),
    );
    return [];
  }
  return value.flatMap((entry, index) => parseFilter(entry, `${pointer}/${index}`, errors) ?? []);
};

const parseFilter = (
  entry: unknown,
  pointer: string,
  errors: ShopwareErrorEntry[],
): Filter | undefined => {
  const invalid = (detail: string): undefined => {
    errors.push(errorEntry(400, 'FRAMEWORK__INVALID_FILTER_QUERY', detail, pointer));
    return undefined;
  };
  if (!isBody(entry) || typeof entry['type'] !== 'string') {
    return invalid('Value for filter type is required.');
  }
  const { type } = entry;
  if (type === 'multi' || type === 'not' || type === 'and' || type === 'or') {
    const operator =
      type === 'and' || type === 'or' ? type : String(entry['operator'] ?? 'and').toLowerCase();
    return {
      kind: type === 'not' ? 'not' : 'multi',
      operator: operator === 'or' ? 'or' : operator === 'xor' ? 'xor' : 'and',
      queries: parseFilters(entry['queries'], `${pointer}/queries`, errors),
    };
  }
  const field = entry['field'];
  if (typeof field !== 'string' || field === '') return invalid('Parameter "field" is missing.');
  const value = entry['value'];
  if (type === 'equals') {
    if (value === undefined || value === '')
      return invalid('Parameter "value" for equals filter is missing.');
    return { kind: 'equals', field, value: value as FilterValue };
  }
  if (type === 'equalsAny') {
    const values = typeof value === 'string' ? value.split('|') : value;
    if (!Array.isArray(values) || values.length === 0) {
      return invalid('Parameter "value" for equalsAny filter does not contain any value.');
    }
    return { kind: 'equalsAny', field, values: values as FilterValue[] };
  }
  if (type === 'contains' || type === 'prefix' || type === 'suffix') {
    if (value === undefined || value === '')
      return invalid(`Parameter "value" for ${type} filter is missing.`);
    return { kind: 'text', how: type, field, value: String(value) };
  }
  if (type === 'range') {
    const bounds = entry['parameters'];
    if (!isBody(bounds) || Object.keys(bounds).length === 0) {
      return invalid('Parameter "parameters" for range filter is missing.');
    }
    const bound = (name: string): Record<string, string | number> =>
      bounds[name] === undefined || bounds[name] === null
        ? {}
        : { [name]: bounds[name] as string | number };
    return {
      kind: 'range',
      field,
      ...bound('gt'),
      ...bound('gte'),
      ...bound('lt'),
      ...bound('lte'),
    };
  }
  return invalid(`The filter type "${type}" is not supported.`);
};

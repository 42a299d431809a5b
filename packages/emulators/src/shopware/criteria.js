import { errorEntry, ShopwareError } from './errors.js';
import { ID_PATTERN } from './ids.js';
/** Search criteria as clients send them, checked and made regular. */
export const LIMIT_MAX = 500;
export const LIMIT_DEFAULT = 100;
const isBody = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
export const parseCriteria = (body, isNested = false) => {
  const errors = [];
  const ids = parseIds(body['ids'], errors);
  const criteria = {
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
const parseIds = (value, errors) => {
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
  return ids;
};
const parsePage = (value, errors) => {
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
const parseLimit = (value, isUnlimited, errors) => {
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
const parseTotalCountMode = (value) => {
  if (value === 'exact' || value === 1 || value === '1') return 1;
  if (value === 'next-pages' || value === 2 || value === '2') return 2;
  return 0;
};
const parseFieldSets = (value) => {
  if (!isBody(value)) return undefined;
  const sets = new Map();
  for (const [alias, fields] of Object.entries(value)) {
    if (Array.isArray(fields)) sets.set(alias, new Set(fields.map(String)));
  }
  return sets;
};
const parseSortings = (value, errors) => {
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
const parseFilters = (value, pointer, errors) => {
  if (value === undefined || value === null) return [];
  if (isBody(value)) {
    return Object.entries(value).map(([field, entry]) => ({
      kind: 'equals',
      field,
      value: entry,
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
const parseFilter = (entry, pointer, errors) => {
  const invalid = (detail) => {
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
    return { kind: 'equals', field, value: value };
  }
  if (type === 'equalsAny') {
    const values = typeof value === 'string' ? value.split('|') : value;
    if (!Array.isArray(values) || values.length === 0) {
      return invalid('Parameter "value" for equalsAny filter does not contain any value.');
    }
    return { kind: 'equalsAny', field, values: values };
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
    const bound = (name) =>
      bounds[name] === undefined || bounds[name] === null ? {} : { [name]: bounds[name] };
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
//# sourceMappingURL=criteria.js.map

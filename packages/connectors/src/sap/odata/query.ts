/** Addresses and filters of OData, both versions. Pure. */

export type ODataVersion = 2 | 4;

/** How a property is compared with a literal. */
export type LiteralKind = 'text' | 'instant' | 'day' | 'time' | 'plain';

/** A property and what it is compared with; `plain` values (numbers, guids) are written as they are. */
export interface Term {
  readonly property: string;
  readonly kind: LiteralKind;
  readonly value: string;
}

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** `datetimeoffset'…'` in version 2, bare in version 4. */
export function literal(
  { kind, value }: Pick<Term, 'kind' | 'value'>,
  version: ODataVersion,
): string {
  if (kind === 'plain') return value;
  if (kind === 'text') return `'${value.replaceAll("'", "''")}'`;
  if (version === 4) return value;
  if (kind === 'instant') return `datetimeoffset'${value}'`;
  if (kind === 'day') return `datetime'${value}T00:00:00'`;
  const [hour = '00', minute = '00', second = '00'] = value.split(':');
  return `time'PT${hour}H${minute}M${second}S'`;
}

export function compare(term: Term, comparison: Comparison, version: ODataVersion): string {
  return `${term.property} ${comparison} ${literal(term, version)}`;
}

export function both(filters: readonly (string | null)[]): string | null {
  return joined(filters, 'and');
}

export function either(filters: readonly (string | null)[]): string | null {
  return joined(filters, 'or');
}

function joined(filters: readonly (string | null)[], word: 'and' | 'or'): string | null {
  const all = filters.filter((filter) => filter !== null);
  const [first] = all;
  if (first === undefined) return null;
  return all.length === 1 ? first : all.map((filter) => `(${filter})`).join(` ${word} `);
}

/**
 * What lies beyond a position in the order of some properties:
 * `a gt 1 or (a eq 1 and b gt 2)`. With one property it is a single comparison.
 */
export function beyond(
  position: readonly Term[],
  direction: 'after' | 'before',
  version: ODataVersion,
): string | null {
  const comparison = direction === 'after' ? 'gt' : 'lt';
  return either(
    position.map((term, index) =>
      both([
        ...position.slice(0, index).map((earlier) => compare(earlier, 'eq', version)),
        compare(term, comparison, version),
      ]),
    ),
  );
}

export interface QueryOptions {
  readonly select?: readonly string[];
  readonly expand?: readonly string[];
  readonly filter?: string | null;
  readonly orderBy?: readonly string[];
  readonly top?: number;
  readonly skip?: number;
  readonly count?: boolean;
}

/**
 * Path and query of a set below the system's address. Version 4 writes what an expanded set selects
 * in parentheses behind it; version 2 writes it as a path in `$select`.
 */
export function pathOf(
  root: string,
  set: string,
  options: QueryOptions,
  version: ODataVersion,
  more: Readonly<Record<string, string>> = {},
): string {
  const { select, expand, filter, orderBy, top, skip, count } = options;
  const parts: [string, string][] = [];
  if (version === 2) parts.push(['$format', 'json']);
  if (filter != null) parts.push(['$filter', filter]);
  if (orderBy !== undefined && orderBy.length > 0) parts.push(['$orderby', orderBy.join(',')]);
  if (top !== undefined) parts.push(['$top', String(top)]);
  if (skip !== undefined) parts.push(['$skip', String(skip)]);
  if (expand !== undefined && expand.length > 0) parts.push(['$expand', expand.join(',')]);
  if (select !== undefined && select.length > 0) parts.push(['$select', select.join(',')]);
  if (count === true) parts.push(version === 2 ? ['$inlinecount', 'allpages'] : ['$count', 'true']);
  for (const [name, value] of Object.entries(more)) parts.push([name, value]);
  const query = parts.map(([name, value]) => `${name}=${encode(value)}`).join('&');
  return `${root}/${set}${query === '' ? '' : `?${query}`}`;
}

/** Commas, colons and quotes may stand in a query (RFC 3986) and keep an address readable. */
function encode(value: string): string {
  return encodeURIComponent(value)
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/');
}

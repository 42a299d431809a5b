import type { SearchAnswer } from '../shopware/fault-port.js';
import type { ActiveFault } from './faults.js';

/** How a search answer goes wrong while its status stays 200. */

type Entity = Record<string, unknown>;
type Rewrite = (body: Buffer) => Buffer;

const DEFAULT_FIELD: Readonly<Record<string, string>> = {
  product: 'stock',
  order: 'amountTotal',
  customer: 'email',
  category: 'name',
};

export const distort = (
  fault: ActiveFault,
  entity: string,
  answer: SearchAnswer,
  page: { readonly page: number; readonly limit: number },
  record: (ids: readonly string[], detail?: string) => void,
): Rewrite | undefined => {
  const { fields } = answer;
  const ids = answer.data.map((row) => fields?.idOf(row) ?? String(row['id'] ?? ''));
  if (fault.kind === 'empty-feed') {
    record(ids);
    answer.data.length = 0;
    answer.total = 0;
    return undefined;
  }
  if (fault.kind === 'drop-last-page') {
    // A page that is not full is the last one.
    if (answer.data.length === 0 || answer.data.length >= page.limit) return undefined;
    record(ids);
    answer.total = Math.min(answer.total, (page.page - 1) * page.limit);
    answer.data.length = 0;
    return undefined;
  }
  if (fault.kind === 'rows') {
    const rows = fault.rows?.(answer.data, entity) ?? answer.data;
    record(ids);
    answer.data.splice(0, answer.data.length, ...rows);
    return undefined;
  }
  if (answer.data.length === 0) return undefined;
  if (fault.kind === 'schema-change') {
    const field = fault.field ?? fields?.number ?? DEFAULT_FIELD[entity] ?? 'name';
    record(ids, `${fault.change ?? 'rename'} ${field}`);
    for (const row of answer.data) changeField(row, field, fault.change ?? 'rename');
    return undefined;
  }
  if (fault.kind === 'unit-shift') {
    const factor = fault.factor ?? 100;
    const field =
      fault.field ??
      fields?.number ??
      (entity === 'product' ? 'price' : (DEFAULT_FIELD[entity] ?? 'amountTotal'));
    record(ids, `${field} x${factor}`);
    for (const row of answer.data) row[field] = shift(row[field], factor);
    return undefined;
  }
  return poison(fault, answer, record);
};

const changeField = (row: Entity, field: string, change: string): void => {
  if (change === 'add') row[`${field}V2`] = row[field] ?? null;
  else if (change === 'remove') delete row[field];
  else if (change === 'retype')
    row[field] = typeof row[field] === 'number' ? String(row[field]) : { value: row[field] };
  else if (change === 'new-enum') row[field] = 'a_value_never_seen_before';
  else {
    row[`${field}Renamed`] = row[field] ?? null;
    delete row[field];
  }
};

const DECIMAL_TEXT = /^-?\d+(?:\.\d+)?$/;

const shift = (value: unknown, factor: number): unknown => {
  if (typeof value === 'number') return Math.round(value * factor * 100) / 100;
  // Decimals that are text keep their number of decimals.
  if (typeof value === 'string' && DECIMAL_TEXT.test(value))
    return (Number(value) * factor).toFixed(value.split('.')[1]?.length ?? 0);
  if (Array.isArray(value)) return value.map((entry) => shift(entry, factor));
  if (typeof value !== 'object' || value === null) return value;
  const shifted: Entity = {};
  for (const [name, entry] of Object.entries(value)) {
    shifted[name] = name === 'percentage' || name === 'taxRate' ? entry : shift(entry, factor);
  }
  return shifted;
};

const MARK = '@@poison@@';

/** Puts one rotten record into the answer; the others stay sound. */
const poison = (
  fault: ActiveFault,
  answer: SearchAnswer,
  record: (ids: readonly string[], detail?: string) => void,
): Rewrite | undefined => {
  const kind = fault.poison ?? 'invalid-utf8';
  const row = answer.data[fault.injected % answer.data.length];
  if (row === undefined) return undefined;
  const { fields } = answer;
  record([fields?.idOf(row) ?? String(row['id'] ?? '')], kind);
  const textField = fault.field ?? fields?.text ?? ('name' in row ? 'name' : 'customerComment');
  const numberField = fault.field ?? fields?.number ?? ('stock' in row ? 'stock' : 'amountTotal');
  if (kind === 'null-id') {
    row[fields?.key ?? 'id'] = null;
    return undefined;
  }
  if (kind === 'unknown-currency' && fields !== undefined) {
    row[fields.currency] = 'ZZZ';
    return undefined;
  }
  if (kind === 'unknown-currency') {
    row['currencyId'] = 'ffffffffffffffffffffffffffffffff';
    if (Array.isArray(row['price'])) {
      row['price'] = row['price'].map((price: Entity) => ({
        ...price,
        currencyId: 'ffffffffffffffffffffffffffffffff',
      }));
    }
    return undefined;
  }
  if (kind === 'huge-string') {
    row[textField] = 'x'.repeat(fault.bytes ?? 50 * 1024 * 1024);
    return undefined;
  }
  if (kind === 'deep') {
    row[fields?.text ?? 'customFields'] = MARK;
    const depth = fault.depth ?? 10_000;
    return replaceMark(Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`));
  }
  if (kind === 'nan') {
    row[numberField] = MARK;
    return replaceMark(Buffer.from('NaN'));
  }
  row[textField] = MARK;
  return replaceMark(Buffer.from([0x22, 0x62, 0x61, 0x64, 0xc3, 0x28, 0xff, 0xfe, 0x22]));
};

const replaceMark =
  (by: Buffer): Rewrite =>
  (body) => {
    const mark = Buffer.from(`"${MARK}"`);
    const at = body.indexOf(mark);
    return at < 0
      ? body
      : Buffer.concat([body.subarray(0, at), by, body.subarray(at + mark.length)]);
  };

/** What is wrong with canonical rows by themselves: sums that do not add up, parts that are missing. */
import {
  type EntityName,
  type Json,
  type JsonObject,
  minorUnitMicros,
  parseMoney,
} from '@headrace/sdk';
import type { StoredRow } from '../engine/index.js';

export interface RowFault {
  readonly kind: 'sum' | 'lines' | 'required' | 'identity' | 'nothing';
  readonly entity: string;
  readonly key: string;
  readonly what: string;
}

/** Faults of the rows one record states; `requiredOf` names the fields an entity must fill. */
export function rowFaults(
  rows: readonly StoredRow[],
  requiredOf: (entity: EntityName) => readonly string[],
): RowFault[] {
  const faults: RowFault[] = [];
  for (const row of rows) {
    for (const field of requiredOf(row.entity as EntityName)) {
      if (isEmpty(row.fields[field])) {
        faults.push({ kind: 'required', ...nameOf(row), what: `${field} is empty` });
      }
    }
    if (row.entity === 'order') faults.push(...orderFaults(row, rows));
    if (row.entity === 'stock') faults.push(...stockFaults(row));
  }
  return faults;
}

function nameOf({ entity, key }: StoredRow) {
  return { entity, key };
}

export function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** A total is the sum of its lines and its shipping; discounts are lines, or stated beside them. */
function orderFaults(order: StoredRow, rows: readonly StoredRow[]): RowFault[] {
  const lines = rows.filter(({ entity }) => entity === 'orderLine');
  const cancelled = order.fields['state'] === 'cancelled';
  if (lines.length === 0) {
    return cancelled ? [] : [{ kind: 'lines', ...nameOf(order), what: 'it has no lines' }];
  }
  // What is left in the sums of a cancelled order each system settles for itself.
  if (cancelled) return [];
  for (const side of ['Net', 'Gross'] as const) {
    const off = offBy(order, lines, side);
    if (off !== null) {
      const what = `total${side} is off the sum of its parts by ${off}`;
      return [{ kind: 'sum', ...nameOf(order), what }];
    }
  }
  return [];
}

/** The difference as text, or null where it adds up or not all of it is told. */
function offBy(
  order: StoredRow,
  lines: readonly StoredRow[],
  side: 'Net' | 'Gross',
): string | null {
  const total = microsOf(order.fields[`total${side}`]);
  if (total === null) return null;
  let sum = microsOf(order.fields[`shipping${side}`]) ?? 0n;
  let isWhole = true;
  for (const { fields } of lines) {
    // Parts of a bundle are paid with it.
    if (!isEmpty(fields['parentLine'])) continue;
    const amount = microsOf(fields[`line${side}`]);
    if (amount === null) isWhole = false;
    else sum += amount;
  }
  if (!isWhole) return null;
  const currency = (order.fields[`total${side}`] as JsonObject)['currency'] as string;
  // Each amount may be rounded on its own.
  const slack = minorUnitMicros(currency) * BigInt(lines.length + 2);
  const discount = microsOf(order.fields['discountTotal']) ?? 0n;
  const without = total - sum;
  const isRight = [without, without + discount].some((off) => (off < 0n ? -off : off) <= slack);
  return isRight ? null : `${Number(without) / 1e6} ${currency}`;
}

/** available = on hand - committed - safety - hold - damaged, where a source states all of it. */
function stockFaults(row: StoredRow): RowFault[] {
  const part = (name: string) => quantityMicros(row.fields[name]);
  const [onHand, available, committed] = [part('onHand'), part('available'), part('committed')];
  if (onHand === null || available === null || committed === null) return [];
  const taken = ['safety', 'qualityHold', 'damaged'].reduce(
    (sum, name) => sum + (part(name) ?? 0n),
    committed,
  );
  if (onHand - taken === available) return [];
  return [{ kind: 'identity', ...nameOf(row), what: 'available is not what its parts leave' }];
}

export function microsOf(value: Json | undefined): bigint | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { amount, currency } = value as JsonObject;
  if (typeof amount !== 'string' || typeof currency !== 'string') return null;
  return parseMoney({ amount, currency }, 'unit').amountMicros;
}

const decimal = /^(-?)(\d+)(?:\.(\d{1,6}))?$/;

/** Millionths of a quantity's unit; its value is in canonical text. */
export function quantityMicros(value: Json | undefined): bigint | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const [, sign, whole = '0', part = ''] =
    decimal.exec(String((value as JsonObject)['value'])) ?? [];
  if (sign === undefined) return null;
  const micros = BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0'));
  return sign === '-' ? -micros : micros;
}

/**
 * Moves of a value that trade does not make: a hundred times the price, stock counted in dozens, another
 * currency; and those that may be the way back of one.
 */
import type { Json, JsonObject } from '@headrace/sdk';
import type { FoldInput, StoredRow } from '../engine/index.js';
import { microsOf, quantityMicros } from './row-faults.js';

export interface Jump {
  readonly entity: string;
  readonly key: string;
  readonly field: string;
  readonly kind: 'scale' | 'unit' | 'currency';
  readonly from: string;
  readonly to: string;
}

/** What jumps are looked for in: values that stand still or move a little, and then decide much. */
const watched: ReadonlySet<string> = new Set(['stock', 'price', 'cost', 'supplierItem']);

export interface FoundJump {
  readonly jump: Jump;
  /** It may be the way back of an earlier one, or the row is gone. */
  readonly isGone: boolean;
  /** Far, and by no factor that says anything: never suspect itself, but maybe the way back. */
  readonly isMove?: true;
  /** Of a currency, the key before. */
  readonly wasKey?: string;
}

export function findJumps({ change }: FoldInput): readonly FoundJump[] {
  if (change === null || change.before === change.after || change.before.length === 0) return [];
  const found: FoundJump[] = [];
  const after = new Map(change.after.map((row) => [`${row.entity}/${row.key}`, row]));
  for (const row of change.before) {
    if (!watched.has(row.entity)) continue;
    const next = after.get(`${row.entity}/${row.key}`);
    if (next !== undefined) {
      const jump = jumpBetween(row, next, kindOfJump);
      if (jump !== null) found.push({ jump, isGone: false });
      else {
        const move = jumpBetween(row, next, kindOfMove);
        if (move !== null) found.push({ jump: move, isGone: false, isMove: true });
      }
      continue;
    }
    const other = currencyFlip(row, change.after);
    if (other !== null) found.push({ jump: other, isGone: false, wasKey: row.key });
    const { entity, key } = row;
    found.push({
      jump: { entity, key, field: '', kind: 'scale', from: '', to: '' },
      isGone: true,
    });
  }
  return found;
}

/** The same price in another currency: all parts of the key but that one are the same. */
function currencyFlip(row: StoredRow, after: readonly StoredRow[]): Jump | null {
  if (row.entity !== 'price') return null;
  const without = ({ key, fields }: StoredRow) =>
    key
      .split('/')
      .filter((part) => part !== fields['currency'])
      .join('/');
  const other = after.find(
    (next) => next.entity === 'price' && next.key !== row.key && without(next) === without(row),
  );
  if (other === undefined) return null;
  const [from, to] = [String(row.fields['currency']), String(other.fields['currency'])];
  return { entity: 'price', key: other.key, field: 'currency', kind: 'currency', from, to };
}

/** Factors between the units goods are counted in: a dozen, two, a hundred, a thousand. */
const unitFactors = [12n, 24n, 100n, 1000n];
/** A price does not change to its twentieth by trade. */
const priceFactor = 20n;
/** Fewer pieces reach a multiple by themselves. */
const piecesMin = 5_000_000n;

function jumpBetween(
  before: StoredRow,
  after: StoredRow,
  kindOf: (from: Json, to: Json) => Jump['kind'] | null,
): Jump | null {
  const { entity, key } = after;
  for (const [field, to] of Object.entries(after.fields)) {
    const from = before.fields[field];
    if (typeof to !== 'object' || typeof from !== 'object' || to === null || from === null)
      continue;
    const kind = kindOf(from, to);
    if (kind !== null) return { entity, key, field, kind, from: textOf(from), to: textOf(to) };
  }
  return null;
}

function kindOfJump(from: Json, to: Json): Jump['kind'] | null {
  const [wasMoney, isMoney] = [microsOf(from), microsOf(to)];
  if (wasMoney !== null && isMoney !== null) {
    if ((from as JsonObject)['currency'] !== (to as JsonObject)['currency']) return 'currency';
    return isFar(wasMoney, isMoney) ? 'scale' : null;
  }
  const [was, is] = [quantityMicros(from), quantityMicros(to)];
  if (was === null || is === null) return null;
  if ((from as JsonObject)['unit'] !== (to as JsonObject)['unit']) return 'unit';
  return isMultiple(was, is) || isMultiple(is, was) ? 'scale' : null;
}

/** Back from a dozen times as much, and some were sold meanwhile. */
const moveFactor = 4n;

function kindOfMove(from: Json, to: Json): Jump['kind'] | null {
  const was = microsOf(from) ?? quantityMicros(from);
  const is = microsOf(to) ?? quantityMicros(to);
  if (was === null || is === null || was <= 0n || is <= 0n) return null;
  return was >= is * moveFactor || is >= was * moveFactor ? 'scale' : null;
}

/** Whether a value is about what it was before it jumped. */
export function isNearly(to: string, before: string): boolean {
  const [is, was] = [Number.parseFloat(to), Number.parseFloat(before)];
  return is > 0 && was > 0 && is <= was * 2 && was <= is * 2;
}

/** No trade moves a price so far. */
export function isFar(a: bigint, b: bigint): boolean {
  if (a <= 0n || b <= 0n) return false;
  return a >= b * priceFactor || b >= a * priceFactor;
}

function isMultiple(small: bigint, large: bigint): boolean {
  return small >= piecesMin && unitFactors.some((factor) => large === small * factor);
}

function textOf(value: Json): string {
  const { amount, currency, value: number, unit } = value as JsonObject;
  return `${amount ?? number ?? ''} ${currency ?? unit ?? ''}`.trim();
}

/**
 * Keeps, per source, shelf and variant, when its stock was read and what was posted there, so that
 * its history can be told without a search: see `stock-history.ts`.
 */
import { entityKey, epochMs, HeadraceError, parseQuantity, type Quantity } from '@headrace/sdk';
import type { Fold, FoldInput, FoldState, StoredRow } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';
import {
  rebuildStock,
  type StockHistory,
  type StockPosting,
  type StockReading,
} from './stock-history.js';

const readingIndex = { name: 'stock_reading', kind: 'index' } as const;
const postingIndex = { name: 'stock_posting', kind: 'index' } as const;

/** Folds `stock` and `stockMovement` rows; nothing else moves it. */
export const stockLedgerFold: Fold = {
  name: 'stock-ledger',
  version: 1,
  tables: [readingIndex, postingIndex],
  declareKeys() {},
  plan(input, state) {
    const { change, header } = input;
    if (change === null) return;
    for (const row of change.before) notePosting(header.source, row, state, 'dropMember');
    for (const row of change.after) {
      notePosting(header.source, row, state, 'addMember');
      // The same rows again: this entry lost to one that is newer.
      if (change.before !== change.after) noteReading(input, row, state);
    }
  },
};

function notePosting(
  source: string,
  row: StoredRow,
  state: FoldState,
  write: 'addMember' | 'dropMember',
): void {
  if (row.entity !== 'stockMovement') return;
  const { sku, location, quantity, postedAt, movedAt } = row.fields;
  const at = (postedAt ?? movedAt) as string | null | undefined;
  if (typeof sku !== 'string' || quantity === null || quantity === undefined || !at) return;
  const { value, unit } = quantity as unknown as Quantity;
  const shelf = shelfOf(source, sku, location as string);
  state[write](postingIndex.name, shelf, [at, value, unit, row.key].join(' '));
}

function noteReading({ header }: FoldInput, row: StoredRow, state: FoldState): void {
  if (row.entity !== 'stock' || header.readAt === null) return;
  const onHand = row.fields['onHand'] as Quantity | null | undefined;
  if (onHand === null || onHand === undefined) return;
  const { readAt, receivedAt } = header;
  const member = [readAt, receivedAt ?? readAt, onHand.value, onHand.unit].join(' ');
  state.addMember(readingIndex.name, `${header.source}/${row.key}`, member);
}

function shelfOf(source: string, sku: string, location: string): string {
  return `${source}/${entityKey('stock', { sku, location })}`;
}

/** What lay on a shelf, as one source tells it, or null when it never told. */
export function stockHistoryOf(
  reader: StoreReader,
  shelf: { readonly source: string; readonly sku: string; readonly location: string },
  slackMs: number,
): (StockHistory & { readonly unit: string }) | null {
  const key = shelfOf(shelf.source, shelf.sku, shelf.location);
  const readings = reader.members(readingIndex.name, [key]).map(({ member }) => member.split(' '));
  const postings = reader.members(postingIndex.name, [key]).map(({ member }) => member.split(' '));
  const unit = readings[0]?.[3] ?? postings[0]?.[2];
  if (unit === undefined) return null;
  const isMixed =
    readings.some((part) => part[3] !== unit) || postings.some((part) => part[2] !== unit);
  if (isMixed) {
    throw new HeadraceError('record', `The stock of ${shelf.sku} is stated in two units.`, {
      code: 'E_QUANTITY_UNIT_MISMATCH',
      hint: 'Map both the stock and its movements to the base unit.',
    });
  }
  const micros = (value: string | undefined) =>
    parseQuantity({ value: value ?? '', unit }).valueMicros;
  return {
    unit,
    ...rebuildStock(
      readings.map(
        ([readAt, receivedAt, value]): StockReading => ({
          readAt: Number(readAt),
          receivedAt: Number(receivedAt),
          onHandMicros: micros(value),
        }),
      ),
      postings.map(
        ([at, value]): StockPosting => ({
          postedAt: epochMs(at ?? ''),
          quantityMicros: micros(value),
        }),
      ),
      slackMs,
    ),
  };
}

/**
 * Keeps, per source, shelf and variant, when its stock was read and what was posted there, so that
 * its history can be told without a search: see `stock-history.ts`. Of each stream it keeps until when
 * it is known whole: that no movement explains a reading is true only of movements known to be all.
 */
import {
  entityKey,
  epochMs,
  HeadraceError,
  type JsonObject,
  parseQuantity,
  type Quantity,
} from '@headrace/sdk';
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
const knownTable = { name: 'stock_known', kind: 'keyed' } as const;

/** Of one stream, under `source/stream`. */
interface Known {
  /** Whether all there ever was has been read once. */
  readonly isWhole: boolean;
  /** When the last read of all changes began, ms; null before the first. */
  readonly through: number | null;
}

/** Folds `stock` and `stockMovement` rows, and how far their streams were read. */
export const stockLedgerFold: Fold = {
  name: 'stock-ledger',
  version: 2,
  tables: [readingIndex, postingIndex, knownTable],
  declareKeys({ header }, need) {
    if (isOfRead(header)) need(knownTable.name, `${header.source}/${header.stream}`);
  },
  plan(input, state) {
    const { change, header } = input;
    if (isOfRead(header)) noteRead(input, state);
    if (change === null) return;
    for (const row of change.before) notePosting(header.source, row, state, 'dropMember');
    for (const row of change.after) {
      notePosting(header.source, row, state, 'addMember');
      // The same rows again: this entry lost to one that is newer.
      if (change.before !== change.after) noteReading(input, row, state);
    }
  },
};

function isOfRead({ kind, stream }: FoldInput['header']): boolean {
  return stream !== '' && (kind === 'heartbeat' || kind === 'pass');
}

function noteRead({ header, body }: FoldInput, state: FoldState): void {
  const key = `${header.source}/${header.stream}`;
  const known = knownOf(state.get(knownTable.name, key));
  // A pass that a crash cut in two has read everything, though it says nothing of deletes.
  const isWhole =
    known.isWhole ||
    (header.kind === 'pass'
      ? body?.['pass'] === 'end' && body['result'] !== 'held'
      : body?.['read'] === 'snapshot');
  const told = header.kind === 'pass' && body?.['result'] === 'held' ? null : body?.['through'];
  const through = typeof told === 'number' ? Math.max(known.through ?? told, told) : known.through;
  if (isWhole === known.isWhole && through === known.through) return;
  state.set(knownTable.name, key, { isWhole, through });
}

function knownOf(row: JsonObject | undefined): Known {
  return (row as Known | undefined) ?? { isWhole: false, through: null };
}

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

export interface StockHistoryQuestion {
  readonly source: string;
  readonly sku: string;
  readonly location: string;
  /** See `StockKnowledge`. */
  readonly slackMs: number;
  /** Streams of the source that tell of movements. */
  readonly movementStreams: readonly string[];
}

export interface ToldStockHistory extends StockHistory {
  readonly unit: string;
  /** Movements posted until then are all known, ms; null while that is true of no time. */
  readonly knownUntil: number | null;
}

/** What lay on a shelf, as one source tells it, or null when it never told. */
export function stockHistoryOf(
  reader: StoreReader,
  { slackMs, movementStreams, ...shelf }: StockHistoryQuestion,
): ToldStockHistory | null {
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
  const knownUntil = knownUntilOf(reader, shelf.source, movementStreams);
  return {
    ...{ unit, knownUntil },
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
      { slackMs, knownUntil },
    ),
  };
}

/** Until when each of the streams is known whole; null without any, as nothing is explained then. */
function knownUntilOf(
  reader: StoreReader,
  source: string,
  streams: readonly string[],
): number | null {
  const rows = reader.rows(
    knownTable.name,
    streams.map((stream) => `${source}/${stream}`),
  );
  const until = rows.map(({ value }) => {
    const { isWhole, through } = knownOf(JSON.parse(value) as JsonObject);
    return isWhole ? through : null;
  });
  if (until.length === 0 || until.length < streams.length) return null;
  return until.reduce((least, one) =>
    least === null || one === null ? null : Math.min(least, one),
  );
}

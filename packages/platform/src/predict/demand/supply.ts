/**
 * What lies and what is on its way of a variant, read from what the views are made of: a range and a
 * vector for each, so that one variant after the other can be asked with pauses between.
 */
import { type JsonObject, parseQuantity, type Quantity } from '@headrace/sdk';
import { type RecordState, recordTable, stateKeyOf, visibleRows } from '../../engine/index.js';
import { decisionStream, ownSource } from '../../entities/index.js';
import { type FeatureReader, type Question, rowTable } from '../../features/index.js';
import type { StoreReader } from '../../storage/index.js';
import { type Decided, decisionId } from './proposal.js';

/** The view of what was ordered from suppliers and has not come. */
export const onOrderView = 'on_order';

const placesMax = 1000;
const pieces = 'C62';

export interface Supply {
  readonly availableMicros: number;
  readonly onOrderMicros: number;
  readonly unit: string;
  readonly supplierId: string | null;
}

export interface SupplyOptions {
  readonly reader: Pick<StoreReader, 'range' | 'rows'>;
  readonly features: FeatureReader;
  /** Whose stock is believed. */
  readonly stockSource: string | null;
}

/** Of one variant, all places together; null where units do not add up. */
export function supplyOf(
  { reader, features, stockSource }: SupplyOptions,
  sku: string,
  key: string,
  question: Question,
): Supply | null {
  let availableMicros = 0n;
  let unit: string | null = null;
  for (const row of reader.range(rowTable.name, `stock/${key}/`, '', placesMax)) {
    const { rows } = JSON.parse(row.value) as {
      readonly rows: readonly { readonly s: string; readonly f: JsonObject }[];
    };
    const own = rows.find(({ s }) => stockSource === null || s.startsWith(`${stockSource}/`));
    const told = own?.f['available'] ?? own?.f['onHand'];
    if (told === undefined || told === null) continue;
    const quantity = parseQuantity(told as unknown as Quantity);
    if (unit !== null && unit !== quantity.unit) return null;
    unit = quantity.unit;
    availableMicros += quantity.valueMicros;
  }
  const view = features.definitions.filter(({ name }) => name === onOrderView);
  const { values } = features.vector(view, encodeURIComponent(sku), question);
  const units = values[`${onOrderView}.units_364d`]?.value;
  const supplier = values[`${onOrderView}.supplier`]?.value;
  return {
    availableMicros: Number(availableMicros),
    onOrderMicros: typeof units === 'number' ? Math.round(units * 1e6) : 0,
    unit: unit ?? pieces,
    supplierId: typeof supplier === 'string' ? supplier : null,
  };
}

/** What was decided last, by variant. */
export function decidedOf(
  { reader }: Pick<SupplyOptions, 'reader'>,
  skus: readonly string[],
  location: string,
): ReadonlyMap<string, Decided> {
  const keys = new Map(
    skus.map((sku) => [stateKeyOf(ownSource, decisionStream, decisionId(sku, location)), sku]),
  );
  const decided = new Map<string, Decided>();
  for (const { key, value } of reader.rows(recordTable.name, [...keys.keys()])) {
    const [row] = visibleRows(JSON.parse(value) as RecordState);
    const sku = keys.get(key);
    if (row === undefined || sku === undefined) continue;
    decided.set(sku, row.fields['parameters'] as unknown as Decided);
  }
  return decided;
}

/**
 * Stock of a material in all its plants. SAP keeps a row for each storage location, batch, kind of
 * stock and special stock; ours is one for each location:
 *
 * | kind of stock                  | counts as                       |
 * | ------------------------------ | ------------------------------- |
 * | 01 unrestricted                | on hand                         |
 * | 02 quality inspection          | on hand, quality hold           |
 * | 08 restricted use              | on hand, quality hold           |
 * | 03 returns, 07 blocked         | on hand, damaged: not sellable  |
 * | 04, 05, 06 in transfer         | incoming                        |
 * | special stock, whatever kind   | nothing: it is not ours to sell |
 *
 * Special stock lies with us but belongs to a supplier (K), or lies with a customer (W), or is made
 * for an order (E) or project (Q); how much there is of each stands in the traits.
 */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { HeadraceError, toQuantity } from '@headrace/sdk';
import { locationOf, skuOf } from '../config.js';
import { rowsOf, text, told } from '../json.js';
import { decimalOf } from '../odata/values.js';
import { decimalOfMicros, micros } from './exact.js';
import type { SapMapContext } from './map-context.js';
import { knownUnit } from './units.js';

interface Sums {
  onHand: bigint;
  qualityHold: bigint;
  damaged: bigint;
  incoming: bigint;
  readonly special: Map<string, bigint>;
}

const parts: Readonly<
  Record<string, readonly ('onHand' | 'qualityHold' | 'damaged' | 'incoming')[]>
> = {
  '01': ['onHand'],
  '02': ['onHand', 'qualityHold'],
  '03': ['onHand', 'damaged'],
  '04': ['incoming'],
  '05': ['incoming'],
  '06': ['incoming'],
  '07': ['onHand', 'damaged'],
  '08': ['onHand', 'qualityHold'],
};

export function mapStock(record: JsonObject, { config }: SapMapContext): readonly MappedRecord[] {
  const material = text(record.Material);
  const sku = skuOf(config, material);
  if (material === null || sku === null) return [];
  const byLocation = new Map<string, Sums>();
  if (config.stock.zeros) {
    for (const location of Object.values(config.plants)) byLocation.set(location, noneOf());
  }
  for (const row of rowsOf(record.to_MatlStkInAcctMod)) {
    const location = locationOf(config, text(row.Plant), text(row.StorageLocation));
    if (location === null) continue;
    const sums = byLocation.get(location) ?? noneOf();
    byLocation.set(location, sums);
    add(sums, row);
  }
  if (byLocation.size === 0) return [];
  const unit = knownUnit(text(record.MaterialBaseUnit) ?? baseUnitOf(record));
  const quantity = (value: bigint) => toQuantity(decimalOfMicros(value), unit);
  return [...byLocation].map(([location, sums]) => {
    const special = [...sums.special].sort(([a], [b]) => (a < b ? -1 : 1));
    const fields = told({
      sku,
      location,
      onHand: quantity(sums.onHand),
      qualityHold: quantity(sums.qualityHold),
      damaged: quantity(sums.damaged),
      incoming: sums.incoming === 0n ? undefined : quantity(sums.incoming),
      traits:
        special.length === 0
          ? undefined
          : {
              sap: {
                specialStock: Object.fromEntries(
                  special.map(([kind, value]) => [kind, decimalOfMicros(value)]),
                ),
              },
            },
    });
    const externalId = `${material}/${location}`;
    return { entity: 'stock' as const, type: 'A_MaterialStock', externalId, fields };
  });
}

const noneOf = (): Sums => ({
  ...{ onHand: 0n, qualityHold: 0n, damaged: 0n, incoming: 0n, special: new Map() },
});

function add(sums: Sums, row: JsonObject): void {
  const value = micros(decimalOf(row.MatlWrhsStkQtyInMatlBaseUnit));
  if (value === null) {
    throw new HeadraceError('record', 'A quantity of this stock is not a plain decimal number.', {
      code: 'E_QUANTITY_MALFORMED',
    });
  }
  const special = text(row.InventorySpecialStockType);
  if (special !== null) {
    sums.special.set(special, (sums.special.get(special) ?? 0n) + value);
    return;
  }
  const kind = text(row.InventoryStockType) ?? '01';
  for (const part of Object.hasOwn(parts, kind) ? (parts[kind] ?? []) : []) sums[part] += value;
}

function baseUnitOf(record: JsonObject): string | null {
  const [row] = rowsOf(record.to_MatlStkInAcctMod);
  return text(row?.MaterialBaseUnit);
}

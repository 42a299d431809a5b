import type { EntitySet, Service } from '../odata/model.js';
import type { Erp } from '../retailer/erp/erp.js';
import {
  PLANT_COUNT,
  placeOf,
  SLOT_COUNT,
  STORAGE_COUNT,
  TYPE_COUNT,
} from '../retailer/erp/erp-stock.js';
import { BASE_UNIT } from './numbers.js';
import { decimal, fixed, keyText } from './properties.js';
import { ascendingIndex, type Layout, layoutSource } from './sources.js';

/**
 * API_MATERIAL_STOCK_SRV: what lies where, now. No field says when a row changed, and a row
 * whose quantity falls to zero is gone: this is what makes stock hard to follow in SAP.
 */

export const INVENTORY_STOCK_TYPES: readonly string[] = ['01', '02', '07'];

export const createStockService = (erp: Erp): Service => {
  const { materials, model, stock, world } = erp;
  const variantOf = (product: number): number => world.catalogue.products[product]?.variant ?? -1;
  /** Slots of a variant in key order: plant, storage location, type. */
  const slots = Array.from({ length: PLANT_COUNT }, (_, plant) =>
    Array.from({ length: STORAGE_COUNT }, (__, storage) => ({ plant, storage })),
  )
    .flat()
    .toSorted((left, right) => (placeKey(erp, left) < placeKey(erp, right) ? -1 : 1))
    .flatMap(({ plant, storage }) =>
      Array.from({ length: TYPE_COUNT }, (_, type) => ({
        place: placeOf(plant, storage),
        plant: model.plants[plant]?.key ?? '',
        storage: model.plants[plant]?.storageLocations[storage] ?? '',
        type,
      })),
    );
  const slotOf = (row: number) => slots[row % SLOT_COUNT] ?? slots[0];
  const productOfRow = (row: number): number => Math.floor(row / SLOT_COUNT);
  const quantityOf = (product: number, index: number): number => {
    const slot = slots[index];
    return slot === undefined ? 0 : stock.at(variantOf(product), slot.place, slot.type);
  };
  const rowsOf = (product: number): readonly number[] =>
    variantOf(product) < 0
      ? []
      : slots.flatMap((_, index) =>
          quantityOf(product, index) === 0 ? [] : [product * SLOT_COUNT + index],
        );
  const numberOf = (row: number): string => materials.numberOf(productOfRow(row));
  const counts = createCounts(erp, variantOf);

  const layout: Layout<number> = {
    count: () => counts.total(),
    rowAt: (position) => {
      const { rank, rest } = counts.find(position);
      return rowsOf(materials.inOrder()[rank] ?? -1)[rest] ?? -1;
    },
    keyOf: (row) => keyOf(row),
  };
  const keyOf = (row: number): readonly string[] => {
    const slot = slotOf(row);
    return [
      ...[numberOf(row), slot?.plant ?? '', slot?.storage ?? '', '', '', '', '00000000', ''],
      ...['0', '', INVENTORY_STOCK_TYPES[slot?.type ?? 0] ?? ''],
    ];
  };
  const part = (index: number) => (row: number) => keyOf(row)[index] ?? '';

  const balances: EntitySet<number> = {
    name: 'A_MatlStkInAcctMod',
    label: 'Material Stock in Account Model',
    key: [
      ...['Material', 'Plant', 'StorageLocation', 'Batch', 'Supplier', 'Customer'],
      ...['WBSElementInternalID', 'SDDocument', 'SDDocumentItem'],
      ...['InventorySpecialStockType', 'InventoryStockType'],
    ],
    properties: [
      keyText('Material', 40, part(0)),
      keyText('Plant', 4, part(1)),
      keyText('StorageLocation', 4, part(2)),
      keyText('Batch', 10, part(3)),
      keyText('Supplier', 10, part(4)),
      keyText('Customer', 10, part(5)),
      keyText('WBSElementInternalID', 8, part(6)),
      keyText('SDDocument', 10, part(7)),
      keyText('SDDocumentItem', 6, part(8)),
      keyText('InventorySpecialStockType', 1, part(9)),
      keyText('InventoryStockType', 2, part(10)),
      fixed('WBSElementExternalID', 24, ''),
      fixed('MaterialBaseUnit', 3, BASE_UNIT),
      decimal(
        'MatlWrhsStkQtyInMatlBaseUnit',
        [31, 14],
        (row) => String(quantityOf(productOfRow(row), row % SLOT_COUNT)),
        { unit: 'MaterialBaseUnit', isSortable: false },
      ),
    ],
    navigations: [
      {
        name: 'to_MaterialStock',
        target: 'A_MaterialStock',
        multiplicity: '0..1',
        rows: (row) => [productOfRow(row)],
      },
    ],
    source: layoutSource(layout, { Material: ascendingIndex(layout, numberOf) }),
  };

  const headLayout: Layout<number> = {
    count: () => materials.inOrder().length,
    rowAt: (position) => materials.inOrder()[position] ?? -1,
    keyOf: (row) => [materials.numberOf(row)],
  };
  const heads: EntitySet<number> = {
    name: 'A_MaterialStock',
    label: 'Material Stock',
    key: ['Material'],
    properties: [
      keyText('Material', 40, (row) => materials.numberOf(row)),
      fixed('MaterialBaseUnit', 3, BASE_UNIT),
    ],
    navigations: [
      {
        name: 'to_MatlStkInAcctMod',
        target: 'A_MatlStkInAcctMod',
        multiplicity: '*',
        rows: rowsOf,
      },
    ],
    source: layoutSource(headLayout, {
      Material: ascendingIndex(headLayout, (row) => materials.numberOf(row)),
    }),
  };
  return { name: 'API_MATERIAL_STOCK_SRV', version: 2, entitySets: [heads, balances] };
};

const placeKey = (erp: Erp, at: { readonly plant: number; readonly storage: number }): string => {
  const plant = erp.model.plants[at.plant];
  return `${plant?.key} ${plant?.storageLocations[at.storage]}`;
};

interface Counts {
  readonly total: () => number;
  /** The material a position falls on, and how far into its rows. */
  readonly find: (position: number) => { readonly rank: number; readonly rest: number };
}

/**
 * How many rows each material has, summed in a tree (Fenwick), so that the row at an offset is
 * found in a few steps though rows come and go with every posting.
 */
const createCounts = (erp: Erp, variantOf: (product: number) => number): Counts => {
  const { materials, stock, world } = erp;
  let version = -1;
  let tree = new Int32Array(1);
  let total = 0;
  const add = (rank: number, by: number): void => {
    total += by;
    for (let node = rank + 1; node < tree.length; node += node & -node) {
      tree[node] = (tree[node] ?? 0) + by;
    }
  };
  const refresh = (): void => {
    const rows = materials.inOrder();
    if (version === materials.version) return;
    version = materials.version;
    tree = new Int32Array(rows.length + 1);
    total = 0;
    for (const [rank, row] of rows.entries()) {
      const variant = variantOf(row);
      if (variant >= 0) add(rank, stock.filledOf(variant));
    }
  };
  stock.onFilled = (variant, by) => {
    // Before the next refresh the whole tree is made anew anyway.
    if (version !== materials.version) return;
    add(materials.rankOf(world.catalogue.variants[variant] ?? -1), by);
  };
  return {
    total: () => {
      refresh();
      return total;
    },
    find: (position) => {
      refresh();
      let rank = 0;
      let rest = position;
      for (let step = 1 << Math.floor(Math.log2(Math.max(1, tree.length))); step > 0; step >>= 1) {
        const next = rank + step;
        if (next < tree.length && (tree[next] ?? 0) <= rest) {
          rank = next;
          rest -= tree[next] ?? 0;
        }
      }
      return { rank, rest };
    },
  };
};

import type { EntitySet, Property } from '../odata/model.js';
import type { Erp } from '../retailer/erp/erp.js';
import { PLANT_COUNT } from '../retailer/erp/erp-stock.js';
import { MATERIAL_BLOCKED, MATERIAL_DELETION } from '../retailer/erp/materials.js';
import { type Planning, planningOf } from '../retailer/erp/planning.js';
import { priceUnitOf, procedureOf } from '../retailer/erp/valuation.js';
import { BASE_UNIT, childRow, indexOf, productOf } from './numbers.js';
import { day, decimal, fixed, flag, keyText, milliText, quantity, text } from './properties.js';
import { ascendingIndex, childLayout, dayIndex, layoutSource } from './sources.js';

/** The parts of a material that differ by plant: planning and cost. */

export interface PlantSets {
  readonly sets: readonly EntitySet<number>[];
  /** Rows below a product, in the order of plants. */
  readonly rowsOf: (product: number) => readonly number[];
}

export const plantSets = (erp: Erp): PlantSets => {
  const { materials, model, world, valuation, seed } = erp;
  const order = model.plants
    .map((_, index) => index)
    .toSorted((left, right) =>
      (model.plants[left]?.key ?? '') < (model.plants[right]?.key ?? '') ? -1 : 1,
    );
  const variantOf = (product: number): number => world.catalogue.products[product]?.variant ?? -1;
  const countOf = (product: number): number => (variantOf(product) < 0 ? 0 : PLANT_COUNT);
  const plantOf = (row: number): number => order[indexOf(row)] ?? 0;
  const plantKey = (row: number): string => model.plants[plantOf(row)]?.key ?? '';
  const numberOf = (row: number): string => materials.numberOf(productOf(row));
  const layout = childLayout({
    parents: () => materials.inOrder(),
    version: () => materials.version,
    countOf,
    childAt: childRow,
    keyOf: (row) => [numberOf(row), plantKey(row)],
  });
  const plan = (row: number): Planning => planningOf(erp, variantOf(productOf(row)), plantOf(row));
  const isDeleted = (row: number): boolean => materials.has(productOf(row), MATERIAL_DELETION);

  const planned = (
    name: string,
    read: (planning: Planning) => number,
    size?: readonly [number, number],
  ): Property<number> => quantity(name, (row) => read(plan(row)), 'BaseUnit', size);
  const duration = (name: string, read: (planning: Planning) => number): Property<number> =>
    decimal(name, [3, 0], (row) => String(read(plan(row))));

  const plants: EntitySet<number> = {
    name: 'A_ProductPlant',
    label: 'Product Plant',
    key: ['Product', 'Plant'],
    properties: [
      keyText('Product', 40, numberOf),
      keyText('Plant', 4, plantKey),
      text('PurchasingGroup', 3, (row) => {
        const groups = model.purchasingGroups;
        return (
          groups[(world.catalogue.products[productOf(row)]?.supplier ?? 0) % groups.length] ?? ''
        );
      }),
      text('ProfileCode', 2, (row) =>
        materials.has(productOf(row), MATERIAL_BLOCKED) ? '02' : '',
      ),
      fixed('AvailabilityCheckType', 2, '02'),
      duration('GoodsReceiptDuration', (planning) => planning.goodsReceiptDays),
      flag('IsMarkedForDeletion', isDeleted),
      text('MRPType', 2, (row) => plan(row).mrpType),
      fixed('MRPResponsible', 3, '001'),
      text('ABCIndicator', 1, (row) => plan(row).abc),
      planned('MinimumLotSizeQuantity', (planning) => planning.minimumLot),
      planned('MaximumLotSizeQuantity', (planning) => planning.maximumLot),
      quantity('FixedLotSizeQuantity', () => 0, 'BaseUnit'),
      flag('IsBatchManagementRequired', () => false),
      flag('IsNegativeStockAllowed', () => true),
      fixed('ProcurementType', 1, 'F'),
      fixed('BaseUnit', 3, BASE_UNIT),
    ],
    navigations: [
      {
        name: 'to_ProductSupplyPlanning',
        target: 'A_ProductSupplyPlanning',
        multiplicity: '0..1',
        rows: (row) => [row],
      },
    ],
    source: layoutSource(layout, { Product: ascendingIndex(layout, numberOf) }),
  };

  const planning: EntitySet<number> = {
    name: 'A_ProductSupplyPlanning',
    label: 'Supply Planning',
    key: ['Product', 'Plant'],
    properties: [
      keyText('Product', 40, numberOf),
      keyText('Plant', 4, plantKey),
      quantity('FixedLotSizeQuantity', () => 0, 'BaseUnit'),
      planned('MaximumLotSizeQuantity', (one) => one.maximumLot),
      planned('MinimumLotSizeQuantity', (one) => one.minimumLot),
      planned('LotSizeRoundingQuantity', (one) => one.roundingQuantity),
      text('LotSizingProcedure', 2, (row) => plan(row).lotSizing),
      text('MRPType', 2, (row) => plan(row).mrpType),
      fixed('MRPResponsible', 3, '001'),
      planned('SafetyStockQuantity', (one) => one.safetyStock),
      quantity('MinimumSafetyStockQuantity', () => 0, 'BaseUnit'),
      text('ABCIndicator', 1, (row) => plan(row).abc),
      quantity('MaximumStockQuantity', () => 0, 'BaseUnit'),
      planned('ReorderThresholdQuantity', (one) => one.reorderPoint),
      duration('PlannedDeliveryDurationInDays', (one) => one.plannedDeliveryDays),
      duration('TotalReplenishmentLeadTime', (one) => one.totalLeadDays),
      fixed('ProcurementType', 1, 'F'),
      fixed('AvailabilityCheckType', 2, '02'),
      duration('GoodsReceiptDuration', (one) => one.goodsReceiptDays),
      text(
        'DfltStorageLocationExtProcmt',
        4,
        (row) => model.plants[plantOf(row)]?.storageLocations[0] ?? '',
      ),
      fixed('BaseUnit', 3, BASE_UNIT),
      fixed('Currency', 5, 'EUR'),
    ],
    source: layoutSource(layout, { Product: ascendingIndex(layout, numberOf) }),
  };

  const slotOf = (row: number): number => valuation.slotOf(variantOf(productOf(row)), plantOf(row));
  const rowOfSlot = (slot: number): number => {
    const product = world.catalogue.variants[Math.floor(slot / PLANT_COUNT)] ?? -1;
    return childRow(product, order.indexOf(slot % PLANT_COUNT));
  };
  const costs: EntitySet<number> = {
    name: 'A_ProductValuation',
    label: 'Valuation',
    key: ['Product', 'ValuationArea', 'ValuationType'],
    properties: [
      keyText('Product', 40, numberOf),
      keyText('ValuationArea', 4, plantKey),
      keyText('ValuationType', 10, () => ''),
      fixed('ValuationClass', 4, '3100'),
      fixed('PriceDeterminationControl', 1, '2'),
      decimal(
        'StandardPrice',
        [12, 3],
        (row) => milliText(valuation.standardMilli.get(slotOf(row))),
        {
          unit: 'Currency',
        },
      ),
      decimal('PriceUnitQty', [5, 0], (row) =>
        String(priceUnitOf(seed, variantOf(productOf(row)))),
      ),
      text('InventoryValuationProcedure', 1, (row) => procedureOf(seed, variantOf(productOf(row)))),
      flag('IsMarkedForDeletion', isDeleted),
      decimal(
        'MovingAveragePrice',
        [12, 3],
        (row) => milliText(valuation.averageMilli.get(slotOf(row))),
        { unit: 'Currency' },
      ),
      day('PriceLastChangeDate', (row) => valuation.changedAtMs(slotOf(row))),
      fixed('Currency', 5, 'EUR'),
      fixed('BaseUnit', 3, BASE_UNIT),
    ],
    source: layoutSource(
      { ...layout, keyOf: (row) => [numberOf(row), plantKey(row), ''] },
      {
        Product: ascendingIndex(layout, numberOf),
        PriceLastChangeDate: dayIndex(
          {
            changes: valuation.changes,
            rowOf: rowOfSlot,
            rankOf: (slot) => {
              const row = rowOfSlot(slot);
              return childRow(materials.rankOf(productOf(row)), indexOf(row));
            },
          },
          'stamp',
        ),
      },
    ),
  };

  return {
    sets: [plants, planning, costs],
    rowsOf: (product) =>
      Array.from({ length: countOf(product) }, (_, index) => childRow(product, index)),
  };
};

/** What plants plan with a material, and what it costs them. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { locationOf, skuOf } from '../config.js';
import { rowOf, rowsOf, text, told } from '../json.js';
import { decimalOf, isZero } from '../odata/values.js';
import { moneyOf, quotientOf } from './exact.js';
import type { SapMapContext } from './map-context.js';
import { quantityOf } from './units.js';

export function mapSupplyPlanning(
  record: JsonObject,
  { config }: SapMapContext,
): readonly MappedRecord[] {
  const sku = skuOf(config, text(record.Product));
  if (sku === null) return [];
  const found = new Map<string, MappedRecord>();
  for (const plantRow of rowsOf(record.to_Plant)) {
    const row = rowOf(plantRow.to_ProductSupplyPlanning);
    const plant = text(row?.Plant) ?? text(plantRow.Plant);
    const location = locationOf(config, plant);
    // Of two plants in one location the first is shown, in the order SAP keeps them.
    if (row === null || plant === null || location === null || found.has(location)) continue;
    const externalId = `${text(record.Product)}/${plant}`;
    const fields = replenishmentOf(row, sku, location);
    found.set(location, {
      entity: 'replenishment',
      type: 'A_ProductSupplyPlanning',
      externalId,
      fields,
    });
  }
  return [...found.values()];
}

function replenishmentOf(row: JsonObject, sku: string, location: string) {
  const quantity = (name: string) => quantityOf(row[name], row.BaseUnit);
  // A zero here is a field nobody filled in, but for the two that mean a level.
  const filled = (name: string) => (isZero(decimalOf(row[name])) ? undefined : quantity(name));
  const days = (name: string) => decimalOf(row[name])?.trim() ?? undefined;
  const percent = decimalOf(row.SrvcLvl);
  return told({
    sku,
    location,
    method: text(row.MRPType) ?? undefined,
    safetyStock: quantity('SafetyStockQuantity'),
    reorderPoint: quantity('ReorderThresholdQuantity'),
    stockMax: filled('MaximumStockQuantity'),
    lotMin: filled('MinimumLotSizeQuantity'),
    lotMax: filled('MaximumLotSizeQuantity'),
    lotFixed: filled('FixedLotSizeQuantity'),
    lotStep: filled('LotSizeRoundingQuantity'),
    leadTimeDays: days('PlannedDeliveryDurationInDays'),
    receiptDays: days('GoodsReceiptDuration'),
    totalLeadTimeDays: isZero(decimalOf(row.TotalReplenishmentLeadTime))
      ? undefined
      : days('TotalReplenishmentLeadTime'),
    serviceLevel: isZero(percent) ? undefined : (quotientOf(percent, '100') ?? undefined),
    classCode: text(row.ABCIndicator) ?? undefined,
  });
}

/**
 * Cost by plant. Amounts stay as SAP keeps them, for `PriceUnitQty` base units: a division could
 * lose digits. Of split valuation only the row above the split counts.
 */
export function mapCost(record: JsonObject, { config }: SapMapContext): readonly MappedRecord[] {
  const product = text(record.Product);
  const sku = skuOf(config, product);
  if (sku === null) return [];
  const found = new Map<string, MappedRecord>();
  for (const row of rowsOf(record.to_Valuation)) {
    const area = text(row.ValuationArea);
    const location = locationOf(config, area);
    const isSplit = text(row.ValuationType) !== null;
    // What is marked for deletion may still lie on the shelf, and then it has its cost.
    if (location === null || isSplit || found.has(location)) continue;
    const procedure = text(row.InventoryValuationProcedure);
    const isStandard = procedure === 'S';
    const price = isStandard ? row.StandardPrice : row.MovingAveragePrice;
    const landedUnitCost = moneyOf(price, row.Currency);
    if (landedUnitCost === undefined || (procedure !== 'S' && procedure !== 'V')) continue;
    const per = decimalOf(row.PriceUnitQty);
    const isOne = isZero(per) || Number(per) === 1;
    const fields = told({
      sku,
      location,
      landedUnitCost,
      perQuantity: isOne ? undefined : quantityOf(per, row.BaseUnit),
      method: isStandard ? 'standard' : 'moving-average',
      rawMethod: procedure,
    });
    const externalId = `${product}/${area}`;
    found.set(location, { entity: 'cost', type: 'A_ProductValuation', externalId, fields });
  }
  return [...found.values()];
}

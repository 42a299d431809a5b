import type { RowSource, WriteValues } from '../odata/model.js';
import type { Erp } from '../retailer/erp/erp.js';
import { MATERIAL_BLOCKED, MATERIAL_DELETION } from '../retailer/erp/materials.js';
import { dueDayFor, type NewItem, writeOrder } from '../retailer/erp/ordering.js';
import { NO_PURCHASE } from '../retailer/erp/purchasing-documents.js';
import { DAY_MS } from '../retailer/parameters.js';
import { BASE_UNIT, SUPPLIER } from './numbers.js';
import { dayIn, piecesIn, refuse, rowsIn, textIn } from './refusal.js';

/**
 * Purchase orders entered by a call, in one deep insert with their items and schedule lines. SAP
 * compares nothing with what is there: two posts with one reference make two orders.
 */

type Writes = Pick<RowSource<number>, 'planCreate'>;

const ITEMS_MAX = 200;
const REFERENCE_MAX = 12;

export const purchaseWrites = (erp: Erp, now: () => number): Writes => ({
  planCreate: (values) => {
    const nowMs = now();
    const supplier = headFrom(erp, values);
    const items = itemsFrom(erp, supplier, rowsIn(values, 'to_PurchaseOrderItem'), nowMs);
    const posted = {
      reference: textIn(values, 'CorrespncInternalReference').slice(0, REFERENCE_MAX),
      theirReference: textIn(values, 'CorrespncExternalReference').slice(0, REFERENCE_MAX),
      group: textIn(values, 'PurchasingGroup'),
    };
    return {
      apply: () => {
        const row = writeOrder(erp, supplier, items, nowMs);
        erp.purchases.posted.set(row, posted);
        return row;
      },
    };
  },
});

/** The supplier's row, once the header is right. */
const headFrom = (erp: Erp, values: WriteValues): number => {
  const { companyCode, purchaseOrderType, purchasingOrganization, purchasingGroups } = erp.model;
  const own = [
    ['PurchaseOrderType', purchaseOrderType],
    ['CompanyCode', companyCode],
    ['PurchasingOrganization', purchasingOrganization],
  ] as const;
  for (const [name, expected] of own) {
    const given = textIn(values, name);
    if (given === '') throw refuse('ME/083', `Enter ${name}`, name);
    if (given !== expected) throw refuse('06/235', `${name} ${given} is not defined`, name);
  }
  const group = textIn(values, 'PurchasingGroup');
  if (group === '') throw refuse('ME/083', 'Enter PurchasingGroup', 'PurchasingGroup');
  if (!purchasingGroups.includes(group))
    throw refuse('06/235', `PurchasingGroup ${group} is not defined`, 'PurchasingGroup');
  const currency = textIn(values, 'DocumentCurrency');
  if (currency !== '' && currency !== 'EUR')
    throw refuse('06/235', `DocumentCurrency ${currency} is not defined`, 'DocumentCurrency');
  const number = textIn(values, 'Supplier');
  const supplier = SUPPLIER.rowOf(number);
  if (supplier < 0 || supplier >= erp.world.catalogue.suppliers.length)
    throw refuse('06/321', `Supplier ${number} does not exist`, 'Supplier');
  return supplier;
};

const itemsFrom = (
  erp: Erp,
  supplier: number,
  rows: readonly WriteValues[],
  nowMs: number,
): readonly NewItem[] => {
  if (rows.length === 0)
    throw refuse('06/013', 'The purchase order has no items', 'to_PurchaseOrderItem');
  if (rows.length > ITEMS_MAX)
    throw refuse('06/014', `More than ${ITEMS_MAX} items`, 'to_PurchaseOrderItem');
  return rows.map((row, index) => {
    const what = `Item ${(index + 1) * 10}`;
    const material = textIn(row, 'Material');
    const at = erp.world.catalogue.byNumber.get(material) ?? -1;
    const product = erp.world.catalogue.products[at];
    if (product === undefined || !erp.materials.exists(at) || product.variant < 0)
      throw refuse('M3/305', `Material ${material} does not exist or is not activated`, 'Material');
    if (erp.materials.has(at, MATERIAL_DELETION) || erp.materials.has(at, MATERIAL_BLOCKED))
      throw refuse('M3/358', `Material ${material} has a status that forbids it`, 'Material');
    const key = textIn(row, 'Plant');
    const plant = erp.model.plants.findIndex((one) => one.key === key);
    if (plant < 0)
      throw refuse('M7/001', `Check table T001W: entry ${key} does not exist`, 'Plant');
    const unit = textIn(row, 'PurchaseOrderQuantityUnit');
    if (unit !== '' && unit !== BASE_UNIT)
      throw refuse('M7/073', `Unit ${unit} is not defined`, 'PurchaseOrderQuantityUnit');
    const quantity = piecesIn(row, 'OrderQuantity', what);
    return {
      ...{ variant: product.variant, plant, quantity, purchase: NO_PURCHASE, isWhole: true },
      dueDay: dueDayFrom(erp, supplier, row, quantity, nowMs),
    };
  });
};

/** One schedule line: the emulated company orders an item for one day. */
const dueDayFrom = (
  erp: Erp,
  supplier: number,
  item: WriteValues,
  quantity: number,
  nowMs: number,
): number => {
  const lines = rowsIn(item, 'to_ScheduleLine');
  const [line] = lines;
  if (line === undefined) return dueDayFor(erp, supplier, nowMs);
  if (lines.length > 1)
    throw refuse('06/332', 'One schedule line an item is taken here', 'to_ScheduleLine');
  const given = textIn(line, 'ScheduleLineOrderQuantity');
  if (given !== '' && piecesIn(line, 'ScheduleLineOrderQuantity', 'Schedule line') !== quantity) {
    throw refuse(
      'ME/062',
      'The schedule lines do not add up to the quantity of the item',
      'ScheduleLineOrderQuantity',
    );
  }
  const ms = dayIn(line, 'ScheduleLineDeliveryDate');
  if (ms === undefined) return dueDayFor(erp, supplier, nowMs);
  const day = Math.floor(ms / DAY_MS);
  if (day < Math.floor(nowMs / DAY_MS))
    throw refuse('06/344', 'The delivery date lies in the past', 'ScheduleLineDeliveryDate');
  return day;
};

import { type DocumentItem, MOVE_RECEIPT, MOVE_RELEASE } from './documents.js';
import { plantOfPlace } from './erp-stock.js';
import { ensureMaterial } from './master-data.js';
import { type Erp, touchValuation } from './state.js';

/** The ledger of goods: documents in, balances and average prices out. */

/** Enters a document and moves the balances with it: the only way stock changes in the ERP. */
export const postDocument = (
  erp: Erp,
  enteredAtMs: number,
  movedAtMs: number,
  items: readonly DocumentItem[],
): number => {
  for (const item of items) {
    ensureMaterial(erp, erp.world.catalogue.variants[item.variant] ?? -1, enteredAtMs);
    if (item.movement === MOVE_RECEIPT) moveAverage(erp, item, enteredAtMs);
    erp.stock.post(item.variant, item.place, item.type, item.quantity);
  }
  return erp.documents.post(enteredAtMs, movedAtMs, items);
};

/** Average of what lies there and what came, each at its price. */
const moveAverage = (erp: Erp, item: DocumentItem, atMs: number): void => {
  const { valuation, purchases } = erp;
  if (item.reference === undefined || item.reference >= purchases.itemLength) return;
  const plant = plantOfPlace(item.place);
  const slot = valuation.slotOf(item.variant, plant);
  const there = Math.max(0, erp.stock.valuated(item.variant, plant));
  const price = purchases.itemPriceMilli.get(item.reference);
  const before = valuation.averageMilli.get(slot);
  const after = Math.round(
    (there * before + item.quantity * price) / Math.max(1, there + item.quantity),
  );
  if (after === before) return;
  valuation.averageMilli.set(slot, after);
  touchValuation(erp, slot, 'changed', atMs);
};

/** Moves units from one type of stock to another at the same place. */
export const transferType = (
  erp: Erp,
  variant: number,
  place: number,
  [from, to]: readonly [number, number],
  quantity: number,
  atMs: number,
  movement: number = MOVE_RELEASE,
): number =>
  postDocument(erp, atMs, atMs, [
    { variant, place, type: from, movement, quantity: -quantity },
    { variant, place, type: to, movement, quantity },
  ]);

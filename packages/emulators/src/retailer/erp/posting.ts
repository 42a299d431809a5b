import { PURCHASE_LAUNCH, PURCHASE_ORDERED } from '../purchases.js';
import { qualityMs, share } from './delays.js';
import {
  type DocumentItem,
  MOVE_ISSUE,
  MOVE_OPENING,
  MOVE_RECEIPT,
  MOVE_RETURN,
  MOVE_SHORTAGE,
  MOVE_SURPLUS,
  MOVE_TRANSFER,
  MOVE_WITHOUT_ORDER,
} from './documents.js';
import { placeOf, STOCK_QUALITY, STOCK_UNRESTRICTED } from './erp-stock.js';
import * as events from './events.js';
import { issueDelivery } from './fulfilment.js';
import { postDocument, transferType } from './goods.js';
import { CAUSE_ADJUST, CAUSE_PICK, CAUSE_RECEIPT, causeOf, groupEnd } from './inbound.js';
import { itemOfPurchase, noteReceipt } from './ordering.js';
import type { Erp } from './state.js';

/** Goods movements: from what the warehouse did to documents, balances and average prices. */

const main = (location: number): number => placeOf(location, 0);

/** Posts a group of movements; `isRest` for what was left over from a first posting. */
export const postGroup = (erp: Erp, group: number, isRest: boolean, atMs: number): void => {
  const first = erp.groups.get(group);
  const cause = causeOf(erp, first);
  if (cause === CAUSE_RECEIPT) postReceipt(erp, group, isRest, atMs);
  else if (cause === CAUSE_PICK) postIssue(erp, group, atMs);
  else postOthers(erp, group, cause === CAUSE_ADJUST, atMs);
};

const rowsOf = (erp: Erp, group: number): readonly number[] => {
  const first = erp.groups.get(group);
  return Array.from({ length: groupEnd(erp, group) - first }, (_, index) => first + index);
};

const postReceipt = (erp: Erp, group: number, isRest: boolean, atMs: number): void => {
  const { stock, purchases } = erp.world;
  const rows = rowsOf(erp, group);
  const first = rows[0] ?? 0;
  const receipt = stock.movementReference.get(first);
  const kind = purchases.kind.get(receipt);
  // The night shift counts on what the day shift began: one receipt, two documents.
  const isSplit = kind === PURCHASE_ORDERED && share(erp.seed, 21, group) < 0.25;
  const isQuality = kind === PURCHASE_ORDERED && share(erp.seed, 22, group) < 0.08;
  const type = isQuality ? STOCK_QUALITY : STOCK_UNRESTRICTED;
  const items: DocumentItem[] = [];
  for (const row of rows) {
    const whole = stock.movementQuantity.get(row);
    const early = isSplit ? Math.ceil(whole * 0.6) : whole;
    const quantity = isRest ? whole - early : early;
    if (quantity === 0) continue;
    const plant = stock.movementLocation.get(row);
    const variant = stock.movementVariant.get(row);
    if (kind !== PURCHASE_ORDERED) {
      const movement = kind === PURCHASE_LAUNCH ? MOVE_WITHOUT_ORDER : MOVE_OPENING;
      items.push({ variant, place: main(plant), type, movement, quantity });
      continue;
    }
    const item = itemOfPurchase(erp, receipt, plant, atMs);
    items.push({
      variant,
      place: main(plant),
      type,
      movement: MOVE_RECEIPT,
      quantity,
      reference: item,
    });
  }
  if (items.length > 0) postReceiptItems(erp, items, stock.movementAtMs.get(first), atMs);
  if (isSplit && !isRest) {
    erp.queue.push(atMs + qualityMs(erp.seed, group) / 4, events.GOODS_REST, group);
  }
};

export const postReceiptItems = (
  erp: Erp,
  items: readonly DocumentItem[],
  movedAtMs: number,
  atMs: number,
): number => {
  const document = postDocument(erp, atMs, movedAtMs, items);
  for (const [index, item] of items.entries()) {
    if (item.movement === MOVE_RECEIPT && item.reference !== undefined) {
      noteReceipt(erp, item.reference, item.quantity, atMs);
    }
    if (item.type !== STOCK_QUALITY) continue;
    const row = erp.documents.firstItem.get(document) + index;
    erp.queue.push(atMs + qualityMs(erp.seed, row), events.QUALITY_DONE, row);
  }
  return document;
};

const postIssue = (erp: Erp, group: number, atMs: number): void => {
  const { stock } = erp.world;
  const rows = rowsOf(erp, group);
  const order = stock.movementReference.get(rows[0] ?? 0);
  const movedAtMs = stock.movementAtMs.get(rows[0] ?? 0);
  const itemsWhere = (isTransfer: boolean, movement: number): DocumentItem[] =>
    rows
      .filter((row) => (stock.movementKind.get(row) === 4) === isTransfer)
      .map((row) => ({
        variant: stock.movementVariant.get(row),
        place: main(stock.movementLocation.get(row)),
        type: STOCK_UNRESTRICTED,
        movement,
        quantity: stock.movementQuantity.get(row),
        ...(isTransfer ? {} : { reference: order }),
      }));
  const transfers = itemsWhere(true, MOVE_TRANSFER);
  if (transfers.length > 0) postDocument(erp, atMs, movedAtMs, transfers);
  issueDelivery(erp, order, movedAtMs, atMs);
  postDocument(erp, atMs, movedAtMs, itemsWhere(false, MOVE_ISSUE));
};

const postOthers = (erp: Erp, group: number, isCount: boolean, atMs: number): void => {
  const { stock } = erp.world;
  const rows = rowsOf(erp, group);
  postDocument(
    erp,
    atMs,
    stock.movementAtMs.get(rows[0] ?? 0),
    rows.map((row) => {
      const quantity = stock.movementQuantity.get(row);
      const counted = quantity < 0 ? MOVE_SHORTAGE : MOVE_SURPLUS;
      return {
        variant: stock.movementVariant.get(row),
        place: main(stock.movementLocation.get(row)),
        type: STOCK_UNRESTRICTED,
        movement: isCount ? counted : MOVE_RETURN,
        quantity,
        ...(isCount ? {} : { reference: stock.movementReference.get(row) }),
      };
    }),
  );
};

/** Goods that passed inspection become free for sale. */
export const releaseQuality = (erp: Erp, item: number, atMs: number): void => {
  const { documents, stock } = erp;
  const variant = documents.itemVariant.get(item);
  const place = documents.itemPlace.get(item);
  const quantity = Math.min(
    documents.itemQuantity.get(item),
    stock.at(variant, place, STOCK_QUALITY),
  );
  if (quantity > 0)
    transferType(erp, variant, place, [STOCK_QUALITY, STOCK_UNRESTRICTED], quantity, atMs);
};

import { noteTracking } from '../retailer/order-flow.js';
import { parseInstant } from './dates.js';
import type { ShopwareErrorEntry } from './errors.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import { noSuchReference, notBlank, wrongType } from './write-errors.js';
import { invalid, isRecord, type WritePlan } from './write-plan.js';

/** Tracking codes of deliveries, and returns where the edition has them. */

export const planDelivery = (shop: Shop, payload: Entity, pointer: string): WritePlan => {
  const table = shop.tables.get('order_delivery');
  const id = String(payload['id'] ?? '');
  const row = table?.rowOf(id) ?? -1;
  if (row < 0) return invalid(notBlank(`${pointer}/orderId`));
  const codes = payload['trackingCodes'];
  if (codes !== undefined) {
    if (!Array.isArray(codes)) return invalid(wrongType(`${pointer}/trackingCodes`, 'array'));
    const wrong = codes.findIndex((code) => typeof code !== 'string');
    if (wrong >= 0) return invalid(wrongType(`${pointer}/trackingCodes/${wrong}`, 'string'));
  }
  const apply = (atMs: number): void => {
    if (Array.isArray(codes)) noteTracking(shop.world, row, codes as string[], atMs);
  };
  return { kind: 'ok', writes: [{ entity: 'order_delivery', id, apply }] };
};

export interface WrittenReturn {
  readonly id: string;
  readonly order: number;
  returnNumber: string;
  requestedAtMs: number;
  stateId: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
}

export interface WrittenReturnLine {
  readonly id: string;
  readonly ofReturn: number;
  readonly line: number;
  quantity: number;
  /** As it was written; the shop computes none of it. */
  price: Entity;
  reasonId: string;
  stateId: string;
  comment: string | null;
  readonly createdAtMs: number;
  updatedAtMs: number;
}

/** What clients have written, beside the returns the retailer's own systems told of. */
export interface WrittenReturns {
  readonly headers: WrittenReturn[];
  readonly lines: WrittenReturnLine[];
}

export const planReturn = (shop: Shop, payload: Entity, pointer: string): WritePlan => {
  const { written } = shop;
  const id = String(payload['id'] ?? '');
  const known = written.headers.findIndex((row) => row.id === id);
  const order = shop.tables.get('order')?.rowOf(String(payload['orderId'] ?? '')) ?? -1;
  const errors: ShopwareErrorEntry[] = [];
  if (known < 0) {
    for (const field of ['id', 'orderId', 'stateId', 'returnNumber', 'requestedAt']) {
      if (typeof payload[field] !== 'string' || payload[field] === '') {
        errors.push(notBlank(`${pointer}/${field}`));
      }
    }
    if (typeof payload['orderId'] === 'string' && order < 0) {
      errors.push(noSuchReference(`${pointer}/orderId`));
    }
    errors.push(...checkState(shop, payload, pointer));
  }
  const listed = payload['lineItems'];
  if (listed !== undefined && !Array.isArray(listed)) {
    errors.push(wrongType(`${pointer}/lineItems`, 'array'));
  }
  const lines = (Array.isArray(listed) ? listed : []).map((line, index) =>
    checkLine(shop, line, `${pointer}/lineItems/${index}`, errors),
  );
  if (errors.length > 0) return invalid(...errors);
  const apply = (atMs: number): void => {
    let row = written.headers.findIndex((entry) => entry.id === id);
    const requestedAtMs = parseInstant(String(payload['requestedAt'] ?? ''));
    if (row < 0) {
      row =
        written.headers.push({
          ...{ id, order, returnNumber: String(payload['returnNumber']) },
          ...{ requestedAtMs, stateId: String(payload['stateId']) },
          ...{ createdAtMs: atMs, updatedAtMs: 0 },
        }) - 1;
    } else {
      const header = written.headers[row];
      if (header !== undefined) {
        header.updatedAtMs = atMs;
        if (!Number.isNaN(requestedAtMs)) header.requestedAtMs = requestedAtMs;
      }
    }
    for (const line of lines) {
      if (line === undefined) continue;
      const before = written.lines.find((entry) => entry.id === line.id);
      if (before === undefined) {
        written.lines.push({ ...line, ofReturn: row, createdAtMs: atMs, updatedAtMs: 0 });
      } else {
        before.quantity = line.quantity;
        before.price = line.price;
        before.comment = line.comment;
        before.updatedAtMs = atMs;
      }
    }
  };
  return { kind: 'ok', writes: [{ entity: 'order_return', id, apply }] };
};

const checkState = (shop: Shop, payload: Entity, pointer: string): ShopwareErrorEntry[] => {
  const states = shop.tables.get('state_machine_state');
  const { stateId } = payload as { stateId?: unknown };
  if (typeof stateId !== 'string' || (states?.rowOf(stateId) ?? -1) >= 0) return [];
  return [noSuchReference(`${pointer}/stateId`)];
};

type NewLine = Omit<WrittenReturnLine, 'ofReturn' | 'createdAtMs' | 'updatedAtMs'>;

const checkLine = (
  shop: Shop,
  line: unknown,
  pointer: string,
  errors: ShopwareErrorEntry[],
): NewLine | undefined => {
  if (!isRecord(line)) {
    errors.push(wrongType(pointer, 'object'));
    return undefined;
  }
  for (const field of ['orderLineItemId', 'reasonId', 'stateId']) {
    if (typeof line[field] !== 'string') errors.push(notBlank(`${pointer}/${field}`));
  }
  // A calculated price is stored as it comes; without one the field is blank.
  if (!isRecord(line['price'])) errors.push(notBlank(`${pointer}/price`));
  const { quantity } = line as { quantity?: unknown };
  if (!Number.isInteger(quantity) || Number(quantity) < 1) {
    errors.push(wrongType(`${pointer}/quantity`, 'int'));
  }
  const row = shop.tables.get('order_line_item')?.rowOf(String(line['orderLineItemId'])) ?? -1;
  if (typeof line['orderLineItemId'] === 'string' && row < 0) {
    errors.push(noSuchReference(`${pointer}/orderLineItemId`));
  }
  errors.push(...checkState(shop, line, pointer));
  return {
    id: String(line['id'] ?? ''),
    line: row,
    quantity: Number(quantity),
    price: isRecord(line['price']) ? line['price'] : {},
    reasonId: String(line['reasonId']),
    stateId: String(line['stateId']),
    comment: typeof line['internalComment'] === 'string' ? line['internalComment'] : null,
  };
};

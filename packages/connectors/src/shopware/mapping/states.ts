/** Shopware's states in our words; what is not listed is `unknown`, with its own name beside it. */

import { lookUp } from '../json.js';

const orderStates: Readonly<Record<string, string>> = {
  open: 'pending',
  in_progress: 'in-fulfilment',
  completed: 'completed',
  cancelled: 'cancelled',
};

const paymentStates: Readonly<Record<string, string>> = {
  open: 'open',
  unconfirmed: 'open',
  in_progress: 'open',
  reminded: 'open',
  authorized: 'authorized',
  paid_partially: 'partly-paid',
  paid: 'paid',
  refunded_partially: 'partly-refunded',
  refunded: 'refunded',
  failed: 'failed',
  cancelled: 'cancelled',
  chargeback: 'charged-back',
};

const deliveryStates: Readonly<Record<string, string>> = {
  open: 'planned',
  shipped: 'in-transit',
  shipped_partially: 'in-transit',
  delivered: 'delivered',
  returned: 'returned-to-sender',
  cancelled: 'cancelled',
};

const tables = { order: orderStates, payment: paymentStates, delivery: deliveryStates };

export function canonicalState(
  of: keyof typeof tables,
  rawState: string | null,
): string | undefined {
  if (rawState === null) return undefined;
  return lookUp(tables[of], rawState) ?? 'unknown';
}

/** States of a delivery in which all it holds has left the house. */
export const leftTheHouse: ReadonlySet<string> = new Set([
  ...['shipped', 'delivered', 'returned', 'returned_partially'],
]);

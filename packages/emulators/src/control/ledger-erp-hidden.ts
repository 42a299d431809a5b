import type { LedgerRow } from './ledger-row.js';

/** What SAP never shows, so that a comparison knows what not to look for. */
export const erpHidden = function* (): Generator<LedgerRow> {
  yield {
    what: 'field',
    ledger: 'purchase-order-lines',
    fields: ['received'],
    reason: 'the purchase order service has no received quantity; material documents have it',
  };
  yield {
    what: 'field',
    ledger: 'costs',
    fields: ['changedAt'],
    reason: 'SAP dates a change of price by day only',
  };
  yield {
    what: 'field',
    ledger: 'supply-planning',
    fields: ['changedAt'],
    reason: 'planning has no date of its own; the material it belongs to has one',
  };
  yield {
    what: 'field',
    ledger: 'erp-deliveries',
    fields: ['changedAt'],
    reason: 'SAP dates a change of a delivery by day only, and not before the first change',
  };
  yield {
    what: 'field',
    ledger: 'erp-stock',
    fields: ['changedAt'],
    reason: 'stock has no change field, and a row that falls to zero disappears',
  };
  yield {
    what: 'field',
    ledger: 'partners',
    fields: ['customerNo'],
    reason: 'SAP does not know the number a shop gave its customer',
  };
};

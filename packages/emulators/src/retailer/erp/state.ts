import { Uint32Column } from '../columns.js';
import type { CompanyModel } from '../company.js';
import { EventQueue } from '../event-queue.js';
import { mix } from '../random.js';
import type { World } from '../world.js';
import { ConditionTable } from './conditions.js';
import { DocumentTable } from './documents.js';
import { ErpStock } from './erp-stock.js';
import { MaterialTable } from './materials.js';
import { type PartnerEdits, PartnerTable, SUPPLIER_IDS } from './partners.js';
import { PurchaseOrderTable } from './purchasing-documents.js';
import { CustomerReturnTable, DeliveryTable, SalesOrderTable } from './sales.js';
import { type ChangeIndex, stampOf } from './stamps.js';
import { ValuationTable } from './valuation.js';

/**
 * The ERP's whole state. It learns of the world through `facts` and append-only tables, posts
 * with a delay, and adds what only an ERP knows. Only functions of this folder change it.
 */

export type ErpObject =
  | 'product'
  | 'sales-order'
  | 'purchase-order'
  | 'business-partner'
  | 'outbound-delivery'
  | 'customer-return';

export interface ErpChange {
  readonly object: ErpObject;
  readonly operation: 'created' | 'changed';
  readonly row: number;
  readonly atMs: number;
}

export interface Erp {
  readonly world: World;
  readonly model: CompanyModel;
  readonly seed: number;
  readonly materials: MaterialTable;
  readonly valuation: ValuationTable;
  readonly stock: ErpStock;
  readonly documents: DocumentTable;
  readonly orders: SalesOrderTable;
  readonly deliveries: DeliveryTable;
  readonly returns: CustomerReturnTable;
  readonly purchases: PurchaseOrderTable;
  readonly conditions: ConditionTable;
  readonly partners: PartnerTable;
  readonly supplierEdits: Map<number, PartnerEdits>;
  readonly queue: EventQueue;
  /** The last row of the price log that was taken over, by product. */
  readonly pricesTaken: Map<number, number>;
  /** How far the append-only tables of the world have been read. */
  readonly seen: {
    movement: number;
    shopReturn: number;
    customer: number;
    purchase: number;
    product: number;
    order: number;
  };
  /** First movement of each group that is posted together. */
  readonly groups: Uint32Column;
  /** Purchases that become one order, until it is written. */
  readonly plannedOrders: Map<number, readonly number[]>;
  plannedOrderCount: number;
  readonly listeners: Set<(change: ErpChange) => void>;
  nowMs: number;
}

export const makeState = (world: World, model: CompanyModel): Erp => ({
  world,
  model,
  seed: world.parameters.seed,
  materials: new MaterialTable(),
  valuation: new ValuationTable(),
  stock: new ErpStock(),
  documents: new DocumentTable(),
  orders: new SalesOrderTable(),
  deliveries: new DeliveryTable(),
  returns: new CustomerReturnTable(),
  purchases: new PurchaseOrderTable(),
  conditions: new ConditionTable(),
  partners: new PartnerTable(),
  supplierEdits: new Map(),
  queue: new EventQueue(),
  pricesTaken: new Map(),
  seen: { movement: 0, shopReturn: 0, customer: 0, purchase: 0, product: 0, order: 0 },
  groups: new Uint32Column(),
  plannedOrders: new Map(),
  plannedOrderCount: 0,
  listeners: new Set(),
  nowMs: 0,
});

const announce = (
  erp: Erp,
  object: ErpObject,
  row: number,
  operation: ErpChange['operation'],
  atMs: number,
): void => {
  for (const listener of erp.listeners) listener({ object, operation, row, atMs });
};

interface Stamped {
  readonly stamp: { get(row: number): number; set(row: number, stamp: number): void };
  readonly changes: ChangeIndex;
}

const stampRow = (table: Stamped, row: number, atMs: number, ticks: number): void => {
  const wanted = stampOf(atMs, ticks);
  const before = table.stamp.get(row);
  // Two changes are two versions, however soon one follows the other.
  table.stamp.set(row, table.changes.append(row, wanted > before ? wanted : before + 1));
};

/** The seventh digit of a second is the database's, not ours; hashed, so that it repeats. */
const ticksOf = (erp: Erp, row: number, atMs: number): number =>
  mix(mix(erp.seed >>> 0, row), atMs % 0x7fffffff) % 10_000;

const toucher =
  (table: (erp: Erp) => Stamped, object: ErpObject | undefined) =>
  (erp: Erp, row: number, operation: ErpChange['operation'], atMs: number): void => {
    stampRow(table(erp), row, atMs, ticksOf(erp, row, atMs));
    if (object !== undefined && erp.listeners.size > 0) {
      announce(erp, object, row, operation, atMs);
    }
  };

export const touchMaterial = toucher((erp) => erp.materials, 'product');
export const touchSalesOrder = toucher((erp) => erp.orders, 'sales-order');
export const touchPurchase = toucher((erp) => erp.purchases, 'purchase-order');
export const touchReturn = toucher((erp) => erp.returns, 'customer-return');
/** Nobody is told of a new price. */
export const touchCondition = toucher((erp) => erp.conditions, undefined);
export const touchValuation = toucher((erp) => erp.valuation, undefined);

/** A mass change: all rows get one and the same time. */
export const touchMaterials = (erp: Erp, rows: readonly number[], atMs: number): void => {
  for (const row of rows) {
    stampRow(erp.materials, row, atMs, 0);
    if (erp.listeners.size > 0) announce(erp, 'product', row, 'changed', atMs);
  }
};

export const touchDelivery = (
  erp: Erp,
  row: number,
  operation: ErpChange['operation'],
  atMs: number,
): void => {
  const { deliveries } = erp;
  // As in SAP, a delivery nobody has changed yet has no date of change.
  if (operation === 'changed') {
    deliveries.changedAtMs.set(row, deliveries.changes.append(row, atMs));
  }
  if (erp.listeners.size > 0) announce(erp, 'outbound-delivery', row, operation, atMs);
};

export const touchPartner = (
  erp: Erp,
  row: number,
  operation: ErpChange['operation'],
  atMs: number,
): void => {
  const { partners } = erp;
  if (operation === 'changed') {
    partners.changedAtMs.set(row, partners.changes.append(row, atMs));
  }
  if (erp.listeners.size > 0) announce(erp, 'business-partner', row, operation, atMs);
};

/** Suppliers are told apart from customers by a negative row. */
export const supplierRow = (supplier: number): number => -1 - supplier;

export const touchSupplier = (erp: Erp, supplier: number, atMs: number): void => {
  const { partners } = erp;
  partners.supplierChangedAtMs[supplier] = partners.changes.append(SUPPLIER_IDS + supplier, atMs);
  if (erp.listeners.size > 0) {
    announce(erp, 'business-partner', supplierRow(supplier), 'changed', atMs);
  }
};

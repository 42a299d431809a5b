import { channelAt, currencyAt } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { planningOf } from '../retailer/erp/planning.js';
import { priceUnitOf, procedureOf } from '../retailer/erp/valuation.js';
import { LINE_PRODUCT } from '../retailer/orders.js';
import { type LedgerRow, timeOrNull } from './ledger-row.js';

/**
 * The ERP's account of itself: whole numbers, milliseconds, keys people use. Shares no code with
 * what encodes the vendor's services; document numbers are spelled out here a second time.
 */

export type ErpLedger = (erp: Erp) => Generator<LedgerRow>;

const FIRST = {
  order: 1_000_000_001,
  return: 6_000_000_001,
  delivery: 8_000_000_001,
  purchase: 4_500_000_001,
  document: 4_900_000_001,
  partner: 1_010_000_001,
  supplier: 17_300_001,
} as const;

const numbered = (kind: keyof typeof FIRST, row: number): string => String(FIRST[kind] + row);
const DAY = 86_400_000;

/** Milliseconds with the further digits a change time has in the ERP. */
const momentOf = (stamp: number): { readonly ms: number; readonly ticks: number } => ({
  ms: Date.UTC(2015, 0, 1) + Math.floor(stamp / 10_000),
  ticks: stamp % 10_000,
});

const sku = (erp: Erp, variant: number): string =>
  erp.world.catalogue.products[erp.world.catalogue.variants[variant] ?? -1]?.number ?? '';

const shopOrder = (erp: Erp, order: number) => ({
  channel: channelAt(erp.world.orders.channel.get(order)).key,
  orderNo: erp.world.orders.numberOf(order),
});

const materials: ErpLedger = function* (erp) {
  for (let row = 0; row < erp.materials.length; row++) {
    const flags = erp.materials.flags.get(row);
    if ((flags & 1) === 0) continue;
    yield {
      material: erp.world.catalogue.products[row]?.number,
      sellable: (erp.world.catalogue.products[row]?.variant ?? -1) >= 0,
      names: erp.materials.names[row],
      gtin: erp.materials.gtins[row],
      weightGrams:
        erp.materials.weightGrams.get(row) < 0 ? null : erp.materials.weightGrams.get(row),
      markedForDeletion: (flags & 2) !== 0,
      blocked: (flags & 4) !== 0,
      createdAt: erp.materials.createdAtMs.get(row),
      changedAt: momentOf(erp.materials.stamp.get(row)),
    };
  }
};

const costs: ErpLedger = function* (erp) {
  const { valuation, model } = erp;
  const plants = model.plants.length;
  for (let slot = 0; slot < valuation.stamp.length; slot++) {
    if (valuation.stamp.get(slot) === 0) continue;
    const unit = unitOf(erp, Math.floor(slot / plants));
    yield {
      sku: sku(erp, Math.floor(slot / plants)),
      plant: model.plants[slot % plants]?.key,
      method:
        procedureOf(erp.seed, Math.floor(slot / plants)) === 'S' ? 'standard' : 'moving-average',
      standardMilli: valuation.standardMilli.get(slot),
      averageMilli: valuation.averageMilli.get(slot),
      priceUnit: unit,
      currency: 'EUR',
      changedAt: momentOf(valuation.stamp.get(slot)),
    };
  }
};

const unitOf = (erp: Erp, variant: number): number => priceUnitOf(erp.seed, variant);

const KINDS = ['base', 'promotion', 'discount'];

const conditions: ErpLedger = function* (erp) {
  const table = erp.conditions;
  for (let row = 0; row < table.length; row++) {
    const channel = channelAt(table.area.get(row));
    const kind = KINDS[table.kind.get(row)];
    const subject = table.subject.get(row);
    const scales = [];
    for (let scale = table.firstScale.get(row); scale < table.scaleEnd(row); scale++) {
      scales.push({
        quantityFrom: table.scaleFrom.get(scale),
        rateMinor: table.scaleRate.get(scale),
      });
    }
    yield {
      record: String(row + 1).padStart(10, '0'),
      kind,
      sku: kind === 'discount' ? null : erp.world.catalogue.products[subject]?.number,
      materialGroup: kind === 'discount' ? erp.model.materialGroups[subject] : null,
      channel: channel.key,
      basis: channel.taxBasis,
      currency: currencyAt(channel.currency).code,
      rateMinor: kind === 'discount' ? null : table.rate.get(row),
      percent: kind === 'discount' ? table.rate.get(row) / 10 : null,
      from: table.fromDay.get(row) * DAY,
      to: table.toDay.get(row) * DAY,
      deleted: table.isDeleted.get(row) === 1,
      scales,
      createdAt: table.createdAtMs.get(row),
      changedAt: momentOf(table.stamp.get(row)),
    };
  }
};

const purchaseOrders: ErpLedger = function* (erp) {
  const table = erp.purchases;
  for (let row = 0; row < table.length; row++) {
    yield {
      purchaseOrder: numbered('purchase', row),
      supplier: numbered('supplier', table.supplier.get(row)),
      supplierName: erp.world.catalogue.suppliers[table.supplier.get(row)]?.name,
      lines: table.endOf(row) - table.firstItem.get(row),
      currency: 'EUR',
      createdAt: table.createdAtMs.get(row),
      changedAt: momentOf(table.stamp.get(row)),
    };
  }
};

const purchaseItem = (erp: Erp, item: number): LedgerRow => {
  const table = erp.purchases;
  const order = table.itemOrder.get(item);
  return {
    purchaseOrder: numbered('purchase', order),
    item: (item - table.firstItem.get(order) + 1) * 10,
  };
};

const purchaseLines: ErpLedger = function* (erp) {
  const table = erp.purchases;
  for (let item = 0; item < table.itemLength; item++) {
    const flags = table.itemFlags.get(item);
    yield {
      ...purchaseItem(erp, item),
      sku: sku(erp, table.itemVariant.get(item)),
      plant: erp.model.plants[table.itemPlant.get(item)]?.key,
      ordered: table.itemOrdered.get(item),
      confirmed: (flags & 4) === 0 ? null : table.itemConfirmed.get(item),
      received: table.itemReceived.get(item),
      priceMilli: table.itemPriceMilli.get(item),
      priceUnit: unitOf(erp, table.itemVariant.get(item)),
      promisedFor: table.itemPromisedDay.get(item) * DAY,
      confirmedFor: (flags & 4) === 0 ? null : table.itemConfirmedDay.get(item) * DAY,
      completed: (flags & 1) !== 0,
      deleted: (flags & 2) !== 0,
    };
  }
};

const scheduleLines: ErpLedger = function* (erp) {
  const table = erp.purchases;
  for (let item = 0; item < table.itemLength; item++) {
    const ordered = table.itemOrdered.get(item);
    const flags = table.itemFlags.get(item);
    const isConfirmed = (flags & 4) !== 0;
    const early = (flags & 8) !== 0 && ordered >= 2 ? Math.ceil(ordered * 0.6) : ordered;
    const confirmed = table.itemConfirmed.get(item);
    const earlyConfirmed = early === ordered ? confirmed : Math.ceil(confirmed * 0.6);
    const parts = early === ordered ? [early] : [early, ordered - early];
    for (const [index, quantity] of parts.entries()) {
      yield {
        ...purchaseItem(erp, item),
        line: index + 1,
        ordered: quantity,
        confirmed: !isConfirmed ? 0 : index === 0 ? earlyConfirmed : confirmed - earlyConfirmed,
        promisedFor: (table.itemPromisedDay.get(item) + index * 7) * DAY,
        expectedFor: (table.itemConfirmedDay.get(item) + index * 7) * DAY,
      };
    }
  }
};

const MOVEMENTS = [
  ...['561', '501', '101', '601', '301', '701', '702', '653', '657', '321', '344', '343', '555'],
];
const STOCK = ['unrestricted', 'quality', 'blocked'];

const materialDocuments: ErpLedger = function* (erp) {
  const table = erp.documents;
  for (let item = 0; item < table.itemLength; item++) {
    const document = table.itemDocument.get(item);
    const place = table.itemPlace.get(item);
    const plant = erp.model.plants[Math.floor(place / 2)];
    yield {
      document: numbered('document', document),
      item: item - table.firstItem.get(document) + 1,
      movement: MOVEMENTS[table.itemMovement.get(item)],
      sku: sku(erp, table.itemVariant.get(item)),
      plant: plant?.key,
      storage: plant?.storageLocations[place % 2],
      type: STOCK[table.itemType.get(item)],
      quantity: table.itemQuantity.get(item),
      purchaseOrder:
        table.itemMovement.get(item) === 2
          ? purchaseItem(erp, table.itemReference.get(item))['purchaseOrder']
          : null,
      movedAt: table.movedAtMs.get(document),
      enteredAt: table.enteredAtMs.get(document),
    };
  }
};

/** Summed from the documents, not read from the balances that are kept beside them. */
const erpStock: ErpLedger = function* (erp) {
  const { documents, model } = erp;
  const places = model.plants.length * 2;
  const sums = new Float64Array(erp.stock.variantCount * places * 3);
  for (let item = 0; item < documents.itemLength; item++) {
    const at =
      (documents.itemVariant.get(item) * places + documents.itemPlace.get(item)) * 3 +
      documents.itemType.get(item);
    sums[at] = (sums[at] ?? 0) + documents.itemQuantity.get(item);
  }
  for (const [at, quantity] of sums.entries()) {
    if (quantity === 0) continue;
    const place = Math.floor(at / 3) % places;
    const plant = model.plants[Math.floor(place / 2)];
    yield {
      sku: sku(erp, Math.floor(at / 3 / places)),
      plant: plant?.key,
      storage: plant?.storageLocations[place % 2],
      type: STOCK[at % 3],
      quantity,
    };
  }
};

const erpOrders: ErpLedger = function* (erp) {
  const table = erp.orders;
  for (let row = 0; row < table.length; row++) {
    const order = table.order.get(row);
    const status = table.status.get(row);
    const area = erp.model.salesAreas[erp.world.orders.channel.get(order)];
    yield {
      salesOrder: numbered('order', row),
      ...shopOrder(erp, order),
      salesArea: `${area?.organization}/${area?.distributionChannel}/${area?.division}`,
      partner: numbered('partner', table.partner.get(row)),
      currency: currencyAt(channelAt(erp.world.orders.channel.get(order)).currency).code,
      netMinor: table.netMinor.get(row),
      taxMinor: table.grossMinor.get(row) - table.netMinor.get(row),
      rejected: (status & 1) !== 0,
      delivery: (status & 4) !== 0 ? 'done' : (status & 2) !== 0 ? 'started' : 'none',
      billed: (status & 8) !== 0,
      createdAt: table.createdAtMs.get(row),
      changedAt: momentOf(table.stamp.get(row)),
    };
  }
};

/** The goods of an order, which are its items in the ERP; discounts are conditions there. */
const goodsOf = (erp: Erp, salesOrder: number): LedgerRow[] => {
  const { orders } = erp.world;
  return [...orders.linesOf(erp.orders.order.get(salesOrder))]
    .filter((line) => orders.lineKind.get(line) === LINE_PRODUCT)
    .map((line, index) => ({
      item: (index + 1) * 10,
      ...shopOrder(erp, erp.orders.order.get(salesOrder)),
      sku: sku(erp, orders.lineSubject.get(line)),
      quantity: orders.lineQuantity.get(line),
    }));
};

const erpOrderLines: ErpLedger = function* (erp) {
  for (let row = 0; row < erp.orders.length; row++) {
    const rejected = (erp.orders.status.get(row) & 1) !== 0;
    for (const item of goodsOf(erp, row)) {
      yield { salesOrder: numbered('order', row), ...item, rejected };
    }
  }
};

/** A delivery that was withdrawn keeps its items, with nothing in them. */
const erpDeliveryLines: ErpLedger = function* (erp) {
  const table = erp.deliveries;
  for (let row = 0; row < table.length; row++) {
    const isWithdrawn = (table.status.get(row) & 4) !== 0;
    for (const item of goodsOf(erp, table.salesOrder.get(row))) {
      const quantity = isWithdrawn ? 0 : item['quantity'];
      yield { delivery: numbered('delivery', row), ...item, quantity };
    }
  }
};

const erpDeliveries: ErpLedger = function* (erp) {
  const table = erp.deliveries;
  for (let row = 0; row < table.length; row++) {
    const salesOrder = table.salesOrder.get(row);
    const status = table.status.get(row);
    yield {
      delivery: numbered('delivery', row),
      salesOrder: numbered('order', salesOrder),
      ...shopOrder(erp, erp.orders.order.get(salesOrder)),
      plannedFor: table.plannedDay.get(row) * DAY,
      issuedAt: timeOrNull(table.issuedAtMs.get(row)),
      arrivedAt: timeOrNull(table.arrivedAtMs.get(row)),
      withdrawn: (status & 4) !== 0,
      blocked: (status & 8) !== 0,
      createdAt: table.createdAtMs.get(row),
      changedAt: timeOrNull(table.changedAtMs.get(row)),
    };
  }
};

const erpReturns: ErpLedger = function* (erp) {
  const table = erp.returns;
  const { returns, orders } = erp.world;
  for (let row = 0; row < table.length; row++) {
    const shopReturn = table.shopReturn.get(row);
    const line = returns.line.get(shopReturn);
    const order = orders.lineOrder.get(line);
    const isInspected = table.isInspected.get(row) === 1;
    yield {
      customerReturn: numbered('return', row),
      ...shopOrder(erp, order),
      salesOrder: numbered('order', erp.orders.byOrder.get(order)),
      sku: sku(erp, orders.lineSubject.get(line)),
      quantity: returns.quantity.get(shopReturn),
      reason: returns.reason.get(shopReturn),
      sellable: isInspected ? returns.isResellable.get(shopReturn) === 1 : null,
      requestedAt: returns.requestedAtMs.get(shopReturn),
      createdAt: table.createdAtMs.get(row),
      changedAt: momentOf(table.stamp.get(row)),
    };
  }
};

const WHO = ['', 'person', 'company', 'one-time'];

const partners: ErpLedger = function* (erp) {
  const table = erp.partners;
  for (let supplier = 0; supplier < erp.world.catalogue.suppliers.length; supplier++) {
    const edits = erp.supplierEdits.get(supplier);
    yield {
      partner: numbered('supplier', supplier),
      kind: 'supplier',
      name: edits?.name ?? erp.world.catalogue.suppliers[supplier]?.name,
      customerNo: null,
      blocked: false,
      changedAt: timeOrNull(table.supplierChangedAtMs[supplier] ?? 0),
    };
  }
  for (let row = 0; row < table.length; row++) {
    const kind = WHO[table.kind.get(row)];
    const customer = table.customer.get(row);
    const edits = table.edits.get(row);
    const person = kind === 'one-time' ? undefined : erp.world.customers.personOf(customer);
    const own = `${edits?.firstName ?? person?.firstName} ${edits?.lastName ?? person?.lastName}`;
    yield {
      partner: numbered('partner', row),
      kind,
      name: kind === 'person' ? own : (edits?.name ?? person?.company ?? null),
      email: edits?.email ?? person?.email ?? null,
      customerNo: person === undefined ? null : erp.world.customers.numberOf(customer),
      blocked: table.isBlocked.get(row) === 1,
      createdAt: table.createdAtMs.get(row),
      changedAt: timeOrNull(table.changedAtMs.get(row)),
    };
  }
};

const supplyPlanning: ErpLedger = function* (erp) {
  for (const [variant, row] of erp.world.catalogue.variants.entries()) {
    if ((erp.materials.flags.get(row) & 1) === 0) continue;
    for (const [plant, { key }] of erp.model.plants.entries()) {
      yield { sku: sku(erp, variant), plant: key, ...planningOf(erp, variant, plant) };
    }
  }
};

export const ERP_LEDGERS: Readonly<Record<string, ErpLedger>> = {
  materials,
  costs,
  conditions,
  'purchase-orders': purchaseOrders,
  'purchase-order-lines': purchaseLines,
  'purchase-order-schedules': scheduleLines,
  'material-documents': materialDocuments,
  'erp-stock': erpStock,
  'erp-orders': erpOrders,
  'erp-order-lines': erpOrderLines,
  'erp-deliveries': erpDeliveries,
  'erp-delivery-lines': erpDeliveryLines,
  'erp-returns': erpReturns,
  partners,
  'supply-planning': supplyPlanning,
};

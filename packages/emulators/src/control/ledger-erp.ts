import { channelAt, currencyAt } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { planningOf } from '../retailer/erp/planning.js';
import { priceUnitOf, procedureOf } from '../retailer/erp/valuation.js';
import {
  erpDeliveries,
  erpDeliveryLines,
  erpOrderLines,
  erpOrders,
  erpReturns,
} from './ledger-erp-sales.js';
import { DAY, type ErpLedger, momentOf, numbered, sku } from './ledger-erp-words.js';
import { type LedgerRow, timeOrNull } from './ledger-row.js';

/**
 * The ERP's account of itself: whole numbers, milliseconds, keys people use. Shares no code with
 * what encodes the vendor's services; document numbers are spelled out here a second time.
 */

export type { ErpLedger };

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

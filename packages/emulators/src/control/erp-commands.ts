import { CHANNELS } from '../retailer/channels.js';
import {
  adjustErpStock,
  changeDelivery,
  changePurchaseItem,
  changeStandardPrice,
  completeSalesOrderNow,
  createPurchaseOrder,
  createReturn,
  openUnits,
  postGoodsReceipt,
  retypeStock,
  reviewPlanning,
  shipSalesOrder,
} from '../retailer/erp/actions.js';
import { CONDITION_BASE, CONDITION_PROMOTION } from '../retailer/erp/conditions.js';
import type { Erp } from '../retailer/erp/erp.js';
import { placeOf, STOCK_TYPES } from '../retailer/erp/erp-stock.js';
import { changeOrderCost } from '../retailer/erp/fulfilment.js';
import { anyVariant, openDelivery, openItem } from '../retailer/erp/live-edits.js';
import {
  blockMaterial,
  endCondition,
  markMaterial,
  setCondition,
} from '../retailer/erp/master-data.js';
import type { PartnerEdits } from '../retailer/erp/partners.js';
import { touchPartner, touchSupplier } from '../retailer/erp/state.js';
import { priceUnitOf } from '../retailer/erp/valuation.js';
import { LINE_PRODUCT } from '../retailer/orders.js';
import { DAY_MS } from '../retailer/parameters.js';
import { createRandom } from '../retailer/random.js';
import {
  CONDITION_RECORD,
  CUSTOMER,
  CUSTOMER_RETURN,
  DELIVERY,
  MATERIAL_DOCUMENT,
  PURCHASE_ORDER,
  SALES_ORDER,
  SUPPLIER,
} from '../sap/numbers.js';
import { type Command, integer, text } from './command-targets.js';
import type { CommandResult } from './commands.js';

/** What people do in the ERP. What a command leaves out is drawn at random. */

type Run = (command: Command, atMs: number) => Omit<CommandResult, 'kind' | 'at'>;

export const createErpCommands = (erp: Erp): Readonly<Record<string, Run>> => {
  const { world, model, purchases } = erp;
  const random = createRandom(world.parameters.seed, 'erp-commands');

  const productRow = (command: Command): number => {
    const number = text(command['sku']) ?? text(command['material']);
    if (number === undefined) return world.catalogue.variants[anyVariant(erp, random)] ?? -1;
    const row = world.catalogue.byNumber.get(number);
    if (row === undefined) throw new RangeError(`no material ${number}`);
    return row;
  };
  const variantOf = (command: Command): number => {
    const variant = world.catalogue.products[productRow(command)]?.variant ?? -1;
    if (variant < 0) throw new RangeError(`${text(command['sku'])} keeps no stock`);
    return variant;
  };
  const skuOf = (variant: number): string =>
    world.catalogue.products[world.catalogue.variants[variant] ?? -1]?.number ?? '';
  const plantOf = (command: Command): number => {
    if (command['plant'] === undefined) return 0;
    const plant = model.plants.findIndex(({ key }) => key === command['plant']);
    if (plant < 0) throw new RangeError(`no plant ${String(command['plant'])}`);
    return plant;
  };
  const stockType = (name: unknown): number => {
    const type = (STOCK_TYPES as readonly unknown[]).indexOf(name);
    if (type < 0)
      throw new RangeError(`stock type "${String(name)}" is none of ${STOCK_TYPES.join(', ')}`);
    return type;
  };
  const areaOf = (command: Command): number => {
    const area = CHANNELS.findIndex(({ key }) => key === (command['channel'] ?? 'alpha-nl'));
    if (area < 0) throw new RangeError(`no channel ${String(command['channel'])}`);
    return area;
  };
  const itemOf = (command: Command, isAny: boolean): number => {
    const number = text(command['purchaseOrder']);
    if (number === undefined) {
      const item = openItem(erp, random);
      if (item < 0) throw new RangeError('no purchase order waits for goods');
      return item;
    }
    const order = PURCHASE_ORDER.rowOf(number);
    if (order < 0 || order >= purchases.length) throw new RangeError(`no purchase order ${number}`);
    const first = purchases.firstItem.get(order);
    if (command['item'] !== undefined) {
      const item = first + integer(Number(command['item']), 'item') / 10 - 1;
      if (item < first || item >= purchases.endOf(order)) throw new RangeError('no such item');
      return item;
    }
    for (let item = first; item < purchases.endOf(order); item++) {
      if (isAny || openUnits(erp, item) > 0) return item;
    }
    throw new RangeError(`nothing of ${number} is open`);
  };
  const numberIn = (
    range: typeof DELIVERY,
    value: unknown,
    length: number,
    what: string,
  ): number => {
    const row = range.rowOf(String(value));
    if (row < 0 || row >= length) throw new RangeError(`no ${what} ${String(value)}`);
    return row;
  };
  const optional = (command: Command, name: string): number | undefined =>
    command[name] === undefined ? undefined : integer(command[name], name);
  const document = (row: number, key: string) => ({
    entity: 'A_MaterialDocumentHeader',
    id: MATERIAL_DOCUMENT.of(row),
    key,
  });

  const delivered = (row: number) => ({
    entity: 'A_OutbDeliveryHeader',
    id: DELIVERY.of(row),
    key: DELIVERY.of(row),
  });
  /** By its own number, or by the channel's. */
  const soldIn = (command: Command): number => {
    if (command['salesOrder'] !== undefined)
      return numberIn(SALES_ORDER, command['salesOrder'], erp.orders.length, 'sales order');
    const order = world.orders.find(areaOf(command), text(command['orderNo']) ?? '');
    const row = order < 0 ? -1 : erp.orders.byOrder.get(order);
    if (row < 0) throw new RangeError(`no sales order for ${String(command['orderNo'])}`);
    return row;
  };

  return {
    'post-goods-receipt': (command, atMs) => {
      const item = itemOf(command, false);
      const quantity = optional(command, 'quantity') ?? random.between(1, openUnits(erp, item));
      const slot = erp.valuation.slotOf(
        purchases.itemVariant.get(item),
        purchases.itemPlant.get(item),
      );
      const before = erp.valuation.averageMilli.get(slot);
      const row = postGoodsReceipt(erp, item, quantity, atMs);
      return {
        ...document(row, skuOf(purchases.itemVariant.get(item))),
        purchaseOrder: PURCHASE_ORDER.of(purchases.itemOrder.get(item)),
        movesCost: erp.valuation.averageMilli.get(slot) !== before,
      };
    },
    'adjust-stock': (command, atMs) => {
      const variant = variantOf(command);
      const plant = plantOf(command);
      const quantity = optional(command, 'quantity') ?? random.between(1, 9);
      if (command['from'] === undefined && command['to'] === undefined) {
        return document(adjustErpStock(erp, variant, plant, quantity, atMs), skuOf(variant));
      }
      const types = [
        stockType(command['from'] ?? 'unrestricted'),
        stockType(command['to'] ?? 'blocked'),
      ] as const;
      const place = placeOf(plant, optional(command, 'storage') ?? 0);
      return document(retypeStock(erp, variant, place, types, quantity, atMs), skuOf(variant));
    },
    'change-cost': (command, atMs) => {
      const variant = variantOf(command);
      const plant = plantOf(command);
      const slot = erp.valuation.slotOf(variant, plant);
      const before = erp.valuation.standardMilli.get(slot);
      const minor = optional(command, 'standardMinor');
      const milli =
        minor === undefined
          ? Math.round(before * (0.9 + random.next() / 5))
          : minor * 10 * priceUnitOf(erp.seed, variant);
      changeStandardPrice(erp, variant, plant, milli, atMs);
      return {
        entity: 'A_ProductValuation',
        id: skuOf(variant),
        key: `${skuOf(variant)}/${model.plants[plant]?.key}`,
      };
    },
    'change-condition': (command, atMs) => {
      const subject = productRow(command);
      const area = areaOf(command);
      const kind = command['promotion'] === true ? CONDITION_PROMOTION : CONDITION_BASE;
      const known = erp.conditions.inForce(subject, area, kind);
      const key = `${world.catalogue.products[subject]?.number}/${CHANNELS[area]?.key}`;
      if (command['ended'] === true) {
        if (known < 0) throw new RangeError(`no condition for ${key} is in force`);
        endCondition(erp, subject, area, kind, atMs);
        return { entity: 'A_SlsPrcgConditionRecord', id: CONDITION_RECORD.of(known), key };
      }
      const rate = optional(command, 'rateMinor') ?? random.between(500, 20_000);
      const days = optional(command, 'days');
      const record = setCondition(erp, {
        subject,
        area,
        kind,
        rate,
        scales: [],
        atMs,
        ...(days === undefined ? {} : { toDay: Math.floor(atMs / DAY_MS) + days }),
      });
      return { entity: 'A_SlsPrcgConditionRecord', id: CONDITION_RECORD.of(record), key };
    },
    'create-purchase-order': (command, atMs) => {
      const variant = variantOf(command);
      const product = world.catalogue.products[world.catalogue.variants[variant] ?? -1];
      const quantity = optional(command, 'quantity') ?? random.between(10, 80);
      const days = optional(command, 'days') ?? random.between(3, 20);
      const dueMs = atMs + days * DAY_MS;
      const order = createPurchaseOrder(
        erp,
        product?.supplier ?? 0,
        [{ variant, quantity }],
        dueMs,
        atMs,
      );
      return {
        entity: 'A_PurchaseOrder',
        id: PURCHASE_ORDER.of(order),
        key: PURCHASE_ORDER.of(order),
      };
    },
    'change-purchase-order': (command, atMs) => {
      const item = itemOf(command, true);
      const days = optional(command, 'days');
      const ordered = optional(command, 'quantity');
      changePurchaseItem(
        erp,
        item,
        {
          ...(days === undefined && ordered === undefined && command['deleted'] !== true
            ? { day: Math.floor(atMs / DAY_MS) + random.between(1, 20) }
            : {}),
          ...(days === undefined ? {} : { day: Math.floor(atMs / DAY_MS) + days }),
          ...(ordered === undefined ? {} : { ordered }),
          ...(command['deleted'] === true ? { isDeleted: true } : {}),
          ...(command['completed'] === true ? { isCompleted: true } : {}),
        },
        atMs,
      );
      const number = PURCHASE_ORDER.of(purchases.itemOrder.get(item));
      return { entity: 'A_PurchaseOrder', id: number, key: number };
    },
    'change-sales-order': (command, atMs) => {
      const row =
        command['salesOrder'] === undefined
          ? random.below(erp.orders.length)
          : numberIn(SALES_ORDER, command['salesOrder'], erp.orders.length, 'sales order');
      if (row < 0 || row >= erp.orders.length) throw new RangeError('no sales order is there');
      changeOrderCost(erp, erp.orders.order.get(row), atMs);
      return { entity: 'A_SalesOrder', id: SALES_ORDER.of(row), key: SALES_ORDER.of(row) };
    },
    'change-delivery': (command, atMs) => {
      const row =
        command['delivery'] === undefined
          ? openDelivery(erp, random)
          : numberIn(DELIVERY, command['delivery'], erp.deliveries.length, 'delivery');
      if (row < 0) throw new RangeError('no delivery is open');
      const laterDays = optional(command, 'laterDays');
      const isBlocked = command['blocked'];
      changeDelivery(
        erp,
        row,
        {
          ...(typeof isBlocked === 'boolean' ? { isBlocked } : { laterDays: laterDays ?? 1 }),
          ...(laterDays === undefined ? {} : { laterDays }),
        },
        atMs,
      );
      return { entity: 'A_OutbDeliveryHeader', id: DELIVERY.of(row), key: DELIVERY.of(row) };
    },
    'ship-sales-order': (command, atMs) => delivered(shipSalesOrder(erp, soldIn(command), atMs)),
    'complete-sales-order': (command, atMs) =>
      delivered(completeSalesOrderNow(erp, soldIn(command), atMs)),
    'create-return': (command, atMs) => {
      const { orders } = world;
      const wanted = text(command['orderNo']);
      const first = wanted === undefined ? orders.length - 1 : orders.find(areaOf(command), wanted);
      for (let order = first; order >= Math.max(0, first - 20_000); order--) {
        for (const line of orders.linesOf(order)) {
          if (orders.lineKind.get(line) !== LINE_PRODUCT) continue;
          const row = createReturn(erp, line, atMs);
          if (row < 0) continue;
          return {
            entity: 'A_CustomerReturn',
            id: CUSTOMER_RETURN.of(row),
            key: CUSTOMER_RETURN.of(row),
          };
        }
        if (wanted !== undefined) break;
      }
      throw new RangeError('nothing can be returned');
    },
    'block-product': (command, atMs) => {
      const row = productRow(command);
      blockMaterial(erp, row, command['blocked'] !== false, atMs);
      return materialResult(erp, row);
    },
    'mark-for-deletion': (command, atMs) => {
      const row = productRow(command);
      markMaterial(erp, row, atMs);
      return materialResult(erp, row);
    },
    'review-planning': (command, atMs) => {
      const row = productRow(command);
      reviewPlanning(erp, row, atMs);
      return materialResult(erp, row);
    },
    'edit-partner': (command, atMs) => {
      const edits: Record<string, string> = {};
      for (const field of [
        'firstName',
        'lastName',
        'name',
        'email',
        'street',
        'city',
        'postalCode',
        'searchTerm',
      ]) {
        const value = text(command[field]);
        if (value !== undefined) edits[field] = value;
      }
      if (Object.keys(edits).length === 0) edits['searchTerm'] = `NOTE ${random.between(1, 9_999)}`;
      return editPartner(erp, text(command['partner']), edits, random.below, atMs);
    },
  };
};

const materialResult = (erp: Erp, row: number) => ({
  entity: 'A_Product',
  id: erp.materials.numberOf(row),
  key: erp.materials.numberOf(row),
});

const editPartner = (
  erp: Erp,
  number: string | undefined,
  edits: PartnerEdits,
  below: (limit: number) => number,
  atMs: number,
) => {
  const supplier = number === undefined ? -1 : SUPPLIER.rowOf(number);
  if (number !== undefined && supplier >= 0 && supplier < erp.world.catalogue.suppliers.length) {
    erp.supplierEdits.set(supplier, { ...erp.supplierEdits.get(supplier), ...edits });
    touchSupplier(erp, supplier, atMs);
    return { entity: 'A_BusinessPartner', id: number, key: number };
  }
  const row = number === undefined ? below(erp.partners.length) : CUSTOMER.rowOf(number);
  if (row < 0 || row >= erp.partners.length) throw new RangeError(`no partner ${String(number)}`);
  erp.partners.edit(row, edits);
  touchPartner(erp, row, 'changed', atMs);
  return { entity: 'A_BusinessPartner', id: CUSTOMER.of(row), key: CUSTOMER.of(row) };
};

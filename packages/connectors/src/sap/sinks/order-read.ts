/** What SAP holds of orders, found by the number their channel knows them by. */
import type { JsonObject, TargetRecord, TargetState } from '@headrace/sdk';
import { object, rowsOf, text } from '../json.js';
import { itemNo } from '../mapping/map-context.js';
import { parseRecord } from '../odata/page.js';
import { both, compare, either } from '../odata/query.js';
import { get, type SapContext } from '../odata/question.js';
import { isZero } from '../odata/values.js';
import { lineCode, plainDecimalOf } from './amounts.js';
import type { OrderFields, OrderItem } from './order-map.js';

export const ORDER_ROOT = '/sap/opu/odata/sap/API_SALES_ORDER_SRV';

/** An order with what its parts are called in SAP. */
export interface FoundOrder {
  readonly number: string;
  readonly tag: string | null;
  readonly record: JsonObject;
  /** By the channel's line as it is written in SAP. */
  readonly items: ReadonlyMap<string, FoundItem>;
  readonly freight: string;
  readonly discount: string;
  /** Conditions of the header that are there: type → step and counter. */
  readonly conditions: ReadonlyMap<string, ElementKey>;
}

export interface ElementKey {
  readonly step: string;
  readonly counter: string;
}

export interface FoundItem {
  readonly number: string;
  readonly material: string;
  readonly isRejected: boolean;
  readonly fields: OrderItem;
  readonly price: ElementKey | null;
}

const select = [
  ...['SalesOrder', 'SalesOrganization', 'DistributionChannel', 'OrganizationDivision'],
  ...['PurchaseOrderByCustomer', 'OverallSDDocumentRejectionSts', 'LastChangeDateTime'],
];
const itemSelect = [
  ...['SalesOrderItem', 'UnderlyingPurchaseOrderItem', 'Material', 'RequestedQuantity'],
  ...['RequestedQuantityUnit', 'SalesDocumentRjcnReason'],
];
const conditionSelect = [
  ...['PricingProcedureStep', 'PricingProcedureCounter', 'ConditionType', 'ConditionRateValue'],
];
const priceSelect = [...conditionSelect, 'ConditionQuantity'];

/** Everything read of orders before they are written, by set. */
export const orderReadFields: Readonly<Record<string, readonly string[]>> = {
  A_SalesOrder: select,
  A_SalesOrderItem: itemSelect,
  A_SalesOrderItemPrElement: priceSelect,
  A_SalesOrderHeaderPrElement: conditionSelect,
};

/** What an order is looked for by. */
type OrderKey = Pick<OrderFields, 'area' | 'reference'>;

/** More than one is there when somebody entered it twice; they are few. */
const COPIES_MAX = 5;

/** The order of each record, where SAP has one. */
export async function findOrders(
  context: SapContext,
  records: readonly TargetRecord[],
): Promise<ReadonlyMap<string, FoundOrder>> {
  const wanted = records.map(({ key, fields }) => ({ key, fields: fields as OrderKey }));
  const filter = either(
    wanted.map(({ fields }) => {
      const [organization = '', channel = '', division = ''] = fields.area.split('/');
      return both([
        equals('PurchaseOrderByCustomer', fields.reference),
        equals('SalesOrganization', organization),
        equals('DistributionChannel', channel),
        equals('OrganizationDivision', division),
      ]);
    }),
  );
  const page = await get(
    context,
    ORDER_ROOT,
    'A_SalesOrder',
    {
      filter,
      orderBy: ['SalesOrder'],
      top: wanted.length * COPIES_MAX,
      expand: ['to_Item', 'to_Item/to_PricingElement', 'to_PricingElement'],
      select: [
        ...select,
        ...itemSelect.map((name) => `to_Item/${name}`),
        ...priceSelect.map((name) => `to_Item/to_PricingElement/${name}`),
        ...conditionSelect.map((name) => `to_PricingElement/${name}`),
      ],
    },
    2,
  );
  const rows = page.records.map(parseRecord);
  const found = new Map<string, FoundOrder>();
  for (const { key, fields } of wanted) {
    const own = rows.filter((row) => isOf(row, fields));
    // Of several, the first that is in force; one that was cancelled as a whole only if there is no other.
    const row = own.find((one) => text(one.OverallSDDocumentRejectionSts) !== 'C') ?? own[0];
    if (row !== undefined) found.set(key, foundOrder(row, context));
  }
  return found;
}

const equals = (property: string, value: string) =>
  compare({ property, kind: 'text', value }, 'eq', 2);

function isOf(row: JsonObject, { area, reference }: OrderKey): boolean {
  const own = [row.SalesOrganization, row.DistributionChannel, row.OrganizationDivision];
  return (
    text(row.PurchaseOrderByCustomer) === reference &&
    own.map((part) => text(part) ?? '').join('/') === area
  );
}

function foundOrder(record: JsonObject, { config }: SapContext): FoundOrder {
  const settings = config.write.order;
  const conditions = new Map<string, ElementKey>();
  const amounts = new Map<string, string>();
  for (const row of rowsOf(record.to_PricingElement)) {
    const type = text(row.ConditionType);
    if (type === null) continue;
    conditions.set(type, keyOf(row));
    amounts.set(type, (plainDecimalOf(row.ConditionRateValue) ?? '0').replace(/^-/, ''));
  }
  const items = new Map<string, FoundItem>();
  for (const row of rowsOf(record.to_Item)) {
    const number = itemNo(row.SalesOrderItem);
    const material = text(row.Material);
    if (number === null || material === null) continue;
    const code = text(row.UnderlyingPurchaseOrderItem);
    items.set(code ?? ` ${number}`, foundItem(row, number, material, settings));
  }
  return {
    number: text(record.SalesOrder) ?? '',
    tag: text(object(record.__metadata)?.etag),
    record,
    items,
    freight: amounts.get(settings.freight) ?? '0',
    discount: amounts.get(settings.discount) ?? '0',
    conditions,
  };
}

function foundItem(
  row: JsonObject,
  number: string,
  material: string,
  { grossPrice, netPrice }: SapContext['config']['write']['order'],
): FoundItem {
  const element = rowsOf(row.to_PricingElement).find(({ ConditionType }) =>
    [grossPrice, netPrice].includes(text(ConditionType) ?? ''),
  );
  const isRejected = text(row.SalesDocumentRjcnReason) !== null;
  return {
    number,
    material,
    isRejected,
    price: element === undefined ? null : keyOf(element),
    fields: {
      material,
      quantity: plainDecimalOf(row.RequestedQuantity) ?? '0',
      unit: text(row.RequestedQuantityUnit) ?? '',
      price:
        element === undefined
          ? null
          : {
              condition: text(element.ConditionType) ?? '',
              amount: plainDecimalOf(element.ConditionRateValue) ?? '0',
              per: perOf(element),
            },
      isCancelled: isRejected,
    },
  };
}

const keyOf = (row: JsonObject): ElementKey => ({
  step: text(row.PricingProcedureStep) ?? '',
  counter: text(row.PricingProcedureCounter) ?? '',
});

const perOf = (row: JsonObject): string => {
  const per = plainDecimalOf(row.ConditionQuantity);
  return per === null || isZero(per) ? '1' : per;
};

/** Items of ours by their line; of an order somebody else entered, by their material. */
export function itemsByLine(
  found: FoundOrder,
  wanted: OrderFields,
): ReadonlyMap<string, FoundItem> {
  const byLine = new Map<string, FoundItem>();
  const taken = new Set<FoundItem>();
  for (const line of Object.keys(wanted.items)) {
    const item = found.items.get(line);
    if (item === undefined) continue;
    byLine.set(line, item);
    taken.add(item);
  }
  for (const [line, { material }] of Object.entries(wanted.items)) {
    if (byLine.has(line)) continue;
    for (const [code, item] of found.items) {
      if (taken.has(item) || item.material !== material || isOurs(code)) continue;
      byLine.set(line, item);
      taken.add(item);
      break;
    }
  }
  return byLine;
}

/** Items without the channel's line are SAP's own, and its people's. */
export const isOurs = (code: string): boolean => !code.startsWith(' ') && lineCode(code) === code;

/**
 * What SAP holds, as far as it can be amended; the rest is of a new order and says what is wanted.
 * An item SAP rejected stays rejected, whatever the channel says.
 */
export function stateOf(record: TargetRecord, found: FoundOrder): TargetState {
  const wanted = record.fields as OrderFields;
  const lines = itemsByLine(found, wanted);
  const items: Record<string, OrderItem> = {};
  for (const [line, item] of lines) {
    const asked = wanted.items[line];
    if (asked === undefined) continue;
    const isSettled = item.isRejected;
    const { price } = item.fields;
    items[line] = isSettled
      ? asked
      : { ...item.fields, price: asked.price === null ? null : price };
  }
  for (const [code, item] of found.items) {
    if (isOurs(code) && wanted.items[code] === undefined && !item.isRejected) {
      items[code] = item.fields;
    }
  }
  return {
    key: record.key,
    id: found.number,
    tag: found.tag,
    fields: { ...wanted, items, freight: found.freight, discount: found.discount },
  };
}

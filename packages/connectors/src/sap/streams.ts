import type { Change, JsonObject, Page, Stream } from '@headrace/sdk';
import { type ChangeField, changedAt, overlapMs, readChanges } from './changes.js';
import type { SapConfig, StreamName } from './config.js';
import { extendedProperties } from './extend.js';
import { boolean } from './json.js';
import { deliveryEventAt, deliveryTouches, mapDelivery } from './mapping/delivery.js';
import type { SapMapContext } from './mapping/map-context.js';
import { mapMovement, movementTouches } from './mapping/movement.js';
import { buyerReference, mapOrder } from './mapping/order.js';
import { mapPartner, partnerReference } from './mapping/partner.js';
import { mapCost, mapSupplyPlanning } from './mapping/planning.js';
import { mapPrice, priceSubject } from './mapping/price.js';
import { mapProduct } from './mapping/product.js';
import { mapPurchaseOrder } from './mapping/purchase-order.js';
import { mapReturn } from './mapping/return.js';
import { mapStock } from './mapping/stock.js';
import { fetchByKeys, keyOf, type Question } from './odata/question.js';
import { streamOf } from './odata-stream-reader.js';
import { withOrderReferences } from './order-references.js';
import { readPass } from './pass.js';
import * as shapes from './read-fields.js';
import { knownIn } from './release.js';
import { expandOf, personalPathsOf, type Shape, selectOf } from './shape.js';

type SapStream = Stream<SapConfig>;

const SECOND = 1000;
const HOUR = 3_600_000;

/** An address with fifty keys stays below two kilobytes. */
const FETCH_MAX = 50;

/** What differs between the streams; the rest is the same for all of them. */
interface Plan {
  readonly name: StreamName;
  readonly description: string;
  readonly entities: SapStream['entities'];
  readonly service: string;
  readonly shape: Shape;
  /** Properties of the key, all of them texts. */
  readonly key: readonly string[];
  /** Where changes show; without it all is read and compared. */
  readonly change: ChangeField | null;
  readonly everyMs: number;
  readonly passEveryMs?: number;
  /** How many fit a page of a given size: documents bring their items along. */
  readonly pageSize?: (size: number) => number;
  readonly complete?: Question['complete'];
  readonly always?: string;
  readonly more?: Partial<Pick<SapStream, 'touches' | 'touchesWhenGone' | 'isDeleted' | 'eventAt'>>;
  /** The person a record is about. */
  readonly subject?: (record: JsonObject) => string | null;
  map(record: JsonObject, context: SapMapContext): ReturnType<SapStream['map']>;
}

const documents = (size: number) => Math.max(10, Math.floor(size / 5));

function streamFrom(plan: Plan, config: SapConfig): SapStream {
  const { shape, change, name } = plan;
  const root = rootOf(plan.service);
  const own = (set: string) => extendedProperties(config.extend, set);
  const question: Question = {
    root,
    set: shape.set,
    version: 2,
    key: plan.key.map((property) => ({ property, kind: 'text' })),
    async fields(context) {
      const isKnown = await knownIn(context, root);
      return { select: selectOf(shape, own, isKnown), expand: expandOf(shape, isKnown) };
    },
    pageSize: plan.pageSize?.(config.pageSize) ?? config.pageSize,
    ...(plan.always === undefined ? {} : { always: plan.always }),
    ...(plan.complete === undefined ? {} : { complete: plan.complete }),
  };
  const version = (record: JsonObject) => (change === null ? null : changedAt(record, change));
  const paths = personalPathsOf(shape);
  return {
    name,
    description: plan.description,
    entities: plan.entities,
    feed: change === null ? 'snapshot' : isNotified(config) ? 'push' : 'poll',
    everyMs: plan.everyMs,
    ...(plan.passEveryMs === undefined ? {} : { passEveryMs: plan.passEveryMs }),
    ...(change === null
      ? {}
      : { overlapMs: overlapMs[change.kind], versionOrder: 'text' as const }),
    names: { key: plan.key.join('/'), version: change === null ? null : namesOf(change) },
    key: (record) => keyOf(record, question.key),
    version,
    eventAt: version,
    ...(paths.length === 0 ? {} : { personal: { subject: plan.subject ?? (() => null), paths } }),
    ...plan.more,
    ...touchesOf(plan, config),
    map: (record, context) => plan.map(record, context),
    read: (context, mode, cursor): Promise<Page> =>
      change === null || mode === 'pass'
        ? readPass(context, question, cursor)
        : readChanges(context, question, change, cursor),
    fetch: (context, keys) => fetchByKeys(context, question, keys),
    fetchMax: FETCH_MAX,
    sample(context, limit) {
      const fields = async () => ({ expand: expandOf(shape, await knownIn(context, root)) });
      const pageSize = Math.min(limit, question.pageSize);
      return readPass(context, { ...question, fields, pageSize }, null);
    },
  };
}

const isNotified = ({ webhookSecret, events }: SapConfig) =>
  webhookSecret !== undefined || events !== undefined;

/** A mark on a stream that is not read would wait for ever. */
function touchesOf(
  { more }: Plan,
  config: SapConfig,
): Pick<SapStream, 'touches' | 'touchesWhenGone'> {
  const isRead = ({ stream }: Change) => !config.without.some((name) => name === stream);
  const { touches, touchesWhenGone } = more ?? {};
  return {
    ...(touches === undefined ? {} : { touches: (record) => touches(record).filter(isRead) }),
    ...(touchesWhenGone === undefined
      ? {}
      : { touchesWhenGone: (key) => touchesWhenGone(key).filter(isRead) }),
  };
}

function rootOf(service: string): string {
  return `/sap/opu/odata/sap/${service}`;
}

function namesOf(change: ChangeField): string {
  if (change.kind === 'instant') return change.field;
  return change.kind === 'day'
    ? change.fields.join(', ')
    : change.fields.map(({ date, time }) => `${date} ${time}`).join(', ');
}

const lastChange: ChangeField = { kind: 'instant', field: 'LastChangeDateTime' };

function catalogue(config: SapConfig): readonly Plan[] {
  const { every } = config;
  const service = 'API_PRODUCT_SRV';
  const common = { service, key: ['Product'], change: lastChange } as const;
  return [
    {
      ...common,
      name: 'product',
      description: 'Materials: variants, and generic articles above them',
      entities: ['product', 'variant'],
      shape: shapes.productShape,
      everyMs: every.product ?? 15 * SECOND,
      more: { touchesWhenGone: (key) => [{ stream: 'stock', key }] },
      map: mapProduct,
    },
    {
      ...common,
      name: 'supplyPlanning',
      description: 'How plants plan and reorder materials',
      entities: ['replenishment'],
      shape: shapes.supplyPlanningShape,
      everyMs: every.supplyPlanning ?? 15 * SECOND,
      map: mapSupplyPlanning,
    },
    {
      ...common,
      name: 'cost',
      description: 'What materials cost, by plant: standard price or moving average',
      entities: ['cost'],
      shape: shapes.costShape,
      everyMs: every.cost ?? 15 * SECOND,
      // The average moves with each receipt and the material keeps its time of change: receipts
      // touch it, and what moved otherwise is found within six hours.
      passEveryMs: 6 * HOUR,
      map: mapCost,
    },
  ];
}

function stockPlans(config: SapConfig): readonly Plan[] {
  const { timeZone, every } = config;
  return [
    {
      name: 'stock',
      description: 'Stock of each material in all plants',
      entities: ['stock'],
      service: 'API_MATERIAL_STOCK_SRV',
      shape: shapes.stockShape,
      key: ['Material'],
      change: null,
      everyMs: config.stock.every ?? 60 * SECOND,
      map: mapStock,
    },
    {
      name: 'stockMovement',
      description: 'Material documents: every posting of stock',
      entities: ['stockMovement'],
      service: 'API_MATERIAL_DOCUMENT_SRV',
      shape: shapes.movementShape,
      key: ['MaterialDocumentYear', 'MaterialDocument'],
      change: {
        kind: 'clock',
        fields: [{ date: 'CreationDate', time: 'CreationTime' }],
        timeZone,
      },
      everyMs: every.stockMovement ?? 15 * SECOND,
      pageSize: documents,
      more: { touches: movementTouches },
      map: mapMovement,
    },
  ];
}

function sales(config: SapConfig): readonly Plan[] {
  const { timeZone, every } = config;
  const buyer = (record: JsonObject) => buyerReference(record, config);
  return [
    {
      name: 'order',
      description: 'Sales orders with their items and schedule lines',
      entities: ['order', 'orderLine'],
      service: 'API_SALES_ORDER_SRV',
      shape: shapes.orderShape,
      key: ['SalesOrder'],
      change: lastChange,
      everyMs: every.order ?? 15 * SECOND,
      pageSize: documents,
      subject: buyer,
      map: mapOrder,
    },
    {
      name: 'delivery',
      description: 'Outbound deliveries with their items',
      entities: ['shipment', 'shipmentLine'],
      service: 'API_OUTBOUND_DELIVERY_SRV',
      shape: shapes.deliveryShape,
      key: ['DeliveryDocument'],
      change: { kind: 'day', fields: ['LastChangeDate', 'CreationDate'], timeZone },
      everyMs: every.delivery ?? 30 * SECOND,
      pageSize: documents,
      subject: buyer,
      complete: withOrderReferences,
      more: {
        touches: deliveryTouches,
        eventAt: (record) => deliveryEventAt(record, config),
      },
      map: mapDelivery,
    },
    {
      name: 'return',
      description: 'Customer returns with their items',
      entities: ['return', 'returnLine'],
      service: 'API_CUSTOMER_RETURN_SRV',
      shape: shapes.returnShape,
      key: ['CustomerReturn'],
      change: lastChange,
      everyMs: every.return ?? 15 * SECOND,
      pageSize: documents,
      subject: buyer,
      map: mapReturn,
    },
    {
      name: 'price',
      description: 'Prices of materials: condition records with validity and scale',
      entities: ['price'],
      service: 'API_SLSPRICINGCONDITIONRECORD_SRV',
      shape: shapes.priceShape,
      key: ['ConditionRecord'],
      change: lastChange,
      everyMs: every.price ?? 15 * SECOND,
      subject: priceSubject,
      more: { isDeleted: (record) => boolean(record.ConditionIsDeleted) === true },
      map: mapPrice,
    },
  ];
}

function partners(config: SapConfig): readonly Plan[] {
  const { timeZone, every } = config;
  return [
    {
      name: 'purchaseOrder',
      description: 'Purchase orders with their items and schedule lines',
      entities: ['purchaseOrder', 'purchaseOrderLine'],
      service: 'API_PURCHASEORDER_PROCESS_SRV',
      shape: shapes.purchaseOrderShape,
      key: ['PurchaseOrder'],
      change: lastChange,
      everyMs: every.purchaseOrder ?? 15 * SECOND,
      pageSize: documents,
      map: mapPurchaseOrder,
    },
    {
      name: 'partner',
      description: 'Business partners: customers, companies that buy, suppliers',
      entities: ['customer', 'account', 'supplier'],
      service: 'API_BUSINESS_PARTNER',
      shape: shapes.partnerShape,
      key: ['BusinessPartner'],
      change: {
        kind: 'clock',
        fields: [
          { date: 'LastChangeDate', time: 'LastChangeTime' },
          { date: 'CreationDate', time: 'CreationTime' },
        ],
        timeZone,
      },
      everyMs: every.partner ?? 15 * SECOND,
      pageSize: documents,
      subject: partnerReference,
      map: mapPartner,
    },
  ];
}

function plansOf(config: SapConfig): readonly Plan[] {
  const all = [...catalogue(config), ...stockPlans(config), ...sales(config), ...partners(config)];
  return all.filter(({ name }) => !config.without.includes(name));
}

export function streams(config: SapConfig): readonly SapStream[] {
  return [
    ...plansOf(config).map((plan) => streamFrom(plan, config)),
    ...Object.entries(config.odata).map(([name, own]) => streamOf(name, own, config)),
  ];
}

/** Services that are read, each with the streams it serves. */
export function servicesOf(config: SapConfig): ReadonlyMap<string, readonly string[]> {
  const services = new Map<string, string[]>();
  for (const { service, name } of plansOf(config)) {
    const known = services.get(service);
    if (known === undefined) services.set(service, [name]);
    else known.push(name);
  }
  return services;
}

/**
 * Returns announced in the channels as customer returns, each from the sales order it takes back. One
 * that is there is not changed any more: what follows, receipt and inspection, is SAP's.
 */
import {
  businessDateOf,
  type FlowGroup,
  type FlowRecord,
  HeadraceError,
  type JsonObject,
  type MapContext,
  type Sink,
  type SinkItem,
  type SinkResult,
  type TargetRecord,
} from '@headrace/sdk';
import { z } from 'zod';
import { areaOf, materialOf, type SapConfig } from '../config.js';
import { object, text } from '../json.js';
import { parseRecord } from '../odata/page.js';
import { both, compare, either } from '../odata/query.js';
import { get, type SapContext } from '../odata/question.js';
import { dateValue } from '../odata/values.js';
import { write } from '../odata/write.js';
import { lineCode, quantityIn, sapUnitOf } from './amounts.js';
import { type FoundOrder, findOrders } from './order-read.js';
import { refusedOf, writeEach } from './refusal.js';
import { forChannel } from './write-config.js';

export const RETURN_ROOT = '/sap/opu/odata/sap/API_CUSTOMER_RETURN_SRV';

const code = z.string().min(1);
const item = z.strictObject({
  line: code.max(6).describe('Line of the order, shortened to six characters.'),
  material: code.max(40).describe('Material number.'),
  quantity: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a plain number')
    .describe('What comes back.'),
  unit: code.max(3).describe('SAP’s unit.'),
  reason: code.max(3).describe('SAP’s return reason.'),
});

export const returnFields = z.strictObject({
  area: z.string().describe('Sales organization, distribution channel, division of the order.'),
  type: code.max(4).describe('Type of returns order.'),
  order: code.max(35).describe('The order’s number in its channel.'),
  returnNo: code.max(18).describe('The channel’s number of the return: `AssignmentReference`.'),
  requestedOn: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .describe('When it was asked for.'),
  items: z.record(code, item).describe('By line of the return.'),
});
export type ReturnFields = z.output<typeof returnFields>;

const BATCH_MAX = 20;

export const customerReturn: Sink<SapConfig> = {
  name: 'return',
  title: 'Customer return',
  description: 'Returns announced in the channels as customer returns of their sales orders',
  entities: ['return', 'returnLine'],
  delivery: 'at-least-once',
  makes: 'document',
  fields: returnFields,
  batchMax: BATCH_MAX,
  groupsOf: ({ fields }) => {
    const parts = [fields.channel, fields.orderNo, fields.rma].map((part) => text(part));
    return parts.includes(null) ? [] : [parts.join('/')];
  },
  map: mapReturn,
  async read(context, records) {
    const found = await findReturns(context, records);
    return records.flatMap(({ key, fields }) => {
      const id = found.get(key);
      return id === undefined ? [] : [{ key, id, fields, tag: null }];
    });
  },
  async write(context, items) {
    const orders = await findOrders(context, items.map(orderOf));
    return writeEach(items, (one) => writeReturn(context, one, orders.get(one.key)));
  },
};

function mapReturn(group: FlowGroup, { config }: MapContext<SapConfig>): TargetRecord | null {
  const [one] = group.records('return');
  const channel = text(one?.fields.channel);
  const order = text(one?.fields.orderNo);
  const rma = text(one?.fields.rma);
  const requestedAt = text(one?.fields.requestedAt);
  if (one === undefined || channel === null || order === null || rma === null) return null;
  const area = areaOf(config, channel);
  const type = forChannel(config.write.return.type, channel);
  const isRefused = ['rejected', 'cancelled'].includes(text(one.fields.state) ?? '');
  if (area === null || type === undefined || requestedAt === null || isRefused) return null;
  // SAP states it itself: entered there first, or by us.
  if (group.own('return').length > 0) return null;
  const items: Record<string, ReturnFields['items'][string]> = {};
  for (const line of group.records('returnLine')) {
    const [name, asked] = itemOf(line, config);
    if (name !== null && asked !== null) items[name] = asked;
  }
  if (Object.keys(items).length === 0) return null;
  const fields = {
    ...{ area, type, order, returnNo: returnNoOf(rma) },
    requestedOn: businessDateOf(requestedAt, config.timeZone),
    items,
  } satisfies ReturnFields;
  return { key: `${channel}/${order}/${rma}`, fields };
}

function itemOf({ fields }: FlowRecord, config: SapConfig) {
  const [name, sku] = [text(fields.line), text(fields.sku)];
  const quantity = quantityIn(fields.quantity);
  if (name === null || sku === null || quantity === null) return [null, null] as const;
  const reason = text(fields.reason);
  const [own] = Object.entries(config.returnReasons).find(([, one]) => one === reason) ?? [];
  return [
    name,
    {
      line: lineCode(text(fields.orderLine) ?? name),
      material: materialOf(config, sku),
      quantity: quantity.value,
      unit: sapUnitOf(quantity.unit, config.write.order.unit),
      reason: own ?? config.write.return.reason,
    },
  ] as const;
}

/** SAP has eighteen characters for it. */
export function returnNoOf(rma: string): string {
  return rma.length <= 18 ? rma : `${rma.slice(0, 11)}-${lineCode(rma)}`;
}

/** Everything read of returns before they are written. */
export const returnReadFields: Readonly<Record<string, readonly string[]>> = {
  A_CustomerReturn: ['CustomerReturn', 'PurchaseOrderByCustomer', 'AssignmentReference'],
};

async function findReturns(
  context: SapContext,
  records: readonly TargetRecord[],
): Promise<ReadonlyMap<string, string>> {
  const equals = (property: string, value: string) =>
    compare({ property, kind: 'text', value }, 'eq', 2);
  const wanted = records.map(({ key, fields }) => ({ key, fields: fields as ReturnFields }));
  const filter = either(
    wanted.map(({ fields }) =>
      both([
        equals('PurchaseOrderByCustomer', fields.order),
        equals('AssignmentReference', fields.returnNo),
      ]),
    ),
  );
  const select = returnReadFields.A_CustomerReturn ?? [];
  const options = { filter, select, orderBy: ['CustomerReturn'], top: wanted.length * 5 };
  const page = await get(context, RETURN_ROOT, 'A_CustomerReturn', options, 2);
  const found = new Map<string, string>();
  for (const row of page.records.map(parseRecord)) {
    const number = text(row.CustomerReturn);
    const own = wanted.find(
      ({ fields }) =>
        fields.order === text(row.PurchaseOrderByCustomer) &&
        fields.returnNo === text(row.AssignmentReference),
    );
    if (number !== null && own !== undefined && !found.has(own.key)) found.set(own.key, number);
  }
  return found;
}

/** The order's own record, as far as it is looked for by. */
function orderOf({ key, wanted }: SinkItem): TargetRecord {
  const { area, order } = wanted as ReturnFields;
  return { key, fields: { area, reference: order } };
}

async function writeReturn(
  context: SapContext,
  { key, wanted, before }: SinkItem,
  order: FoundOrder | undefined,
): Promise<SinkResult> {
  if (before !== null) return { key, kind: 'written', id: before.id };
  if (order === undefined) {
    const message = 'SAP does not have the order yet that the return is of.';
    return { key, kind: 'refused', error: 'transient', message };
  }
  try {
    const json = returnJson(wanted as ReturnFields, order);
    const path = 'A_CustomerReturn';
    const { body } = await write(context, RETURN_ROOT, { method: 'POST', path, json });
    const answer = JSON.parse(Buffer.from(body).toString('utf8')) as JsonObject;
    return { key, kind: 'written', id: text(object(answer.d)?.CustomerReturn) };
  } catch (thrown) {
    return refusedOf(key, thrown);
  }
}

/** The body of a deep insert. */
export function returnJson(wanted: ReturnFields, order: FoundOrder): JsonObject {
  const [organization = '', channel = '', division = ''] = wanted.area.split('/');
  const taken = new Set<string>();
  return {
    CustomerReturnType: wanted.type,
    SalesOrganization: organization,
    DistributionChannel: channel,
    OrganizationDivision: division,
    PurchaseOrderByCustomer: wanted.order,
    CustomerReturnDate: dateValue(wanted.requestedOn),
    AssignmentReference: wanted.returnNo,
    ReferenceSDDocument: order.number,
    to_Item: Object.values(wanted.items).map((asked) => {
      const number = soldItem(order, asked, taken);
      taken.add(number);
      return {
        Material: asked.material,
        RequestedQuantity: asked.quantity,
        RequestedQuantityUnit: asked.unit,
        ReturnReason: asked.reason,
        ReferenceSDDocument: order.number,
        ReferenceSDDocumentItem: number,
      };
    }),
  };
}

function soldItem(
  order: FoundOrder,
  { line, material }: ReturnFields['items'][string],
  taken: ReadonlySet<string>,
): string {
  const own = order.items.get(line);
  if (own !== undefined) return own.number;
  for (const { number, material: sold } of order.items.values()) {
    if (sold === material && !taken.has(number)) return number;
  }
  throw new HeadraceError(
    'record',
    `Order ${order.number} has no item of ${material} to take back.`,
    {
      code: 'E_SAP_NOT_SOLD',
      hint: 'Compare the order in SAP with that of the channel.',
    },
  );
}

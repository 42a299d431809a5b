/**
 * Business events of SAP: CloudEvents 1.0 that carry keys and nothing else, whole in the body or
 * with their attributes in `ce-` headers. What a record is now is read from SAP.
 */
import type { Change, InboundRequest, Json, NotifySpec, SignatureSpec } from '@headrace/sdk';
import { type SapConfig, streamNames } from './config.js';
import { eventQueue } from './event-queue.js';
import { lookUp, object, text } from './json.js';

/** Object of an event's type → properties of its key, and the streams it is about. */
const objects: Readonly<
  Record<string, { readonly key: readonly string[]; readonly streams: readonly string[] }>
> = {
  product: { key: ['Product'], streams: ['product', 'supplyPlanning', 'cost'] },
  salesorder: { key: ['SalesOrder'], streams: ['order'] },
  purchaseorder: { key: ['PurchaseOrder'], streams: ['purchaseOrder'] },
  outbounddelivery: { key: ['OutboundDelivery'], streams: ['delivery'] },
  customerreturn: { key: ['CustomerReturn'], streams: ['return'] },
  materialdocument: {
    key: ['MaterialDocumentYear', 'MaterialDocument'],
    streams: ['stockMovement'],
  },
  businesspartner: { key: ['BusinessPartner'], streams: ['partner'] },
  salespricingconditionrecord: { key: ['ConditionRecord'], streams: ['price'] },
  slsprcgconditionrecord: { key: ['ConditionRecord'], streams: ['price'] },
};

/** Types of events to subscribe to, for the documentation and for Event Mesh. */
export const eventTypes: readonly string[] = [
  ...['product.v1.Product', 'salesorder.v1.SalesOrder', 'purchaseorder.v1.PurchaseOrder'],
  ...['outbounddelivery.v1.OutboundDelivery', 'customerreturn.v1.CustomerReturn'],
  ...['materialdocument.v1.MaterialDocument', 'businesspartner.v1.BusinessPartner'],
  'salespricingconditionrecord.v1.SalesPricingConditionRecord',
].map((name) => `sap.s4.beh.${name}.*`);

const bearer: SignatureSpec = {
  scheme: 'token',
  headers: ['authorization'],
  prefix: 'Bearer ',
  encoding: 'hex',
  message: '',
  idHeader: 'ce-id',
  idBody: ['id'],
};

const hmac: SignatureSpec = {
  headers: ['x-signature'],
  encoding: 'hex',
  message: '{body}',
  idHeader: 'ce-id',
  idBody: ['id'],
};

export const notify: NotifySpec<SapConfig> = {
  signature: bearer,
  signatureOf: ({ webhookSignature }) => (webhookSignature === 'hmac' ? hmac : bearer),
  secrets({ webhookSecret }) {
    if (webhookSecret === undefined) return [];
    const list = Array.isArray(webhookSecret) ? webhookSecret : [webhookSecret];
    return list.map((secret) => secret.reveal());
  },
  parse,
  pull: eventQueue,
};

function parse(request: InboundRequest, config?: SapConfig) {
  const body = object(parseJson(request.body));
  const isWhole = text(body?.specversion) !== null;
  const header = (name: string) => text(request.headers[`ce-${name}`]);
  const id = isWhole ? text(body?.id) : header('id');
  const time = isWhole ? text(body?.time) : header('time');
  const at = time === null ? Number.NaN : Date.parse(time);
  const type = isWhole ? text(body?.type) : header('type');
  const data = isWhole ? object(body?.data) : body;
  const known = new Set<string>(streamNames.filter((name) => !config?.without?.includes(name)));
  return {
    eventId: id,
    at: Number.isNaN(at) ? null : at,
    changes: changesOf(type, data).filter(({ stream }) => known.has(stream)),
  };
}

/** `sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1`; older systems put their own name in front. */
function changesOf(type: string | null, data: ReturnType<typeof object>): readonly Change[] {
  const name = type?.toLowerCase().split('.beh.')[1]?.split('.')[0] ?? null;
  const about = lookUp(objects, name);
  if (about === undefined || data === null) return [];
  const values = about.key.map((property) => text(data[property]));
  if (values.includes(null)) return [];
  const key = values.join('/');
  return about.streams.map((stream) => ({ stream, key }));
}

function parseJson(body: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as Json;
  } catch {
    return null;
  }
}

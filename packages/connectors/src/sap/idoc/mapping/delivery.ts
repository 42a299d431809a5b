/** A delivery: DESADV and what else DELVRY05 is sent as. A shipment of each order it holds goods of. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { channelOf, locationOf, skuOf } from '../../config.js';
import { told } from '../../json.js';
import { countryOf, itemNo } from '../../mapping/map-context.js';
import { quantityOf } from '../../mapping/units.js';
import type { IdocConfig } from '../config.js';
import { plain } from '../control.js';
import { field, qualified, segment, segments } from '../segments.js';
import { at, type IdocMapContext, traitsOf } from './map-context.js';
import { measure } from './material.js';

interface Group {
  readonly channel: string | null;
  readonly orderNo: string | null;
  readonly items: JsonObject[];
}

interface Scope extends Group {
  readonly record: JsonObject;
  readonly header: JsonObject;
  readonly context: IdocMapContext;
  readonly number: string;
}

export function mapDelivery(record: JsonObject, context: IdocMapContext): readonly MappedRecord[] {
  const header = segment(record, 'E1EDL20');
  const number = field(header, 'VBELN');
  if (header === undefined || number === null) return [];
  return groupsOf(header, context.config).flatMap((group): readonly MappedRecord[] => {
    const scope: Scope = { ...group, record, header, context, number: plain(number) };
    return [shipmentOf(scope), ...group.items.flatMap((item) => lineOf(item, scope))];
  });
}

/** Items by the order they are of; those of a channel that is not read are left out. */
function groupsOf(header: JsonObject, config: IdocConfig): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const item of segments(header, 'E1EDL24')) {
    const orderNo = orderNoOf(item, config);
    const area = [field(header, 'VKORG'), field(item, 'VTWEG'), field(item, 'SPART')] as const;
    const channel = orderNo === null ? null : channelOf(config, ...area);
    if (orderNo !== null && channel === null) continue;
    const name = JSON.stringify([channel, orderNo]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { channel, orderNo, items: [item] });
    else group.items.push(item);
  }
  return [...groups.values()];
}

/** The purchaser's number; where orders are known by SAP's own, that one. Null for a transfer. */
function orderNoOf(item: JsonObject, { orderNoFrom }: IdocConfig): string | null {
  const purchaser = field(qualified(item, 'E1EDL41', '001', 'QUALI'), 'BSTNR');
  const own = field(item, 'VGBEL') ?? field(qualified(item, 'E1EDL43', 'C'), 'BELNR');
  const number = orderNoFrom === '001' ? (purchaser ?? own) : (own ?? purchaser);
  return number === null ? null : plain(number);
}

const keyOf = ({ channel, orderNo, number }: Scope) =>
  told({ channel: channel ?? undefined, orderNo: orderNo ?? undefined, shipmentNo: number });

function shipmentOf(scope: Scope): MappedRecord {
  const { record, header, context, number, orderNo, items } = scope;
  const { config } = context;
  const locations = new Set(items.map((item) => placeOf(item, config)));
  const [location] = locations;
  const parcels = Number(field(header, 'ANZPK') ?? '0');
  const tracking = field(header, 'BOLNR');
  const shipTo = qualified(header, 'E1ADRM1', 'WE', 'PARTNER_Q');
  const shippedAt = actual(header, '006', config);
  const fields = told({
    ...keyOf(scope),
    location: locations.size === 1 ? (location ?? undefined) : undefined,
    service: field(header, 'VSBED') ?? undefined,
    trackingNos: tracking === null ? undefined : [tracking],
    parcelCount: Number.isSafeInteger(parcels) && parcels > 0 ? parcels : undefined,
    weightKilograms: measure(field(header, 'BTGEW'), field(header, 'GEWEI'), 'KGM'),
    state: shippedAt === undefined ? 'planned' : 'handed-over',
    createdAt: planned(header, '015', config),
    promisedAt: planned(header, '007', config),
    shippedAt,
    deliveredAt: actual(header, '007', config),
    country: countryOf(field(shipTo, 'COUNTRY1') ?? undefined),
    ...traitsOf(record, {
      deliveryType: field(segment(header, 'E1EDL21'), 'LFART'),
      route: field(header, 'ROUTE'),
      shippingPoint: field(header, 'VSTEL'),
    }),
  });
  const externalId = orderNo === null ? number : `${number}/${orderNo}`;
  return { entity: 'shipment', type: 'E1EDL20', externalId, fields };
}

function placeOf(item: JsonObject, config: IdocConfig): string | null {
  return locationOf(config, field(item, 'WERKS'), field(item, 'LGORT'));
}

/** When something was planned to begin. */
function planned(header: JsonObject, qualifier: string, config: IdocConfig): string | undefined {
  const found = qualified(header, 'E1EDT13', qualifier);
  return at(field(found, 'NTANF'), field(found, 'NTANZ'), config);
}

/** When it did; zeros until then. */
function actual(header: JsonObject, qualifier: string, config: IdocConfig): string | undefined {
  const found = qualified(header, 'E1EDT13', qualifier);
  return at(field(found, 'ISDD'), field(found, 'ISDZ'), config);
}

function lineOf(item: JsonObject, scope: Scope): readonly MappedRecord[] {
  const { header, context, number, orderNo } = scope;
  const { config } = context;
  const line = itemNo(field(item, 'POSNR') ?? undefined);
  if (line === null) return [];
  const material = field(item, 'MATNR_LONG') ?? field(item, 'MATNR');
  const orderLine =
    field(qualified(item, 'E1EDL41', '001', 'QUALI'), 'POSEX') ?? field(item, 'VGPOS');
  const fields = told({
    ...keyOf(scope),
    line,
    orderLine: orderNo === null ? undefined : (itemNo(orderLine ?? undefined) ?? undefined),
    sku: skuOf(config, material) ?? undefined,
    quantity: quantityOf(field(item, 'LFIMG'), field(item, 'VRKME')),
    batchNo: field(item, 'CHARG') ?? undefined,
    shippedAt: actual(header, '006', config),
  });
  return [{ entity: 'shipmentLine', type: 'E1EDL24', externalId: `${number}/${line}`, fields }];
}

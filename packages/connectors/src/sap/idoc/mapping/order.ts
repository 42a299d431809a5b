/** An order: ORDERS05 and what has the same segments. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { channelOf, locationOf, skuOf } from '../../config.js';
import { told } from '../../json.js';
import { moneyOf, quotientOf, sumOf } from '../../mapping/exact.js';
import { countryOf, itemNo } from '../../mapping/map-context.js';
import { quantityOf } from '../../mapping/units.js';
import { decimalOf, isZero } from '../../odata/values.js';
import type { IdocConfig } from '../config.js';
import { plain } from '../control.js';
import { field, qualified, segment, segments } from '../segments.js';
import { at, type IdocMapContext, traitsOf } from './map-context.js';

export function mapOrder(record: JsonObject, context: IdocMapContext): readonly MappedRecord[] {
  const { config, subject } = context;
  const header = segment(record, 'E1EDK01');
  const number = numberOf(record);
  const orderNo = orderNoOf(record, config);
  const channel = channelOf(config, ...areaOf(record));
  if (number === null || orderNo === null || channel === null) return [];
  const isBusiness = config.businessChannels.includes(channel);
  const currency = field(header, 'CURCY') ?? undefined;
  const items = segments(record, 'E1EDP01');
  const buyer =
    subject === null ? {} : isBusiness ? { accountId: subject } : { customerId: subject };
  const scope: Scope = { context, channel, orderNo, number, currency, buyer, isBusiness };
  const shipTo = qualified(record, 'E1EDKA1', 'WE', 'PARVW');
  const fields = told({
    channel,
    orderNo,
    ...buyer,
    customerOrderNo: customerNoOf(record, orderNo),
    placedAt: dated(record, '012', config) ?? dated(record, '022', config),
    requestedDeliveryAt: dated(record, '002', config),
    state: 'confirmed',
    currency,
    ...totalsOf(record, currency),
    shippingMethod: field(header, 'VSART') ?? undefined,
    shippingCountry: countryOf(field(shipTo, 'LAND1') ?? undefined),
    lineCount: items.length,
    ...traitsOf(record, {
      document: plain(number),
      documentType: field(qualified(record, 'E1EDK14', '012'), 'ORGID') ?? field(header, 'BSART'),
      reason: field(header, 'AUGRU'),
      paymentTerms: field(header, 'ZTERM'),
    }),
  });
  return [
    { entity: 'order', type: 'E1EDK01', externalId: number, fields },
    ...items.flatMap((item) => lineOf(item, scope)),
  ];
}

interface Scope {
  readonly context: IdocMapContext;
  readonly channel: string;
  readonly orderNo: string;
  readonly number: string;
  readonly currency: string | undefined;
  readonly buyer: { readonly accountId?: string; readonly customerId?: string };
  readonly isBusiness: boolean;
}

/** Number of the document, as its sender writes it. */
function numberOf(record: JsonObject): string | null {
  return (
    field(segment(record, 'E1EDK01'), 'BELNR') ??
    field(qualified(record, 'E1EDK02', '001'), 'BELNR')
  );
}

/** The number an order is known by in its channel. */
export function orderNoOf(record: JsonObject, { orderNoFrom }: IdocConfig): string | null {
  const named =
    orderNoFrom === 'BELNR' ? null : field(qualified(record, 'E1EDK02', orderNoFrom), 'BELNR');
  const number = named ?? field(segment(record, 'E1EDK01'), 'BELNR');
  return number === null ? null : plain(number);
}

function customerNoOf(record: JsonObject, orderNo: string): string | undefined {
  const number = field(qualified(record, 'E1EDK02', '001'), 'BELNR');
  return number === null || plain(number) === orderNo ? undefined : number;
}

/** Sales organization, distribution channel and division. */
function areaOf(record: JsonObject): [string | null, string | null, string | null] {
  const of = (qualifier: string) => field(qualified(record, 'E1EDK14', qualifier), 'ORGID');
  return [of('008'), of('007'), of('006')];
}

function dated(record: JsonObject, qualifier: string, config: IdocConfig): string | undefined {
  const found = qualified(record, 'E1EDK03', qualifier, 'IDDAT');
  return at(field(found, 'DATUM'), field(found, 'UZEIT'), config);
}

/** Sums the document states: 002 without tax, 005 tax, 011 with tax. */
function totalsOf(record: JsonObject, currency: string | undefined) {
  const sum = (id: string) => {
    const value = decimalOf(field(qualified(record, 'E1EDS01', id, 'SUMID'), 'SUMME'));
    return moneyOf(value, currency, 'minor');
  };
  return { totalNet: sum('002'), totalTax: sum('005'), totalGross: sum('011') };
}

function lineOf(item: JsonObject, scope: Scope): readonly MappedRecord[] {
  const { context, channel, orderNo, number, currency, buyer, isBusiness } = scope;
  const { config } = context;
  const line = itemNo(field(item, 'POSEX') ?? undefined);
  if (line === null) return [];
  // 003 takes the item out of the order; the document is whole, so it stays as one that is cancelled.
  const isCancelled = field(item, 'ACTION') === '003' || field(item, 'ABGRU') !== null;
  const quantity = quantityOf(field(item, 'MENGE'), field(item, 'MENEE'));
  const sku = skuOf(config, materialOf(item, config));
  const net = decimalOf(field(item, 'NETWR'));
  const unitNet = quotientOf(
    decimalOf(field(item, 'VPREI')),
    decimalOf(field(item, 'PEINH')) ?? '1',
  );
  const tax = sumOf(segments(item, 'E1EDP04').map((one) => decimalOf(field(one, 'MWSBT'))));
  const fields = told({
    channel,
    orderNo,
    line,
    sku: sku ?? undefined,
    parentLine: itemNo(field(item, 'UEPOS') ?? undefined) ?? undefined,
    kind: sku === null ? 'other' : 'item',
    rawKind: field(item, 'PSTYV') ?? undefined,
    description: descriptionOf(item),
    ...(isBusiness ? {} : buyer),
    quantity,
    confirmedQuantity: confirmedOf(item),
    cancelledQuantity: isCancelled ? quantity : undefined,
    unitNet: isZero(unitNet) ? undefined : moneyOf(unitNet, currency),
    lineNet: moneyOf(net, currency),
    lineTax: tax === undefined ? undefined : moneyOf(tax, currency),
    lineGross:
      net === null || tax === undefined ? undefined : moneyOf(sumOf([net, tax]) ?? null, currency),
    location: locationOf(config, field(item, 'WERKS'), field(item, 'LGORT')) ?? undefined,
    promisedAt: promisedAt(item, config),
    state: isCancelled ? 'cancelled' : 'confirmed',
    rawCancelReason: field(item, 'ABGRU') ?? undefined,
  });
  return [{ entity: 'orderLine', type: 'E1EDP01', externalId: `${number}/${line}`, fields }];
}

function materialOf(item: JsonObject, { materialFrom }: IdocConfig): string | null {
  for (const qualifier of materialFrom) {
    const found = qualified(item, 'E1EDP19', qualifier);
    const material = field(found, 'IDTNR_LONG') ?? field(found, 'IDTNR');
    if (material !== null) return material;
  }
  return null;
}

function descriptionOf(item: JsonObject): string | undefined {
  const texts = segments(item, 'E1EDP19').flatMap((one) => field(one, 'KTEXT') ?? []);
  return texts[0];
}

/** Of schedule lines: what is confirmed is what has a day. */
function confirmedOf(item: JsonObject) {
  const lines = segments(item, 'E1EDP20').filter((one) => field(one, 'EDATU') !== null);
  const sum = sumOf(lines.map((one) => decimalOf(field(one, 'WMENG'))));
  return sum === undefined ? undefined : quantityOf(sum, field(item, 'MENEE'));
}

function promisedAt(item: JsonObject, config: IdocConfig): string | undefined {
  const days = segments(item, 'E1EDP20').flatMap((one) => field(one, 'EDATU') ?? []);
  return at(days.sort().at(-1) ?? null, null, config);
}

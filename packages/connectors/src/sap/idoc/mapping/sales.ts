/**
 * Sales of stores: summed up by article and day (WPUUMS01), or receipt by receipt (WPUBON01). The
 * sender is the store. A sum is kept as a store sale too, and marked as one.
 */
import type { JsonObject, MappedRecord, Quantity } from '@headrace/sdk';
import { formatQuantity, negateQuantity, parseQuantity } from '@headrace/sdk';
import { locationOf, skuOf } from '../../config.js';
import { lookUp, told } from '../../json.js';
import { moneyOf, quotientOf, sumOf } from '../../mapping/exact.js';
import { quantityOf } from '../../mapping/units.js';
import { decimalOf, isZero } from '../../odata/values.js';
import type { IdocConfig } from '../config.js';
import { documentOf, plain, senderOf } from '../control.js';
import { dayOf, field, segments } from '../segments.js';
import { at, type IdocMapContext, traitsOf } from './map-context.js';

export function mapStoreSales(
  record: JsonObject,
  context: IdocMapContext,
): readonly MappedRecord[] {
  const store = storeOf(record, context);
  if (store === null) return [];
  return segments(record, 'E1WPU01').flatMap((header, index) => {
    const date = field(header, 'BELEGDATUM') ?? field(header, 'VORGDATUM');
    const till = field(header, 'KASSID');
    const number = [dayOf(date) ?? 'undated', till ?? 'all', store.document, index + 1].join('/');
    return saleOf({
      ...store,
      ...{ number, till, date, time: null, type: 'E1WPU01' },
      currency: field(header, 'BELEGWAERS') ?? undefined,
      isSum: true,
      lines: segments(header, 'E1WPU02').map((item) =>
        signed(context.config, {
          article: articleOf(item),
          amount: decimalOf(field(item, 'UMSMENGE')),
          unit: field(item, 'SALES_UOM'),
          sign: field(item, 'VORZMENGE'),
          value: decimalOf(field(item, 'UMSWERT')),
          promotion: field(item, 'AKTIONSNR'),
        }),
      ),
    });
  });
}

export function mapReceipts(record: JsonObject, context: IdocMapContext): readonly MappedRecord[] {
  const store = storeOf(record, context);
  if (store === null) return [];
  return segments(record, 'E1WPB01').flatMap((header, index) => {
    const date = field(header, 'VORGDATUM');
    const till = field(header, 'KASSID');
    const receipt = field(header, 'BONNUMMER') ?? `${store.document}-${index + 1}`;
    return saleOf({
      ...store,
      ...{ till, date, type: 'E1WPB01' },
      // Numbers restart at each till.
      number: [dayOf(date) ?? 'undated', till ?? 'all', receipt].join('/'),
      time: field(header, 'VORGZEIT'),
      currency: field(header, 'BELEGWAERS') ?? undefined,
      isSum: false,
      lines: segments(header, 'E1WPB02').map((item) =>
        signed(context.config, {
          article: articleOf(item),
          amount: decimalOf(field(item, 'MENGE')),
          unit: field(item, 'SALES_UOM'),
          sign: field(item, 'VORZEICHEN'),
          value: priceOf(item, context.config),
          promotion: field(item, 'AKTIONSNR'),
        }),
      ),
    });
  });
}

interface Store {
  readonly record: JsonObject;
  readonly context: IdocMapContext;
  readonly location: string;
  /** Of the IDoc. */
  readonly document: string;
}

interface Sale extends Store {
  readonly number: string;
  readonly type: string;
  readonly till: string | null;
  readonly date: string | null;
  readonly time: string | null;
  readonly currency: string | undefined;
  readonly isSum: boolean;
  readonly lines: readonly Line[];
}

interface Told {
  readonly article: string | null;
  readonly amount: string | null;
  readonly unit: string | null;
  readonly sign: string | null;
  readonly value: string | null;
  readonly promotion: string | null;
}

interface Line extends Told {
  /** Positive where goods were sold. */
  readonly quantity: Quantity | undefined;
  /** With the sign of the quantity. */
  readonly signedValue: string | null;
}

function storeOf(record: JsonObject, context: IdocMapContext): Store | null {
  const sender = senderOf(record);
  const { plants } = context.config;
  const place = lookUp(plants, sender) === undefined ? plain(sender) : sender;
  const location = locationOf(context.config, place === '' ? null : place);
  const document = documentOf(record);
  if (location === null || document === null) return null;
  return { record, context, location, document: plain(document) };
}

/** Numbers that are not of our articles, such as those of whole groups, name no sku. */
function articleOf(item: JsonObject): string | null {
  const qualifier = field(item, 'QUALARTNR');
  if (qualifier !== null && qualifier !== 'ARTN') return null;
  return field(item, 'ARTNR_LONG') ?? field(item, 'ARTNR');
}

function priceOf(item: JsonObject, { sales }: IdocConfig): string | null {
  const prices = segments(item, 'E1WPB03').filter((one) =>
    sales.price.includes(field(one, 'KONDITION') ?? ''),
  );
  return sumOf(prices.map((one) => decimalOf(field(one, 'KONDVALUE')))) ?? null;
}

function signed({ sales }: IdocConfig, line: Told): Line {
  const isNegative = line.amount?.startsWith('-') === true;
  const isBack = line.sign === null ? isNegative : line.sign !== sales.saleSign;
  const unsigned = line.amount?.replace('-', '') ?? null;
  // A value that comes without a sign of its own follows its quantity.
  const value = line.value?.replace('-', '') ?? null;
  return {
    ...line,
    quantity: quantityOf(
      isBack && unsigned !== null ? `-${unsigned}` : unsigned,
      line.unit ?? sales.zeroUnit,
    ),
    signedValue: isBack && value !== null ? `-${value}` : value,
  };
}

function saleOf(sale: Sale): readonly MappedRecord[] {
  const { record, context, location, number, lines, currency, type } = sale;
  const { sales, storeChannels } = context.config;
  const soldAt = sale.isSum ? undefined : at(sale.date, sale.time, context.config);
  const total = moneyOf(sumOf(lines.map((line) => line.signedValue)) ?? null, currency, 'minor');
  const fields = told({
    location,
    receiptNo: number,
    channel: lookUp(storeChannels, location),
    till: sale.till ?? undefined,
    soldAt,
    businessDate: dayOf(sale.date) ?? undefined,
    ...(sales.basis === 'gross' ? { totalGross: total } : { totalNet: total }),
    isReturn: sale.isSum ? undefined : isReturn(lines),
    ...traitsOf(record, { aggregate: sale.isSum ? 'day' : null }),
  });
  const externalId = `${location}/${number}`;
  return [
    { entity: 'storeSale', type, externalId, fields },
    ...lines.flatMap((line, index) => lineOf(line, index + 1, sale, soldAt)),
  ];
}

function isReturn(lines: readonly Line[]): boolean {
  return (
    lines.length > 0 && lines.every(({ quantity }) => quantity?.value.startsWith('-') === true)
  );
}

function lineOf(
  line: Line,
  index: number,
  sale: Sale,
  soldAt: string | undefined,
): readonly MappedRecord[] {
  const { context, location, number, currency, type, date } = sale;
  const { config } = context;
  const { sales } = config;
  const sku = skuOf(config, line.article) ?? undefined;
  const price = quotientOf(
    line.value?.replace('-', '') ?? null,
    line.amount?.replace('-', '') ?? null,
  );
  const unit = isZero(price) ? undefined : moneyOf(price, currency);
  const externalId = `${location}/${number}/${index}`;
  const fields = told({
    location,
    receiptNo: number,
    line: String(index),
    sku,
    quantity: line.quantity,
    ...(sales.basis === 'gross' ? { unitGross: unit } : { unitNet: unit }),
    promotionId: line.promotion ?? undefined,
    soldAt,
  });
  const records: MappedRecord[] = [
    { entity: 'storeSaleLine', type: `${type}-line`, externalId, fields },
  ];
  if (sales.movements && sku !== undefined && line.quantity !== undefined) {
    const moved = soldAt ?? at(date, null, config);
    records.push({
      entity: 'stockMovement',
      type: `${type}-movement`,
      externalId,
      fields: told({
        location,
        documentId: number,
        line: String(index),
        sku,
        quantity: formatQuantity(negateQuantity(parseQuantity(line.quantity))),
        kind: line.quantity.value.startsWith('-') ? 'return' : 'sale',
        movedAt: moved,
        postedAt: moved,
      }),
    });
  }
  return records;
}

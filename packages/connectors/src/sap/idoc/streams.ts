import { type JsonObject, type MappedRecord, notReadable, type Stream } from '@headrace/sdk';
import { partnerNo } from '../mapping/map-context.js';
import type { IdocConfig, StreamName } from './config.js';
import { documentOf, madeAt, plain, senderOf, versionOf } from './control.js';
import { mapDelivery } from './mapping/delivery.js';
import type { IdocMapContext } from './mapping/map-context.js';
import { mapMaterial } from './mapping/material.js';
import { mapOrder } from './mapping/order.js';
import { mapReceipts, mapStoreSales } from './mapping/sales.js';
import { personalPaths } from './personal.js';
import { field, qualified, segment } from './segments.js';

type IdocStream = Stream<IdocConfig>;

interface Plan {
  readonly name: StreamName;
  readonly description: string;
  readonly entities: IdocStream['entities'];
  /** What the key is made of, beside the sender. */
  readonly keyName: string;
  subject?(record: JsonObject, config: IdocConfig): string | null;
  map(record: JsonObject, context: IdocMapContext): readonly MappedRecord[];
}

const plans: readonly Plan[] = [
  {
    name: 'order',
    description: 'Orders (ORDERS05): each IDoc is the whole order',
    entities: ['order', 'orderLine'],
    keyName: 'E1EDK01-BELNR',
    subject: buyerOf,
    map: mapOrder,
  },
  {
    name: 'material',
    description: 'Materials (MATMAS05): each IDoc is the whole material',
    entities: ['variant'],
    keyName: 'E1MARAM-MATNR',
    map: mapMaterial,
  },
  {
    name: 'delivery',
    description: 'Deliveries (DESADV over DELVRY05): each IDoc is the whole delivery',
    entities: ['shipment', 'shipmentLine'],
    keyName: 'E1EDL20-VBELN',
    subject: consigneeOf,
    map: mapDelivery,
  },
  {
    name: 'storeSales',
    description: 'Sales of a store, summed up by article (WPUUMS01)',
    entities: ['storeSale', 'storeSaleLine', 'stockMovement'],
    keyName: 'DOCNUM',
    map: mapStoreSales,
  },
  {
    name: 'receipts',
    description: 'Receipts of a store (WPUBON01)',
    entities: ['storeSale', 'storeSaleLine', 'stockMovement'],
    keyName: 'DOCNUM',
    map: mapReceipts,
  },
];

/** Names the object an IDoc is about, so that a later IDoc of it takes the place of this one. */
export function keyOf(stream: StreamName, record: JsonObject): string | null {
  const number = numberOf(stream, record);
  return number === null ? null : `${senderOf(record)}/${plain(number)}`;
}

function numberOf(stream: StreamName, record: JsonObject): string | null {
  switch (stream) {
    case 'order': {
      const header = segment(record, 'E1EDK01');
      return field(header, 'BELNR') ?? field(qualified(record, 'E1EDK02', '001'), 'BELNR');
    }
    case 'material': {
      const material = segment(record, 'E1MARAM');
      return field(material, 'MATNR_LONG') ?? field(material, 'MATNR');
    }
    case 'delivery':
      return field(segment(record, 'E1EDL20'), 'VBELN');
    case 'storeSales':
      return segment(record, 'E1WPU01') === undefined ? null : documentOf(record);
    case 'receipts':
      return segment(record, 'E1WPB01') === undefined ? null : documentOf(record);
  }
}

/** Sold-to party; none where a number stands for many. */
function buyerOf(record: JsonObject, config: IdocConfig): string | null {
  const buyer = partnerNo(field(qualified(record, 'E1EDKA1', 'AG', 'PARVW'), 'PARTN') ?? undefined);
  return ownNumber(buyer, config);
}

/** Sold-to party, else who gets the goods. */
function consigneeOf(record: JsonObject, config: IdocConfig): string | null {
  const header = segment(record, 'E1EDL20');
  const address =
    qualified(header, 'E1ADRM1', 'AG', 'PARTNER_Q') ??
    qualified(header, 'E1ADRM1', 'WE', 'PARTNER_Q');
  return ownNumber(partnerNo(field(address, 'PARTNER_ID') ?? undefined), config);
}

function ownNumber(number: string | null, { collectiveCustomers }: IdocConfig): string | null {
  const isShared = collectiveCustomers.some((one) => partnerNo(one) === number);
  return number === null || isShared ? null : number;
}

const hourMs = 3_600_000;
const silentMs: Readonly<Record<IdocConfig['silentFor'], number>> = {
  '1h': hourMs,
  '12h': 12 * hourMs,
  '1d': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
};

export function streams(config: IdocConfig): readonly IdocStream[] {
  const named = new Set<string>(Object.values(config.messages));
  return plans
    .filter(({ name }) => named.has(name))
    .map((plan): IdocStream => {
      const paths = personalPaths(plan.name, config);
      return {
        name: plan.name,
        description: plan.description,
        entities: plan.entities,
        feed: 'delivery',
        everyMs: silentMs[config.silentFor],
        passEveryMs: 0,
        names: { key: `SNDPRN/${plan.keyName}`, version: 'SERIAL, CREDAT CRETIM, DOCNUM' },
        key: (record) => keyOf(plan.name, record),
        version: versionOf,
        versionOrder: 'text',
        eventAt: (record) => madeAt(record, config.timeZone),
        ...(paths.length === 0
          ? {}
          : { personal: { subject: (record) => plan.subject?.(record, config) ?? null, paths } }),
        map: (record, context) => plan.map(record, context),
        read: notReadable,
      };
    });
}

import type { Clock } from '../clock.js';
import { DAY_MS } from '../retailer/parameters.js';
import { mix } from '../retailer/random.js';
import type { World } from '../retailer/world.js';
import { customFieldTables } from './custom-fields.js';
import { createCustomerTables } from './customer-table.js';
import type { WrittenReturns } from './delivery-writes.js';
import type { Tables } from './encode.js';
import { connectEvents, type EventFeed } from './events.js';
import type { FaultPort } from './fault-port.js';
import { createIdCodec, type IdCodec } from './ids.js';
import { createOrderTables } from './order-table.js';
import { createProductParts, type ProductParts } from './product-parts.js';
import { createProductTable, type StockMeaning } from './product-table.js';
import { makeReference, type Reference } from './reference.js';
import { createReturnTables } from './return-table.js';
import { sellingTables } from './selling-tables.js';
import { settingsTables } from './settings-tables.js';
import { listTable, stamps, type Table } from './table.js';
import { WebhookDispatcher } from './webhooks.js';

/** One Shopware installation: its tables over the world, its webhooks, its settings. */

export interface ShopOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly webhookSecret: string;
  readonly shopUrl: () => string;
  /** `physical` is what `stock` meant up to 6.5.4: open orders not yet taken off. */
  readonly stockMeaning: StockMeaning;
  readonly version: string;
  /** Returns exist in the Commercial edition only. */
  readonly hasReturns: boolean;
}

export interface Shop {
  readonly world: World;
  readonly clock: Clock;
  readonly ids: IdCodec;
  readonly reference: Reference;
  readonly parts: ProductParts;
  readonly tables: Tables;
  readonly dispatcher: WebhookDispatcher;
  readonly events: EventFeed;
  readonly version: string;
  readonly shopId: string;
  readonly stockMeaning: StockMeaning;
  /** Returns clients have written. */
  readonly written: WrittenReturns;
}

export const createShop = (options: ShopOptions): Shop => {
  const { world, clock } = options;
  const { parameters, catalogue } = world;
  const ids = createIdCodec(parameters.seed);
  const installedAtMs = parameters.epochMs - (parameters.days + 1_200) * DAY_MS;
  const written: WrittenReturns = { headers: [], lines: [] };
  const reference = makeReference(ids, installedAtMs, options.hasReturns, (brand) => {
    const row = catalogue.categories.findIndex((category) => category.brand === brand);
    return { row, id: ids.idOf('category', row, catalogue.categories[row]?.createdAtMs ?? 0) };
  });
  const parts = createProductParts(world, reference);
  const shopId = `S${mix(parameters.seed, 0x73686f70).toString(36).padStart(7, '0')}${mix(parameters.seed, 1).toString(36).padStart(7, '0')}`;
  const dispatcher = new WebhookDispatcher({
    clock,
    ids,
    faults: options.faults,
    secret: options.webhookSecret,
    version: options.version,
    shopId,
    shopUrl: options.shopUrl,
    languageId: reference.id.language(0),
  });
  const webhookTable = listTable({
    entity: 'webhook',
    rows: dispatcher.rows,
    values: {
      name: (row) => row.name,
      eventName: (row) => row.eventName,
      url: (row) => row.url,
      active: (row) => row.active,
      errorCount: (row) => row.errorCount,
    },
    emptyAssociations: { app: 'one' },
    build: (row) => ({
      name: row.name,
      eventName: row.eventName,
      url: row.url,
      onlyLiveVersion: row.onlyLiveVersion,
      errorCount: row.errorCount,
      active: row.active,
      appId: null,
      ...stamps(row),
    }),
  });
  const all: Table[] = [
    ...settingsTables(reference),
    ...sellingTables(reference),
    ...customFieldTables(reference),
    ...parts.tables,
    createProductTable(world, reference, parts, options.stockMeaning),
    ...createCustomerTables(world, reference),
    ...createOrderTables(world, reference),
    ...(options.hasReturns ? createReturnTables(world, reference, written) : []),
    webhookTable,
  ];
  const tables: Tables = new Map(all.map((table) => [table.entity, table]));
  return {
    world,
    clock,
    ids,
    reference,
    parts,
    tables,
    dispatcher,
    events: connectEvents(world, tables, dispatcher),
    version: options.version,
    shopId,
    stockMeaning: options.stockMeaning,
    written,
  };
};

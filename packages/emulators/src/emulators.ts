import { createHmac } from 'node:crypto';
import {
  type Clock,
  createManualClock,
  createScaledClock,
  type ManualClock,
  monotonicMs,
} from './clock.js';
import { createCallCounter } from './control/calls.js';
import { createCommandRunner } from './control/commands.js';
import { createFaultBoard, type FaultBoard } from './control/faults.js';
import { createControlListener } from './control/server.js';
import { listen } from './http.js';
import { createInriver, type Inriver } from './inriver/inriver.js';
import type { QuietHours } from './odata/quiet-hours.js';
import type { ModelKey } from './retailer/company.js';
import type { Erp } from './retailer/erp/erp.js';
import { createLiveTraffic, type LiveTraffic } from './retailer/live.js';
import { DEFAULT_EPOCH_MS, type RetailerOptions } from './retailer/parameters.js';
import { createRetailer } from './retailer/retailer.js';
import type { World } from './retailer/world.js';
import type { ErpNews } from './sap/news.js';
import { createSap, type Sap } from './sap/sap.js';
import { tableOf } from './shopware/encode.js';
import { ALL_EVENTS } from './shopware/events.js';
import { type ApiClient, createOAuth } from './shopware/oauth.js';
import type { StockMeaning } from './shopware/product-table.js';
import { createShopwareListener } from './shopware/server.js';
import { createShop, type Shop } from './shopware/shop.js';

/** Puts the world, the systems that look at it and the control port together. */

export const SYSTEMS = ['shopware', 'sap', 'inriver'] as const;
export type SystemKey = (typeof SYSTEMS)[number];

export interface EmulatorOptions extends RetailerOptions {
  /** Beside the shop, which is always there. */
  readonly systems?: readonly SystemKey[];
  /** How the company has set up its ERP and its PIM. */
  readonly model?: ModelKey;
  readonly sapPort?: number;
  readonly sapRequestsPerSecond?: number;
  readonly sapQuietHours?: QuietHours;
  /** Edits in the ERP; as many as in the shop unless said otherwise. */
  readonly erpEditsPerHour?: number;
  readonly onSapEvent?: (event: ErpNews) => void;
  /** Where SAP's business events are pushed, with `sap.eventsSecret` as a bearer token. */
  readonly sapEventsUrl?: string;
  readonly inriverPort?: number;
  /** Where the PIM's relay sends. */
  readonly inriverRelayUrl?: string;
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port?: number;
  readonly controlPort?: number;
  /** Emulated milliseconds per real one. */
  readonly rate?: number;
  readonly realStartMs?: number;
  /** Time moves only by `POST /advance` or through `clock.advance`. */
  readonly hasManualClock?: boolean;
  /** A clock of the caller's, in the same process; it begins at `epochMs`. */
  readonly clock?: Clock;
  /** Webhooks for all events to this address, as a shop owner would set them up. */
  readonly webhookUrl?: string;
  readonly ordersPerHour?: number;
  readonly editsPerHour?: number;
  readonly stockMeaning?: StockMeaning;
  readonly version?: string;
  readonly hasReturns?: boolean;
  /** 0 lifts the limit. */
  readonly requestsPerSecond?: number;
  /** Further API clients, for instance with few privileges. */
  readonly clients?: readonly ApiClient[];
}

export interface SapAccess {
  readonly url: string;
  readonly tokenUrl: string;
  readonly user: string;
  readonly password: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of the queues events can be fetched from instead. */
  readonly queueUrl: string;
  readonly eventsSecret: string;
  readonly model: ModelKey;
}

export interface InriverAccess {
  readonly url: string;
  readonly key: string;
  readonly relaySecret: string;
}

export interface Emulators {
  readonly shopware: {
    readonly url: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly webhookSecret: string;
  };
  readonly sap: SapAccess | undefined;
  readonly inriver: InriverAccess | undefined;
  readonly control: { readonly url: string };
  readonly world: World;
  readonly shop: Shop;
  readonly erp: Erp | undefined;
  readonly sapSystem: Sap | undefined;
  readonly pim: Inriver | undefined;
  readonly clock: Clock;
  /** Present when the clock is a manual one. */
  readonly manualClock: ManualClock | undefined;
  readonly faults: FaultBoard;
  readonly live: LiveTraffic;
  readonly generationSeconds: number;
  close(): Promise<void>;
}

export const DEMO_CLIENT_ID = 'SWIAHEADRACEDEMO';
export const DEMO_SAP_USER = 'HEADRACE_COMM';
export const DEMO_SAP_CLIENT = 'headrace-demo';

/** Secrets of the demo follow from its seed: nothing to configure, nothing worth stealing. */
export const secretFor = (seed: number, purpose: string): string =>
  createHmac('sha256', `headrace-demo-${seed}`).update(purpose).digest('hex').slice(0, 40);

export const startEmulators = async (options: EmulatorOptions = {}): Promise<Emulators> => {
  const seed = options.seed ?? 1;
  const epochMs = options.epochMs ?? DEFAULT_EPOCH_MS;
  const startedMs = monotonicMs();
  const manualClock = options.hasManualClock === true ? createManualClock(epochMs) : undefined;
  const clock =
    options.clock ??
    manualClock ??
    createScaledClock({
      epochMs,
      rate: options.rate ?? 1,
      ...(options.realStartMs === undefined ? {} : { realStartMs: options.realStartMs }),
    });
  const systems = options.systems ?? ['shopware'];
  for (const system of systems) {
    if (!SYSTEMS.includes(system)) {
      throw new RangeError(`systems: "${String(system)}" is none of ${SYSTEMS.join(', ')}`);
    }
  }
  const model = options.model ?? 'default';
  const { world, demand, erp } = createRetailer(
    { ...options, seed, epochMs },
    systems.includes('sap') ? { model } : {},
  );
  const generationSeconds = (monotonicMs() - startedMs) / 1000;

  const faults = createFaultBoard(clock);
  const calls = createCallCounter();
  const clientSecret = secretFor(seed, 'client');
  const webhookSecret = secretFor(seed, 'webhook');
  let shopUrl = '';
  const stockMeaning = options.stockMeaning ?? 'reduced-by-open-orders';
  const shop = createShop({
    world,
    clock,
    faults,
    webhookSecret,
    shopUrl: () => shopUrl,
    stockMeaning,
    version: options.version ?? (stockMeaning === 'physical' ? '6.5.4.1' : '6.6.10.4'),
    hasReturns: options.hasReturns ?? false,
  });
  const oauth = createOAuth(
    clock,
    [{ id: DEMO_CLIENT_ID, secret: clientSecret }, ...(options.clients ?? [])],
    secretFor(seed, 'token'),
  );
  const live = createLiveTraffic(world, demand, clock, erp);
  const host = options.host ?? '127.0.0.1';
  const shopServer = await listen(
    createShopwareListener({
      shop,
      oauth,
      faults,
      requestsPerSecond: options.requestsPerSecond ?? 0,
      onCall: calls.count,
    }),
    host,
    options.port ?? 0,
  );
  shopUrl = shopServer.url;
  if (options.webhookUrl !== undefined) subscribeToAll(shop, options.webhookUrl);
  const sapAccess = {
    user: DEMO_SAP_USER,
    password: secretFor(seed, 'sap-password'),
    clientId: DEMO_SAP_CLIENT,
    clientSecret: secretFor(seed, 'sap-client'),
  };
  const sap =
    erp === undefined
      ? undefined
      : await createSap({
          erp,
          clock,
          faults,
          onCall: calls.count,
          ...sapAccess,
          secret: secretFor(seed, 'sap-token'),
          host,
          port: options.sapPort ?? 0,
          requestsPerSecond: options.sapRequestsPerSecond ?? 0,
          ...(options.sapQuietHours === undefined ? {} : { quietHours: options.sapQuietHours }),
          eventsSecret: secretFor(seed, 'sap-events'),
          ...(options.sapEventsUrl === undefined ? {} : { eventsUrl: options.sapEventsUrl }),
          ...(options.onSapEvent === undefined ? {} : { onEvent: options.onSapEvent }),
        });
  const inriverKey = secretFor(seed, 'inriver-key');
  const relaySecret = secretFor(seed, 'inriver-relay');
  const pim = !systems.includes('inriver')
    ? undefined
    : await createInriver({
        world,
        clock,
        faults,
        keys: [{ key: inriverKey, user: 'headrace', canWrite: true }],
        relaySecret,
        model: model === 'default' ? 'standard' : model,
        host,
        port: options.inriverPort ?? 0,
        onCall: calls.count,
        ...(options.inriverRelayUrl === undefined ? {} : { relayUrl: options.inriverRelayUrl }),
      });
  const controlServer = await listen(
    createControlListener({
      world,
      clock,
      manualClock,
      faults,
      calls,
      live,
      dispatcher: shop.dispatcher,
      shop,
      runCommand: createCommandRunner(world, shop.tables, { sap, pim }),
      sap,
      pim,
      idOf: (entity, row) => tableOf(shop.tables, entity).idOf(row),
      facts: () => ({ now: clock.now(), generationSeconds, ...countsOf(world) }),
    }),
    host,
    options.controlPort ?? 0,
  );
  if ((options.ordersPerHour ?? 0) > 0 || (options.editsPerHour ?? 0) > 0) {
    live.set({
      ordersPerHour: options.ordersPerHour ?? 0,
      editsPerHour: options.editsPerHour ?? 0,
      ...(options.erpEditsPerHour === undefined
        ? {}
        : { erpEditsPerHour: options.erpEditsPerHour }),
    });
    pim?.setEditsPerHour(options.editsPerHour ?? 0);
  }
  return {
    shopware: { url: shopUrl, clientId: DEMO_CLIENT_ID, clientSecret, webhookSecret },
    sap:
      sap === undefined
        ? undefined
        : {
            url: sap.url,
            tokenUrl: sap.tokenUrl,
            ...sapAccess,
            queueUrl: sap.queueUrl,
            eventsSecret: secretFor(seed, 'sap-events'),
            model,
          },
    inriver: pim === undefined ? undefined : { url: pim.url, key: inriverKey, relaySecret },
    control: { url: controlServer.url },
    world,
    shop,
    erp,
    sapSystem: sap,
    pim,
    clock,
    manualClock,
    faults,
    live,
    generationSeconds,
    close: async () => {
      live.stop();
      shop.events.close();
      shop.dispatcher.close();
      await Promise.all([shopServer.close(), controlServer.close(), sap?.close(), pim?.close()]);
    },
  };
};

const subscribeToAll = (shop: Shop, url: string): void => {
  const { rows } = shop.dispatcher;
  for (const eventName of ALL_EVENTS) {
    const createdAtMs = shop.clock.now();
    rows.push({
      id: shop.ids.idOf('webhook', rows.length, createdAtMs),
      createdAtMs,
      updatedAtMs: 0,
      name: `headrace-${eventName.replaceAll('.', '-')}`,
      eventName,
      url,
      onlyLiveVersion: true,
      errorCount: 0,
      active: true,
    });
  }
};

export const countsOf = (world: World): Record<string, number> => ({
  products: world.catalogue.products.length - world.deletedProductCount,
  variants: world.catalogue.variants.length,
  customers: world.customers.length - world.customers.deletedCount,
  orders: world.orders.length,
  orderLines: world.orders.lineLength,
});

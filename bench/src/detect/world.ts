/** An emulated ERP and shop with customers, and the platform over them, on one clock that we pass. */
import { mkdirSync, rmSync } from 'node:fs';
import { sap, shopware } from '@headrace/connectors';
import { DEFAULT_EPOCH_MS, type Emulators, startEmulators } from '@headrace/emulators';
import { prepareProject } from '../../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../../packages/platform/dist/app/platform.js';
import { defineProject } from '../../../packages/platform/dist/app/project.js';
import { PassedTime } from './passed-time.js';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
const minuteMs = 60_000;

export interface WorldSize {
  readonly seed: number;
  readonly folder: string;
  /** Of every stream. */
  readonly everyMs: number;
  /** Over a whole week, a day. */
  readonly ordersPerDay: number;
  readonly editsPerDay: number;
  readonly variants: number;
}

/** An alert as it is journaled and sent. */
export interface Told {
  readonly id: string;
  readonly state: 'raised' | 'recovered';
  readonly kind: string;
  readonly target: string;
  readonly culprit: string;
  readonly message: string;
  readonly at: number;
}

/** How busy each hour of a day is, and each day of a week from Monday on; both average to one. */
const hours = [
  ...[0.45, 0.35, 0.3, 0.3, 0.35, 0.5, 0.75, 1, 1.15, 1.2, 1.25, 1.25],
  ...[1.2, 1.15, 1.15, 1.2, 1.25, 1.35, 1.5, 1.65, 1.7, 1.45, 1, 0.6],
];
const days = [1.1, 1, 0.95, 0.95, 1.05, 0.9, 1.05];

export class World {
  readonly time: PassedTime;
  readonly emulators: Emulators;
  readonly platform: Platform;
  readonly size: WorldSize;
  /** Every alert since the beginning. */
  readonly told: Told[] = [];
  readonly standing = new Map<string, Told>();
  readonly problems: string[] = [];
  /** How much busier than usual. */
  busy = 1;
  #calls: { count: number };
  #committed: () => void = () => undefined;

  private constructor(
    size: WorldSize,
    time: PassedTime,
    emulators: Emulators,
    platform: Platform,
    calls: { count: number },
  ) {
    Object.assign(this, { size, time, emulators, platform });
    this.size = size;
    this.time = time;
    this.emulators = emulators;
    this.platform = platform;
    this.#calls = calls;
    platform.engine.onDurable((inputs) => {
      this.#committed();
      for (const { header, body } of inputs) {
        if (header.kind === 'control' && body?.['action'] === 'alert') this.#note(body as never);
      }
    });
  }

  static async start(size: WorldSize): Promise<World> {
    rmSync(size.folder, { recursive: true, force: true });
    mkdirSync(size.folder, { recursive: true });
    // A checkpoint follows real seconds; one a simulated hour is enough.
    const time = new PassedTime(DEFAULT_EPOCH_MS, 720);
    const lines = Math.round(size.ordersPerDay * 1.6 * 7);
    const emulators = await startEmulators({
      ...{ seed: size.seed, scale: 0.01, days: 7, orderLines: lines, customers: 400 },
      ...{ products: Math.round(size.variants / 3), variants: size.variants },
      ...{ systems: ['shopware', 'sap'], clock: time.outside },
    });
    const calls = { count: 0 };
    const counted: typeof fetch = async (input, init) => {
      calls.count += 1;
      try {
        const answer = await fetch(input, init);
        const bytes = await answer.arrayBuffer();
        const isEmpty = [204, 304].includes(answer.status);
        const { status, headers } = answer;
        return new Response(isEmpty ? null : bytes, { status, headers });
      } finally {
        calls.count -= 1;
      }
    };
    const loaded = prepareProject(projectOf(emulators, size), {
      ...{ folder: size.folder, variables: {}, definition: 'detect' },
    });
    const project = {
      ...loaded,
      sources: loaded.sources.map((source) => ({ ...source, fetch: counted })),
    };
    const problems: string[] = [];
    const log = {
      ...{ debug() {}, info() {} },
      warn: (text: string) => void problems.push(text),
      error: (text: string) => void problems.push(text),
    };
    const platform = await startPlatform({
      ...{ project, folder: size.folder, log, time },
      listen: { host: '127.0.0.1', port: 0 },
      crash: (error) => {
        throw error;
      },
    });
    const world = new World(size, time, emulators, platform, calls);
    await world.#endSales();
    world.#live();
    return world;
  }

  async close(): Promise<void> {
    this.emulators.live.stop();
    await this.platform.close();
    await this.emulators.close();
    rmSync(this.size.folder, { recursive: true, force: true });
  }

  pass(ms: number): Promise<void> {
    return this.time.passUntil(this.time.now + ms, () => this.#settled());
  }

  /** Passes time minute by minute until it holds, at most so long; whether it held. */
  async until(holds: () => boolean, maxMs: number): Promise<boolean> {
    const end = this.time.now + maxMs;
    while (!holds()) {
      if (this.time.now >= end) return false;
      await this.pass(Math.min(minuteMs, end - this.time.now));
    }
    return true;
  }

  async command(command: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = await fetch(`${this.emulators.control.url}/commands`, {
      ...{ method: 'POST', body: JSON.stringify([command]) },
    });
    const { results } = (await answer.json()) as { results: Record<string, unknown>[] };
    const [result = {}] = results;
    if (result['error'] !== undefined) throw new Error(String(result['error']));
    return result;
  }

  async ledger(name: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const answer = await fetch(`${this.emulators.control.url}/ledger/${name}`);
    const text = (await answer.text()).trim();
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
  }

  #note(alert: Told): void {
    this.told.push(alert);
    if (alert.state === 'raised') this.standing.set(alert.id, alert);
    else this.standing.delete(alert.id);
  }

  /** Nothing under way for some turns of the event loop: what is left waits for time. */
  async #settled(): Promise<void> {
    const { loop } = this.platform.engine;
    for (let quiet = 0; quiet < 4; ) {
      if (this.#calls.count === 0 && !loop.isIdle) {
        await Promise.race([
          new Promise<void>((resolve) => {
            this.#committed = resolve;
          }),
          new Promise<void>((resolve) => setTimeout(resolve, 2)),
        ]);
        quiet = 0;
        continue;
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
      quiet = this.#calls.count === 0 && loop.isIdle ? quiet + 1 : 0;
    }
  }

  /** Sales of the past ended in the ERP when live time began; people end them in the shop, too. */
  async #endSales(): Promise<void> {
    const rows = await this.ledger('prices');
    for (const { sku, kind, currency, listGrossMinor } of rows) {
      if (kind !== 'base' || listGrossMinor == null) continue;
      const price = { grossMinor: listGrossMinor, listMinor: null };
      await this.command({ kind: 'set-price', sku, currency, ...price });
    }
  }

  /** Customers come by hour and weekday. Rates are set at half past, for at the full hour goods are ordered. */
  #live(): void {
    const hour = Math.floor(this.time.now / hourMs);
    const weekday = (Math.floor(hour / 24) + 3) % 7;
    const share = ((hours[hour % 24] ?? 1) * (days[weekday] ?? 1) * this.busy) / 24;
    const { ordersPerDay, editsPerDay } = this.size;
    this.emulators.live.set({
      ordersPerHour: ordersPerDay * share,
      editsPerHour: editsPerDay * share,
      // Edits of single prices in the ERP are told nobody here: each would be a difference, and a true one.
      erpEditsPerHour: 0,
    });
    const next = Math.floor(this.time.now / hourMs) * hourMs + 1.5 * hourMs;
    this.time.outside.after(next - this.time.now, () => this.#live());
  }

  /** Sets the rates by `busy` now and not at half past. */
  rush(factor: number): void {
    this.busy = factor;
    this.#live();
  }
}

function projectOf(emulators: Emulators, { everyMs }: WorldSize) {
  const { shopware: shop, sap: erp } = emulators;
  if (erp === undefined) throw new Error('The ERP did not start.');
  const channels = emulators.shop.reference.rows.channels.map(({ id, key }) => [id, key]);
  const names = ['product', 'stockMovement', 'order', 'return', 'price'];
  const every = `${everyMs / 1000}s`;
  return defineProject({
    ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'] },
    sources: {
      erp: sap({
        ...{ url: erp.url, auth: sap.oauth(`${erp.clientId}:${erp.clientSecret}`) },
        ...{ businessChannels: ['alpha-b2b'], brandOf: { ALPH: 'alpha', BETA: 'beta' } },
        languages: { NL: 'nl-NL', DE: 'de-DE', EN: 'en-GB' },
        plants: { NL01: 'dc-nl', DE01: 'dc-de', ST01: 'store-ams' },
        salesAreas: {
          ...{ '1000/10/00': 'alpha-nl', '1000/20/00': 'alpha-b2b' },
          ...{ '2000/10/00': 'beta-de', '2000/30/00': 'marketplace' },
        },
        priceConditions: {
          PPR0: 'list',
          VKP0: { as: 'list', basis: 'gross' },
          VKA0: { as: 'sale', basis: 'gross' },
        },
        returnReasons: { '001': 'too-small', '002': 'too-large', '003': 'damaged', '004': 'late' },
        inspectionCodes: { '0001': 'resell', '0003': 'dispose' },
        without: ['supplyPlanning', 'partner', 'purchaseOrder', 'cost', 'delivery'],
        // So that a whole read of stock has a last page.
        pageSize: 40,
        stock: { every },
        every: Object.fromEntries(names.map((name) => [name, every])),
      }),
      shop: shopware({
        ...{ url: shop.url, auth: `${shop.clientId}:${shop.clientSecret}` },
        salesChannels: Object.fromEntries(channels),
        everyMs: Object.fromEntries(
          ['product', 'stock', 'order', 'customer', 'category'].map((name) => [name, everyMs]),
        ),
      }),
    },
    streams: { 'shop/category': { off: true } },
    leading: { stock: ['erp', 'shop'], price: ['erp', 'shop'], order: ['shop', 'erp'] },
    // What this company's own interfaces take when a run of theirs fails: one order in a hundred is in the
    // ERP six hours late; of one delivery in four the night shift counts the rest, up to eight hours later.
    contracts: { order: { grace: '8h' }, stock: { grace: '8h' } },
    listen: { port: 0 },
  } as Parameters<typeof defineProject>[0]);
}

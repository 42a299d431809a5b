/**
 * A company whose systems are connected by nobody: an emulated shop, ERP and PIM over real HTTP,
 * what people do in them, and a platform beside them that dies and starts again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type EmulatorOptions, type Emulators, startEmulators } from '@headrace/emulators';
import { controlOf, type Row } from './control.js';
import { freePort } from './free-port.js';

export type { Row } from './control.js';

/** Where a platform is killed: at a label, inside a commit, or some time after it serves. */
export interface Death {
  readonly at: { readonly point: string; readonly by?: string; readonly count: number } | null;
  readonly crashAt: { readonly point: string; readonly count: number } | null;
}

export interface Life {
  readonly child: ChildProcess;
  /** Resolves once it serves. */
  readonly ready: Promise<void>;
  /** The signal or code it ended with. */
  readonly dead: Promise<unknown>;
  isAlive(): boolean;
}

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const script = pathOf('./crash-child.mjs');
export const companyConfig = pathOf('./company-project/headrace.config.ts');

export class Company {
  readonly emulators: Emulators;
  readonly control: string;
  /** What the project reads from its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Documents from here on are the flows' to carry. */
  readonly since: number;
  readonly #port: number;
  readonly #systems: ReturnType<typeof controlOf>;
  #numbers = 20_000;
  #token = '';

  private constructor(emulators: Emulators, port: number) {
    this.emulators = emulators;
    this.control = emulators.control.url;
    this.#systems = controlOf(emulators);
    this.#port = port;
    this.since = emulators.clock.now();
    const { shopware: shop, sap: erp, inriver: pim, world } = emulators;
    if (erp === undefined || pim === undefined) throw new Error('a system did not start');
    const channels = emulators.shop.reference.rows.channels;
    const numbers = Array.from({ length: world.orders.length }, (_, row) => ({
      channel: channels[world.orders.channel.get(row)]?.key ?? '',
      number: Number(world.orders.numberOf(row)),
    }));
    const firstOf = (key: string) =>
      1 + Math.max(0, ...numbers.flatMap((one) => (one.channel === key ? one.number : [])));
    this.environment = {
      COMPANY: JSON.stringify({
        shop: {
          ...{ url: shop.url, auth: `${shop.clientId}:${shop.clientSecret}` },
          secret: shop.webhookSecret,
        },
        erp: {
          ...{ url: erp.url, auth: `${erp.clientId}:${erp.clientSecret}` },
          secret: erp.eventsSecret,
        },
        pim: { url: pim.url, key: pim.key, secret: pim.relaySecret },
        channels: Object.fromEntries(channels.map(({ id, key }) => [id, key])),
        firstOrders: Object.fromEntries(channels.map(({ key }) => [key, firstOf(key)])),
      }),
    };
  }

  static async start(options: EmulatorOptions): Promise<Company> {
    const port = await freePort();
    const hook = (source: string) => `http://127.0.0.1:${port}/v1/webhooks/${source}`;
    const emulators = await startEmulators({
      ...{ systems: ['shopware', 'sap', 'inriver'], integration: 'none', hasReturns: true },
      ...options,
      // The platform asks for what changed since now, and its now is ours.
      epochMs: Date.now(),
      ...{ webhookUrl: hook('shop'), sapEventsUrl: hook('erp'), inriverRelayUrl: hook('pim') },
    });
    return new Company(emulators, port);
  }

  live(folder: string, { at, crashAt }: Death): Life {
    const order = { config: companyConfig, folder, at, crashAt, port: this.#port };
    const child = spawn(process.execPath, [script, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...this.environment },
    });
    let isAlive = true;
    const dead = new Promise((resolve) =>
      child.once('exit', (code, signal) => {
        isAlive = false;
        resolve(signal ?? code);
      }),
    );
    const ready = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
    return { child, ready, dead, isAlive: () => isAlive };
  }

  /** The next number of a range of the shop's that nothing else uses. */
  number(): number {
    this.#numbers += 1;
    return this.#numbers;
  }

  call(method: string, path: string, body?: object): Promise<Row> {
    return this.#systems.call<Row>(method, path, body);
  }

  /** What somebody does in a system; null where it is not possible with what there is. */
  async act(command: object): Promise<Row | null> {
    const { results } = await this.call('POST', '/commands', [command]);
    const [result] = results as readonly Row[];
    return result === undefined || result['error'] !== undefined ? null : result;
  }

  /** A call of the shop's own API, as its administration makes them. */
  async shop(path: string, body: object): Promise<Row> {
    const { url, clientId, clientSecret } = this.emulators.shopware;
    const post = (at: string, json: object, headers: Record<string, string> = {}) =>
      fetch(url + at, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body: JSON.stringify(json),
      });
    if (this.#token === '') {
      const keys = { client_id: clientId, client_secret: clientSecret };
      const granted = await post('/api/oauth/token', { grant_type: 'client_credentials', ...keys });
      this.#token = String(((await granted.json()) as Row)['access_token']);
    }
    const response = await post(path, body, { authorization: `Bearer ${this.#token}` });
    if (response.status === 401) {
      this.#token = '';
      return this.shop(path, body);
    }
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as Row);
  }

  /** The first row of an entity that a filter finds in the shop. */
  async inShop(entity: string, filter: Row, associations: object = {}): Promise<Row | undefined> {
    const queries = Object.entries(filter).map(([field, value]) => {
      return { type: 'equals', field, value };
    });
    const found = await this.shop(`/api/search/${entity}`, {
      ...{ limit: 1, filter: queries, associations },
    });
    return (found['data'] as readonly Row[])[0];
  }

  async fault(order: object): Promise<void> {
    await this.call('POST', '/faults', order);
  }

  /** Systems give up telling somebody who never answers; a person lets them begin again. */
  async resumeNotices(): Promise<void> {
    await this.call('POST', '/webhooks/enable', {});
    const { webhooks } = await this.call('GET', '/sap/webhooks');
    for (const { name } of webhooks as readonly Row[]) {
      await this.call('POST', '/sap/webhooks/resume', { name });
    }
  }

  ledger(name: string): Promise<readonly Row[]> {
    return this.#systems.ledger(name);
  }

  /** Calls that change something in the shop or the ERP. */
  async mutating(): Promise<number> {
    const { byClass } = await this.call('GET', '/calls');
    const isWrite = /^(?:POST \/api\/_action|(?:POST|PATCH) \/sap\/opu\/)/;
    return Object.entries(byClass as Record<string, number>)
      .filter(([name]) => isWrite.test(name))
      .reduce((sum, [, count]) => sum + count, 0);
  }

  close(): Promise<void> {
    return this.emulators.close();
  }
}

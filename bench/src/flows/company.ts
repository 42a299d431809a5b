/** Emulated systems that nobody connects, in a process of their own, and the platform in another. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../lag/platform-process.js';
import type { PlatformOrder } from './platform-main.js';
import type { Systems } from './project.js';

export type Row = Readonly<Record<string, unknown>>;

export interface StreamStatus {
  readonly source: string;
  readonly stream: string;
  readonly everyMs: number;
  readonly state: string;
  readonly why: string | null;
}

export interface Company {
  readonly control: string;
  /** The emulators' time when nothing had been done yet. */
  readonly since: number;
  /** What somebody does in a system; null where it is not possible with what there is. */
  act(command: object): Promise<Row | null>;
  call(method: string, path: string, body?: object): Promise<Row>;
  ledger(name: string): Promise<readonly Row[]>;
  /** A call of the shop's own API, as its administration makes them. */
  shop(path: string, body: object): Promise<Row>;
  streams(): Promise<readonly StreamStatus[]>;
  /** What a flow was refused, if anything. */
  parked(flow: string): Promise<unknown>;
  /** From a change being known to its being written, by the platform's own account. */
  ownLag(flow: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface CompanySize {
  readonly scale: number;
  readonly days: number;
  readonly variants: number;
}

export async function startCompany(folder: string, size: CompanySize): Promise<Company> {
  const port = await freePort();
  const hook = (source: string) => `http://127.0.0.1:${port}/v1/webhooks/${source}`;
  const main = createRequire(import.meta.url).resolve('@headrace/emulators/main');
  const settings = {
    ...{ seed: 1, ...size, systems: 'shopware,sap,inriver' },
    ...{ integration: 'none', epoch: Date.now(), 'webhook-url': hook('shop') },
    ...{ 'sap-events-url': hook('erp'), 'inriver-relay-url': hook('pim') },
  };
  const args = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  const emulators = spawn(process.execPath, [main, ...args, '--returns', '--exit-with-parent'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ready = await firstLine(emulators);
  const control = ready.control.url;
  const { now } = (await (await fetch(`${control}/clock`)).json()) as { readonly now: number };
  const call = async (method: string, path: string, body?: object): Promise<Row> => {
    const response = await fetch(control + path, {
      ...{ method },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Row;
    if (!response.ok) throw new Error(`${method} ${path}: ${String(answer['error'])}`);
    return answer;
  };
  const ledger = async (name: string): Promise<readonly Row[]> => {
    const text = (await (await fetch(`${control}/ledger/${name}`)).text()).trim();
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Row);
  };
  const shop = shopCaller(ready.shopware);
  const systems = await systemsOf(ready, shop, ledger);
  const platform = await startPlatform({ folder, port, systems });
  const ask = async (path: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${platform.token}` };
    return (await fetch(platform.url + path, { headers })).json();
  };
  // The ERP asked whether anybody listens before anybody did.
  const { webhooks } = await call('GET', '/sap/webhooks');
  for (const { name } of webhooks as readonly Row[]) {
    await call('POST', '/sap/webhooks/resume', { name });
  }
  return {
    ...{ control, since: now, call, ledger, shop },
    async act(command) {
      const { results } = await call('POST', '/commands', [command]);
      const [result] = results as readonly Row[];
      return result === undefined || result['error'] !== undefined ? null : result;
    },
    async streams() {
      const status = await ask('/v1/status');
      return (status as { readonly streams: readonly StreamStatus[] }).streams;
    },
    parked: (flow) => ask(`/v1/flows/${flow}/groups?phase=parked`),
    ownLag: async (flow) => ((await ask(`/v1/flows/${flow}`)) as Row)['lagMs'],
    async close() {
      await end(platform.child);
      await end(emulators);
    },
  };
}

interface Ready {
  readonly shopware: {
    readonly url: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly webhookSecret: string;
  };
  readonly sap: {
    readonly url: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly eventsSecret: string;
  };
  readonly inriver: { readonly url: string; readonly key: string; readonly relaySecret: string };
  readonly control: { readonly url: string };
}

function firstLine(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('exit', () => reject(new Error('The emulators ended before they were ready.')));
    child.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
      const at = said.indexOf('\n');
      if (at >= 0) resolve(JSON.parse(said.slice(0, at)) as Ready);
    });
  });
}

function shopCaller({ url, clientId, clientSecret }: Ready['shopware']): Company['shop'] {
  let token = '';
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify(body),
    });
  return async (path, body) => {
    let response = await post(path, body);
    if (response.status === 401) {
      const keys = { client_id: clientId, client_secret: clientSecret };
      const granted = await post('/api/oauth/token', { grant_type: 'client_credentials', ...keys });
      token = String(((await granted.json()) as Row)['access_token']);
      response = await post(path, body);
    }
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as Row);
  };
}

async function systemsOf(
  { shopware, sap, inriver }: Ready,
  shop: Company['shop'],
  ledger: Company['ledger'],
): Promise<Systems> {
  const found = (await shop('/api/search/sales-channel', { limit: 100 }))['data'];
  const rows = found as readonly Row[];
  const orders = await ledger('orders');
  const keys = [...new Set(orders.map(({ channel }) => String(channel)))];
  const last = (key: string) =>
    Math.max(...orders.map(({ channel, orderNo }) => (channel === key ? Number(orderNo) : 0)));
  return {
    shop: {
      ...{ url: shopware.url, auth: `${shopware.clientId}:${shopware.clientSecret}` },
      secret: shopware.webhookSecret,
    },
    erp: { url: sap.url, auth: `${sap.clientId}:${sap.clientSecret}`, secret: sap.eventsSecret },
    pim: { url: inriver.url, key: inriver.key, secret: inriver.relaySecret },
    channels: Object.fromEntries(rows.map(({ id, shortName }) => [id, shortName])),
    firstOrders: Object.fromEntries(keys.map((key) => [key, last(key) + 1])),
  };
}

interface Platform {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
}

async function startPlatform(order: PlatformOrder): Promise<Platform> {
  const script = fileURLToPath(new URL('./platform-main.js', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const told = await new Promise<{ readonly url: string; readonly token: string }>(
    (resolve, reject) => {
      child.once('message', (message) => resolve(message as never));
      child.once('exit', (code) => reject(new Error(`The platform ended with ${code}.`)));
    },
  );
  return { child, ...told };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  // One that does not end by itself has nothing left to say.
  const late = sleep(10_000).then(() => child.kill('SIGKILL'));
  await Promise.race([exited, late]);
}

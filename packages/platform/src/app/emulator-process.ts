/** The emulated shop as a process of its own, reached over real HTTP; it ends with this one. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { HeadraceError } from '@headrace/sdk';
import type { ClockOptions } from '../ports/index.js';
import type { BesideShop, DemoWorld, ShopAccess } from './demo-folder.js';

export interface EmulatorOptions extends DemoWorld {
  readonly clock: Required<ClockOptions>;
  /** Of the shop; the other systems send theirs to `erp` and `pim` beside it. */
  readonly webhookUrl: string;
  /** Instead of what follows from the scale. */
  readonly variants?: number;
  readonly orderLines?: number;
}

export interface RunningEmulator {
  readonly shop: ShopAccess;
  readonly beside: BesideShop;
  readonly controlUrl: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Rejects when the process ends by itself. */
  readonly ended: Promise<never>;
  /** Turns live traffic on: orders and edits per hour of emulated time. */
  live(ordersPerHour: number, editsPerHour: number): Promise<void>;
  close(): Promise<void>;
}

/** What the process says when it is ready. */
interface Ready {
  readonly shopware: {
    readonly url: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly webhookSecret: string;
  };
  readonly sap?: {
    readonly url: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly eventsSecret: string;
  };
  readonly inriver?: NonNullable<BesideShop['pim']>;
  readonly control: { readonly url: string };
  readonly counts: Readonly<Record<string, number>>;
}

/** The sales channels of the emulated shop by name: our key, and the brand it belongs to. */
const channels: Readonly<Record<string, readonly [key: string, brand: string]>> = {
  'Alpha Nederland': ['alpha-nl', 'alpha'],
  'Alpha Zakelijk': ['alpha-b2b', 'alpha'],
  'Beta Deutschland': ['beta-de', 'beta'],
  'Marketplace UK': ['marketplace', 'beta'],
};

export async function startEmulator(options: EmulatorOptions): Promise<RunningEmulator> {
  const main = createRequire(import.meta.url).resolve('@headrace/emulators/main');
  const { clock } = options;
  const settings: Readonly<Record<string, string | number>> = {
    seed: options.seed,
    days: options.days,
    scale: options.scale,
    epoch: clock.epochMs,
    'real-start': clock.realStartMs,
    rate: clock.rate,
    'webhook-url': options.webhookUrl,
    ...(options.variants === undefined ? {} : { variants: options.variants }),
    ...(options.orderLines === undefined ? {} : { 'order-lines': options.orderLines }),
    systems: (options.systems ?? ['shopware']).join(','),
    'sap-events-url': new URL('erp', options.webhookUrl).href,
    'inriver-relay-url': new URL('pim', options.webhookUrl).href,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [main, ...args, '--exit-with-parent'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A Ctrl-C in the terminal reaches the platform first, which then ends this process.
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-4000);
  });
  let closing = false;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ended = exited.then(() => {
    if (closing) return new Promise<never>(() => undefined);
    throw new HeadraceError('transient', 'The emulated shop ended.', {
      code: 'E_EMULATOR',
      hint: said.trim().split('\n').at(-1) || 'Start the demo again.',
    });
  });
  ended.catch(() => undefined);
  const close = async () => {
    closing = true;
    child.kill('SIGTERM');
    await exited;
  };
  try {
    const ready = await Promise.race([firstLine(child.stdout), ended]);
    const shop = await accessOf(ready.shopware);
    return {
      shop,
      beside: besideOf(ready),
      controlUrl: ready.control.url,
      counts: ready.counts,
      ended,
      close,
      async live(ordersPerHour, editsPerHour) {
        await fetch(new URL('/live', ready.control.url), {
          method: 'POST',
          body: JSON.stringify({ ordersPerHour, editsPerHour }),
        });
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function firstLine(output: NodeJS.ReadableStream): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let text = '';
    output.on('data', (part: Buffer) => {
      if (text.includes('\n')) return;
      text += part.toString();
      if (!text.includes('\n')) return;
      try {
        resolve(JSON.parse(text.split('\n')[0] ?? '') as Ready);
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}

function besideOf({ sap, inriver }: Ready): BesideShop {
  if (sap === undefined) return inriver === undefined ? {} : { pim: inriver };
  const { url, clientId, clientSecret, eventsSecret } = sap;
  const erp = { url, auth: `${clientId}:${clientSecret}`, eventsSecret };
  return inriver === undefined ? { erp } : { erp, pim: inriver };
}

/** Asks the shop for its sales channels, as someone does who writes a project for it. */
async function accessOf(shopware: Ready['shopware']): Promise<ShopAccess> {
  const { url, clientId, clientSecret, webhookSecret } = shopware;
  const post = async (path: string, body: unknown, token?: string) => {
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  const grant = await post('/api/oauth/token', {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const answer = await post(
    '/api/search/sales-channel',
    { limit: 100 },
    String(grant['access_token']),
  );
  const salesChannels: Record<string, string> = {};
  const brands: Record<string, string[]> = {};
  for (const row of answer['data'] as { readonly id: string; readonly name: string }[]) {
    const [key, brand] = channels[row.name] ?? [];
    if (key === undefined || brand === undefined) continue;
    salesChannels[row.id] = key;
    brands[brand] = [...(brands[brand] ?? []), key];
  }
  return { url, auth: `${clientId}:${clientSecret}`, webhookSecret, salesChannels, brands };
}

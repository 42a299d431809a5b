/**
 * From a change in the ERP or the PIM to its being durable and readable, by stream: first with their
 * notices on, then with every notice lost, so that polls alone find what changed. All intervals are
 * the connectors' defaults. With `--stock-pass`, one whole pass of the ERP's stock instead.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningEmulator } from '../../../packages/platform/dist/app/emulator-process.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage } from '../shared/process-usage.js';
import { quantile, round } from '../shared/statistics.js';
import { followEntries, type SeenEntry } from './entries.js';
import { type PlatformProcess, startPlatformProcess, untilLive } from './platform-process.js';
import { startShopWorld } from './shop-world.js';

interface Made {
  readonly id: string;
  readonly key: string;
}

/** What is done, and the entries that show it: by stream, and how their key is told from the answer. */
interface Act {
  readonly command: Readonly<Record<string, unknown>>;
  readonly shows: Readonly<Record<string, (made: Made) => string>>;
}

/** The emulated SAP raises no event for these, so their polls are all there is. */
const silent: ReadonlySet<string> = new Set(['erp/stockMovement', 'erp/stock', 'erp/price']);

const byId = ({ id }: Made) => id;
const byKey = ({ key }: Made) => key;

const acts: readonly Act[] = [
  {
    command: { kind: 'adjust-stock' },
    // Keys of postings begin with the year.
    shows: { 'erp/stockMovement': ({ id }) => `/${id}`, 'erp/stock': byKey },
  },
  { command: { kind: 'change-condition' }, shows: { 'erp/price': byId } },
  { command: { kind: 'create-purchase-order' }, shows: { 'erp/purchaseOrder': byId } },
  { command: { kind: 'change-delivery' }, shows: { 'erp/delivery': byId } },
  { command: { kind: 'create-return' }, shows: { 'erp/return': byId } },
  { command: { kind: 'block-product' }, shows: { 'erp/product': byId } },
  { command: { kind: 'review-planning' }, shows: { 'erp/supplyPlanning': byId } },
  { command: { kind: 'edit-partner' }, shows: { 'erp/partner': byId } },
  { command: { kind: 'pim-rename' }, shows: { 'pim/product': byId } },
];

/** Our own part of the way: from the answer to the poll to the commit. */
const slackMs = 1000;

export async function lagOfSystems(options: BenchOptions): Promise<BenchResult> {
  const isPass = options.flag('stock-pass');
  const folder = join(options.data, 'lag-systems');
  rmSync(folder, { recursive: true, force: true });
  const world = await startShopWorld({
    days: options.number('days', isPass ? 10 : 60),
    scale: options.number('scale', isPass ? 1 : 0.1),
    rate: 1,
    systems: ['shopware', 'sap', 'inriver'],
    ...(isPass
      ? {
          variants: options.number('variants', 60_000),
          orderLines: options.number('order-lines', 1000),
        }
      : {}),
  });
  const { emulator, clock, port } = world;
  let platform: PlatformProcess | null = null;
  try {
    const { shop, beside } = emulator;
    platform = await startPlatformProcess({ folder, shop, beside, clock, port });
    if (isPass) return await stockPass(platform, emulator, options);
    await untilLive(platform);
    options.say('live');
    const count = options.number('changes', 12);
    const told = await phase(platform, emulator, { count, everyMs: 2_000, waitMs: 20_000 });
    options.say(`notices on: ${JSON.stringify(told)}`);
    await control(emulator, '/faults', { kind: 'drop-webhook', rate: 1 });
    const lost = await phase(platform, emulator, { count, everyMs: 5_000, waitMs: 75_000 });
    return await resultOf(platform, told, lost);
  } finally {
    await platform?.close();
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Figures = Readonly<
  Record<string, { count: number; unseen: number; p50Ms: number; p99Ms: number; maxMs: number }>
>;

async function phase(
  platform: PlatformProcess,
  emulator: RunningEmulator,
  pace: { readonly count: number; readonly everyMs: number; readonly waitMs: number },
): Promise<Figures> {
  const entries = await followEntries(platform);
  const sent: { readonly atMs: number; readonly act: Act; readonly made: Made }[] = [];
  const begun = performance.now();
  // Open loop: by the clock, one act after the other, however late what they change is seen.
  const gapMs = pace.everyMs / acts.length;
  for (let index = 0; index < pace.count * acts.length; index += 1) {
    await sleep(Math.max(0, begun + index * gapMs - performance.now()));
    const act = acts[index % acts.length] as Act;
    const atMs = performance.now();
    const made = await control(emulator, '/commands', act.command);
    if (made['error'] === undefined) sent.push({ atMs, act, made: made as unknown as Made });
  }
  await sleep(pace.waitMs);
  entries.close();
  const lags = new Map<string, (number | null)[]>();
  for (const { atMs, act, made } of sent) {
    for (const [stream, keyOf] of Object.entries(act.shows)) {
      const known = lags.get(stream) ?? [];
      known.push(firstShown(entries.seen, stream, keyOf(made), atMs));
      lags.set(stream, known);
    }
  }
  return Object.fromEntries([...lags].map(([stream, list]) => [stream, figuresOf(list)]));
}

function firstShown(
  seen: readonly SeenEntry[],
  stream: string,
  key: string,
  atMs: number,
): number | null {
  const isShown = (entry: SeenEntry) =>
    entry.atMs >= atMs &&
    entry.stream === stream &&
    (key.startsWith('/') ? entry.key.endsWith(key) : entry.key === key);
  const found = seen.find(isShown);
  return found === undefined ? null : found.atMs - atMs;
}

function figuresOf(list: readonly (number | null)[]) {
  const ms = list.filter((one) => one !== null);
  return {
    count: ms.length,
    unseen: list.length - ms.length,
    p50Ms: round(quantile(ms, 0.5)),
    p99Ms: round(quantile(ms, 0.99)),
    maxMs: round(Math.max(...ms)),
  };
}

async function resultOf(
  platform: PlatformProcess,
  told: Figures,
  lost: Figures,
): Promise<BenchResult> {
  const { streams } = await platform.status();
  const rows = Object.keys(told).map((name) => {
    const state = streams.find(({ source, stream }) => `${source}/${stream}` === name);
    const everyMs = state?.everyMs ?? 0;
    const [on, off] = [told[name], lost[name]];
    const isMet =
      on?.unseen === 0 &&
      off?.unseen === 0 &&
      on.p99Ms <= (silent.has(name) ? everyMs : 0) + slackMs &&
      off.maxMs <= everyMs + slackMs;
    return {
      stream: name,
      everyMs,
      isNotified: !silent.has(name),
      noticesOn: on,
      noticesLost: off,
      isMet,
    };
  });
  const notified = rows.filter(({ stream }) => !silent.has(stream));
  const worst = Math.max(...notified.map(({ noticesOn }) => noticesOn?.p99Ms ?? 0));
  return {
    name: 'lag',
    value: worst,
    unit: 'ms',
    detail: {
      streams: rows,
      targets: { pushedP99Ms: slackMs, polledMaxMs: 'interval + 1000' },
      load: loadAverage(),
    },
  };
}

/** How long the ERP's whole stock takes, once it was read before: the second pass and later ones. */
async function stockPass(
  platform: PlatformProcess,
  emulator: RunningEmulator,
  options: BenchOptions,
): Promise<BenchResult> {
  const entries = await followEntries(platform);
  const passes = () => {
    const own = entries.seen.filter(
      ({ kind, stream }) => kind === 'pass' && stream === 'erp/stock',
    );
    return own.flatMap(({ atMs }, index) =>
      index % 2 === 1 ? [(atMs - (own[index - 1] as SeenEntry).atMs) / 1000] : [],
    );
  };
  const wanted = options.number('passes', 2);
  while (passes().length < wanted) await sleep(500);
  entries.close();
  const seconds = passes().map((one) => round(one, 2));
  const { streams } = await platform.status();
  const state = streams.find(({ source, stream }) => `${source}/${stream}` === 'erp/stock');
  return {
    name: 'lag',
    value: seconds.at(-1) ?? Number.NaN,
    unit: 's',
    detail: {
      what: 'one full pass of the stock of the ERP',
      variants: emulator.counts['variants'],
      plants: 3,
      materials: state?.records,
      passesSeconds: seconds,
      everyMs: state?.everyMs,
      load: loadAverage(),
    },
  };
}

async function control(
  { controlUrl }: RunningEmulator,
  path: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(new URL(path, controlUrl), {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

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
import { seeded } from '../shared/seeded.js';
import { quantile, round } from '../shared/statistics.js';
import { followEntries, type SeenEntry } from './entries.js';
import {
  isWhole,
  type PlatformProcess,
  startPlatformProcess,
  untilLive,
} from './platform-process.js';
import { startShopWorld } from './shop-world.js';

interface Made {
  readonly id: string;
  readonly key: string;
  readonly purchaseOrder?: string;
  readonly movesCost?: boolean;
}

/**
 * What is done to which thing, and the entries that show it: by stream, how their key is told from the
 * answer, or null where this time nothing of it changed.
 */
interface Act {
  readonly command: (things: Things, index: number) => Readonly<Record<string, unknown>>;
  readonly shows: Readonly<Record<string, (made: Made) => string | null>>;
}

/** Numbers acts walk through, so that none is changed twice within minutes. */
interface Things {
  readonly skus: readonly string[];
  readonly products: readonly string[];
}

/**
 * The emulated SAP raises no event for these, so their polls are all there is. A receipt changes its
 * purchase order, which raises one; the cost is looked at once the posting was read.
 */
const silent: ReadonlySet<string> = new Set([
  ...['erp/stockMovement', 'erp/stock', 'erp/price', 'erp/cost'],
]);
/** Streams that are looked at because another was read. */
const follows: Readonly<Record<string, string>> = { 'erp/cost': 'erp/stockMovement' };

const byId = ({ id }: Made) => id;
const byKey = ({ key }: Made) => key;
// Keys of postings begin with the year.
const byDocument = ({ id }: Made) => `/${id}`;
/** The walks of acts on one list begin apart. */
const at = (list: readonly string[], index: number, of: number) =>
  list[(index + Math.floor((of * list.length) / 5)) % list.length];

const acts: readonly Act[] = [
  {
    command: ({ skus }, index) => ({ kind: 'adjust-stock', sku: at(skus, index, 0) }),
    shows: { 'erp/stockMovement': byDocument, 'erp/stock': byKey },
  },
  {
    command: ({ skus }, index) => ({ kind: 'change-condition', sku: at(skus, index, 1) }),
    shows: { 'erp/price': byId },
  },
  {
    command: ({ skus }, index) => ({ kind: 'create-purchase-order', sku: at(skus, index, 2) }),
    shows: { 'erp/purchaseOrder': byId },
  },
  {
    command: () => ({ kind: 'post-goods-receipt' }),
    shows: {
      'erp/cost': ({ key, movesCost }) => (movesCost === true ? key : null),
      'erp/stockMovement': byDocument,
    },
  },
  { command: () => ({ kind: 'change-sales-order' }), shows: { 'erp/order': byId } },
  { command: () => ({ kind: 'change-delivery' }), shows: { 'erp/delivery': byId } },
  { command: () => ({ kind: 'create-return' }), shows: { 'erp/return': byId } },
  {
    command: ({ skus }, index) => ({ kind: 'review-planning', sku: at(skus, index, 3) }),
    shows: { 'erp/supplyPlanning': byId, 'erp/product': byId },
  },
  { command: () => ({ kind: 'edit-partner' }), shows: { 'erp/partner': byId } },
  {
    command: ({ products }, index) => ({ kind: 'pim-rename', key: at(products, index, 0) }),
    shows: { 'pim/product': byId },
  },
  {
    command: ({ skus }, index) => ({
      ...{ kind: 'pim-set-attribute', role: 'item', sku: at(skus, index, 4) },
      ...{ field: 'ItemPackSize', value: 100 + index },
    }),
    shows: { 'pim/variant': byId },
  },
  { command: () => ({ kind: 'pim-rename-category' }), shows: { 'pim/category': byId } },
  {
    command: ({ products }, index) => ({ kind: 'pim-move-category', key: at(products, index, 2) }),
    shows: { 'pim/assortment': byId },
  },
  {
    command: ({ products }, index) => ({ kind: 'pim-add-picture', key: at(products, index, 3) }),
    shows: { 'pim/assortment': byId },
  },
  {
    command: ({ products }, index) => ({
      ...{ kind: 'pim-set-completeness', key: at(products, index, 4) },
      direction: 'down',
    }),
    shows: { 'pim/assortment': byId, 'pim/product': byId },
  },
];

/** Our own part of the way: from the answer to the poll to the commit. */
const slackMs = 1000;

export async function lagOfSystems(options: BenchOptions): Promise<BenchResult> {
  const isPass = options.flag('stock-pass');
  const folder = join(options.data, 'lag-systems');
  rmSync(folder, { recursive: true, force: true });
  const world = await startShopWorld({
    days: options.number('days', isPass ? 10 : 60),
    scale: options.number('scale', isPass ? 1 : 0.3),
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
    const pace = {
      count: options.number('changes', 100),
      everyMs: options.number('every-ms', 2500),
      things: await thingsOf(emulator),
    };
    const told = await phase(platform, emulator, { ...pace, first: 0 });
    options.say(`notices on: ${JSON.stringify(told)}`);
    await control(emulator, '/faults', { kind: 'drop-webhook', rate: 1 });
    const lost = await phase(platform, emulator, { ...pace, first: pace.count });
    options.say(`notices lost: ${JSON.stringify(lost)}`);
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

interface Wanted {
  readonly atMs: number;
  readonly stream: string;
  readonly key: string;
}

async function phase(
  platform: PlatformProcess,
  emulator: RunningEmulator,
  pace: {
    readonly count: number;
    readonly everyMs: number;
    readonly things: Things;
    /** Where on their lists the acts go on. */
    readonly first: number;
  },
): Promise<Figures> {
  const entries = await followEntries(platform);
  const wanted: Wanted[] = [];
  const begun = performance.now();
  // Open loop: by the clock, one act after the other, however late what they change is seen.
  const gapMs = pace.everyMs / acts.length;
  for (let index = 0; index < pace.count * acts.length; index += 1) {
    await sleep(Math.max(0, begun + index * gapMs - performance.now()));
    const act = acts[index % acts.length] as Act;
    const atMs = performance.now();
    const turn = pace.first + Math.floor(index / acts.length);
    const answer = await control(emulator, '/commands', act.command(pace.things, turn));
    // Some cannot be done with what there is; they are not counted.
    if (answer['error'] !== undefined) continue;
    const made = answer as unknown as Made;
    for (const [stream, keyOf] of Object.entries(act.shows)) {
      const key = keyOf(made);
      if (key !== null) wanted.push({ atMs, stream, key });
    }
  }
  const everyMs = await intervalsOf(platform);
  const lags = new Map<string, (number | null)[]>();
  // What two polls did not find is lost.
  const lastMs = ({ atMs, stream }: Wanted) => atMs + 2 * (everyMs.get(stream) ?? 0) + 20_000;
  const deadline = Math.max(...wanted.map(lastMs));
  let index = indexOf(entries.seen);
  const isOpen = (one: Wanted) =>
    firstShown(index, one) === null && performance.now() < lastMs(one);
  while (performance.now() < deadline && wanted.some(isOpen)) {
    await sleep(500);
    index = indexOf(entries.seen);
  }
  entries.close();
  for (const one of wanted) {
    const known = lags.get(one.stream) ?? [];
    known.push(firstShown(index, one));
    lags.set(one.stream, known);
  }
  return Object.fromEntries([...lags].map(([stream, list]) => [stream, figuresOf(list)]));
}

/** Times entries of a key were seen, by stream and key. */
function indexOf(seen: readonly SeenEntry[]): ReadonlyMap<string, readonly number[]> {
  const index = new Map<string, number[]>();
  for (const { stream, key, atMs } of seen) {
    const name = `${stream} ${stream === 'erp/stockMovement' ? key.slice(key.indexOf('/')) : key}`;
    const times = index.get(name);
    if (times === undefined) index.set(name, [atMs]);
    else times.push(atMs);
  }
  return index;
}

function firstShown(
  index: ReadonlyMap<string, readonly number[]>,
  { atMs, stream, key }: Wanted,
): number | null {
  const found = index.get(`${stream} ${key}`)?.find((seenAt) => seenAt >= atMs);
  return found === undefined ? null : found - atMs;
}

async function intervalsOf(platform: PlatformProcess): Promise<ReadonlyMap<string, number>> {
  const { streams } = await platform.status();
  const own = new Map(streams.map((row) => [`${row.source}/${row.stream}`, row.everyMs]));
  for (const [stream, other] of Object.entries(follows)) own.set(stream, own.get(other) ?? 0);
  return own;
}

/** In an order of their own, the same each time. */
async function thingsOf(emulator: RunningEmulator): Promise<Things> {
  const random = seeded(5);
  const shuffled = (list: readonly string[]) =>
    list
      .map((value) => [random.next(), value] as const)
      .sort(([a], [b]) => a - b)
      .map(([, value]) => value);
  const rows = async (ledger: string, field: string) => {
    const text = await (await fetch(new URL(`/ledger/${ledger}`, emulator.controlUrl))).text();
    const all = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return shuffled([...new Set(all.map((row) => String(row[field])))]);
  };
  return {
    skus: await rows('supply-planning', 'sku'),
    products: await rows('pim-products', 'productNo'),
  };
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
  const intervals = await intervalsOf(platform);
  const rows = Object.keys(told).map((name) => {
    const everyMs = intervals.get(name) ?? 0;
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

/**
 * How long the ERP's whole stock takes once everything was read before, from the begin of the read to
 * the commit that says it is whole. Stock without a time of change has no passes of its own in the
 * journal: each read of it is one, and ends with an entry that says when it began.
 */
async function stockPass(
  platform: PlatformProcess,
  emulator: RunningEmulator,
  options: BenchOptions,
): Promise<BenchResult> {
  const begun = performance.now();
  let told = begun;
  await untilLive(platform, ({ streams, journal }) => {
    if (performance.now() - told < 10_000) return;
    told = performance.now();
    const open = streams.filter(({ state }) => !isWhole(state)).map(({ stream }) => stream);
    options.say(`${journal.entries} entries; not whole: ${open.join(', ')}`);
  });
  const backfillSeconds = round((performance.now() - begun) / 1000, 2);
  options.say(`live after ${backfillSeconds} s`);
  const entries = await followEntries(platform);
  const passes = () =>
    entries.seen.flatMap(({ stream, read, through, received, knownAt }) =>
      stream === 'erp/stock' && read === 'snapshot' && through !== undefined
        ? [{ seconds: round((knownAt - through) / 1000, 3), received }]
        : [],
    );
  const wanted = options.number('passes', 2);
  const everyMs = (await intervalsOf(platform)).get('erp/stock') ?? 0;
  // A pass that takes ten intervals is no pass; what stands in the way is said, not waited for.
  const deadline = performance.now() + (wanted + 1) * 10 * everyMs;
  while (passes().length < wanted) {
    if (performance.now() > deadline) {
      const { streams } = await platform.status();
      const stock = streams.find(({ source, stream }) => `${source}/${stream}` === 'erp/stock');
      throw new Error(`No whole read of the stock came to its end: ${JSON.stringify(stock)}`);
    }
    await sleep(200);
  }
  entries.close();
  const { streams } = await platform.status();
  const state = streams.find(({ source, stream }) => `${source}/${stream}` === 'erp/stock');
  const worst = Math.max(...passes().map(({ seconds }) => seconds));
  return {
    name: 'lag',
    value: worst,
    unit: 's',
    detail: {
      what: 'one full pass of the stock of the ERP',
      variants: emulator.counts['variants'],
      plants: 3,
      materials: state?.records,
      passes: passes(),
      everyMs,
      backfillSeconds,
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

/**
 * From a change in one system to the change in the other, for each ready-made flow: both times are those
 * of the emulated systems' own books, which share one clock. Changes are made by the clock, however late
 * what they change is seen. Then one system is down for a while, and the flows between the others go on.
 */
import { rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareFlows, type FlowName, flowRows } from '../../../scripts/compare-flows.mjs';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { quantile, round } from '../shared/statistics.js';
import { type Act, acts, type Change, placeOrder, type Things } from './acts.js';
import { type Company, type Row, startCompany } from './company.js';

/** What a notified change may take, by what the flows are held to. */
const pushedMaxMs = 2000;

export async function flows(options: BenchOptions): Promise<BenchResult> {
  const isSmoke = options.flag('smoke');
  const folder = join(options.data, 'flows');
  rmSync(folder, { recursive: true, force: true });
  const changes = options.number('changes', isSmoke ? 4 : 100);
  const everyMs = options.number('every-ms', isSmoke ? 1500 : 2000);
  const outageS = options.number('outage-seconds', isSmoke ? 10 : 600);
  const company = await startCompany(folder, {
    scale: options.number('scale', 0.02),
    days: options.number('days', 10),
    variants: options.number('variants', isSmoke ? 40 : 400),
  });
  try {
    const things = await prepare(company, changes, options);
    options.say('level; measuring');
    const before = await phase(company, things, acts, { count: changes, everyMs, first: 0 });
    const rows = await figures(company, before);
    for (const row of rows) {
      options.say(JSON.stringify(row));
      if (row.unseen === 0) continue;
      options.say(`refused: ${JSON.stringify(await company.parked(row.flow)).slice(0, 2000)}`);
    }
    const outage = await outageOf(company, things, { outageS, everyMs, first: changes, before });
    options.say(JSON.stringify(outage));
    const pushed = rows.filter(({ told }) => told === 'notice');
    return {
      name: 'flows',
      value: Math.max(...pushed.map(({ p99Ms }) => p99Ms)),
      unit: 'ms',
      detail: {
        flows: rows,
        outage,
        everyMs,
        targets: {
          pushedP99Ms: pushedMaxMs,
          isMet: pushed.every(({ p99Ms, unseen }) => unseen === 0 && p99Ms <= pushedMaxMs),
        },
        load: loadavg()[0],
      },
    };
  } finally {
    await company.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Shelves are filled, and orders brought as far as the acts need them; all is level in the end. */
async function prepare(company: Company, count: number, options: BenchOptions): Promise<Things> {
  const items = (await company.ledger('pim-items')).filter(
    ({ sku, productNo }) => productNo !== null && sku !== productNo,
  );
  const priced = new Set((await company.ledger('prices')).map(({ sku }) => sku));
  const skus = items.map(({ sku }) => String(sku)).filter((sku) => priced.has(sku));
  const part = (index: number) => skus.filter((_, place) => place % 4 === index);
  const things: Things = {
    company,
    ...{ stock: part(0), price: part(1), weight: part(2), sold: part(3) },
    products: (await company.ledger('pim-products')).map(({ productNo }) => String(productNo)),
    waiting: [],
    arrived: { erp: [], shop: [] },
  };
  for (const sku of things.sold) {
    for (const plant of ['NL01', 'DE01']) {
      await company.act({ kind: 'adjust-stock', sku, plant, quantity: 500 });
    }
  }
  await untilLive(company);
  options.say('live');
  await untilLevel(company, ['stock', 'price', 'product', 'variant']);
  const placed: string[] = [];
  for (let turn = 0; turn < 3 * count; turn += 1) {
    const change = await placeOrder(things, turn);
    if (change !== null) placed.push(change.key);
  }
  await untilLevel(company, ['order']);
  for (const [index, key] of placed.entries()) {
    if (index % 3 === 0) {
      things.waiting.push(key);
      continue;
    }
    const [channel, orderNo] = key.split('/');
    await company.act({ kind: 'ship-sales-order', channel, orderNo });
    await company.act({ kind: 'complete-sales-order', channel, orderNo });
    (index % 3 === 1 ? things.arrived.erp : things.arrived.shop).push(key);
  }
  await untilLevel(company, [...new Set(acts.map(({ books }) => books))]);
  return things;
}

interface Open extends Change {
  readonly act: Act;
}

interface Seen {
  readonly act: Act;
  /** Null where it was not seen. */
  readonly ms: number | null;
}

interface Pace {
  readonly count: number;
  readonly everyMs: number;
  /** Where on their lists the acts go on. */
  readonly first: number;
}

/** Makes the changes of these acts in turn, and looks into the books until each is seen or given up. */
async function phase(
  company: Company,
  things: Things,
  wanted: readonly Act[],
  { count, everyMs, first }: Pace,
): Promise<readonly Seen[]> {
  const open = new Map<FlowName, Open[]>();
  const seen: Seen[] = [];
  let isOver = false;
  const watching = (async () => {
    while (!isOver || [...open.values()].some((list) => list.length > 0)) {
      await look(company, open, seen);
      await sleep(200);
    }
  })();
  const begun = performance.now();
  for (let index = 0; index < count * wanted.length; index += 1) {
    await sleep(Math.max(0, begun + (index * everyMs) / wanted.length - performance.now()));
    const act = wanted[index % wanted.length] as Act;
    const change = await act.run(things, first + Math.floor(index / wanted.length));
    if (change === null) continue;
    const list = open.get(act.books);
    if (list === undefined) open.set(act.books, [{ act, ...change }]);
    else list.push({ act, ...change });
  }
  isOver = true;
  // Two polls of the slowest stream, and a little.
  const end = performance.now() + 2 * (await slowestMs(company)) + 20_000;
  while (performance.now() < end && [...open.values()].some((list) => list.length > 0)) {
    await sleep(200);
  }
  for (const list of open.values()) {
    for (const { act } of list) seen.push({ act, ms: null });
    list.length = 0;
  }
  await watching;
  return seen;
}

/** A change is there once its row is level and was written after it. */
async function look(company: Company, open: Map<FlowName, Open[]>, seen: Seen[]): Promise<void> {
  const { control, since } = company;
  for (const [flow, list] of open) {
    if (list.length === 0) continue;
    const rows = new Map(
      (await flowRows({ control, flow, since })).map((row) => [row.key, row] as const),
    );
    for (const one of [...list]) {
      const row = rows.get(one.key);
      if (row === undefined || row.source !== row.target || (row.at ?? 0) < one.at) continue;
      list.splice(list.indexOf(one), 1);
      seen.push({ act: one.act, ms: (row.at as number) - one.at });
    }
  }
}

async function figures(company: Company, seen: readonly Seen[]) {
  const streams = new Map(
    (await company.streams()).map((row) => [`${row.source}/${row.stream}`, row.everyMs]),
  );
  return Promise.all(
    acts.map(async (act) => ({
      flow: act.flow,
      from: act.from,
      told: act.isNotified ? 'notice' : `poll every ${(streams.get(act.stream) ?? 0) / 1000} s`,
      ...delaysOf(seen, act),
      knownToWrittenMs: await company.ownLag(act.flow),
    })),
  );
}

function delaysOf(seen: readonly Seen[], act: Act) {
  const own = seen.filter((one) => one.act === act);
  const ms = own.flatMap((one) => one.ms ?? []);
  return {
    changes: own.length,
    unseen: own.length - ms.length,
    p50Ms: round(quantile(ms, 0.5)),
    p99Ms: round(quantile(ms, 0.99)),
    maxMs: round(Math.max(...ms)),
  };
}

/**
 * The ERP answers nobody. Orders of the shop wait for it; what flows from the PIM to the shop must not.
 * Afterwards the orders go in, the oldest first.
 */
async function outageOf(
  company: Company,
  things: Things,
  given: {
    readonly outageS: number;
    readonly everyMs: number;
    readonly first: number;
    readonly before: readonly Seen[];
  },
) {
  const { outageS, everyMs, first, before } = given;
  const others = acts.filter(({ from, to }) => from !== 'erp' && to !== 'erp');
  await company.call('POST', '/faults', { kind: 'outage', scope: 'sap' });
  const since = await timeIn(company);
  let isDown = true;
  const placed: Change[] = [];
  const placing = (async () => {
    for (let turn = first; isDown; turn += 1) {
      const change = await placeOrder(things, turn);
      if (change !== null) placed.push(change);
      await sleep(everyMs);
    }
  })();
  const count = Math.max(2, Math.floor((outageS * 1000) / everyMs));
  const during = await phase(company, things, others, { count, everyMs, first });
  const left = outageS * 1000 - ((await timeIn(company)) - since);
  await sleep(Math.max(0, left));
  isDown = false;
  await placing;
  await company.call('DELETE', '/faults');
  const endedAt = await timeIn(company);
  const entered = await drained(company, placed);
  const last = Math.max(...entered.map((row) => Number(row['createdAt'])));
  const places = entered.map(({ key }) => placed.findIndex((one) => one.key === key));
  return {
    system: 'erp',
    seconds: round((endedAt - since) / 1000),
    others: others.map((act) => ({
      flow: act.flow,
      before: delaysOf(before, act),
      during: delaysOf(during, act),
    })),
    drained: {
      flow: 'erp.order',
      waited: placed.length,
      entered: entered.length,
      lastAfterMs: round(last - endedAt),
      /** How far from its place in the order of placing any was entered; one call takes twenty. */
      displacedMax: Math.max(...places.map((place, index) => Math.abs(place - index))),
    },
  };
}

async function timeIn(company: Company): Promise<number> {
  return Number((await company.call('GET', '/clock'))['now']);
}

/** Sales orders of these, in the order they were entered. */
async function drained(company: Company, placed: readonly Change[]) {
  const wanted = new Set(placed.map(({ key }) => key));
  const end = performance.now() + 120_000;
  for (;;) {
    const rows = (await company.ledger('erp-orders')).flatMap((row) => {
      const key = `${row['channel']}/${row['orderNo']}`;
      return wanted.has(key) ? [{ ...row, key } as Row & { readonly key: string }] : [];
    });
    if (rows.length >= wanted.size || performance.now() > end) return rows;
    await sleep(200);
  }
}

async function untilLive(company: Company): Promise<void> {
  for (;;) {
    const streams = await company.streams();
    const stopped = streams.find(({ state }) => state === 'stopped');
    if (stopped !== undefined) throw new Error(`${stopped.stream} stopped: ${stopped.why}`);
    if (streams.length > 0 && streams.every(({ state }) => state === 'live' || state === 'behind'))
      return;
    await sleep(200);
  }
}

async function untilLevel(company: Company, only: readonly FlowName[]): Promise<void> {
  const { control, since } = company;
  const end = performance.now() + 300_000;
  for (;;) {
    const results = await compareFlows({ control, only, since });
    const wrong = results.filter(({ differing }) => differing.length > 0);
    if (wrong.length === 0) return;
    if (performance.now() > end) {
      const [first] = wrong;
      throw new Error(`${first?.flow} does not get level: ${JSON.stringify(first?.differing[0])}`);
    }
    await sleep(500);
  }
}

async function slowestMs(company: Company): Promise<number> {
  const used = new Set(acts.map(({ stream }) => stream));
  const rows = (await company.streams()).filter((row) => used.has(`${row.source}/${row.stream}`));
  return Math.max(...rows.map(({ everyMs }) => everyMs));
}

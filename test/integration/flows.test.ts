/**
 * What a flow promises its owner, over real HTTP: nothing is written before it is said, a mistake is
 * stopped before it is made, a system that is down keeps no other waiting, and two who write one field
 * do not do so for ever.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { loadProject } from '../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../packages/platform/dist/app/platform.js';
import type {
  FlowDelivery,
  FlowDifference,
  FlowStatus,
} from '../../packages/platform/dist/flows/index.js';
import { type Answers, readAnswers } from './support/answers.js';
import { type FlowSystems, startFlowSystems } from './support/flow-systems.js';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const config = pathOf('./support/flow-project/acceptance.config.ts');
const program = pathOf('../../packages/platform/dist/app/main.js');
const silent = { debug() {}, info() {}, warn() {}, error() {} };

class Run {
  readonly systems: FlowSystems;
  readonly folder = mkdtempSync(join(tmpdir(), 'headrace-flow-'));
  readonly surprises: string[] = [];
  token = '';
  answers: Answers | null = null;
  #platform: Platform | null = null;

  constructor(systems: FlowSystems) {
    this.systems = systems;
  }

  get platform(): Platform {
    return this.#platform as Platform;
  }

  async start(variables: { readonly WRITE?: string; readonly MAP?: string }, rate = 1) {
    const environment = {
      ...{ SYSTEMS_URL: this.systems.url, WRITE: 'shadow', MAP: 'plain' },
      ...{ EVERY_MS: String(100 * rate), ...variables },
    };
    const realStartMs = Date.now();
    this.#platform = await startPlatform({
      project: await loadProject(config, environment),
      folder: this.folder,
      log: silent,
      listen: { host: '127.0.0.1', port: 0 },
      clock: { epochMs: realStartMs, realStartMs, rate },
      crash: (error) => {
        throw error;
      },
    });
    this.token = this.platform.token ?? this.token;
    this.answers ??= await readAnswers(this.platform.url);
  }

  async stop() {
    await this.#platform?.close();
    this.#platform = null;
  }

  /** Each answer is held to the OpenAPI document. */
  async call<T>(path: string, body?: object): Promise<T> {
    const method = body === undefined ? 'GET' : 'POST';
    const response = await fetch(`${this.platform.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    const surprise = this.answers?.problem(method, path, response.status, answer) ?? null;
    if (surprise !== null) this.surprises.push(surprise);
    return answer as T;
  }

  flow(name = 'shop.thing') {
    return this.call<FlowStatus>(`/v1/flows/${name}`);
  }

  async differences(name = 'shop.thing') {
    const path = `/v1/flows/${name}/differences`;
    return (await this.call<{ differences: FlowDifference[] }>(path)).differences;
  }

  async deliveries(name = 'shop.thing') {
    const path = `/v1/flows/${name}/deliveries`;
    return (await this.call<{ deliveries: FlowDelivery[] }>(path)).deliveries;
  }

  async until(what: string, is: () => boolean | Promise<boolean>, seconds = 90): Promise<void> {
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      if (await is()) return;
      await delay(50);
    }
    const [shop, web] = [await this.flow(), await this.flow('web.thing')];
    expect.fail(
      `${what}: ${JSON.stringify({ ...shop, lastHour: [] })} ${JSON.stringify({ ...web, lastHour: [] })}`,
    );
  }
}

/** A large shop's are HEADRACE_PRICES=40000. */
const prices = Number(process.env['HEADRACE_PRICES'] ?? 3000);

describe('a flow', { timeout: 300_000 }, () => {
  let run: Run;
  const begin = async () => {
    run = new Run(await startFlowSystems(() => 0.5));
    return run;
  };
  afterEach(async () => {
    expect(run.surprises).toEqual([]);
    await run.stop();
    await run.systems.close();
    rmSync(run.folder, { recursive: true, force: true });
  });

  it('writes nothing until it is live, and then what it has shown', async () => {
    const { systems } = await begin();
    const { shop, web, erp } = systems;
    for (let at = 0; at < 30; at += 1) erp.thing.put(`k${at}`, 10 + at);
    shop.edit('k1', { price: 11, step: 7 });
    await run.start({});
    await run.until('all is shown', async () => (await run.flow()).differences === 30);
    erp.thing.put('k2', 99);
    await run.until('the news is shown', async () =>
      (await run.differences()).some(({ key, fields }) => key === 'k2' && fields[0]?.after === 99),
    );
    const differences = await run.differences();
    expect(differences.find(({ key }) => key === 'k1')).toMatchObject({
      why: 'foreign',
      fields: [{ field: 'step', before: 7, isForeign: true }],
    });
    expect([shop.mutations, web.mutations], 'calls that write').toEqual([0, 0]);
    await run.stop();
    await run.start({ WRITE: 'live' });
    await run.until('the shop is level', () => shop.things.get('k2')?.['price'] === 99);
    await run.until('all is written', async () => (await run.flow()).waiting === 0);
    expect(shop.things.get('k1'), 'a field it does not own').toEqual({ price: 11, step: 7 });
    expect([...shop.things.values()].every(({ price }) => Number(price) > 0)).toBe(true);
  });

  it(`stops a mapping that would change ${prices} prices by a hundred`, async () => {
    const { systems } = await begin();
    const { shop, web, erp } = systems;
    const count = prices;
    for (let at = 0; at < count; at += 1) {
      const row = erp.thing.put(`k${at}`, 10);
      for (const one of [shop, web]) one.things.set(row.id, { price: 10, step: row.step });
    }
    await run.start({ WRITE: 'live' });
    const looked = async () => run.systems.shop.reads > 0 && (await run.flow()).waiting === 0;
    await run.until(
      'all is known',
      async () => {
        const { body } = await statusOf(run);
        return body.streams.some((one) => one.records === count) && (await looked());
      },
      240,
    );
    await run.until('nothing differs', async () => (await run.flow()).run === null);
    expect([shop.mutations, web.mutations]).toEqual([0, 0]);
    await run.stop();
    await run.start({ WRITE: 'live', MAP: 'hundred' });
    await run.until('it is held', async () => (await run.flow()).state === 'held', 240);
    const held = await run.flow();
    console.log(held.why);
    expect(held.run).toMatchObject({ looked: count, differing: count, guarded: count });
    expect(held.why).toContain('10 → 1000 is more than 50 %');
    expect(shop.mutations, 'nothing was written').toBe(0);
    const { groups } = await run.call<{ groups: { text: string }[] }>(
      '/v1/flows/shop.thing/groups?phase=held&limit=1',
    );
    expect(groups[0]?.text).toContain('price 10 → 1000');
    const { code, out } = await cli(run, ['outbox', '--json']);
    expect(code).toBe(2);
    const told = JSON.parse(out) as { flows: FlowStatus[] };
    expect(told.flows[0]).toMatchObject({
      ...{ flow: 'shop.thing', write: 'live', waiting: 0, delivered: 0, failed: 0 },
      differences: count,
    });
    // One of them is right, and only that one is written.
    const one = await cli(run, [
      'outbox',
      'approve',
      'shop.thing',
      '--group',
      'variant/k7',
      '--json',
    ]);
    expect(JSON.parse(one.out)).toMatchObject({ groups: 1 });
    await run.call('/v1/flows/shop.thing/approve', { run: true });
    await run.until(
      'the approved run is written',
      () => shop.things.get(`k${count - 1}`)?.['price'] === 1000,
      240,
    );
  });

  it('does not keep others waiting for a system that is down', async () => {
    const { systems } = await begin();
    const { shop, web, erp } = systems;
    for (let at = 0; at < 20; at += 1) erp.thing.put(`k${at}`, 10);
    // A minute passes in a second.
    const rate = 60;
    await run.start({ WRITE: 'live' }, rate);
    await run.until('both are level', () => shop.things.size === 20 && web.things.size === 20);
    shop.isDown = true;
    const { clock } = run.platform;
    const downAt = clock.now();
    let step = 100;
    let behind = 0;
    while (clock.now() - downAt < 600_000) {
      step += 1;
      const key = `k${step % 20}`;
      erp.thing.put(key, 10 + (step % 5), step);
      await run.until('the other shop has it', () => web.things.get(key)?.['step'] === step);
      behind = Math.max(behind, (await run.flow()).waiting);
    }
    expect((await run.flow()).state).toBe('failing');
    const [down, up] = [await run.flow(), await run.flow('web.thing')];
    console.log(
      `10 minutes down at ${rate} to 1: ${step - 100} changes reached the other shop, known to written p50 ${up.lagMs?.p50} ms, p99 ${up.lagMs?.p99} ms of the clock; ${down.waiting} groups waited: ${down.why}`,
    );
    expect(behind).toBeGreaterThan(0);
    shop.isDown = false;
    const isLevel = () =>
      [...erp.thing.rows.values()].every(
        ({ id, value }) => shop.things.get(id)?.['price'] === value,
      );
    await run.until('it has caught up', isLevel);
    expect(shop.complaints, 'in order').toEqual([]);
  });

  it('asks a person about a field that another keeps writing', async () => {
    const { systems } = await begin();
    const { shop, erp } = systems;
    erp.thing.put('k1', 10);
    await run.start({ WRITE: 'live' });
    await run.until('it is there', () => shop.things.get('k1')?.['price'] === 10);
    for (let time = 0; time < 3; time += 1) {
      shop.edit('k1', { price: 12 });
      await run.until('it is written again', () => shop.things.get('k1')?.['price'] === 10);
      await run.until('it is quiet', async () => (await run.flow()).waiting === 0);
    }
    const before = shop.mutations;
    shop.edit('k1', { price: 12 });
    await run.until('it is held', async () => (await run.flow()).held === 1);
    const [difference] = await run.differences();
    expect(difference).toMatchObject({ key: 'k1', why: 'contested' });
    expect(difference?.fields).toContainEqual({
      ...{ field: 'price', before: 12, after: 10, isContested: true },
    });
    shop.edit('k1', { price: 13 });
    await run.until('it was looked at', async () =>
      (await run.differences()).some(({ fields }) => fields.some((one) => one.before === 13)),
    );
    expect(shop.mutations, 'no more ping-pong').toBe(before);
    // What is new on our side is no answer to the other, and is written.
    erp.thing.put('k1', 14);
    await run.until('the news is written', () => shop.things.get('k1')?.['price'] === 14);
    expect((await run.flow()).held).toBe(0);
  });

  it('writes no value that cannot be right until it is put right or a person confirms it', async () => {
    const { systems } = await begin();
    const { shop, erp } = systems;
    erp.thing.put('k1', 10);
    await run.start({ WRITE: 'live' });
    const priceIs = (price: number) => () => shop.things.get('k1')?.['price'] === price;
    await run.until('it is there', priceIs(10));
    const before = shop.mutations;
    const held = async (text: string) => {
      await run.until('it is held', async () => (await run.flow()).held === 1);
      const [difference] = await run.differences();
      expect(difference).toMatchObject({ key: 'k1', why: 'suspect' });
      expect(difference?.text).toContain(text);
      expect(shop.mutations).toBe(before);
    };
    erp.thing.put('k1', 1000);
    await held('jumped from 10.00 EUR to 1000.00 EUR, as if its scale had changed');
    // Approving all that is held for its numbers is not meant for what cannot be right.
    await run.call('/v1/flows/shop.thing/approve', { run: true });
    await held('1000.00 EUR');
    await run.stop();
    await run.start({ WRITE: 'live' });
    await held('1000.00 EUR');
    erp.thing.put('k1', 11);
    await run.until('it is put right', priceIs(11));
    expect((await run.flow()).held).toBe(0);

    erp.thing.put('k1', 990);
    await run.until('it is held again', async () => (await run.flow()).held === 1);
    const [doubted] = await run.differences();
    const [, key] = /^price (\S+) of erp/.exec(doubted?.text ?? '') ?? [];
    const confirmed = await fetch(`${run.platform.url}/v1/values/confirm`, {
      method: 'POST',
      headers: { authorization: `Bearer ${run.token}` },
      body: JSON.stringify({ entity: 'price', key, source: 'erp' }),
    });
    expect(confirmed.status).toBe(204);
    // The value is right; that it changes so much in the shop is still for who approves there.
    const whyNow = async () => (await run.differences())[0]?.why;
    await run.until('it is held for its change alone', async () => (await whyNow()) === 'change');
    expect(shop.mutations).toBe(before + 1);
    await run.call('/v1/flows/shop.thing/approve', { run: true });
    await run.until('it is written as approved', priceIs(990));
  });

  it('opens names for the call alone, and writes nothing about a person who was erased', async () => {
    const { systems } = await begin();
    const { shop, erp } = systems;
    erp.order.put('o1', 2);
    await run.start({ WRITE: 'live' });
    await run.until('it is made', () => shop.orders.length === 1);
    expect(shop.orders[0]).toEqual({ reference: 'o1', buyer: 'Ada van o1', fields: { lines: 2 } });
    await run.call('/v1/flows/shop.order/pause', {});
    erp.order.put('o2', 3);
    await run.until('it waits', async () => (await run.flow('shop.order')).waiting === 1);
    await run.call('/v1/erasures', { source: 'erp', person: 'p-o2' });
    await run.call('/v1/flows/shop.order/resume', {});
    await run.until('it is parked', async () => (await run.flow('shop.order')).failed === 1);
    const path = '/v1/flows/shop.order/groups?phase=parked';
    const { groups } = await run.call<{ groups: { code: string }[] }>(path);
    expect(groups).toMatchObject([{ code: 'E_FLOW_ERASED' }]);
    expect(shop.orders.length).toBe(1);
    await run.stop();
    for (const name of readdirSync(run.folder).filter((one) => one.startsWith('store.db'))) {
      const bytes = readFileSync(join(run.folder, name));
      expect(bytes.includes('Ada van'), `${name} holds a name`).toBe(false);
    }
  });

  it('is paused, resumed, looked at again and taken back by people', async () => {
    const { systems } = await begin();
    const { shop, erp } = systems;
    erp.thing.put('k1', 10);
    await run.start({ WRITE: 'live' });
    await run.until('it is there', () => shop.things.get('k1')?.['price'] === 10);
    const { body: operator } = await tokenOf(run, 'operator');
    const refused = await fetch(`${run.platform.url}/v1/flows/shop.thing/undo`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator.token}` },
      body: '{"delivery":0}',
    });
    expect(refused.status).toBe(403);
    await run.call('/v1/flows/shop.thing/pause', {});
    erp.thing.put('k1', 11);
    await run.until('it waits', async () => (await run.flow()).waiting === 1);
    expect(await run.flow()).toMatchObject({ state: 'paused', why: 'Paused by admin.' });
    expect(shop.things.get('k1')?.['price']).toBe(10);
    await run.call('/v1/flows/shop.thing/resume', {});
    await run.until('it goes on', () => shop.things.get('k1')?.['price'] === 11);
    await run.until('it is quiet', async () => (await run.flow()).waiting === 0);
    const [newest] = await run.deliveries();
    expect(newest).toMatchObject({
      ...{ key: 'k1', result: 'written', number: 2, undoProblem: null },
      // The ERP's change, or its echo by way of the other shop, whichever was told last.
      cause: { stream: 'thing', key: 'k1' },
      changes: [{ field: 'price', before: 10, after: 11 }],
    });
    const dry = await run.call<{ groups: number }>('/v1/flows/shop.thing/undo?dry=true', {
      delivery: newest?.journal,
    });
    expect([dry.groups, shop.things.get('k1')?.['price']]).toEqual([1, 11]);
    await run.call('/v1/flows/shop.thing/undo', { delivery: newest?.journal });
    await run.until('it is as it was', () => shop.things.get('k1')?.['price'] === 10);
    await run.until('it stays so', async () => (await run.flow()).held === 1);
    const resync = await run.call<{ groups: number }>('/v1/flows/shop.thing/resync', { all: true });
    expect(resync.groups).toBe(1);
    const path = '/v1/flows/shop.thing/resync';
    expect(await run.call(path, { groups: ['k1'] })).toMatchObject({ code: 'E_NO_GROUP' });
    await run.until('it was looked at', async () => (await run.flow()).waiting === 0);
    expect(shop.things.get('k1')?.['price'], 'what was taken back').toBe(10);
    await run.call('/v1/flows/shop.thing/approve', { groups: ['variant/k1'] });
    await run.until('it is written after all', () => shop.things.get('k1')?.['price'] === 11);
    await run.until('that is known', async () => (await run.flow()).waiting === 0);
    const { hops } = await run.call<{ hops: { room: string; what: string }[] }>('/v1/trace/k1');
    expect(hops.some(({ room, what }) => room === 'flows' && /shop.thing written/.test(what))).toBe(
      true,
    );
    await run.call('/v1/flows/shop.thing/retry', { all: true });
    const metrics = await fetch(`${run.platform.url}/metrics`, {
      headers: { authorization: `Bearer ${run.token}` },
    });
    expect(await metrics.text()).toMatch(
      /headrace_flow_delivered_total\{flow="shop.thing"[^}]*\} 4/,
    );
    const missing = await run.call<{ code: string; detail: string }>('/v1/flows/shop.thin');
    expect(missing).toMatchObject({
      code: 'E_NO_FLOW',
      detail: 'There are shop.thing, web.thing, shop.order.',
    });
    await run.differences();
    await run.call('/v1/flows/shop.thing/groups?phase=due');
    await run.call('/v1/flows/shop.thing/test', { recent: 1 });
    const ofFlows = run.answers?.operations.filter((one) => one.includes('/v1/flows/{flow}')) ?? [];
    const unseen = ofFlows.filter((one) => run.answers?.seen.has(one) === false);
    expect(unseen).toEqual([]);
  });
});

async function statusOf(run: Run) {
  return { body: await run.call<{ streams: { stream: string; records: number }[] }>('/v1/status') };
}

async function tokenOf(run: Run, role: string) {
  return { body: await run.call<{ token: string }>('/v1/tokens', { name: role, role }) };
}

async function cli(run: Run, args: readonly string[]) {
  const env = { ...process.env, HEADRACE_URL: run.platform.url, HEADRACE_TOKEN: run.token };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env });
    return { code: 0, out: stdout };
  } catch (thrown) {
    const { code, stdout } = thrown as { code: number; stdout: string };
    return { code, out: stdout };
  }
}

/** The HTTP door: who may pass, what hostile requests get, and what honest ones read. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../packages/platform/dist/app/demo.js';
import { type Answers, readAnswers } from './support/answers.js';
import { freePort } from './support/free-port.js';

const port = await freePort();
const folder = mkdtempSync(join(tmpdir(), 'headrace-api-'));
const logged: string[] = [];
const note = (text: string, fields?: object) =>
  void logged.push(`${text} ${JSON.stringify(fields ?? {})}`);
let demo: Demo;
let answers: Answers;
/** Answers that are not as the OpenAPI document says. */
const surprises: string[] = [];

beforeAll(async () => {
  demo = await startDemo(
    {
      ...{ folder: join(folder, 'data'), keep: false, port },
      ...{ seed: 5, days: 60, scale: 0.05, speed: 1 },
      log: () => ({ debug: note, info: note, warn: note, error: note }),
      crash: (error) => {
        throw error;
      },
      watch: { phase() {}, backfilling() {} },
    },
    new Promise<void>(() => undefined),
  );
  answers = await readAnswers(demo.record.apiUrl);
}, 120_000);

afterAll(async () => {
  await demo?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function call(
  path: string,
  options: { method?: string; token?: string; body?: string } = {},
) {
  const { method = 'GET', token, body } = options;
  const response = await fetch(`${demo.record.apiUrl}${path}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const answer = { status: response.status, body: text === '' ? null : JSON.parse(text) };
  if (answer.body?.code !== 'E_NO_ROUTE') {
    const surprise = answers.problem(method, path, answer.status, answer.body);
    if (surprise !== null) surprises.push(surprise);
  }
  return answer;
}

/** Every route that needs a token, with the least role that may use it. */
const routes: readonly (readonly [method: string, path: string, role: string])[] = [
  ['GET', '/v1/status', 'viewer'],
  ['GET', '/v1/streams', 'viewer'],
  ['GET', '/v1/entities/order', 'viewer'],
  ['GET', '/v1/entities/order/alpha-nl/1', 'viewer'],
  ['GET', '/v1/search?q=1', 'viewer'],
  ['GET', '/v1/trace/nothing', 'viewer'],
  ['GET', '/v1/stock-history/shop/nothing/nowhere', 'viewer'],
  ['GET', '/v1/features/facts/demand/nothing', 'viewer'],
  ['GET', '/v1/flows', 'viewer'],
  ['GET', '/v1/flows/nothing', 'viewer'],
  ['GET', '/v1/flows/nothing/differences', 'viewer'],
  ['GET', '/v1/flows/nothing/deliveries', 'viewer'],
  ['GET', '/v1/flows/nothing/groups?phase=due', 'viewer'],
  ['POST', '/v1/flows/nothing/pause', 'operator'],
  ['POST', '/v1/flows/nothing/resume', 'operator'],
  ['POST', '/v1/flows/nothing/resync', 'operator'],
  ['POST', '/v1/flows/nothing/retry', 'operator'],
  ['POST', '/v1/flows/nothing/approve', 'approver'],
  ['POST', '/v1/flows/nothing/undo', 'approver'],
  ['GET', '/v1/quarantine', 'viewer'],
  ['GET', '/v1/assessment', 'viewer'],
  ['POST', '/v1/quarantine/nothing/replay', 'operator'],
  ['POST', '/v1/quarantine/corrections', 'approver'],
  ['POST', '/v1/ingest/shop/nothing', 'operator'],
  ['POST', '/v1/links', 'operator'],
  ['DELETE', '/v1/links', 'operator'],
  ['POST', '/v1/rows/part', 'operator'],
  ['POST', '/v1/rows/rejoin', 'operator'],
  ['GET', '/v1/trace/nothing?personal=open', 'approver'],
  ['POST', '/v1/streams/shop/nothing/release-deletes', 'approver'],
  ['GET', '/v1/tokens', 'admin'],
  ['POST', '/v1/tokens', 'admin'],
  ['DELETE', '/v1/tokens/nobody', 'admin'],
  ['POST', '/v1/erasures', 'admin'],
];
const roles = ['viewer', 'operator', 'approver', 'admin'];

describe('access', () => {
  it('asks a token of every route but health and webhooks, and its role of each', async () => {
    const tokens = new Map<string, string>();
    for (const role of roles) {
      const body = JSON.stringify({ name: `a-${role}`, role });
      const made = await call('/v1/tokens', { method: 'POST', token: demo.record.token, body });
      expect(made.status).toBe(201);
      tokens.set(role, made.body.token);
    }
    for (const [method, path, least] of routes) {
      const body = method === 'GET' ? {} : { body: '{}' };
      expect((await call(path, { method, ...body })).status, `${method} ${path}`).toBe(401);
      const wrong = await call(path, { method, ...body, token: 'hr_wrong' });
      expect(wrong.status, `${method} ${path}`).toBe(401);
      for (const role of roles) {
        const { status } = await call(path, { method, ...body, token: tokens.get(role) as string });
        const may = roles.indexOf(role) >= roles.indexOf(least);
        if (may) expect([401, 403], `${role} ${method} ${path}`).not.toContain(status);
        else expect(status, `${role} ${method} ${path}`).toBe(403);
      }
    }
    expect((await call('/healthz')).status).toBe(200);
    const revoked = await call('/v1/tokens/a-viewer', {
      method: 'DELETE',
      token: demo.record.token,
    });
    expect(revoked.status).toBe(204);
    expect((await call('/v1/status', { token: tokens.get('viewer') as string })).status).toBe(401);
  });

  it('keeps tokens and the shop’s secret out of the store and the log', () => {
    const [, secret = ''] = demo.record.shop.auth.split(':');
    for (const text of [demo.record.token, secret, demo.record.shop.webhookSecret]) {
      const files = readdirSync(join(folder, 'data')).filter((name) => /\.db(-wal)?$/.test(name));
      expect(files.length).toBeGreaterThan(1);
      for (const file of files) {
        expect(readFileSync(join(folder, 'data', file)).includes(text), file).toBe(false);
      }
      expect(logged.filter((line) => line.includes(text))).toEqual([]);
    }
  });
});

describe('webhooks', () => {
  const body = (timestamp: number, key = 'f'.repeat(32)) =>
    JSON.stringify({
      data: {
        payload: [{ entity: 'category', operation: 'update', primaryKey: key, updatedFields: [] }],
        event: 'category.written',
      },
      source: { url: 'http://shop', shopId: 's', appVersion: '1', eventId: 'e' },
      timestamp,
    });
  const send = (text: string, headers: Record<string, string>) =>
    fetch(`${demo.record.apiUrl}/v1/webhooks/shop`, { method: 'POST', headers, body: text });
  const sign = (text: string) =>
    createHmac('sha256', demo.record.shop.webhookSecret).update(text).digest('hex');
  const seconds = () => Math.floor(demo.platform.clock.now() / 1000);

  it('takes what is signed and fresh, once, whatever it calls its content', async () => {
    const text = body(seconds());
    const headers = { 'shopware-shop-signature': sign(text), 'x-shopware-event-id': 'fresh-1' };
    for (const type of [
      'application/json',
      'multipart/form-data; boundary=x',
      'text/xml',
      'text/plain',
    ]) {
      const response = await send(text, { ...headers, 'content-type': type });
      expect(response.status, type).toBe(202);
      const answer = (await response.json()) as { duplicate: boolean };
      expect(answer.duplicate).toBe(type !== 'application/json');
    }
  });

  it('refuses what is not', async () => {
    const entries = demo.status().journal.entries;
    const text = body(seconds());
    const old = body(seconds() - 86_400);
    const cases: readonly (readonly [string, Record<string, string>])[] = [
      [text, {}],
      [text, { 'shopware-shop-signature': sign(`${text} `) }],
      [text, { 'shopware-shop-signature': '' }],
      [text, { 'shopware-shop-signature': 'zz'.repeat(32) }],
      [old, { 'shopware-shop-signature': sign(old) }],
      ['', { 'shopware-shop-signature': sign('') }],
      ['\0\uFFFD{', { 'shopware-shop-signature': sign('\0\uFFFD{') }],
    ];
    for (const [sent, headers] of cases) {
      expect((await send(sent, headers)).status, sent.slice(0, 40)).toBe(401);
    }
    const large = 'x'.repeat((1 << 20) + 1);
    expect((await send(large, { 'shopware-shop-signature': sign(large) })).status).toBe(413);
    const missing = await fetch(`${demo.record.apiUrl}/v1/webhooks/nobody`, { method: 'POST' });
    expect(missing.status).toBe(404);
    // The shop's own traffic marks keys meanwhile; they are read, and nothing else was marked.
    await expect
      .poll(() => demo.status().streams.reduce((sum, { waiting }) => sum + waiting, 0), {
        timeout: 10_000,
      })
      .toBe(0);
    expect(demo.status().journal.entries - entries).toBeLessThan(50);
  });
});

describe('reading', () => {
  it('finds one order number in two brands, each with its hops and payload, within a second', async () => {
    const token = demo.record.token;
    const lines = await (await fetch(new URL('/ledger/orders', demo.emulator.controlUrl))).text();
    const rows = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const twice = rows.find((row) =>
      rows.some((other) => other.orderNo === row.orderNo && other.brand !== row.brand),
    );
    const before = performance.now();
    const { body } = await call(`/v1/trace/${twice.orderNo}`, { token });
    const ms = performance.now() - before;
    console.log(`trace ${twice.orderNo}: ${body.answers.length} answers in ${Math.round(ms)} ms`);
    expect(ms).toBeLessThan(1000);
    expect(body.answers.length).toBeGreaterThanOrEqual(2);
    for (const answer of body.answers) {
      expect(answer.hops.length).toBeGreaterThanOrEqual(4);
      expect(answer.sources[0].payload.orderNumber).toBe(twice.orderNo);
      expect(answer.sources[0].personal).toEqual({ kind: 'sealed' });
    }
    const found = await call(`/v1/search?q=${twice.orderNo}`, { token });
    const keys = found.body.found.filter((ref: { entity: string }) => ref.entity === 'order');
    expect(keys.length).toBe(body.answers.length);

    const entity = await call(`/v1/entities/order/${twice.channel}/${twice.orderNo}`, { token });
    expect(entity.body.provenance.totalGross).toMatchObject({ source: 'shop', because: 'only' });
  });

  it('streams durable entries, and goes on after the one seen last', async () => {
    const read = async (headers: Record<string, string>, path: string, count: number) => {
      const abort = new AbortController();
      const response = await fetch(`${demo.record.apiUrl}${path}`, {
        headers: { authorization: `Bearer ${demo.record.token}`, ...headers },
        signal: abort.signal,
      });
      const ids: number[] = [];
      let text = '';
      for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(part).toString();
        // A part may end within an event, which is then read with the next one.
        const end = text.lastIndexOf('\n\n') + 1;
        for (const match of text.slice(0, end).matchAll(/^id: (\d+)$/gm))
          ids.push(Number(match[1]));
        if (ids.length >= count) break;
        text = text.slice(end);
      }
      abort.abort();
      return ids;
    };
    const first = await read({}, '/v1/events?from=0', 500);
    expect(first.slice(0, 500)).toEqual([...Array(500).keys()]);
    const next = await read({ 'last-event-id': '499' }, '/v1/events', 10);
    expect(next[0]).toBe(500);
    await sleep(10);
  });

  it('answers in problem details, and hides what went wrong inside', async () => {
    const token = demo.record.token;
    const wrong = await call('/v1/entities/unicorn/1', { token });
    expect(wrong).toMatchObject({ status: 404, body: { code: 'E_ENTITY_UNKNOWN', status: 404 } });
    expect((await call('/v1/nothing', { token })).body.code).toBe('E_NO_ROUTE');
    const limit = await call('/v1/entities/order?limit=many', { token });
    expect(limit).toMatchObject({ status: 400, body: { code: 'E_QUERY' } });
    // What the type names can be opened, by anyone who was refused.
    const page = await fetch(new URL(limit.body.type, demo.record.apiUrl));
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('E_QUERY')]);
    expect((await call('/errors/E_NOTHING')).body).toMatchObject({
      status: 404,
      code: 'E_NO_ROUTE',
    });
  });
});

describe('the OpenAPI document', () => {
  it('is the page of the reference', async () => {
    const page = new URL('../../docs/reference/openapi.json', import.meta.url);
    const { body } = await call('/v1/openapi.json');
    expect(body).toEqual(JSON.parse(readFileSync(page, 'utf8')));
  });

  it('says what a request lacks, with the place', async () => {
    const token = demo.record.token;
    const role = { name: 'b', role: 'king' };
    const made = await call('/v1/tokens', { method: 'POST', token, body: JSON.stringify(role) });
    expect(made.body).toMatchObject({ code: 'E_BODY', errors: [{ pointer: '#/role' }] });
    const query = await call('/v1/entities/order?limt=3', { token });
    expect(query.body).toMatchObject({ code: 'E_QUERY', errors: [{ parameter: 'limt' }] });
  });

  it('is true of every answer', async () => {
    const token = demo.record.token;
    const post = (path: string, body: object, method = 'POST') =>
      call(path, { method, token, body: JSON.stringify(body) });
    await call('/v1/streams', { token });
    await call('/v1/flows', { token });
    const { views } = (await call('/v1/features', { token })).body;
    expect(views.length).toBeGreaterThan(10);
    const lines = await call('/v1/entities/orderLine?limit=5', { token });
    const skus = lines.body.records.flatMap((record: { fields: { sku?: string } }) => {
      const { sku } = record.fields;
      return sku === undefined ? [] : [{ sku }];
    });
    await post('/v1/features/online', { views: ['demand', 'margin_28d'], keys: ['none', ...skus] });
    const sku = encodeURIComponent(skus[0]?.sku ?? 'none');
    const facts = await call(`/v1/features/facts/demand/${sku}?limit=2`, { token });
    const { t, k } = facts.body.vector.evidence;
    const at = new Date(t).toISOString();
    const again = await call(`/v1/features/facts/demand/${sku}?limit=2&at=${at}&k=${k}`, { token });
    expect(again.body).toEqual(facts.body);
    await call('/v1/features/parity', { token });
    await call('/v1/entities/variant?stream=shop/product&limit=50', { token });
    const page = await call('/v1/entities/customer?stream=shop/customer&limit=2', { token });
    const [from, to] = page.body.records;
    await post('/v1/links', { entity: 'customer', from: from.key, to: to.key, evidence: 'a' });
    await call(`/v1/entities/customer/${to.key}`, { token });
    await post('/v1/links', { entity: 'customer', from: from.key }, 'DELETE');
    await post('/v1/rows/part', { row: from.id });
    await call(`/v1/entities/customer/${from.key}?row=${from.id}`, { token });
    await post('/v1/rows/rejoin', { row: from.id });
    await call(`/v1/trace/customer/${from.key}?personal=open`, { token });
    await post('/v1/streams/shop/order/release-deletes', {});
    await post('/v1/erasures', { source: 'shop', person: 'nobody' });
    await post('/v1/ingest/shop/order', [{ note: 'no key' }]);
    const waiting = (await call('/v1/quarantine', { token })).body.groups[0];
    const replay = `/v1/quarantine/${encodeURIComponent(waiting.group)}/replay`;
    expect((await post(replay, { dryRun: true })).body).toMatchObject({ replayed: 0, failed: 1 });
    await post(replay, {});
    const record = waiting.samples[0].record;
    await post('/v1/quarantine/corrections', { record, replacement: { note: 'still none' } });
    await post('/v1/quarantine/corrections', { record, replacement: null });
    for (const path of [
      ...['checks', 'alerts', 'reconciliation', 'readiness', 'session', 'assessment'],
    ]) {
      await call(`/v1/${path}`, { token });
    }
    await call(`/v1/readiness/customer/${from.key}`, { token });
    await call('/v1/values/suspect', { token });
    await call('/v1/predictions', { token });
    await call('/v1/audit/checkpoint?from=1', { token });
    await call(`/v1/audit/proof/customer/${from.key}`, { token });

    expect(surprises).toEqual([]);
    const shelf = '/v1/stock-history/{source}/{sku}/{location}';
    const notJson = [
      ...['/v1/webhooks/{source}', '/v1/deliveries/{source}', '/v1/events', '/metrics'],
      '/v1/features/as-of',
    ];
    // Pages for people, records no source here takes, movements a shop alone does not tell of; links
    // that work once, values nobody doubts, and what differs where there is one system only.
    const elsewhere = [
      ...['/errors/{code}', '/v1/ingest/{source}/{stream}', shelf, '/v1/sessions'],
      ...['/v1/values/confirm', '/v1/reconciliation/{pair}', '/v1/reconciliation/{pair}/heal'],
    ];
    // What one flow answers is held to the document where there are flows: `flows-crash`; so is what
    // is predicted: `predict`.
    const isOfOneFlow = (path: string) => path.startsWith('/v1/flows/{flow}');
    const isPredicted = (path: string) => path.startsWith('/v1/predictions/{useCase}');
    const unseen = answers.operations.filter((one) => {
      const path = one.split(' ')[1] ?? '';
      return (
        !answers.seen.has(one) &&
        ![...notJson, ...elsewhere].includes(path) &&
        !isOfOneFlow(path) &&
        !isPredicted(path)
      );
    });
    expect(unseen).toEqual([]);
  });
});

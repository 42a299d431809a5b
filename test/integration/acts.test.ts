/**
 * Every operation of the API that changes something leaves an entry in the journal that names who did
 * it. The operations are those of the OpenAPI document, so that a new one is asked for here, too.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { type Act, actsOf } from '../../packages/platform/dist/lineage/index.js';
import { createReader, openStore } from '../../packages/platform/dist/storage/index.js';
import { startFlowSystems } from './support/flow-systems.js';
import { Headrace, killAll } from './support/run-headrace.js';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'headrace-acts-'));
afterAll(() => {
  killAll();
  rmSync(home, { recursive: true, force: true });
});
const data = join(home, 'data');
const document = JSON.parse(readFileSync(pathOf('../../docs/reference/openapi.json'), 'utf8')) as {
  readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
};

/** Operations that change nothing, or that no person does; each with why. */
const noAct: Readonly<Record<string, string>> = {
  readFeatures: 'reads; its question is too long for an address',
  readTrainingSet: 'reads; its question is too long for an address',
  testFlow: 'shows what would be written, and writes nothing',
  askWebhook: 'answers whether webhooks may come, before any does',
  receiveWebhook: 'a system tells of a change, by its signature; the records name it',
};

interface Call {
  readonly path: string;
  readonly body?: unknown;
  /** What the entry says was done. */
  readonly action: string;
}

function acts(): Act[] {
  const store = openStore(data, { readOnly: true, tables: [] });
  try {
    return [...actsOf(createReader(store, []))];
  } finally {
    store.close();
  }
}

/** The platform does something of its own accord now and then. */
const lastOf = (action: string) => acts().findLast((act) => act.action === action);

it('leaves who did it, and what, of every operation that changes something', async () => {
  const systems = await startFlowSystems(() => 1);
  systems.web.edit('k1', { price: 10, step: 0 });
  const config = pathOf('./support/erasure-project/headrace.config.ts');
  const environment = { HEADRACE_ANCHOR: 'off', SYSTEMS_URL: systems.url };
  const up = await new Headrace(data, environment, config).up();
  const ask = (method: string, path: string, body: unknown, bearer: string | null) =>
    fetch(`${up.url}${path}`, {
      method,
      headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const first = up.token ?? '';
  const made = await ask('POST', '/v1/tokens', { name: 'ada', role: 'admin' }, first);
  const { token } = (await made.json()) as { token: string };
  expect(lastOf('access')).toMatchObject({ details: { token: 'ada' } });
  const send = async (path: string, body: unknown) => {
    const answer = await ask('POST', path, body, token);
    expect(answer.status, `${path} ${await answer.text()}`).toBeLessThan(300);
  };
  const read = async <T>(path: string): Promise<T> =>
    (await (await ask('GET', path, undefined, token)).json()) as T;

  const price = (id: string, version: string, value: string) => ({ id, version, value });
  await send('/v1/ingest/till/price', [price('k1', '1', '11.00'), price('k2', '1', '10.00')]);
  await send('/v1/ingest/till/price', [price('k2', '2', '1000.00')]);
  await send('/v1/ingest/till/person', [{ id: 'p1', version: '1', name: 'Ada', segment: 'a' }]);
  await send('/v1/ingest/crm/person', [{ id: 'p2', version: '1', name: 'Ada', segment: 'a' }]);
  type Listed = { readonly deliveries: readonly { readonly key: string; journal: number }[] };
  const delivery = async (): Promise<number> => {
    for (let waited = 0; waited < 300; waited += 1) {
      const { deliveries } = await read<Listed>('/v1/flows/web.thing/deliveries?limit=9');
      const found = deliveries.find(({ key }) => key === 'k1');
      if (found !== undefined) return found.journal;
      await sleep(100);
    }
    return expect.fail('Nothing was written.');
  };
  const journal = await delivery();
  const { pairs } = await read<{ pairs: readonly { pair: string }[] }>('/v1/reconciliation');
  const pair = encodeURIComponent(pairs[0]?.pair ?? '');
  const consoleUrl = new URL(up.consoleUrl ?? expect.fail('There is no page.'));
  type Traced = { readonly answers: readonly { readonly entities: readonly { key: string }[] }[] };
  const { answers } = await read<Traced>('/v1/trace/till%2Fprice%2Fk2');
  const key = answers[0]?.entities[0]?.key ?? '';
  await send('/v1/ingest/till/person', [{ version: '1', segment: 'a', note: 'no key' }]);
  type Waiting = { readonly groups: readonly { group: string; samples: { record: string }[] }[] };
  const [waiting] = (await read<Waiting>('/v1/quarantine')).groups;
  const record = waiting?.samples[0]?.record ?? '';
  const replacement = { id: 'p9', version: '1', segment: 'a' };
  const row = 'nobody';
  const flow = '/v1/flows/web.thing';
  const link = { entity: 'customer', from: 'p2', to: 'p1' };
  const calls: Readonly<Record<string, Call>> = {
    ingest: { path: '/v1/ingest/till/price', body: [price('k3', '1', '10.00')], action: 'ingest' },
    deliver: { path: '/v1/deliveries/till', body: price('k4', '1', '10.10'), action: 'deliver' },
    createToken: { path: '/v1/tokens', body: { name: 'bea', role: 'viewer' }, action: 'access' },
    revokeToken: { path: '/v1/tokens/bea', action: 'access' },
    openSession: {
      path: '/v1/sessions',
      body: { code: consoleUrl.hash.slice('#once='.length) },
      action: 'access',
    },
    createLink: { path: '/v1/links', body: link, action: 'link' },
    removeLink: { path: '/v1/links', body: { entity: 'customer', from: 'p2' }, action: 'unlink' },
    partRow: { path: '/v1/rows/part', body: { row }, action: 'part' },
    rejoinRow: { path: '/v1/rows/rejoin', body: { row }, action: 'rejoin' },
    releaseDeletes: {
      path: '/v1/streams/till/price/release-deletes',
      action: 'release-deletes',
    },
    pauseFlow: { path: `${flow}/pause`, action: 'flow-pause' },
    undoFlow: {
      path: `${flow}/undo`,
      body: { delivery: journal, groups: ['variant/k1'] },
      action: 'flow-undo',
    },
    resyncFlow: { path: `${flow}/resync`, body: { all: true }, action: 'flow-resync' },
    retryFlow: { path: `${flow}/retry`, body: { groups: ['variant/k1'] }, action: 'flow-retry' },
    approveFlow: { path: `${flow}/approve`, body: { run: true }, action: 'flow-approve' },
    resumeFlow: { path: `${flow}/resume`, action: 'flow-resume' },
    correctQuarantined: {
      path: '/v1/quarantine/corrections',
      body: { record, replacement },
      action: 'quarantine-correction',
    },
    replayQuarantine: {
      path: `/v1/quarantine/${encodeURIComponent(waiting?.group ?? '')}/replay`,
      body: {},
      action: 'quarantine-replay',
    },
    heal: { path: `/v1/reconciliation/${pair}/heal`, body: { keys: ['k1'] }, action: 'heal' },
    confirmValue: {
      path: '/v1/values/confirm',
      body: { entity: 'price', key, source: 'till' },
      action: 'confirm-value',
    },
    erase: { path: '/v1/erasures', body: { source: 'till', person: 'p1' }, action: 'erasure' },
  };

  const operations = Object.values(document.paths).flatMap((methods) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'get')
      .map(([method, { operationId }]) => ({ method: method.toUpperCase(), operationId })),
  );
  const known = [...Object.keys(calls), ...Object.keys(noAct)];
  expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(known.toSorted());
  const methodOf = new Map(operations.map(({ method, operationId }) => [operationId, method]));

  // In this order: a value is suspect until the next one comes, a paused flow writes nothing between.
  const order = ['pauseFlow', 'confirmValue', ...Object.keys(calls)];
  for (const name of new Set(order)) {
    const { path, body, action } = calls[name] as Call;
    const before = acts().length;
    const bearer = name === 'openSession' ? null : token;
    const answer = await ask(methodOf.get(name) ?? '', path, body, bearer);
    expect(answer.status, `${name}: ${await answer.text()}`).toBeLessThan(300);
    const news = acts().slice(before);
    const principal = name === 'openSession' ? 'one-time link' : 'ada';
    const named = news.filter((act) => act.principal === principal && act.action === action);
    expect(named.length, `${name} left ${JSON.stringify(news)}`).toBeGreaterThan(0);
    for (const act of named) expect(act.leaf).toMatch(/^[0-9a-f]{64}$/);
  }
  // What is read of a person is an act, too, though nothing changes.
  expect((await ask('GET', '/v1/trace/p2?personal=open', undefined, token)).status).toBe(200);
  expect(lastOf('personal-read')).toMatchObject({ principal: 'ada' });
  expect(acts().filter(({ principal }) => principal === '')).toEqual([]);
  await up.stop('SIGINT');
  await systems.close();
}, 120_000);

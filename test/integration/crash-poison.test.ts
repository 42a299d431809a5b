/**
 * Records and answers that could bring a platform down, through the real engine and real HTTP: each
 * is set aside with its reason, everything beside it goes on (I11), and no answer that is less than
 * the truth deletes anything.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HeadraceError, type JsonObject, type Page, type Stream } from '@headrace/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Engine,
  isDeleted,
  type Normalizer,
  openEngine,
  type RecordState,
  verifyReplay,
} from '../../packages/platform/dist/engine/index.js';
import {
  sleepReal,
  systemClock,
  systemRandom,
  systemTimers,
  yieldNow,
} from '../../packages/platform/dist/ports/index.js';

const text = (value: unknown) => (typeof value === 'string' ? value : null);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const normalizer: Normalizer = {
  orderOf: () => 'integer',
  anchorOf: (entity: string, key: string) => `${entity}/${key}`,
  normalize: (header, body: JsonObject) => {
    if (body['currency'] === 'XXX') {
      throw new HeadraceError('record', 'XXX is no currency.', { code: 'E_CURRENCY' });
    }
    const row = { entity: 'variant', id: header.key, key: header.key, type: 'thing' };
    return { rows: [{ ...row, externalId: header.key, fields: { value: body['value'] ?? null } }] };
  },
};

/** What the source answers to a pass and to changes, as bytes. */
interface Answers {
  pass: () => { readonly body: Buffer; readonly total?: number };
  changes: () => Buffer;
}

const empty = Buffer.from('{"data":[]}');
const rowsOf = (rows: readonly (object | Buffer)[]) =>
  Buffer.concat([
    Buffer.from('{"data":['),
    ...rows.flatMap((row, index) => [
      Buffer.from(index === 0 ? '' : ','),
      Buffer.isBuffer(row) ? row : Buffer.from(JSON.stringify(row)),
    ]),
    Buffer.from(']}'),
  ]);

async function start(answers: Answers) {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-poison-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  let total: number | undefined;
  const server = createServer((request, response) => {
    const isPass = request.url === '/pass';
    const answer = isPass ? answers.pass() : { body: answers.changes() };
    total = 'total' in answer ? answer.total : undefined;
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const stream: Stream<unknown> = {
    name: 'thing',
    description: 'A thing.',
    entities: [],
    feed: 'poll',
    everyMs: 50,
    passEveryMs: 50,
    versionOrder: 'integer',
    key: (record) => record['id'] as string,
    version: (record) => text(record['version'] ?? null),
    eventAt: () => null,
    map: () => [],
    async read(context, mode): Promise<Page> {
      const path = mode === 'pass' ? '/pass' : '/changes';
      const { body } = await context.http.request({ method: 'GET', path });
      const rest = mode === 'pass' ? { ...(total === undefined ? {} : { total }) } : { resume: {} };
      return { body, items: ['data'], next: null, ...rest };
    },
  };
  const clock = systemClock();
  let crashed: HeadraceError | null = null;
  const engine = await openEngine({
    folder,
    ports: {
      ...{ clock, timers: systemTimers(), random: systemRandom(), log: silent },
      ...{ yieldNow, sleepReal },
    },
    clockOptions: { epochMs: clock.now(), realStartMs: clock.now(), rate: 1 },
    masterKey: Buffer.alloc(32, 7),
    sources: [
      {
        name: 'shop',
        config: undefined,
        spec: {
          ...{ name: 'shop', title: 'Shop', config: undefined as never },
          baseUrl: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          budget: { requestsPerSecond: 1000, concurrency: 4 },
          authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
          streams: () => [stream as Stream<never>],
          check: async () => [],
        } as never,
      },
    ],
    folds: [],
    normalizer,
    definitions: {},
    crash: (error) => {
      crashed = error;
    },
  });
  cleanups.push(() => engine.close());
  engine.start();
  return { engine, folder, crashed: () => crashed };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    if (isSo()) return;
    await delay(50);
  }
  expect(isSo(), what).toBe(true);
}

function live(engine: Engine): string[] {
  return [...engine.reader.tableAll('record')]
    .filter((row) => {
      const state = JSON.parse(row.value) as RecordState;
      return !isDeleted(state) && !state.withdrawn && state.fault === null;
    })
    .map((row) => row.key.slice('shop/thing/'.length));
}

const alarms = (engine: Engine) =>
  engine.runners
    .get('shop/thing')
    ?.health.alarms()
    .map(({ code }) => code) ?? [];

describe('poison', () => {
  it('is set aside with its reason, and the rest goes on', { timeout: 120_000 }, async () => {
    const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const poison: readonly (object | Buffer)[] = [
      Buffer.from([...Buffer.from('{"id":"utf8","name":"'), 0xff, 0xfe, ...Buffer.from('"}')]),
      Buffer.from(`{"id":"large","blob":"${'x'.repeat(50_000_000)}"}`),
      Buffer.from(`{"id":"deep","a":${deep(10_000)}}`),
      Buffer.from('{"id":"nan","price":NaN}'),
      { id: null },
      { id: 'currency', version: '1', currency: 'XXX' },
      { id: 'version', version: '1.5' },
      // Distinct keys that would be one in the store.
      Buffer.from('{"id":"half\\ud800","version":"1"}'),
      Buffer.from('{"id":"half\\udfff","version":"1"}'),
      Buffer.from('{"id":"zero\\u0000a","version":"1"}'),
      Buffer.from('{"id":"zero\\u0000b","version":"1"}'),
      Buffer.from('[1]'),
      Buffer.from('null'),
    ];
    let changed = 0;
    const { engine, folder, crashed } = await start({
      pass: () => ({
        body: rowsOf([{ id: 'first', version: '1' }, ...poison, { id: 'last', version: '1' }]),
      }),
      changes: () => rowsOf([{ id: 'live', version: String(++changed), value: changed }]),
    });
    await until('the records around the poison are there', () =>
      ['first', 'last', 'live'].every((key) => live(engine).includes(key)),
    );
    await until(
      'a pass has ended',
      () => engine.reader.meta('backfilled/shop/thing') !== undefined,
    );
    const groups = new Map<string, number>();
    for (const { key } of engine.reader.indexAll('quarantine')) {
      const code = key.split('/').at(-1) as string;
      groups.set(code, (groups.get(code) ?? 0) + 1);
    }
    expect(Object.fromEntries(groups)).toEqual({
      E_CURRENCY: 1,
      E_RECORD_JSON: 1,
      E_RECORD_KEY: 5,
      E_RECORD_SHAPE: 2,
      E_RECORD_TOO_DEEP: 1,
      E_RECORD_TOO_LARGE: 1,
      E_RECORD_UTF8: 1,
      E_RECORD_VERSION: 1,
    });
    const before = changed;
    await until('changes go on', () => changed > before + 3);
    expect(crashed()).toBeNull();
    expect(engine.trouble()).toBeNull();
    const spilled = readdirSync(join(folder, 'spill'));
    expect(spilled).toHaveLength(1);
    const sealed = readFileSync(join(folder, 'spill', spilled[0] as string));
    expect(sealed.length).toBeGreaterThan(50_000_000);
    expect(sealed.includes('xxxxxxxx'), 'what may be anybody’s is sealed').toBe(false);
    expect(verifyReplay({ folder, folds: [], normalizer })).toMatchObject({ mismatches: 0 });
  });
});

describe('a full pass that shows less than there is', () => {
  const all = Array.from({ length: 60 }, (_, index) => ({ id: `k${index}`, version: '1' }));

  it.each([
    ['answers 200 with zero rows', () => ({ body: empty }), 'E_PASS_EMPTY'],
    [
      'lost its last page of a counted whole',
      () => ({ body: rowsOf(all.slice(0, 30)), total: 60 }),
      'E_PASS_INCOMPLETE',
    ],
    [
      'lost its last page of an uncounted whole',
      () => ({ body: rowsOf(all.slice(0, 30)) }),
      'E_PASS_DELETES',
    ],
  ] as const)('%s deletes nothing and is alarmed', async (_name, lie, code) => {
    let lies = false;
    let passes = 0;
    const { engine, crashed } = await start({
      pass: () => {
        passes += 1;
        return lies ? lie() : { body: rowsOf(all), total: 60 };
      },
      changes: () => empty,
    });
    await until('everything is there', () => live(engine).length === 60);
    lies = true;
    await until('the alarm is raised', () => alarms(engine).includes(code));
    const before = passes;
    await until('it was read again, and again believed as little', () => passes >= before + 2);
    expect(live(engine)).toHaveLength(60);
    lies = false;
    await until('the alarm ends with the lie', () => alarms(engine).length === 0);
    expect(live(engine)).toHaveLength(60);
    expect(crashed()).toBeNull();
  });
});

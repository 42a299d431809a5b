/**
 * Erasure over everything a store is made of: journal, entities, features, quarantine, deliveries to
 * another system and what that said of the person, exports, bundles, logs, backups and what is restored
 * from them. The plaintext is looked for in every file, the tables of everybody else are compared row
 * by row, and the log and what it folds to are verified after each step (I14).
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldsOf } from '../../packages/platform/dist/app/folds.js';
import { loadProject } from '../../packages/platform/dist/app/load-project.js';
import type { Verified } from '../../packages/platform/dist/audit/index.js';
import { dumpFolds, tablesOf } from '../../packages/platform/dist/engine/index.js';
import type { ErasureReport, Trace } from '../../packages/platform/dist/lineage/index.js';
import {
  createReader,
  openStore,
  type TableSpec,
} from '../../packages/platform/dist/storage/index.js';
import { type FlowSystems, startFlowSystems } from './support/flow-systems.js';
import { Headrace, killAll, send, type Up } from './support/run-headrace.js';

const config = fileURLToPath(
  new URL('./support/erasure-project/headrace.config.ts', import.meta.url),
);
const home = mkdtempSync(join(tmpdir(), 'headrace-erased-'));
const data = join(home, 'data');
const anchors = join(home, 'anchors');
const backup = join(home, 'backup');
const out = join(home, 'out');
const logs: string[] = [];
/** Of the person who is erased, whatever a system or we make of them. */
const canaries = ['Ada-Canary-7731', 'canary-7731@example.com', 'Ada-Canary'];
const [name = '', mail = ''] = canaries;
const day = 86_400_000;
const at = (days: number) => new Date(Math.floor(Date.now() / day - days) * day).toISOString();

let systems: FlowSystems;
let environment: Record<string, string>;
let tables: readonly TableSpec[] = [];
let token = '';
const headrace = (more: Record<string, string> = {}) =>
  new Headrace(data, { ...environment, ...more }, config);

beforeAll(async () => {
  systems = await startFlowSystems(() => 1);
  systems.web.blocked.add('O-refused');
  environment = { HEADRACE_ANCHOR: anchors, SYSTEMS_URL: systems.url, HEADRACE_LOG: 'debug' };
  const loaded = await loadProject(config, environment, join(home, 'cache'));
  tables = tablesOf(foldsOf(loaded));
});

afterAll(async () => {
  killAll();
  await systems.close();
  rmSync(home, { recursive: true, force: true });
});

/** Names of all files below a folder that hold the text. */
function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder).flatMap((one) => {
    const file = join(folder, one);
    if (statSync(file).isDirectory()) return filesWith(text, file);
    return readFileSync(file).includes(text) ? [file] : [];
  });
}

function expectNowhere(): void {
  for (const text of canaries) {
    expect(filesWith(text, home), text).toEqual([]);
    for (const log of logs) expect(log, text).not.toContain(text);
  }
}

/** Every folded row but those that say that somebody was erased. */
function dumped(): Map<string, string> {
  const store = openStore(data, { readOnly: true, tables });
  try {
    const lines = [...dumpFolds(createReader(store, tables), tables)];
    expect(lines.length).toBeGreaterThan(50);
    return new Map(
      lines
        .filter(({ table }) => table !== 'feature_erased')
        .map(({ table, key, value, isMember }) =>
          isMember ? [`${table} ${key} ${value}`, ''] : [`${table} ${key}`, value],
        ),
    );
  } finally {
    store.close();
  }
}

interface Vector {
  readonly key: string;
  readonly values: Record<string, { readonly value: unknown; readonly status: string }>;
}

async function vectors(up: Up, keys: readonly string[], view = 'buyer'): Promise<Vector[]> {
  const { status, body } = await send(up, token, '/v1/features/online', { views: [view], keys });
  expect(status).toBe(200);
  return (body as { vectors: Vector[] }).vectors;
}

const plainOf = (list: readonly Vector[]) =>
  list.map(({ key, values }) => [
    key,
    Object.entries(values).map(([one, { value, status }]) => [one, value, status]),
  ]);

async function opened(up: Up, id: string): Promise<string> {
  const { body } = await send(up, token, `/v1/trace/${id}?personal=open`);
  return JSON.stringify((body as Trace).answers);
}

async function verifyDeep(): Promise<void> {
  const verified = await headrace().json<Verified>('verify', '--deep');
  expect(verified).toMatchObject({ exit: 0, ok: true, firstBad: null, faults: [] });
}

async function untilDelivered(up: Up, groups: number): Promise<void> {
  interface Flow {
    readonly failed: number;
  }
  for (let waited = 0; waited < 300; waited += 1) {
    const { body } = await send(up, token, '/v1/flows/web.order');
    const { failed } = body as Flow;
    if (systems.web.orders.length === groups && failed === 1) return;
    await sleep(100);
  }
  expect.fail(`${systems.web.orders.length} orders were written.`);
}

describe('a person known to two systems, who has bought, was written to a third and refused', () => {
  const person = (id: string, of: string, more: object = {}) => ({
    ...{ id, version: '1', name: of, mail: `${of}@example.com`, segment: 'gold', ...more },
  });
  const order = (id: string, of: string, who: string, days: number, more: object = {}) => ({
    ...{ id, version: '1', person: of, name: who, mail: `${who}@example.com`, at: at(days) },
    ...{ lines: 2, ...more },
  });
  const others = ['bea', 'cleo'];
  let up: Up;

  it('is everywhere before, sealed where it is stored', async () => {
    up = await headrace().up();
    token = up.token ?? '';
    const put = async (path: string, records: readonly object[]) =>
      expect((await send(up, token, `/v1/ingest/${path}`, records)).status).toBe(202);
    await put('till/person', [person('ada', name, { mail }), person('bea', 'Bea Others')]);
    await put('crm/person', [person('ada-crm', name), person('cleo', 'Cleo Others')]);
    await put('till/order', [
      order('O-1', 'ada', name, 3, { mail }),
      order('O-2', 'bea', 'Bea Others', 2),
      order('O-refused', 'ada', name, 1),
    ]);
    await put('crm/order', [
      order('O-3', 'ada-crm', name, 9),
      order('O-4', 'cleo', 'Cleo Others', 5),
    ]);
    // Without a key they cannot be used, and wait with their bytes.
    await put('till/person', [{ version: '1', name, note: 'no key' }]);
    const link = { entity: 'customer', from: 'ada-crm', to: 'ada', evidence: 'same person' };
    expect((await send(up, token, '/v1/links', link)).status).toBe(201);
    await untilDelivered(up, 4);
    // The system it was written to has the name, and repeated it when it refused one.
    expect(systems.web.orders.map(({ buyer }) => buyer)).toContain(name);
    const { body } = await send(up, token, '/v1/flows/web.order/groups?phase=parked');
    expect(JSON.stringify(body)).toContain('… may not buy here.');
    for (const id of ['ada', 'ada-crm', 'O-1']) expect(await opened(up, id)).toContain(name);
    expect((await headrace().run('backup', backup)).code).toBe(0);
    for (const [view, key] of Object.entries({ buyer: 'ada', channel: 'alpha-nl' })) {
      const labels = [{ key, at: new Date().toISOString() }];
      const set = await fetch(`${up.url}/v1/features/as-of`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({ views: [view], spine: { labels } }),
      });
      expect(await set.text()).toContain('"rows":1');
    }
  });

  it('is erased with a report, and nobody else is touched', async () => {
    const [ada] = plainOf(await vectors(up, ['ada']));
    expect(JSON.stringify(ada)).toContain('["buyer.orders_182d",3,"ok"]');
    const before = plainOf(await vectors(up, others));
    const channels = plainOf(await vectors(up, ['alpha-nl'], 'channel'));
    const rows = dumped();
    const trace = await Promise.all(['bea', 'cleo', 'O-2', 'O-4'].map((id) => opened(up, id)));

    const running = headrace({ HEADRACE_URL: up.url, HEADRACE_TOKEN: token });
    const report = await running.json<ErasureReport>('erase', '--subject', 'crm:ada-crm');
    expect(report).toMatchObject({ exit: 0, recomputed: 0, records: 5, quarantined: 1 });
    expect(report.subjects.map(({ source }) => source).toSorted()).toEqual(['crm', 'till']);
    expect(report.erased).toBe(3);
    // What left before is out of reach, so it is named; a set of channels is about nobody.
    const left = report.exports.map(({ what, to, of }) => ({ what, to, of }));
    expect(left).toEqual([
      { what: 'backup', to: backup },
      { what: 'features', to: 'http', of: 'customer' },
    ]);

    for (const id of ['ada', 'ada-crm', 'O-1', 'O-3', 'O-refused']) {
      const told = await opened(up, id);
      expect(told, id).toContain('"erased"');
      expect(told, id).not.toContain(name);
    }
    expect(JSON.stringify(plainOf(await vectors(up, ['ada', 'ada-crm'])))).not.toMatch(/"ok"/);
    expect(plainOf(await vectors(up, others))).toEqual(before);
    // Their orders are still part of what the channel sold.
    expect(plainOf(await vectors(up, ['alpha-nl'], 'channel'))).toEqual(channels);
    expect(await Promise.all(['bea', 'cleo', 'O-2', 'O-4'].map((id) => opened(up, id)))).toEqual(
      trace,
    );
    const after = dumped();
    const changed = [...rows].filter(([key, value]) => after.get(key) !== value);
    const added = [...after.keys()].filter((key) => !rows.has(key));
    // Clocks of streams and checks go on; what is folded of records stays, for everybody.
    const grown = /^(feature_(feed|clock)|stock_known|quality_|flow_|flow )/;
    expect(changed.filter(([key]) => !grown.test(key))).toEqual([]);
    expect(added.filter((key) => !grown.test(key))).toEqual([]);
    // What was refused before can no longer be written.
    await send(up, token, '/v1/flows/web.order/retry', { all: true });
    for (let waited = 0; waited < 100; waited += 1) {
      const { body } = await send(up, token, '/v1/flows/web.order/groups?phase=parked');
      if (JSON.stringify(body).includes('E_FLOW_ERASED')) break;
      if (waited === 99) expect.fail(JSON.stringify(body));
      await sleep(100);
    }
  });

  it('is in no file of the store, its log, its exports and its backup, also after kill -9', async () => {
    const files = { audit: 'audit.csv', jsonl: 'audit.jsonl', lineage: 'lineage.jsonl' };
    mkdirSync(out);
    for (const [what, file] of [
      ['audit', files.audit],
      ['audit', files.jsonl],
      ['openlineage', files.lineage],
    ] as const) {
      expect((await headrace().run('export', what, '--to', join(out, file))).code).toBe(0);
    }
    const spine = join(out, 'spine.jsonl');
    const keys = ['ada', ...others].map((key) => JSON.stringify({ key, at: at(0) }));
    writeFileSync(spine, `${keys.join('\n')}\n`);
    const set = ['--views', 'buyer', '--spine', spine, '--out', join(out, 'set.parquet')];
    const asOf = await headrace().run('features', 'as-of', ...set);
    expect(asOf.code, asOf.err).toBe(0);
    for (const id of ['order/alpha-nl/O-1', 'feature/buyer/bea', 'ada']) {
      const answer = await send(up, token, `/v1/audit/proof/${id}`);
      expect(answer.status, id).toBe(200);
      writeFileSync(join(out, `${id.replaceAll('/', '-')}.json`), JSON.stringify(answer.body));
    }
    expect(readFileSync(join(out, files.audit), 'utf8')).toContain(',erasure,');
    logs.push(up.logged());
    await up.stop('SIGKILL');
    expectNowhere();
    await verifyDeep();
    up = await headrace().up();
    await up.stop('SIGINT');
    logs.push(up.logged());
    expectNowhere();
    await verifyDeep();
  });

  it('stays erased when the backup made before is restored', async () => {
    const told = await headrace().json<{ erasedAgain: number }>('restore', backup, '--force');
    expect(told).toMatchObject({ exit: 0, erasedAgain: 3 });
    await verifyDeep();
    up = await headrace().up();
    expect(JSON.stringify(plainOf(await vectors(up, ['ada', 'ada-crm'])))).not.toMatch(/"ok"/);
    for (const id of ['ada', 'O-1']) expect(await opened(up, id)).toContain('"erased"');
    await up.stop('SIGINT');
    logs.push(up.logged());
    expectNowhere();
  });

  it('stays erased when the backup is put in place by hand', async () => {
    const key = readFileSync(join(data, 'master.key'));
    rmSync(data, { recursive: true });
    cpSync(backup, data, { recursive: true });
    writeFileSync(join(data, 'master.key'), key, { mode: 0o600 });
    expect((await headrace().run('up', '--port', '0')).err).toContain('E_ROLLED_BACK');
    up = await headrace().up('--accept-rollback');
    expect(JSON.stringify(plainOf(await vectors(up, ['ada', 'ada-crm'])))).not.toMatch(/"ok"/);
    for (const id of ['ada', 'O-1']) expect(await opened(up, id)).toContain('"erased"');
    expect(await opened(up, 'bea')).toContain('Bea Others');
    await up.stop('SIGINT');
    logs.push(up.logged());
    expectNowhere();
    await verifyDeep();
    const acts = join(out, 'after.jsonl');
    await headrace().run('export', 'audit', '--to', acts);
    const lines = readFileSync(acts, 'utf8').trim().split('\n');
    const erasures = lines
      .map((line) => JSON.parse(line) as { action: string; principal: string; details: object })
      .filter(({ action }) => action === 'erasure');
    expect(erasures).toHaveLength(3);
    for (const { principal, details } of erasures) {
      expect(principal).toMatch(/^os:/);
      expect(details).toMatchObject({ by: 'anchor' });
    }
  });

  it('stays erased in another folder, restored without its project and folded by the next start', async () => {
    const elsewhere = join(home, 'elsewhere');
    const key = readFileSync(join(data, 'master.key'), 'utf8').trim();
    const more = { ...environment, HEADRACE_MASTER_KEY: key };
    const none = new Headrace(elsewhere, more, join(home, 'none', 'headrace.config.ts'));
    const told = await none.json<object>('restore', backup);
    expect(told).toMatchObject({ exit: 0, erasedAgain: 3, isErasureUnknown: false });
    up = await new Headrace(elsewhere, more, config).up();
    expect(JSON.stringify(plainOf(await vectors(up, ['ada', 'ada-crm'])))).not.toMatch(/"ok"/);
    for (const id of ['ada', 'O-1']) expect(await opened(up, id)).toContain('"erased"');
    await up.stop('SIGINT');
    logs.push(up.logged());
    expectNowhere();
    const blind = new Headrace(join(home, 'blind'), { ...more, HEADRACE_ANCHOR: 'off' }, config);
    const said = await blind.json<object>('restore', backup);
    expect(said).toMatchObject({ exit: 0, erasedAgain: 0, isErasureUnknown: true });
  });

  it('is not brought back by a restore that cannot journal the erasure', async () => {
    rmSync(join(data, 'master.key'));
    const refused = await headrace().run('restore', backup, '--force');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('E_MASTER_KEY_MISSING');
    expect(refused.err).toContain('Since this backup 3 keys of erased persons were destroyed');
    expect(readdirSync(home).filter((one) => one.startsWith('data.before-restore-2'))).toEqual([]);
  });
});

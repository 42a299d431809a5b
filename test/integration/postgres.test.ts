/**
 * A training set in a real PostgreSQL: the rows of the file, whole or not at all, over TLS and not, and
 * nobody's password in what is said.
 */
// needs: postgres
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeFactStore, spanDays, startMs, wide } from '../../bench/dist/features/fact-store.js';
import { postgresAddress } from '../../packages/platform/dist/app/postgres-address.js';
import {
  asOfBatches,
  count,
  derive,
  emptySummary,
  entity,
  type FeatureDefinition,
  features,
  layoutOf,
  postgresSink,
  type RowBatch,
  type SpineRow,
  state,
  valueAt,
} from '../../packages/platform/dist/features/index.js';
import {
  connectPostgres,
  type PostgresConnection,
} from '../../packages/platform/dist/ports/index.js';
import { createTestCertificate } from '../../packages/platform/dist/ports/testing/certificate.js';
import { freePort } from './support/free-port.js';
import { Headrace } from './support/run-headrace.js';

const program = process.env['HEADRACE_POSTGRES'] ?? '';
const home = mkdtempSync(join(tmpdir(), 'headrace-postgres-'));
const data = join(home, 'cluster');
const password = 'kept to "itself"';
// The server refuses to run as root.
const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
let port = 0;
let server: ChildProcess;
let store: ReturnType<typeof makeFactStore>;
let control: PostgresConnection;

const addressOf = (more = '', variables: Record<string, string> = { PGPASSWORD: password }) =>
  postgresAddress(`postgres://trainer@127.0.0.1:${port}/postgres${more}`, variables);

beforeAll(async () => {
  const bin = dirname(realpathSync(program));
  mkdirSync(data);
  const secret = join(home, 'secret');
  writeFileSync(secret, password);
  if (other.uid !== undefined)
    for (const path of [home, data, secret]) chownSync(path, other.uid, other.gid);
  chmodSync(data, 0o700);
  const made = ['-D', data, '-U', 'trainer', '--pwfile', secret, '-A', 'scram-sha-256'];
  execFileSync(join(bin, 'initdb'), [...made, '--no-sync', '-E', 'UTF8', '--locale', 'C'], {
    ...other,
    cwd: home,
  });
  port = await freePort();
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `unix_socket_directories=${home}`];
  server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])],
    { ...other, cwd: home, stdio: 'ignore' },
  );
  control = await vi.waitFor(() => connectPostgres(addressOf()), {
    timeout: 60_000,
    interval: 100,
  });
  store = makeFactStore(home, { facts: 4000, keys: 80 }, () => undefined);
});

afterAll(async () => {
  control?.close();
  store?.close();
  const ended = new Promise((done) => server?.once('exit', done));
  server?.kill('SIGINT');
  await ended;
  rmSync(home, { recursive: true, force: true });
});

const kinds = derive('kinds', [wide], (all) =>
  all.lines['7d'] === null ? null : ['a\tb', `"${all.lines['7d']}"\\`],
);
const busy = derive('busy', [wide], (all) => (all.lines['91d'] ?? 0) > 9);
const definitions: readonly FeatureDefinition[] = [wide, kinds, busy];

function* spine(): Iterable<SpineRow> {
  for (let key = 0; key < 85; key += 1) {
    for (let step = 1; step <= 5; step += 1) {
      yield { key: `S${key}`, t: startMs + Math.floor((spanDays * step) / 5) * 86_400_000 };
    }
  }
}

const batches = () =>
  asOfBatches(
    store.reader,
    definitions,
    spine(),
    { k: store.entries, rowsAtOnce: 100 },
    emptySummary(),
  );
const told = () => control.run("SELECT to_regclass('training.wide') IS NOT NULL");

describe('a training set in PostgreSQL', () => {
  it('has the rows of the set, typed, once all of them are there', async () => {
    await control.run('CREATE SCHEMA training');
    const connection = await connectPostgres(addressOf());
    const sink = postgresSink(connection, { table: 'training.wide', replace: false }, definitions);
    const { names, shown } = layoutOf(definitions);
    const wanted: unknown[] = [];
    for (const batch of batches()) {
      for (let row = 0, run = 0; row < batch.rows; row += 1) {
        while (row >= (batch.ends[run] ?? 0)) run += 1;
        const values = shown.map((column, index) => [names[index], valueAt(batch, column, row)]);
        const at = new Date(batch.t[row] ?? 0).toISOString();
        wanted.push({
          key: batch.keys[run],
          at,
          leaks: batch.leaks[row] === 1,
          imputed: batch.imputed[row] === 1,
          ...Object.fromEntries(values),
        });
      }
      await sink.write(batch);
      expect(await told()).toEqual([['f']]);
    }
    await sink.finish({ known: 'row-time', k: '4000' });
    const rows = await control.run('SELECT row_to_json(w) FROM training.wide w');
    const got = rows.map(([text]) => {
      const row = JSON.parse(text ?? '') as Record<string, unknown>;
      return { ...row, at: new Date(String(row['at'])).toISOString() };
    });
    const order = (one: unknown) => JSON.stringify(one, ['key', 'at']);
    expect(got.sort((a, b) => (order(a) < order(b) ? -1 : 1))).toEqual(
      wanted.sort((a, b) => (order(a) < order(b) ? -1 : 1)),
    );
    const types = await control.run(
      "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'training.wide'::regclass AND attnum > 0",
    );
    expect(Object.fromEntries(types)).toMatchObject({
      ...{ key: 'text', at: 'timestamp with time zone', leaks: 'boolean', busy: 'boolean' },
      ...{ 'wide.lines_7d': 'bigint', 'wide.units_7d': 'double precision', kinds: 'text[]' },
      ...{ 'wide.lastAt': 'text', 'wide.lastUnits': 'double precision' },
    });
    const said = await control.run("SELECT obj_description('training.wide'::regclass)");
    expect(JSON.parse(said[0]?.[0] ?? '')).toEqual({ known: 'row-time', k: '4000' });
  });

  it('leaves what was there when it does not come to its end, and replaces it when it does', async () => {
    const size = () => control.run('SELECT count(*) FROM training.wide');
    const open = async (replace: boolean) =>
      postgresSink(
        await connectPostgres(addressOf()),
        { table: 'training.wide', replace },
        definitions,
      );
    const [first] = batches() as Iterable<RowBatch>;
    if (first === undefined) throw new Error('The set has no rows.');
    const refused = await open(false);
    await refused.write(first);
    await expect(refused.finish({})).rejects.toMatchObject({
      code: 'E_POSTGRES',
      hint: /--replace/,
    });
    await refused.abandon();
    // Cut off in the middle of its rows.
    const cut = await open(true);
    for (let round = 0; round < 210; round += 1) await cut.write(first);
    expect(await size()).toEqual([['425']]);
    await cut.abandon();
    expect(await size()).toEqual([['425']]);
    const whole = await open(true);
    await whole.write(first);
    await whole.finish({});
    expect(await size()).toEqual([[String(first.rows)]]);
  });

  it('refuses a column that is a number and then text, and tells what the server says', async () => {
    const odd = features(
      'wide',
      { of: entity('sku', ['sku']), from: state('orderLine') },
      { n: count(['7d']) },
    );
    const both = derive('both', [odd], () => 1);
    const sink = postgresSink(
      await connectPostgres(addressOf()),
      { table: 'odd', replace: false },
      [both],
    );
    const layout = layoutOf([both]);
    const column = layout.shown[0] ?? 0;
    const rows = 20_000;
    const batch = (value: number | string): RowBatch => {
      const doubles = () => new Float64Array(rows + 1);
      const numbers = layout.groupOf.map(doubles);
      const others: RowBatch['others'] = layout.groupOf.map(() => null);
      numbers[column]?.fill(typeof value === 'number' ? value : Number.NaN);
      if (typeof value === 'string') others[column] = new Array(rows + 1).fill(value);
      const groups = Array.from({ length: layout.groups }, doubles);
      const bytes = () => new Uint8Array(rows + 1);
      return {
        ...{ rows, keys: ['a'], ends: Uint32Array.of(rows), t: doubles(), numbers, others },
        ...{ leaks: bytes(), imputed: bytes(), erased: bytes(), ranks: groups.map(bytes) },
        ...{ ageMs: groups, eventAt: groups, knownAt: groups },
      };
    };
    await sink.write(batch(1));
    await expect(sink.write(batch('one'))).rejects.toMatchObject({ code: 'E_POSTGRES_TYPE' });
    await sink.abandon();
    expect(await control.run("SELECT to_regclass('odd') IS NULL")).toEqual([['t']]);
    await expect(control.run('SELECT * FROM nowhere')).rejects.toThrow(/nowhere.*42P01/);
    expect(await control.run('SELECT 2')).toEqual([['2']]);
  });

  it('says who was not let in without saying the password', async () => {
    const wrong = connectPostgres(addressOf('', { PGPASSWORD: 'not it' }));
    await expect(wrong).rejects.toMatchObject({ code: 'E_POSTGRES', context: { state: '28P01' } });
    await expect(wrong).rejects.not.toThrow(/not it/);
    await expect(connectPostgres(addressOf('', {}))).rejects.toThrow(/asks for a password/);
    await expect(connectPostgres(addressOf('?sslmode=require'))).rejects.toThrow(
      /does not speak TLS/,
    );
    const socket = postgresAddress(`postgres:///postgres?host=${encodeURIComponent(home)}`, {
      ...{ PGUSER: 'trainer', PGPORT: String(port), PGPASSWORD: password },
    });
    const near = await connectPostgres(socket);
    expect(await near.run('SHOW server_encoding')).toEqual([['UTF8']]);
    near.close();
  });

  it('is where a command puts it', async () => {
    const config = join(home, 'headrace.config.ts');
    const bench = new URL('../../bench/dist/features/fact-store.js', import.meta.url).href;
    writeFileSync(
      config,
      `import { defineProject } from 'headrace';
import { wide } from '${bench}';
export default defineProject({
  timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'], sources: {}, features: [wide],
});
`,
    );
    writeFileSync(join(home, '.env'), `PGPASSWORD='${password}'\n`);
    const headrace = new Headrace(store.folder, {}, config);
    const out = `postgres://trainer@127.0.0.1:${port}/postgres`;
    const asOf = ['features', 'as-of', '--views', 'wide', '--every', '30d', '--out', out];
    const span = ['--from', '2025-03-01T00:00:00Z', '--to', '2025-05-30T00:00:00Z'];
    const said = await headrace.json<{ rows: number; out: string }>(
      ...[...asOf, ...span, '--table', 'by_command'],
    );
    expect(said).toMatchObject({
      ...{ exit: 0, rows: 240, out: `postgres://127.0.0.1:${port}/postgres as by_command` },
    });
    expect(await control.run('SELECT count(*) FROM by_command')).toEqual([['240']]);
    expect(await headrace.json(...asOf, ...span)).toMatchObject({ exit: 1 });
    const odd = await headrace.json(...asOf, ...span, '--table', 'a.b.c');
    expect(odd).toMatchObject({ error: { code: 'E_POSTGRES_NAME' } });
  });

  it('is spoken to over TLS where the server has it', async () => {
    const { cert, key } = createTestCertificate();
    for (const [name, text] of [
      ['server.crt', cert],
      ['server.key', key],
    ] as const) {
      const path = join(data, name);
      writeFileSync(path, text, { mode: 0o600 });
      if (other.uid !== undefined) chownSync(path, other.uid, other.gid);
    }
    await control.run('ALTER SYSTEM SET ssl = on');
    await control.run('SELECT pg_reload_conf()');
    const secured = await vi.waitFor(() => connectPostgres(addressOf('?sslmode=require')), {
      timeout: 20_000,
    });
    const ssl = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    expect(await secured.run(ssl)).toEqual([['t']]);
    const copy = await secured.copy('COPY training.wide (key, at, leaks, imputed) FROM STDIN');
    await copy.write('a\t2026-01-01T00:00:00Z\tf\tf\n'.repeat(50_000));
    await copy.finish();
    expect(await secured.run("SELECT count(*) FROM training.wide WHERE key = 'a'")).toEqual([
      ['50000'],
    ]);
    secured.close();
    // Nobody vouches for this certificate.
    await expect(connectPostgres(addressOf('?sslmode=verify-full'))).rejects.toThrow(/certificate/);
  });
});

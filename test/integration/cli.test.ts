/** The program as people run it: real processes from the built packages, over real HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from './support/free-port.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'packages/platform/dist/app/main.js');
const emulatorMain = join(root, 'packages/emulators/dist/main.js');
const children = new Set<ChildProcess>();

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...args], { cwd, env: { ...process.env, ...env } });
  children.add(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  const ended = new Promise<Ran>((resolve) => {
    child.on('close', (code) => {
      children.delete(child);
      resolve({ code, out, err });
    });
  });
  const saying = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(out);
        if (found !== null) resolve(found);
      };
      child.stdout.on('data', look);
      child.on('close', () => reject(new Error(`ended without ${pattern}: ${out}${err}`)));
      look();
    });
  return { child, ended, saying };
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('a project, from an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-cli-'));
  const headrace = (...args: string[]) => start([program, ...args], folder).ended;
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  let shop: { url: string; clientId: string; clientSecret: string; webhookSecret: string };
  let controlUrl = '';
  let port = 0;
  let up: ReturnType<typeof start>;

  beforeAll(async () => {
    const now = String(Date.now());
    const world = ['--seed', '3', '--days', '30', '--scale', '0.02', '--epoch', now];
    const emulator = start([emulatorMain, ...world, '--real-start', now], folder);
    const [line] = await emulator.saying(/^\{.*\}$/m);
    ({
      shopware: shop,
      control: { url: controlUrl },
    } = JSON.parse(line));
    port = await freePort();
  });

  test('init writes it, and what is missing is named', async () => {
    const ran = await headrace('init', '--systems', 'shopware', '--json');
    expect(JSON.parse(ran.out).files).toContain('headrace.config.ts');
    const checked = await headrace('connect', 'check', 'shop');
    expect(checked.code).toBe(1);
    expect(checked.err).toContain('E_ENV_MISSING: SHOP_URL, SHOP are not set.');
    expect(checked.err).not.toContain('    at ');
  });

  test('a wrong key is answered with the right one', async () => {
    edit('headrace.config.ts', (text) => text.replace('currency:', 'curency:'));
    const wrong = await headrace('connect', 'list');
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toContain('there is no key curency. Did you mean currency?');
    edit('headrace.config.ts', (text) => text.replace('curency:', 'currency:'));
  });

  test('with secrets in .env the shop can be checked and looked into', async () => {
    edit('.env', (text) =>
      text
        .replace('SHOP_URL=', `SHOP_URL=${shop.url}`)
        .replace('SHOP=', `SHOP=${shop.clientId}:${shop.clientSecret}`)
        .concat(`SHOP_WEBHOOK=${shop.webhookSecret}\n`),
    );
    edit('headrace.config.ts', (text) => text.replace('// webhookSecret', 'webhookSecret'));
    const subscribed = await headrace(
      ...['connect', 'subscribe', 'shop', '--url', `http://127.0.0.1:${port}`, '--json'],
    );
    expect(JSON.parse(subscribed.out)).toMatchObject({ state: { kind: 'active' } });
    const checked = await headrace('connect', 'check', 'shop', '--json');
    expect(checked.code).toBe(0);
    const discovered = await headrace('connect', 'discover', 'shop', '--json');
    const { reference } = JSON.parse(discovered.out);
    const lines = reference
      .filter((row: { kind: string }) => row.kind === 'salesChannels')
      .map((row: { id: string }, index: number) => `  '${row.id}': 'channel-${index}',\n`);
    expect(lines).toHaveLength(4);
    edit('maps/shopware.ts', (text) => text.replace(/^ {2}\/\/ '0189/m, `${lines.join('')}$&`));
  });

  test('an edited mapping is seen by map test', async () => {
    edit('maps/shopware.ts', (text) =>
      text
        .replace('product: {},', "product: { 'traits.shop.fit': 'custom_fit' },")
        .replace(/^ {4}\/\/ (if| {2}return|\})/gm, '    $1')
        .replace("=== 'TEST'", "!== 'TEST'"),
    );
    const read = await headrace('connect', 'read', 'shop', 'product', '--limit', '3', '--json');
    expect(read.code).toBe(0);
    writeFileSync(join(folder, 'sample.json'), read.out);
    const tried = await headrace(
      'map',
      'test',
      'shop/product',
      '--sample',
      'sample.json',
      '--json',
    );
    const { changes, errors } = JSON.parse(tried.out);
    expect(errors).toEqual([]);
    expect(changes.length).toBeGreaterThan(2);
    expect(tried.out).toContain('"fit"');
    const listings = changes.filter((one: { entity: string }) => one.entity === 'listing');
    expect(listings[0].fields.isPublished).toBe(false);
  });

  test('up reads it, status and trace answer', async () => {
    up = start([program, 'up', '--port', String(port)], folder, { HEADRACE_LOG: 'error' });
    const [, token = ''] = await up.saying(/token {2}(hr_\S+)/);
    edit('.env', (text) =>
      text.replace(
        'HEADRACE_TOKEN=',
        `HEADRACE_TOKEN=${token}\nHEADRACE_URL=http://127.0.0.1:${port}`,
      ),
    );
    let streams: { stream: string; mode: string; state: string; records: number }[] = [];
    await expect
      .poll(
        async () => {
          ({ streams } = JSON.parse((await headrace('status', '--json')).out));
          return streams.map((stream) => stream.state);
        },
        { timeout: 60_000, interval: 500 },
      )
      .toEqual(['live', 'live', 'live', 'live', 'live']);
    expect(streams.find((row) => row.stream === 'order')).toMatchObject({ mode: 'push' });
    expect((await headrace('status')).out).toMatch(/^STREAM +MODE +RECORDS/);
  });

  test('a change in the shop is seen by tail and trace', async () => {
    const { journal } = JSON.parse((await headrace('status', '--json')).out);
    const from = String(journal.durable);
    const placed = await fetch(`${controlUrl}/commands`, {
      method: 'POST',
      body: JSON.stringify({ kind: 'place-order' }),
    });
    expect(placed.status).toBe(200);
    const { out } = await headrace('tail', '--from', from, '--limit', '1', '--json');
    const { source, stream, key } = JSON.parse(out.split('\n')[0] ?? '');
    const traced = await headrace('trace', key, '--json');
    const { hops, sources } = JSON.parse(traced.out);
    expect(sources[0]).toMatchObject({ source, stream, key });
    expect(hops.at(-1)).toMatchObject({ what: 'durable and readable' });
  });

  test('backup and restore, refused while it runs', async () => {
    expect((await headrace('backup', 'copy')).code).toBe(0);
    const refused = await headrace('restore', 'copy', '--force');
    expect(refused.err).toContain('E_STORE_IN_USE');
    up.child.kill('SIGINT');
    expect((await up.ended).code).toBe(0);
    expect((await headrace('restore', 'copy')).err).toContain('E_TARGET_NOT_EMPTY');
    const restored = await headrace('restore', 'copy', '--force', '--json');
    expect(JSON.parse(restored.out).movedTo).toContain('.headrace.before-restore-1');
    const verified = await headrace('replay', '--verify', '--json');
    expect(JSON.parse(verified.out)).toMatchObject({ mismatches: 0 });
  });

  test('verbs that need the platform say so when there is none', async () => {
    const ran = await headrace('status', '--json');
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.out).error.code).toBe('E_NO_PLATFORM');
  });
});

describe('the demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-demo-'));
  const headrace = (...args: string[]) => start([program, ...args], folder).ended;

  test('comes up, answers with its document and ends cleanly', async () => {
    const port = String(await freePort());
    const world = ['--days', '30', '--scale', '0.02', '--port', port];
    const ran = await headrace('demo', ...world, '--until', 'ready', '--json');
    expect(ran.code).toBe(0);
    const document = JSON.parse(ran.out);
    expect(document).toMatchObject({ ready: true, apiUrl: `http://127.0.0.1:${port}` });
    expect(Object.keys(document)).toEqual(
      expect.arrayContaining(['consoleUrl', 'emulators', 'streams', 'backfill']),
    );
    expect(document.backfill.records).toBeGreaterThan(100);
  });

  test('leaves data that the other verbs work on', async () => {
    const verified = await headrace('replay', '--verify', '--json');
    expect(JSON.parse(verified.out)).toMatchObject({ mismatches: 0 });
    const traced = await headrace('trace', '10001', '--json');
    expect(JSON.parse(traced.out).answers.length).toBeGreaterThan(0);
    const unknown = await headrace('trace', 'nothing-of-this-name');
    expect(unknown.err).toContain('E_NO_ENTITY');
  });
});

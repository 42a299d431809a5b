/**
 * A stranger's first hour: an empty folder, the packed packages, no clone. On this Node and, where
 * `scripts/node24.mjs` has one, on Node 24.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'headrace-outside-'));
const folder = join(base, 'project');
const children = new Set<ChildProcess>();

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], cwd = folder): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, maxBuffer: 1 << 26 }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, out, err });
    });
  });
}

/** Starts a process and waits until it says something. */
function saying(command: string, args: readonly string[], pattern: RegExp, cwd = folder) {
  const child = spawn(command, args, { cwd });
  children.add(child);
  let text = '';
  return new Promise<{ child: ChildProcess; found: RegExpExecArray }>((resolve, reject) => {
    const look = (part: Buffer) => {
      text += part.toString();
      const found = pattern.exec(text);
      if (found !== null) resolve({ child, found });
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('close', () => reject(new Error(`ended without ${pattern}: ${text}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function bytesIn(path: string): number {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

const edit = (file: string, change: (text: string) => string) =>
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
const headrace = (...args: string[]) => run('npx', ['--no-install', 'headrace', ...args]);
const tsc = () => run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);

const newer = await run(process.execPath, [join(root, 'scripts/node24.mjs')], root);
const nodes = [
  { name: `Node ${process.version}`, node: process.execPath },
  ...(newer.code === 0 ? [{ name: 'Node 24', node: newer.out.trim() }] : []),
];

beforeAll(async () => {
  mkdirSync(folder);
  const packed = await run('npm', ['pack', '--workspaces', '--pack-destination', base], root);
  expect(packed.code, packed.err).toBe(0);
  const tarballs = readdirSync(base).filter((name) => name.endsWith('.tgz'));
  expect(tarballs).toHaveLength(4);
  await run('npm', ['init', '--yes']);
  const flags = ['--prefer-offline', '--no-audit', '--no-fund'];
  const installed = await run('npm', [
    'install',
    ...flags,
    ...tarballs.map((name) => join(base, name)),
  ]);
  expect(installed.code, installed.err).toBe(0);
});

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('from an empty folder', () => {
  test('an installation is small', () => {
    expect(bytesIn(join(folder, 'node_modules'))).toBeLessThan(100e6);
  });

  test('init writes a project that compiles, and keeps what is there', async () => {
    const ran = await headrace('init', '--systems', 'shopware', '--json');
    expect(ran.code, ran.err).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({ kept: ['package.json'] });
    expect(await tsc()).toMatchObject({ code: 0, out: '' });
  });

  test('a wrong key is an error of the compiler and of the start', async () => {
    edit('headrace.config.ts', (text) => text.replace('timeZone:', 'timezone:'));
    const compiled = await tsc();
    expect(compiled.code).not.toBe(0);
    expect(compiled.out).toContain("'timezone' does not exist in type 'ProjectConfig'");
    expect((await headrace('connect', 'list')).err).toContain('Did you mean timeZone?');
    edit('headrace.config.ts', (text) => text.replace('timezone:', 'timeZone:'));
    edit('headrace.config.ts', (text) => text.replace("write: 'shadow'", "write: 'live'"));
    expect((await tsc()).code).not.toBe(0);
    edit('headrace.config.ts', (text) => text.replace("write: 'live'", "write: 'shadow'"));
  });

  test('a connector of your own compiles and passes its test', async () => {
    const own = join(base, 'own');
    mkdirSync(own);
    for (const name of ['node_modules', 'package.json', 'tsconfig.json']) {
      cpSync(join(folder, name), join(own, name), { recursive: true, verbatimSymlinks: true });
    }
    const made = await run('npx', ['--no-install', 'headrace', 'connect', 'new', 'acme'], own);
    expect(made.code, made.err).toBe(0);
    const tested = await run('npx', ['--no-install', 'jiti', 'connectors/acme/acme.test.ts'], own);
    expect(tested.out + tested.err).toMatch(/# fail 0|fail 0/);
    const listed = await run('npx', ['--no-install', 'headrace', 'connect', 'list'], own);
    expect(listed.err).toContain('ACME_URL, ACME_KEY are not set.');
  });
});

describe.each(nodes)('with $name', ({ name, node }) => {
  const program = join(folder, 'node_modules/headrace/dist/app/main.js');
  const emulator = join(folder, 'node_modules/@headrace/emulators/dist/main.js');

  test('the shop is checked, read, followed and traced', async () => {
    const now = String(Date.now());
    const world = ['--days', '30', '--scale', '0.02', '--epoch', now, '--real-start', now];
    const shop = await saying(node, [emulator, ...world], /^\{.*\}$/m);
    const { shopware } = JSON.parse(shop.found[0]);
    const port = await freePort();
    const data = join(base, `data of ${name}`);
    writeFileSync(
      join(folder, '.env'),
      `SHOP_URL=${shopware.url}\nSHOP=${shopware.clientId}:${shopware.clientSecret}\n`,
    );
    const checked = await run(node, [program, 'connect', 'check', 'shop', '--json']);
    const failed = JSON.parse(checked.out).checks.filter((one: { ok: boolean }) => !one.ok);
    expect(failed).toEqual([]);
    const discovered = await run(node, [program, 'connect', 'discover', 'shop']);
    expect(discovered.out).toMatch(/^salesChannels .*Alpha Nederland/m);
    const args = [program, 'up', '--port', String(port), '--data', data];
    const up = await saying(node, args, /token {2}(hr_\S+)/);
    edit('.env', (text) =>
      text.concat(`HEADRACE_TOKEN=${up.found[1]}\nHEADRACE_URL=http://127.0.0.1:${port}\n`),
    );
    await expect
      .poll(
        async () => {
          const status = await run(node, [program, 'status', '--json']);
          return JSON.parse(status.out).streams?.map((row: { state: string }) => row.state);
        },
        { timeout: 60_000, interval: 500 },
      )
      .toEqual(['live', 'live', 'live', 'live', 'live']);
    const traced = await run(node, [program, 'trace', '10001', '--data', data, '--json']);
    // Nobody named the channels: they are called as the shop calls them.
    expect(JSON.parse(traced.out).answers.length).toBeGreaterThan(0);
    expect(traced.out).toMatch(/alpha-nederland|alpha-zakelijk|beta-deutschland|marketplace-uk/);
    const ended = new Promise((resolve) => up.child.once('close', resolve));
    up.child.kill('SIGTERM');
    expect(await ended).toBe(0);
    const verified = await run(node, [program, 'replay', '--verify', '--data', data, '--json']);
    expect(JSON.parse(verified.out)).toMatchObject({ mismatches: 0 });
    shop.child.kill('SIGTERM');
  });
});

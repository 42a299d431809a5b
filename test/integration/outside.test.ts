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
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from './support/free-port.js';

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

function bytesIn(path: string): number {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

const edit = (file: string, change: (text: string) => string, within = folder) =>
  writeFileSync(join(within, file), change(readFileSync(join(within, file), 'utf8')));
const headrace = (...args: string[]) => run('npx', ['--no-install', 'headrace', ...args]);
const tsc = (cwd = folder) =>
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], cwd);
const program = join(folder, 'node_modules/headrace/dist/app/main.js');
const emulator = join(folder, 'node_modules/@headrace/emulators/dist/main.js');

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
  expect(tarballs).toHaveLength(5);
  await run('npm', ['init', '--yes']);
  const flags = ['--prefer-offline', '--no-audit', '--no-fund'];
  const installed = await run('npm', [
    'install',
    ...flags,
    ...tarballs.map((name) => join(base, name)),
  ]);
  expect(installed.code, installed.err).toBe(0);
}, 300_000);

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('from an empty folder', () => {
  test('an installation is small', () => {
    const bytes = bytesIn(join(folder, 'node_modules'));
    console.log(`installed: ${(bytes / 1e6).toFixed(1)} MB`);
    expect(bytes).toBeLessThan(100e6);
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
    // The page comes with the installation, and asks for nothing that is not.
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? 'none';
    expect((await fetch(`http://127.0.0.1:${port}${script}`)).status, page).toBe(200);
    const terms = await (await fetch(`http://127.0.0.1:${port}/licences.txt`)).text();
    expect(terms).toMatch(/^react-dom [\d.]+ \(MIT\)$/m);
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

/**
 * What a person does to the files of a company: names for what each system calls otherwise, and which
 * condition types are prices. Nothing else of the project differs between the two.
 */
const companies = [
  {
    model: 'default',
    areas: ['1000/10/00', '1000/20/00', '2000/10/00', '2000/30/00'],
    gross: 'VKP0',
    pimBrands: {},
    field: 'A_Product.YY1_Fit_PRD',
    ...(nodes[0] as (typeof nodes)[0]),
  },
  {
    model: 'second',
    areas: ['NL10/01/10', 'NL10/02/10', 'DE10/01/20', 'DE10/07/20'],
    gross: 'ZVKP',
    pimBrands: { A: 'alpha', B: 'beta' },
    field: 'A_Product.YY1_SeasonCode_PRD',
    ...(nodes.at(-1) as (typeof nodes)[0]),
  },
];
const ourChannels = ['alpha-nl', 'alpha-b2b', 'beta-de', 'marketplace'];
const shopChannels = ['alpha-nederland', 'alpha-zakelijk', 'beta-deutschland', 'marketplace-uk'];

describe.each(companies)(
  'ERP, PIM and shop, company $model, with $name',
  { timeout: 300_000 },
  (company) => {
    const { model, node } = company;
    const own = join(base, model);
    const data = join(own, 'data');
    const change = (file: string, to: (text: string) => string) => edit(file, to, own);
    const here = (...args: string[]) => run(node, [program, ...args], own);
    const each = async <Answer>(...args: string[]): Promise<Answer[]> => {
      const answers: Answer[] = [];
      for (const source of ['erp', 'pim', 'shop']) {
        const ran = await here('connect', args[0] ?? '', source, ...args.slice(1), '--json');
        answers.push(JSON.parse(ran.out === '' ? ran.err : ran.out) as Answer);
      }
      return answers;
    };
    const text = (file: string) => readFileSync(join(own, file), 'utf8');
    let port = 0;
    let systems: ChildProcess;

    async function up(): Promise<ChildProcess> {
      const args = [program, 'up', '--port', String(port), '--data', data];
      const isFirst = !text('.env').includes('HEADRACE_TOKEN=hr_');
      const started = await saying(
        node,
        args,
        isFirst ? /token {2}(hr_\S+)/ : /(127\.0\.0\.1)/,
        own,
      );
      if (isFirst) {
        const lines = `HEADRACE_TOKEN=${started.found[1]}\nHEADRACE_URL=http://127.0.0.1:${port}\n`;
        change('.env', (old) => `${old}${lines}`);
      }
      const states = async () => {
        const { streams = [] } = JSON.parse((await here('status', '--json')).out || '{}') as {
          streams?: { source: string; stream: string; state: string; why: string | null }[];
        };
        const late = streams.filter(({ state }) => state !== 'live');
        return streams.length === 0 ? ['nothing yet'] : late;
      };
      await expect.poll(states, { timeout: 90_000, interval: 500 }).toEqual([]);
      return started.child;
    }

    async function down(child: ChildProcess): Promise<void> {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    }

    /** Sources of the entity that the first record of a stream of the ERP became, by their rows. */
    async function sourcesOf(stream: string, entity: string): Promise<string[]> {
      const read = JSON.parse((await here('connect', 'read', 'erp', stream, '--json')).out) as {
        samples: { mapped: { entity: string; key: string }[] }[];
      };
      const mapped = read.samples.flatMap((sample) => sample.mapped);
      const key = mapped.find((one) => one.entity === entity)?.key ?? 'nothing';
      const token = /^HEADRACE_TOKEN=(hr_.+)$/m.exec(text('.env'))?.[1];
      const answer = await fetch(`http://127.0.0.1:${port}/v1/entities/${entity}/${key}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { rows = [] } = (await answer.json()) as { rows?: { source: string }[] };
      return [...new Set(rows.map(({ source }) => source))].sort();
    }

    test('init writes a project that compiles', async () => {
      mkdirSync(own);
      symlinkSync(join(folder, 'node_modules'), join(own, 'node_modules'));
      const ran = await here('init', '--systems', 'sap,inriver,shopware');
      expect(ran.code, ran.err).toBe(0);
      expect(await tsc(own)).toMatchObject({ code: 0, out: '' });
      const before = text('maps/sap.ts');
      const wrong = [
        ['plants: {}', 'plnts: {}'],
        ['quiet: []', 'quiet: 5'],
        ['variant: {}', 'varian: {}'],
      ] as const;
      for (const [right, other] of wrong) change('maps/sap.ts', (old) => old.replace(right, other));
      const { out } = await tsc(own);
      for (const name of ['plnts', 'quiet', 'varian']) expect(out).toContain(name);
      change('maps/sap.ts', () => before);
    });

    test('check says of each system whether it fits', async () => {
      port = await freePort();
      const hook = (source: string) => `http://127.0.0.1:${port}/v1/webhooks/${source}`;
      const now = String(Date.now());
      const started = await saying(
        node,
        [
          ...[emulator, '--days', '30', '--scale', '0.02', '--epoch', now, '--real-start', now],
          ...['--systems', 'shopware,sap,inriver', '--model', model],
          ...['--webhook-url', hook('shop'), '--sap-events-url', hook('erp')],
          ...['--inriver-relay-url', hook('pim')],
        ],
        /^\{.*\}$/m,
      );
      systems = started.child;
      const { shopware, sap, inriver } = JSON.parse(started.found[0]);
      const settings = {
        ...{ SAP_URL: sap.url, SAP: `${sap.user}:${sap.password}`, SAP_EVENTS: sap.eventsSecret },
        ...{ PIM_URL: inriver.url, PIM: inriver.key, PIM_RELAY: inriver.relaySecret },
        SHOP_URL: shopware.url,
        SHOP: `${shopware.clientId}:${shopware.clientSecret}`,
        SHOP_WEBHOOK: shopware.webhookSecret,
      };
      for (const [name, value] of Object.entries(settings)) {
        change('.env', (old) => old.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`));
      }
      change('headrace.config.ts', (old) =>
        old.replace("languages: ['en-GB']", "languages: ['nl-NL', 'de-DE', 'en-GB']"),
      );
      const isFitting = model === 'default';
      const before = await each<{ ok: boolean; checks: { text: string }[] }>('check');
      expect(before.map(({ ok }) => ok)).toEqual([true, isFitting, true]);
      if (!isFitting) expect(JSON.stringify(before[1])).toContain('connect discover');
    });

    test('discover fills it from the systems, once', async () => {
      await each('discover', '--write');
      expect(text('maps/sap.ts')).toContain(`${company.field}'`);
      expect(text('maps/sap.ts')).toContain("NL: 'nl-NL'");
      for (const area of company.areas) expect(text('maps/sap.ts')).toContain(`'${area}': '`);
      for (const name of shopChannels) expect(text('maps/shopware.ts')).toContain(`: '${name}'`);
      expect(await tsc(own)).toMatchObject({ code: 0, out: '' });
      const after = await each<{ ok: boolean; checks: { ok: boolean }[] }>('check');
      expect(after.flatMap(({ checks }) => checks.filter(({ ok }) => !ok))).toEqual([]);
      const files = ['maps/sap.ts', 'maps/inriver.ts', 'maps/shopware.ts'].map(text);
      await each('discover', '--write');
      expect(['maps/sap.ts', 'maps/inriver.ts', 'maps/shopware.ts'].map(text)).toEqual(files);
    });

    test('it runs as it is then written', async () => {
      await down(await up());
    });

    test('given names, what the systems call differently is one thing', async () => {
      const named = (file: string, pairs: Readonly<Record<string, string>>) => {
        for (const [from, to] of Object.entries(pairs)) {
          const key = from.replaceAll('/', '\\/');
          const line = new RegExp(`^( +)(?:// )?('?${key}'?): '[^']*',`, 'm');
          expect(text(file)).toMatch(line);
          change(file, (old) => old.replace(line, `$1$2: ${to},`));
        }
      };
      named('maps/sap.ts', {
        ...Object.fromEntries(company.areas.map((area, at) => [area, `'${ourChannels[at]}'`])),
        ...{ ALPH: "'alpha'", BETA: "'beta'" },
        [company.gross]: "{ as: 'list', basis: 'gross' }",
      });
      named(
        'maps/inriver.ts',
        Object.fromEntries(Object.entries(company.pimBrands).map(([key, to]) => [key, `'${to}'`])),
      );
      for (const [at, name] of shopChannels.entries()) {
        change('maps/shopware.ts', (old) => old.replace(`: '${name}'`, `: '${ourChannels[at]}'`));
      }
      const brands =
        "brands: { alpha: ['alpha-nl', 'alpha-b2b'], beta: ['beta-de', 'marketplace'] },";
      change('headrace.config.ts', (old) => old.replace(/brands: \{[^}]*\},/, brands));
      const typo = company.field.replace('YY1_', 'YY1_x');
      change('maps/sap.ts', (old) => old.replace(company.field, typo));
      expect((await tsc(own)).out).toContain(typo);
      change('maps/sap.ts', (old) => old.replace(typo, company.field));
      expect(await tsc(own)).toMatchObject({ code: 0, out: '' });
      const running = await up();
      expect(await sourcesOf('order', 'order')).toEqual(['erp', 'shop']);
      expect(await sourcesOf('product', 'variant')).toEqual(['erp', 'pim', 'shop']);
      await down(running);
      const verified = await here('replay', '--verify', '--data', data, '--json');
      expect(JSON.parse(verified.out)).toMatchObject({ mismatches: 0 });
      systems.kill('SIGTERM');
    });
  },
);

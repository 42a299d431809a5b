/** SAP's IDocs into a running platform: over HTTP, from a folder across a crash, and bombs. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baseFolds } from '../../packages/platform/dist/app/folds.js';
import { tablesOf } from '../../packages/platform/dist/engine/index.js';
import { createReader, openStore } from '../../packages/platform/dist/storage/index.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const fixtures = join(here, '../../packages/connectors/src/sap/idoc/fixtures');
const base = mkdtempSync(join(tmpdir(), 'headrace-idoc-'));
const data = join(base, 'data');
const drop = join(base, 'idocs');
const config = join(base, 'headrace.config.ts');
const sample = (name: string) => readFileSync(join(fixtures, `${name}.xml`), 'utf8');
let running: ChildProcess | null = null;

beforeAll(() => {
  mkdirSync(drop);
  writeFileSync(
    config,
    `import { defineProject } from 'headrace';
import { idoc } from 'headrace/connectors';
export default defineProject({
  timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'],
  sources: {
    erp: idoc({
      secret: 'port:password', auth: 'basic', folder: 'idocs', timeZone: 'Europe/Amsterdam',
      plants: { NL01: 'dc-nl' }, salesAreas: { '1000/10/00': 'alpha-nl' },
    }),
  },
});
`,
  );
});

afterAll(() => {
  running?.kill('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});

/** Starts the platform; it kills itself at the labelled point where one is given. */
function start(at: { readonly point: string; readonly count: number } | null) {
  const options = JSON.stringify({ config, folder: data, crashAt: null, at });
  const child = spawn(process.execPath, [join(here, 'support/crash-child.mjs'), options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running = child;
  const ended = new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? String(code))),
  );
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text: Buffer) => resolve(JSON.parse(text.toString()).apiUrl));
    child.once('close', () => reject(new Error('The platform ended before it served.')));
  });
  url.catch(() => undefined);
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { url, ended, stop };
}

/** Writes as a careful sender does: under another ending, then renamed. */
function put(name: string, text: string): void {
  writeFileSync(join(drop, `${name}.part`), text);
  renameSync(join(drop, `${name}.part`), join(drop, name));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(50);
}

function stored() {
  const tables = tablesOf(baseFolds);
  const store = openStore(data, { readOnly: true, tables });
  try {
    const reader = createReader(store, tables);
    const records = ['order', 'material', 'storeSales'].flatMap((stream) =>
      reader.keysRange('record', `erp/${stream}/`, `erp/${stream}/`, 100).map(({ key }) => key),
    );
    const text = (key: string) => reader.row('record', key)?.value ?? '';
    const inJournal = reader.journalRange(0, 1000).map(({ body }) => Buffer.from(body).toString());
    return { records, order: text('erp/order/S4HCLNT100/4711'), inJournal };
  } finally {
    store.close();
  }
}

const authorization = `Basic ${Buffer.from('port:password').toString('base64')}`;

async function send(
  url: string,
  body: string,
  headers: Record<string, string> = { authorization },
) {
  const response = await fetch(`${url}/v1/deliveries/erp`, { method: 'POST', headers, body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('IDocs', () => {
  it('sent over HTTP are in the journal when they are answered, once', async () => {
    const platform = start(null);
    const url = await platform.url;
    expect((await send(url, sample('order'), {})).status).toBe(401);
    const wrong = { authorization: 'Bearer hr_nobody' };
    expect(await send(url, sample('order'), wrong)).toMatchObject({ status: 401 });
    const counts = { accepted: 1, duplicates: 0, quarantined: 0 };
    expect(await send(url, sample('order'))).toEqual({ status: 202, body: counts });
    expect(await send(url, sample('order'))).toMatchObject({ body: { duplicates: 1 } });
    const half = await send(url, sample('order-and-a-broken-one'));
    expect(half.body).toEqual({ accepted: 1, duplicates: 0, quarantined: 1 });
    const bomb = '<!DOCTYPE x [<!ENTITY a "b">]><MATMAS05/>';
    const refused = await send(url, bomb);
    expect(refused).toMatchObject({ status: 422, body: { code: 'E_XML', type: '/errors/E_XML' } });
    const large = await fetch(`${url}/v1/deliveries/erp`, {
      ...{ method: 'POST', headers: { authorization }, body: Buffer.alloc((16 << 20) + 1, ' ') },
    });
    expect(large.status).toBe(413);
    await platform.stop();
    const { records, order, inJournal } = stored();
    expect(records.filter((key) => !key.includes('~'))).toEqual(['erp/order/S4HCLNT100/4711']);
    expect(order).toContain('alpha-nl');
    for (const name of ['Ada Voorbeeld', 'Dorpsstraat', 'neighbours', '0000100017']) {
      expect(
        inJournal.filter((body) => body.includes(name)),
        name,
      ).toEqual([]);
    }
  });

  it('dropped as files survive a kill between the commit and the move, and are one', async () => {
    put('1.xml', sample('material'));
    put('2.xml', sample('store-sales'));
    put('3.xml', sample('material-leaving'));
    const first = start({ point: 'file-durable', count: 2 });
    expect(await first.ended).toBe('SIGKILL');
    expect(readdirSync(join(drop, 'done'))).toEqual(['1.xml']);
    const before = stored();
    expect(before.records).toContain('erp/storeSales/0000000S01/801');
    expect(before.records).not.toContain('erp/material/S4HCLNT100/SOCK-BLUE-38');
    const second = start(null);
    await second.url;
    await until(() => existsSync(join(drop, 'done/3.xml')));
    await second.stop();
    expect(readdirSync(join(drop, 'done')).sort()).toEqual(['1.xml', '2.xml', '3.xml']);
    const after = stored();
    const times = (text: string) => after.inJournal.filter((body) => body.includes(text)).length;
    expect(after.records).toContain('erp/material/S4HCLNT100/SOCK-BLUE-38');
    expect([times('"DOCNUM":"0000000000000601"'), times('"DOCNUM":"0000000000000801"')]).toEqual([
      1, 1,
    ]);
  });

  it('made to fill the memory are refused in a heap of a few times their size', async () => {
    // A worker whose heap is bounded ends, rather than the process, when a document makes it grow.
    const worker = new Worker(new URL('./support/idoc-bombs.mjs', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 16 },
    });
    const answers = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    expect(answers).toEqual({
      laughs: 'E_XML',
      quadratic: 'E_XML',
      attributes: 'E_XML',
      deep: 'E_XML',
      manyIdocs: 'E_IDOC',
      manyFields: 'E_RECORD_TOO_LARGE',
      manySegments: 'E_RECORD_TOO_LARGE',
      oneText: 'E_XML',
      whitespace: 'E_XML',
      references: 'E_XML',
      comments: 'read',
    });
  });
});

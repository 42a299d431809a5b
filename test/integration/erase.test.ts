/**
 * Erasure end to end, in real processes: a person known to two systems under two ids, linked, with
 * records, quarantined bytes and a backup. Afterwards the plaintext is in no file and nothing opens,
 * the log still verifies, others are as they were, and a restored backup does not bring it back (I14).
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Verified } from '../../packages/platform/dist/audit/index.js';
import type { ErasureReport, Trace } from '../../packages/platform/dist/lineage/index.js';
import { Headrace, killAll, send, type Up } from './support/run-headrace.js';

const home = mkdtempSync(join(tmpdir(), 'headrace-erase-'));
afterAll(() => {
  killAll();
  rmSync(home, { recursive: true, force: true });
});

const canary = 'Ada-Canary-7731';
const mail = 'canary-7731@example.com';
const environment = {
  HEADRACE_ANCHOR: join(home, 'anchors'),
  HEADRACE_URL: '',
  HEADRACE_TOKEN: '',
};
const data = join(home, 'data');
const backup = join(home, 'backup');

/** Names of all files below a folder that hold the text. */
function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = join(folder, name);
    if (statSync(file).isDirectory()) return filesWith(text, file);
    return readFileSync(file).includes(text) ? [file] : [];
  });
}

async function opened(up: Up, token: string, id: string): Promise<string> {
  const { body } = await send(up, token, `/v1/trace/${id}?personal=open`);
  return JSON.stringify((body as Trace).answers);
}

it('erases a person in every system that knows them, and nobody else', async () => {
  const up = await new Headrace(data, environment).up();
  const token = up.token ?? '';
  const headrace = new Headrace(data, {
    ...environment,
    HEADRACE_URL: up.url,
    HEADRACE_TOKEN: token,
  });
  const person = (id: string, name: string, more: object = {}) => ({
    ...{ id, version: '1', name, mail: `${name}@example.com`, segment: 'gold' },
    ...more,
  });
  const put = async (source: string, records: readonly object[]) =>
    expect((await send(up, token, `/v1/ingest/${source}/person`, records)).status).toBe(202);
  await put('shop', [person('shop-1', canary, { mail }), person('shop-2', 'Bea')]);
  await put('crm', [person('crm-9', canary), person('crm-8', 'Cleo')]);
  // Without a key it cannot be used, and waits with its bytes; another one names nobody we erase.
  await put('shop', [{ version: '1', name: canary, note: 'no key' }]);
  await put('crm', [{ version: '1', name: 'Dora', note: 'no key' }]);
  const link = { entity: 'customer', from: 'crm-9', to: 'shop-1', evidence: 'same person' };
  expect((await send(up, token, '/v1/links', link)).status).toBe(201);
  expect((await headrace.run('backup', backup)).code).toBe(0);
  for (const id of ['shop-1', 'crm-9']) expect(await opened(up, token, id)).toContain(canary);
  const others = ['shop-2', 'crm-8'];
  const before = await Promise.all(others.map((id) => opened(up, token, id)));
  const segment = (await send(up, token, '/v1/entities/customer/shop-1')).body;

  const would = await headrace.json<{ records: number; quarantined: number }>(
    ...['erase', '--subject', 'crm:crm-9', '--dry-run'],
  );
  expect(would).toMatchObject({ records: 2, quarantined: 1, keys: 3, sources: ['crm', 'shop'] });
  const report = await headrace.json<ErasureReport>('erase', '--subject', 'crm:crm-9');
  expect(report).toMatchObject({ exit: 0, erased: 3, recomputed: 0, records: 2, quarantined: 1 });
  expect(report.subjects.map((subject) => subject.source).sort()).toEqual(['crm', 'shop']);

  for (const id of ['shop-1', 'crm-9']) {
    const told = await opened(up, token, id);
    expect(told).toContain('"erased"');
    expect(told).not.toContain(canary);
  }
  expect(await Promise.all(others.map((id) => opened(up, token, id)))).toEqual(before);
  const after = (await send(up, token, '/v1/entities/customer/shop-1')).body as { fields: object };
  expect(after.fields).toEqual((segment as { fields: object }).fields);
  // What a system still says of the person is kept without the personal part.
  await put('shop', [person('shop-1', canary, { version: '2', mail, segment: 'silver' })]);
  expect(await opened(up, token, 'shop-1')).not.toContain(canary);

  const verified = await headrace.json<Verified>('verify', '--deep');
  expect(verified).toMatchObject({ exit: 0, ok: true, firstBad: null });
  const logs = up.logged();
  await up.stop('SIGINT');
  for (const text of [canary, mail]) {
    expect(logs).not.toContain(text);
    for (const folder of [data, backup, environment.HEADRACE_ANCHOR]) {
      expect(filesWith(text, folder), text).toEqual([]);
    }
  }
});

it('erases again when a backup made before is put back', async () => {
  const headrace = new Headrace(data, environment);
  const restored = await headrace.json<{ erasedAgain: number }>('restore', backup, '--force');
  expect(restored).toMatchObject({ exit: 0, erasedAgain: 3 });
  const verified = await headrace.json<Verified>('verify', '--deep');
  expect(verified).toMatchObject({ exit: 0, ok: true });
  const traced = await headrace.json<Trace>('trace', 'shop-1');
  expect(traced.sources[0]?.personal).toEqual({ kind: 'erased' });
});

it('erases again when all that is left is the backup and the anchor', async () => {
  const key = readFileSync(join(data, 'master.key'));
  rmSync(data, { recursive: true });
  const headrace = new Headrace(data, {
    ...environment,
    HEADRACE_MASTER_KEY: Buffer.from(key.toString().trim(), 'base64').toString('base64'),
  });
  const copy = join(home, 'copy');
  cpSync(backup, copy, { recursive: true });
  const restored = await headrace.json<{ erasedAgain: number }>('restore', copy);
  expect(restored).toMatchObject({ exit: 0, erasedAgain: 3 });
  const traced = await headrace.json<Trace>('trace', 'crm-9');
  expect(traced.sources[0]?.personal).toEqual({ kind: 'erased' });
});

/**
 * The log of a store as people run it: published while entries come, whole after kill -9, and a
 * directory put back as it was is refused by its anchor until somebody accepts it (I10).
 */
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  Anchor,
  type Bundle,
  type CheckedBundle,
  checkBundle,
  checkCheckpoint,
  checkConsistency,
  checkInclusion,
  LogReader,
  openKeyRing,
  readCheckpoint,
  readMasterKey,
  type Verified,
} from '../../packages/platform/dist/audit/index.js';
import { systemRandom } from '../../packages/platform/dist/ports/index.js';
import { createReader, openStore } from '../../packages/platform/dist/storage/index.js';
import { Headrace, killAll, send } from './support/run-headrace.js';

interface Published {
  readonly publicKey: string;
  readonly size: number;
  readonly root: string;
  readonly checkpoint: string;
  readonly consistency: readonly string[] | null;
}

const home = mkdtempSync(join(tmpdir(), 'headrace-proof-'));
afterAll(() => {
  killAll();
  rmSync(home, { recursive: true, force: true });
});

describe('the log of a running store', () => {
  const data = join(home, 'data');
  const anchors = join(home, 'anchors');
  const headrace = new Headrace(data, { HEADRACE_ANCHOR: anchors });
  const anchor = () => new Anchor(anchors, data).read();
  let token = '';
  let version = 0;
  const prices = (count: number) => {
    version += 1;
    return Array.from({ length: count }, (_, index) => ({
      ...{ id: `sku-${index}`, version: String(version), value: version },
    }));
  };

  /** Every entry below the newest checkpoint is proved by the files, under the store's own key. */
  function checkFiles(): number {
    const store = openStore(data, { readOnly: true, tables: [] });
    try {
      const random = systemRandom();
      const ring = openKeyRing(store, readMasterKey(data, {}, random).key, random);
      const { note } = readCheckpoint(data) ?? { note: '' };
      const { size, root } = checkCheckpoint(note, ring.signer.publicKey);
      const reader = new LogReader(data);
      for (const [index, leaf] of createReader(store, []).leaves(0, size).entries()) {
        const path = reader.inclusion(index, size);
        expect(checkInclusion(leaf, index, size, path, root), `entry ${index}`).toBe(true);
      }
      return size;
    } finally {
      store.close();
    }
  }

  it('is published while it runs and complete when it ends', async () => {
    const up = await headrace.up();
    token = up.token ?? '';
    expect((await send(up, token, '/v1/ingest/shop/price', prices(700))).status).toBe(202);
    // The anchor moves last.
    await expect.poll(() => anchor()?.size ?? 0, { timeout: 30_000 }).toBeGreaterThan(700);
    expect(readCheckpoint(data)?.size).toBeGreaterThanOrEqual(anchor()?.size ?? Number.NaN);
    checkFiles();
    await send(up, token, '/v1/ingest/shop/price', prices(300));
    expect((await up.stop('SIGINT')).code).toBe(0);
    expect(checkFiles()).toBeGreaterThan(1000);
  });

  it('is whole again after kill -9 between a commit and its tiles', async () => {
    for (let round = 0; round < 3; round += 1) {
      const up = await headrace.up();
      await send(up, token, '/v1/ingest/shop/price', prices(400));
      await up.stop('SIGKILL');
      expect(checkFiles()).toBeGreaterThanOrEqual(anchor()?.size ?? Number.NaN);
    }
    const up = await headrace.up();
    await up.stop('SIGINT');
    expect(checkFiles()).toBeGreaterThan(2200);
  });

  it('is refused when the whole directory was put back, until somebody accepts it', async () => {
    const copy = join(home, 'copy');
    cpSync(data, copy, { recursive: true });
    const up = await headrace.up();
    await send(up, token, '/v1/ingest/shop/price', prices(50));
    await up.stop('SIGINT');
    const newest = anchor()?.size ?? Number.NaN;
    renameSync(data, join(home, 'newer'));
    renameSync(copy, data);
    const refused = await headrace.run('up');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('E_ROLLED_BACK');
    expect(refused.err).toMatch(/has \d+ entries and had \d+: it was rolled back/);
    expect(refused.err).toContain('--accept-rollback');
    expect(anchor()?.size).toBe(newest);

    const accepted = await headrace.up('--accept-rollback');
    await accepted.stop('SIGINT');
    const store = openStore(data, { readOnly: true, tables: [] });
    const bodies = createReader(store, [])
      .journalRange(0, 10_000)
      .map((row) => Buffer.from(row.body).toString());
    store.close();
    const entry = bodies.find((body) => body.includes('"accept-rollback"')) ?? '{}';
    expect(JSON.parse(entry)).toMatchObject({ before: { size: newest } });
    expect(JSON.parse(entry).principal).toMatch(/^os:/);
    const again = await headrace.up();
    await again.stop('SIGINT');
  });

  it('gives a bundle that checks elsewhere with the public key alone, and not when forged', async () => {
    const up = await headrace.up();
    await send(up, token, '/v1/ingest/crm/person', [
      { id: 'p1', version: '1', name: 'Ada Canary' },
    ]);
    const newest = (await send(up, token, '/v1/audit/checkpoint')).body as Published;
    expect(checkCheckpoint(newest.checkpoint, newest.publicKey).size).toBe(newest.size);
    const then = (await send(up, token, '/v1/audit/checkpoint?from=1000')).body as Published;
    const kept = { size: 1000, root: new LogReader(data).root(1000, then.size) };
    const proof = (then.consistency ?? []).map((hash) => Buffer.from(hash, 'hex'));
    expect(
      checkConsistency(kept, { size: then.size, root: Buffer.from(then.root, 'hex') }, proof),
    ).toBe(true);
    expect((await send(up, token, '/v1/audit/checkpoint?from=999999')).status).toBe(409);

    const elsewhere = new Headrace(join(home, 'elsewhere'), { HEADRACE_ANCHOR: 'off' });
    const file = join(home, 'bundle.json');
    const key = ['--key', newest.publicKey];
    const answer = await send(up, token, '/v1/audit/proof/customer/p1');
    writeFileSync(file, JSON.stringify(answer.body));
    const checked = await elsewhere.json<CheckedBundle>('verify', '--bundle', file, ...key);
    expect(checked).toMatchObject({ exit: 0, ok: true, entries: 1, firstBad: null });
    expect(checked.sources[0]).toMatchObject({ source: 'crm', stream: 'person', key: 'p1' });
    expect(JSON.stringify(answer.body) + JSON.stringify(checked)).not.toContain('Canary');

    expect((await headrace.run('trace', 'price/sku-7/alpha-nl/-/-/-', '--bundle', file)).code).toBe(
      1,
    );
    const traced = await headrace.json<{ entries: number }>('trace', 'sku-7', '--bundle', file);
    expect(traced).toMatchObject({ exit: 0, entries: 1 });
    const bundle = JSON.parse(readFileSync(file, 'utf8')) as Bundle;
    const [entry] = bundle.entries as [Bundle['entries'][number]];
    const forged = Buffer.from('{"id":"sku-7","version":"1","value":0}').toString('base64');
    const lies: readonly Partial<Bundle>[] = [
      { entries: [{ ...entry, body: forged }] },
      { entries: [{ ...entry, path: entry.path.slice(1) }] },
      { entries: [{ ...entry, offset: entry.offset + 1 }] },
      { checkpoint: bundle.checkpoint.replace(/\n\d+\n/, '\n7\n') },
    ];
    for (const lie of lies) {
      const told = checkBundle({ ...bundle, ...lie }, newest.publicKey);
      expect(told.ok).toBe(false);
      expect(told.firstBad).not.toBeNull();
    }
    writeFileSync(file, JSON.stringify({ ...bundle, ...lies[0] }));
    const refused = await elsewhere.json<CheckedBundle>('verify', '--bundle', file, ...key);
    expect(refused).toMatchObject({
      exit: 2,
      ok: false,
      firstBad: { at: `entry ${entry.offset}` },
    });

    const verified = await headrace.json<Verified>('verify');
    expect(verified).toMatchObject({ exit: 0, ok: true, firstBad: null });
    expect((await headrace.json<CheckedBundle>('verify', '--proof', 'entry/5')).ok).toBe(true);
    await up.stop('SIGINT');
  });

  it('is restored from a backup without being taken for a roll-back', async () => {
    const up = await headrace.up();
    const backup = join(home, 'backup');
    expect((await headrace.run('backup', backup)).code).toBe(0);
    await send(up, token, '/v1/ingest/shop/price', prices(50));
    await up.stop('SIGINT');
    const restored = await headrace.json<{ entriesLost: number }>('restore', backup, '--force');
    expect(restored.entriesLost).toBeGreaterThan(49);
    const after = await headrace.up();
    expect(after.logged()).toBe('');
    await after.stop('SIGINT');
    checkFiles();
  });
});

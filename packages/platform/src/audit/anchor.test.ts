import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Anchor, anchorHome, refuseRolledBack } from './anchor.js';
import { signerOf } from './checkpoint.js';

const home = mkdtempSync(join(tmpdir(), 'anchor-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(home, `${count++}`);
const signer = signerOf(Buffer.alloc(32, 1));
const rootAt = (size: number) => Buffer.alloc(32, size);
const store = (size: number) => ({ publicKey: signer.publicKey, size, rootAt });
const anchored = async (size: number, place = fresh(), data = '/data') => {
  const anchor = new Anchor(place, data);
  await anchor.write(signer.sign({ size, root: rootAt(size) }));
  return anchor;
};

describe('anchor', () => {
  it('holds for a store that has grown, or stayed', async () => {
    const anchor = await anchored(5);
    expect(anchor.read()?.size).toBe(5);
    for (const size of [5, 6, 99]) expect(anchor.judge(store(size)).kind).toBe('holds');
  });

  it('refuses a store that is smaller, or another of the same length', async () => {
    const anchor = await anchored(5);
    const smaller = anchor.judge(store(4));
    expect(smaller).toMatchObject({ kind: 'rolled-back' });
    expect(() => refuseRolledBack(smaller)).toThrow('has 4 entries and had 5');
    const other = anchor.judge({ ...store(7), rootAt: () => Buffer.alloc(32, 99) });
    expect(other).toMatchObject({ kind: 'rewritten' });
    expect(() => refuseRolledBack(other)).toThrow('rewritten');
  });

  it('refuses an anchor that was bent', async () => {
    const place = fresh();
    const anchor = await anchored(5, place);
    const forged = signerOf(Buffer.alloc(32, 2)).sign({ size: 1, root: rootAt(1) }).note;
    const note = forged.replaceAll(/headrace\/\w+/g, signer.origin);
    writeFileSync(anchor.file, `/data\n${note}`);
    expect(anchor.judge(store(3)).kind).toBe('unreadable');
    writeFileSync(anchor.file, 'nothing');
    const verdict = anchor.judge(store(3));
    expect(() => refuseRolledBack(verdict)).toThrow(anchor.file);
  });

  it('says why there is nothing to compare with', async () => {
    const place = fresh();
    const none = new Anchor(place, '/data');
    expect(none.judge(store(3))).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('no'),
    });
    await anchored(5, place, '/elsewhere');
    const moved = none.judge(store(3));
    expect(moved).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('/elsewhere it had 5'),
    });
    expect(() => refuseRolledBack(moved)).not.toThrow();
    const anchor = await anchored(5, place);
    const { publicKey } = signerOf(Buffer.alloc(32, 3));
    const replaced = anchor.judge({ ...store(1), publicKey });
    expect(replaced).toMatchObject({ kind: 'none', why: expect.stringContaining('Another store') });
  });

  it('is kept in the state of the user, where told, or nowhere', () => {
    expect(anchorHome({ HEADRACE_ANCHOR: 'off' })).toBe(null);
    expect(anchorHome({ HEADRACE_ANCHOR: '/anchors' })).toBe('/anchors');
    expect(anchorHome({})).toContain('headrace');
  });
});

/**
 * Tampering with a real store: journal rows, leaves, tiles, checkpoints, folded tables and raw bytes
 * of its files are flipped, cut, moved, deleted and put back to what they were, one at a time. Every
 * change of content is found and its first bad entry named; flips in bytes that hold nothing are
 * harmless; a store nobody touched is never accused (I10).
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { foldsOf } from '../../packages/platform/dist/app/folds.js';
import { loadProject } from '../../packages/platform/dist/app/load-project.js';
import {
  Anchor,
  checkpointFile,
  decodeHeader,
  leafHash,
  openKeyRing,
  readMasterKey,
  signerOf,
  syncedFile,
  type Verified,
  verifyLog,
} from '../../packages/platform/dist/audit/index.js';
import {
  createLogHook,
  openLogOf,
  verifyReplay,
} from '../../packages/platform/dist/engine/index.js';
import { createNormalizer } from '../../packages/platform/dist/entities/index.js';
import { systemRandom } from '../../packages/platform/dist/ports/index.js';
import {
  BatchEncoder,
  createBatchWriter,
  createReader,
  type Database,
  openDatabase,
  openStore,
  type SqlValue,
} from '../../packages/platform/dist/storage/index.js';
import { chanceOf } from './support/chance.js';
import { Headrace, killAll, proofProject, send } from './support/run-headrace.js';

const seed = Number(process.env['HEADRACE_SEED'] ?? 1);
const tamperings = Number(process.env['HEADRACE_TAMPERINGS'] ?? 1000);
/** A thousand take some twenty seconds on a machine with nothing else to do. */
const timeoutMs = 60_000 + tamperings * 500;
const home = mkdtempSync(join(tmpdir(), 'headrace-tamper-'));
afterAll(() => {
  killAll();
  rmSync(home, { recursive: true, force: true });
});

const data = join(home, 'data');
const anchors = join(home, 'anchors');
const main = join(data, 'store.db');
const log = join(data, 'log');
const headrace = new Headrace(data, { HEADRACE_ANCHOR: anchors });

interface Expected {
  /** What was done, for the message of a failure. */
  readonly what: string;
  /** The entry that is the first bad one, or what else is. */
  readonly offset?: number;
  readonly kind?: string;
  readonly at?: string;
}

class Campaign {
  readonly next = chanceOf(seed);
  readonly anchor = new Anchor(anchors, data);
  publicKey = '';
  size = 0;
  /** Everything of the store, to put it back. */
  readonly #files = new Map<string, Buffer>();
  /** Earlier states of files that change. */
  readonly older = new Map<string, Buffer>();
  #content = '';

  pick(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** A store that was written by `headrace up` in two goes, with persons and without. */
  async make(): Promise<void> {
    const up = await headrace.up();
    const token = up.token ?? '';
    await this.#fill(up, token, '1');
    await up.stop('SIGINT');
    this.#read(log, this.older);
    this.older.set(main, readFileSync(main));
    const again = await headrace.up();
    await this.#fill(again, token, '2');
    await again.stop('SIGINT');
    // A write-ahead log of its own would have to be put back, too.
    this.sql((database) => database.exec('PRAGMA journal_mode=DELETE'));
    this.#read(log, this.#files);
    for (const file of [main, this.anchor.file]) this.#files.set(file, readFileSync(file));
    const store = openStore(data, { readOnly: true, tables: [] });
    const random = systemRandom();
    this.publicKey = openKeyRing(
      store,
      readMasterKey(data, {}, random).key,
      random,
    ).signer.publicKey;
    store.close();
    this.size = (await this.verify()).entries;
    this.#content = this.content();
    this.putBack();
  }

  async #fill(up: { readonly url: string }, token: string, version: string): Promise<void> {
    const ids = Array.from({ length: 200 }, (_, index) => String(index));
    const prices = ids.map((id) => ({ id, version, value: Number(id) + Number(version) }));
    const persons = ids
      .slice(0, 100)
      .map((id) => ({ id, version, name: `Ada ${id}`, segment: 'a' }));
    expect((await send(up, token, '/v1/ingest/shop/price', prices)).status).toBe(202);
    expect((await send(up, token, '/v1/ingest/shop/person', persons)).status).toBe(202);
  }

  #read(folder: string, into: Map<string, Buffer>): void {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      if (statSync(file).isDirectory()) this.#read(file, into);
      else into.set(file, readFileSync(file));
    }
  }

  verify(): Promise<Verified> {
    const { publicKey, anchor } = this;
    return verifyLog({ folder: data, publicKey, anchor, threads: 0 });
  }

  putBack(): void {
    for (const name of ['-wal', '-shm']) rmSync(`${main}${name}`, { force: true });
    const there = new Map<string, Buffer>();
    this.#read(log, there);
    for (const file of there.keys()) if (!this.#files.has(file)) rmSync(file);
    // A new file each time: connections of this process may hold the old one until they are collected.
    rmSync(main, { force: true });
    for (const [file, bytes] of this.#files) {
      mkdirSync(dirname(file), { recursive: true });
      if (!existsSync(file) || !readFileSync(file).equals(bytes)) writeFileSync(file, bytes);
    }
  }

  sql<T>(work: (database: Database) => T): T {
    const database = openDatabase(main);
    try {
      return work(database);
    } finally {
      database.close();
    }
  }

  /** What the log speaks for, as text; null when it cannot be read. */
  content(): string {
    const database = openDatabase(main, { readOnly: true });
    try {
      const rows = database.prepare('SELECT * FROM journal ORDER BY offset').all();
      const frontier = database.prepare("SELECT value FROM meta WHERE name = 'frontier'").all();
      return JSON.stringify([rows, frontier], (_, value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
      );
    } finally {
      database.close();
    }
  }

  isSameContent(): boolean {
    return this.content() === this.#content;
  }

  row(offset: number): Record<string, SqlValue> {
    return this.sql(
      (database) => database.prepare('SELECT * FROM journal WHERE offset = ?').all(offset)[0] ?? {},
    );
  }

  set(offset: number, row: Record<string, SqlValue>): void {
    this.sql((database) =>
      database
        .prepare('UPDATE journal SET header = ?, body = ?, sealed = ?, leaf = ? WHERE offset = ?')
        .run(...['header', 'body', 'sealed', 'leaf'].map((name) => row[name] ?? null), offset),
    );
  }

  flip(bytes: Uint8Array): Buffer {
    const changed = Buffer.from(bytes);
    const at = this.pick(changed.length);
    changed[at] = (changed[at] as number) ^ (1 << this.pick(8));
    return changed;
  }

  /** A column of a row that holds something. */
  column(row: Record<string, SqlValue>): string {
    const filled = ['header', 'body', 'sealed', 'leaf'].filter(
      (name) => row[name] instanceof Uint8Array && (row[name] as Uint8Array).length > 0,
    );
    return filled[this.pick(filled.length)] as string;
  }

  tiles(): string[] {
    return [...this.#files.keys()].filter((file) => file.startsWith(join(log, 'tile')));
  }

  /** Those that are part of the newest checkpoint; growing ones of the one before it are not. */
  checkedTiles(): string[] {
    return this.tiles().filter((file) => {
      const [, level = '', width = ''] = /tile\/(\d)\/\d+\.p\/(\d+)$/.exec(file) ?? [];
      return width === '' || Math.floor(this.size / 256 ** Number(level)) % 256 === Number(width);
    });
  }

  bytesOf(file: string): Buffer {
    return this.#files.get(file) as Buffer;
  }
}

type Tampering = (campaign: Campaign) => Expected;

const journal: readonly Tampering[] = [
  (campaign) => {
    const offset = campaign.pick(campaign.size);
    const row = campaign.row(offset);
    const name = campaign.column(row);
    campaign.set(offset, { ...row, [name]: campaign.flip(row[name] as Uint8Array) });
    return { what: `bit of ${name}`, offset, kind: 'entry' };
  },
  (campaign) => {
    const offset = campaign.pick(campaign.size);
    const row = campaign.row(offset);
    const name = campaign.column(row);
    const bytes = row[name] as Uint8Array;
    campaign.set(offset, { ...row, [name]: bytes.slice(0, campaign.pick(bytes.length)) });
    return { what: `${name} cut`, offset, kind: 'entry' };
  },
  (campaign) => {
    const [a, b] = two(campaign, campaign.size);
    const [first, second] = [campaign.row(a), campaign.row(b)];
    campaign.set(a, second);
    campaign.set(b, first);
    return { what: `entries ${a} and ${b} changed places`, offset: Math.min(a, b), kind: 'entry' };
  },
  (campaign) => {
    const [a, b] = two(campaign, campaign.size);
    campaign.set(a, campaign.row(b));
    return { what: `entry ${a} replaced by ${b}`, offset: a, kind: 'entry' };
  },
  (campaign) => {
    const offset = campaign.pick(campaign.size);
    campaign.sql((database) =>
      database.prepare('DELETE FROM journal WHERE offset = ?').run(offset),
    );
    return { what: 'entry deleted', offset, kind: 'entry' };
  },
  (campaign) => {
    const offset = campaign.size - 1 - campaign.pick(20);
    campaign.sql((database) =>
      database.prepare('DELETE FROM journal WHERE offset >= ?').run(offset),
    );
    return { what: 'end cut off', offset, kind: 'entry' };
  },
  (campaign) => {
    const { size } = campaign;
    const { header, body, leaf } = campaign.row(campaign.pick(size)) as Record<string, Uint8Array>;
    campaign.sql((database) =>
      database
        .prepare('INSERT INTO journal (offset, header, body, leaf) VALUES (?, ?, ?, ?)')
        .run(size, header as Uint8Array, body as Uint8Array, leaf as Uint8Array),
    );
    return { what: 'entry added', offset: size, kind: 'entry' };
  },
  (campaign) => {
    const [a, b] = two(campaign, campaign.size);
    const [first, second] = [campaign.row(a), campaign.row(b)];
    campaign.set(a, { ...first, leaf: second['leaf'] ?? null });
    campaign.set(b, { ...second, leaf: first['leaf'] ?? null });
    return { what: 'two leaves changed places', offset: Math.min(a, b), kind: 'entry' };
  },
  (campaign) => {
    const offset = campaign.pick(campaign.size);
    campaign.set(offset, { ...campaign.row(offset), leaf: new Uint8Array() });
    return { what: 'leaf deleted', offset, kind: 'entry' };
  },
  // An entry that says what the record said before: the newest version is gone, and nothing else.
  (campaign) => {
    const offset = campaign.size - 1 - campaign.pick(campaign.size);
    const row = campaign.row(offset);
    const { previous } = decodeHeader(row['header'] as Uint8Array);
    if (previous === null) return { what: 'nothing' };
    const older = campaign.row(previous);
    campaign.set(offset, { ...row, body: older['body'] ?? null, sealed: older['sealed'] ?? null });
    return { what: 'entry has its record as it was before', offset, kind: 'entry' };
  },
  // Whoever knows the format makes the leaf anew: the tiles still have the old one.
  (campaign) => {
    const offset = campaign.pick(campaign.size);
    const row = campaign.row(offset) as Record<string, Uint8Array>;
    const body = Buffer.from('{"forged":true}');
    const leaf = leafHash(row['header'] as Uint8Array, body, row['sealed'] ?? null);
    campaign.set(offset, { ...row, body, leaf });
    return { what: 'entry forged with its leaf', offset, kind: 'tile' };
  },
  (campaign) => {
    campaign.sql((database) => {
      const [stored] = database.prepare("SELECT value FROM meta WHERE name = 'frontier'").all();
      const value = campaign.flip(stored?.['value'] as Uint8Array);
      database.prepare("UPDATE meta SET value = ? WHERE name = 'frontier'").run(value);
    });
    return { what: 'frontier' };
  },
];

const files: readonly Tampering[] = [
  (campaign) => {
    const file = tile(campaign);
    const bytes = Buffer.from(campaign.bytesOf(file));
    const count = bytes.length / 32;
    if (count < 2) return { what: 'nothing' };
    const [a, b] = two(campaign, count);
    const first = Buffer.from(bytes.subarray(a * 32, a * 32 + 32));
    bytes.copyWithin(a * 32, b * 32, b * 32 + 32);
    first.copy(bytes, b * 32);
    writeFileSync(file, bytes);
    return { what: 'two hashes of a tile changed places', kind: 'tile', at: pathOf(file) };
  },
  (campaign) => {
    const file = join(log, 'checkpoint');
    const lines = campaign.bytesOf(file).toString().split('\n');
    const [a, b] = two(campaign, 3) as [number, number];
    [lines[a], lines[b]] = [lines[b] as string, lines[a] as string];
    writeFileSync(file, lines.join('\n'));
    return { what: 'two lines of the checkpoint changed places', kind: 'checkpoint' };
  },
  // The journal as it was after the first go, beside the log of the second.
  (campaign) => {
    writeFileSync(main, campaign.older.get(main) as Buffer);
    return { what: 'store replaced by an older one' };
  },
  (campaign) => {
    const file = tile(campaign);
    writeFileSync(file, campaign.flip(campaign.bytesOf(file)));
    return { what: 'bit of a tile', kind: 'tile', at: pathOf(file) };
  },
  (campaign) => {
    const file = tile(campaign);
    const bytes = campaign.bytesOf(file);
    writeFileSync(file, bytes.subarray(0, campaign.pick(bytes.length)));
    return { what: 'tile cut', kind: 'tile', at: pathOf(file) };
  },
  (campaign) => {
    const file = tile(campaign);
    rmSync(file);
    return { what: 'tile deleted', kind: 'tile', at: pathOf(file) };
  },
  (campaign) => {
    const full = campaign.checkedTiles().filter((file) => /tile\/0\/\d+$/.test(file));
    const [a, b] = two(campaign, full.length).map((at) => full[at] as string) as [string, string];
    renameSync(a, `${a}.moved`);
    renameSync(b, a);
    renameSync(`${a}.moved`, b);
    return {
      what: 'two tiles changed places',
      kind: 'tile',
      at: pathOf([a, b].sort()[0] as string),
    };
  },
  (campaign) => {
    const file = tile(campaign);
    const older = [...campaign.older].filter(([name]) => name.includes('/tile/'));
    const [name, bytes] = older[campaign.pick(older.length)] as [string, Buffer];
    if (bytes.equals(campaign.bytesOf(file))) return { what: 'nothing' };
    writeFileSync(file, bytes);
    return { what: `tile replaced by older ${pathOf(name)}`, kind: 'tile', at: pathOf(file) };
  },
  (campaign) => {
    const file = join(log, 'checkpoint');
    writeFileSync(file, campaign.flip(campaign.bytesOf(file)));
    return { what: 'bit of the checkpoint', kind: 'checkpoint' };
  },
  (campaign) => {
    const file = join(log, 'checkpoint');
    const bytes = campaign.bytesOf(file);
    // The last sign is only the end of the line.
    writeFileSync(file, bytes.subarray(0, campaign.pick(bytes.length - 1)));
    return { what: 'checkpoint cut', kind: 'checkpoint' };
  },
  () => {
    rmSync(join(log, 'checkpoint'));
    return { what: 'checkpoint deleted', kind: 'checkpoint' };
  },
  (campaign) => {
    const file = join(log, 'checkpoint');
    writeFileSync(file, campaign.older.get(file) as Buffer);
    return { what: 'checkpoint replaced by an older one', kind: 'checkpoint' };
  },
];

function tile(campaign: Campaign): string {
  const all = campaign.checkedTiles();
  return all[campaign.pick(all.length)] as string;
}

function pathOf(file: string): string {
  return file.slice(log.length + 1);
}

function two(campaign: Campaign, below: number): [number, number] {
  const a = campaign.pick(below);
  return [a, (a + 1 + campaign.pick(below - 1)) % below];
}

describe('tampering', () => {
  const campaign = new Campaign();

  it('starts from a store of which nothing is wrong', async () => {
    await campaign.make();
    const verified = await headrace.json<Verified>('verify', '--deep');
    expect(verified).toMatchObject({ exit: 0, ok: true, firstBad: null, faults: [] });
    expect(verified.entries).toBe(campaign.size);
    expect(campaign.size).toBeGreaterThan(512);
    expect(campaign.checkedTiles().length).toBeGreaterThanOrEqual(4);
  });

  it(
    'with entries, leaves, tiles and checkpoints is found each time, at its first bad entry',
    async () => {
      const missed: string[] = [];
      const counts = new Map<string, number>();
      const done = new Map<Tampering, number>();
      for (let round = 0; round < tamperings; round += 1) {
        const kinds = campaign.next() < 0.6 ? journal : files;
        const tampering = kinds[campaign.pick(kinds.length)] as Tampering;
        const expected = tampering(campaign);
        const { ok, firstBad } = await campaign.verify();
        const isNothing = expected.what === 'nothing';
        if (!isNothing) done.set(tampering, (done.get(tampering) ?? 0) + 1);
        const isNamed =
          (expected.kind ?? firstBad?.kind) === firstBad?.kind &&
          (expected.offset ?? firstBad?.offset) === firstBad?.offset &&
          (expected.at ?? firstBad?.at) === firstBad?.at;
        if (isNothing ? !ok : ok || !isNamed) {
          missed.push(`round ${round}, ${JSON.stringify(expected)}: ${JSON.stringify(firstBad)}`);
        }
        counts.set(firstBad?.kind ?? 'none', (counts.get(firstBad?.kind ?? 'none') ?? 0) + 1);
        campaign.putBack();
        if (round % 50 === 0)
          expect((await campaign.verify()).faults, 'an accused store').toEqual([]);
      }
      expect(missed).toEqual([]);
      for (const kind of ['entry', 'tile', 'checkpoint', 'root']) {
        expect(counts.get(kind) ?? 0, kind).toBeGreaterThan(tamperings / 200);
      }
      // Chance has come to each way of each target.
      for (const [at, tampering] of [...journal, ...files].entries()) {
        expect(done.get(tampering) ?? 0, `tampering ${at}`).toBeGreaterThan(tamperings / 200);
      }
    },
    timeoutMs,
  );

  it(
    'with any byte of the file is found, or changed nothing of what the log speaks for',
    async () => {
      let [found, harmless] = [0, 0];
      const bytes = campaign.bytesOf(main);
      for (let round = 0; round < tamperings / 4; round += 1) {
        writeFileSync(main, campaign.flip(bytes));
        const { ok } = await campaign.verify();
        // An overlooked change would show here as other content.
        if (!ok) found += 1;
        else {
          expect(campaign.isSameContent(), `round ${round}`).toBe(true);
          harmless += 1;
        }
        campaign.putBack();
      }
      expect(found).toBeGreaterThan(0);
      expect(harmless).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  it('with folded tables is found by folding again', async () => {
    const project = await loadProject(proofProject, process.env, join(data, 'cache'));
    const folds = foldsOf(project);
    const normalizer = createNormalizer(project.sources);
    const deep = () => verifyReplay({ folder: data, folds, normalizer });
    for (let round = 0; round < 20; round += 1) {
      const what = campaign.sql((database) => {
        const rows = database.prepare('SELECT id, value FROM fold_record').all();
        const row = rows[campaign.pick(rows.length)] as Record<string, SqlValue>;
        if (round % 3 === 0) {
          database.prepare('DELETE FROM fold_record WHERE id = ?').run(row['id'] as number);
          return 'deleted';
        }
        const text = Buffer.from(row['value'] as Uint8Array).toString();
        const value = Buffer.from(text.replace(/"knownAt":(\d)/, '"knownAt":9'));
        database
          .prepare('UPDATE fold_record SET value = ? WHERE id = ?')
          .run(value, row['id'] as number);
        return 'changed';
      });
      expect((await campaign.verify()).ok, 'it is not what the log speaks for').toBe(true);
      const { mismatches, firstMismatch } = deep();
      expect(mismatches, what).toBe(1);
      expect(firstMismatch).toMatch(/^record shop\/(price|person)\//);
      campaign.putBack();
    }
    expect(deep().mismatches).toBe(0);
    campaign.putBack();
  });

  it('is said by the program, with exit code 2', async () => {
    const offset = 300;
    const row = campaign.row(offset);
    campaign.set(offset, { ...row, body: campaign.flip(row['body'] as Uint8Array) });
    const said = await headrace.json<Verified>('verify');
    expect(said).toMatchObject({ exit: 2, ok: false, firstBad: { kind: 'entry', offset } });
    expect((await headrace.run('verify')).out).toContain('BAD  entry 300: its leaf');
    campaign.putBack();
  });

  it('in a full tile above others is found, which takes a log of 65,536 entries', async () => {
    const place = join(home, 'large');
    const store = openStore(place, { tables: [], volatile: true });
    const writing = openLogOf(place, createReader(store, []));
    const writer = createBatchWriter(store, [], createLogHook(writing));
    const entries = 66_000;
    const encoder = new BatchEncoder();
    const template = Buffer.from(campaign.row(0)['header'] as Uint8Array);
    for (let offset = 0; offset < entries; offset += 1) {
      template.writeBigInt64BE(BigInt(offset), 4);
      encoder.journal(offset, template, `{"at":${offset}}`, null);
    }
    const batch = { number: 1, after: 0, main: encoder.finish(), keys: null, plannedAt: 0 };
    writer.commit(batch, 0);
    const { size, root } = writing.publish();
    store.close();
    const signer = signerOf(Buffer.alloc(32, 9));
    writeFileSync(checkpointFile(place), signer.sign({ size, root: Buffer.from(root) }).note);
    writeFileSync(syncedFile(place), `${size}\n`);
    const { publicKey } = signer;
    const check = () => verifyLog({ folder: place, publicKey, anchor: null, threads: 0 });
    expect(await check()).toMatchObject({ ok: true, entries, firstBad: null });
    const file = join(place, 'log', 'tile', '1', '000');
    const bytes = readFileSync(file);
    for (let round = 0; round < 5; round += 1) {
      writeFileSync(file, campaign.flip(bytes));
      const { firstBad } = await check();
      expect(firstBad).toMatchObject({ kind: 'tile', at: 'tile/1/000' });
      writeFileSync(file, bytes);
    }
    rmSync(file);
    expect((await check()).firstBad).toMatchObject({ kind: 'tile', at: 'tile/1/000' });
  }, 120_000);

  it('of everything at once, back to an older state, is found with the anchor only', async () => {
    rmSync(log, { recursive: true });
    for (const [file, bytes] of campaign.older) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    const { firstBad } = await campaign.verify();
    expect(firstBad).toMatchObject({ kind: 'anchor', why: expect.stringContaining('rolled back') });
    const { publicKey } = campaign;
    const blind = await verifyLog({ folder: data, publicKey, anchor: null, threads: 0 });
    expect(blind.ok, 'it is a perfect store of yesterday').toBe(true);
    expect(blind.notes.join()).toContain(
      'Without an anchor a store rolled back as a whole is not seen',
    );
    campaign.putBack();
  });
});

/**
 * Checks a store from outside, also while it is written: every entry, leaf, tile and root up to one
 * moment, the newest checkpoint, and the anchor. What is read first is what was published first, so
 * that a living store never looks older than its own checkpoint.
 *
 *   anchor, checkpoint → size and frontier of one snapshot → ranges, on threads → put together
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ensureError } from '@headrace/sdk';
import { openDatabase, storePaths } from '../storage/index.js';
import type { Anchor } from './anchor.js';
import { type Checkpoint, checkCheckpoint, parseCheckpoint } from './checkpoint.js';
import { checkpointFile } from './log-reader.js';
import { Frontier, hashSize } from './merkle.js';
import { logFolder, readSynced } from './tile-log.js';
import { levelSize, levelsOf, rootOfHashes, tileWidth } from './tiles.js';
import {
  checkTile,
  type Fault,
  type RangeResult,
  type RangeTask,
  verifyRange,
} from './verify-range.js';

export interface VerifyOptions {
  readonly folder: string;
  /** Under which checkpoints must hold; without one their signatures are not checked. */
  readonly publicKey: string | null;
  readonly anchor: Anchor | null;
  /** Checkpoints kept by somebody else, which this log must have gone through. */
  readonly kept?: readonly string[];
  /** Threads that hash; 0 for the calling one alone. */
  readonly threads: number;
  readonly progress?: (done: number, total: number) => void;
}

export interface Verified {
  readonly ok: boolean;
  readonly entries: number;
  /** Root over the entries as they are, hex. */
  readonly root: string;
  readonly firstBad: Fault | null;
  /** Everything found, the first bad entry first. */
  readonly faults: readonly Fault[];
  /** Size of the newest checkpoint; entries above it are not signed for yet. */
  readonly signed: number | null;
  /** What this check could not see, and what it leaves to the next start. */
  readonly notes: readonly string[];
}

const rangeEntries = 16 * 1024;

export async function verifyLog(options: VerifyOptions): Promise<Verified> {
  const faults: Fault[] = [];
  const notes: string[] = [];
  const { folder, anchor } = options;
  const anchored = readNote('anchor', () => anchor?.read()?.note ?? null, options, faults);
  let checkpoint = readNote(
    'checkpoint',
    () => readIfThere(checkpointFile(folder)),
    options,
    faults,
  );
  const file = storePaths(folder).main;
  let size: number;
  let frontier: Frontier;
  try {
    ({ size, frontier } = readSnapshot(file, faults));
  } catch (thrown) {
    const fault = { kind: 'store', offset: 0, at: 'store.db', why: ensureError(thrown).message };
    return verdict(0, '', [...faults, fault as Fault], notes, null);
  }
  const hasTiles = existsSync(join(logFolder(folder), 'tile'));
  const signed = checkpoint?.size ?? null;
  if (checkpoint === null && faults.length === 0 && (hasTiles || anchored !== null)) {
    faults.push({ kind: 'checkpoint', offset: null, at: 'log/checkpoint', why: 'it is missing' });
  }
  if (!hasTiles) notes.push('There are no tiles; the next start writes them from the journal.');
  // Above the newest checkpoint tiles may be on their way.
  const tilesBelow = hasTiles ? Math.min(signed ?? 0, size) : 0;
  const tree = await readTree(options, file, size, tilesBelow, faults);
  const root = tree.rootAt(size);
  const isAsStored = Buffer.compare(root, frontier.root()) === 0 && frontier.size === size;
  if (!isAsStored) {
    const why = 'the stored root is not that of the entries';
    faults.push({ kind: 'root', offset: null, at: 'frontier', why });
  }
  if (tilesBelow > 0) {
    checkUpperTiles(folder, tree, tilesBelow, faults);
    const now = existsSync(checkpointFile(folder)) ? readIfThere(checkpointFile(folder)) : null;
    // Growing tiles of a checkpoint go when newer ones come; then they are not there to be checked.
    if (checkpoint !== null && now === checkpoint.note) {
      checkGrowingTiles(folder, tree, checkpoint.size, faults);
    }
  }
  const heads: readonly (readonly [Fault['kind'], string, Checkpoint | null])[] = [
    ['checkpoint', 'log/checkpoint', checkpoint],
    ['anchor', anchor?.file ?? 'anchor', anchored],
    ...keptOf(options, faults),
  ];
  for (const [kind, at, head] of heads) checkHead(kind, at, head, tree, size, faults);
  if (anchored !== null && checkpoint !== null && checkpoint.size < anchored.size) {
    const why = `it is of ${checkpoint.size} entries, older than the anchor of ${anchored.size}`;
    faults.push({ kind: 'checkpoint', offset: checkpoint.size, at: 'log/checkpoint', why });
  }
  if (anchored === null)
    notes.push('Without an anchor a store rolled back as a whole is not seen.');
  if (options.publicKey === null) {
    notes.push('Without a public key the signatures of checkpoints were not checked.');
    checkpoint = null;
  }
  const real = settle(faults, isAsStored, readSynced(folder), notes);
  return verdict(size, Buffer.from(root).toString('hex'), real, notes, signed);
}

/**
 * A tile that does not agree with entries which agree with everything else is itself what is wrong;
 * else the entry is. One that was not yet safely on disk is no fault: a power cut may have taken it.
 */
function settle(
  faults: readonly Fault[],
  isAsStored: boolean,
  synced: number,
  notes: string[],
): Fault[] {
  const real: Fault[] = [];
  let unsafe = 0;
  for (const fault of faults) {
    if (fault.kind !== 'tile') real.push(fault);
    else if (isAsStored && (fault.offset ?? 0) >= synced && !fault.at.includes('.p/')) unsafe += 1;
    else if (isAsStored) real.push(fault);
    else
      real.push({
        ...fault,
        why: `${fault.why}: the entries below it are not those it was made of`,
      });
  }
  if (unsafe > 0) {
    notes.push(`${unsafe} tiles were not yet safely on disk; the next start writes them again.`);
  }
  return real;
}

function verdict(
  entries: number,
  root: string,
  faults: readonly Fault[],
  notes: readonly string[],
  signed: number | null,
): Verified {
  // An upper tile speaks of many entries, the tiles below it of each.
  const place = ({ kind, offset, at }: Fault) => {
    const level = kind === 'tile' ? Number(/^tile\/(\d+)/.exec(at)?.[1] ?? 0) : 0;
    return (offset ?? 2 ** 53) + tileWidth ** level - 1 + (kind === 'entry' ? 0 : 0.5);
  };
  const ordered = [...faults].sort((a, b) => place(a) - place(b));
  const firstBad = ordered[0] ?? null;
  return { ok: firstBad === null, entries, root, firstBad, faults: ordered, signed, notes };
}

function readIfThere(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function readNote(
  kind: 'checkpoint' | 'anchor',
  read: () => string | null,
  { publicKey }: VerifyOptions,
  faults: Fault[],
): Checkpoint | null {
  const at = kind === 'checkpoint' ? 'log/checkpoint' : 'anchor';
  try {
    const note = read();
    if (note === null) return null;
    return publicKey === null ? parseCheckpoint(note) : checkCheckpoint(note, publicKey);
  } catch (thrown) {
    faults.push({ kind, offset: null, at, why: ensureError(thrown).message });
    return null;
  }
}

function keptOf({ kept = [], publicKey }: VerifyOptions, faults: Fault[]) {
  return kept.map((note, index): readonly [Fault['kind'], string, Checkpoint | null] => {
    const at = `kept checkpoint ${index + 1}`;
    try {
      const checkpoint =
        publicKey === null ? parseCheckpoint(note) : checkCheckpoint(note, publicKey);
      return ['checkpoint', at, checkpoint];
    } catch (thrown) {
      faults.push({ kind: 'checkpoint', offset: null, at, why: ensureError(thrown).message });
      return ['checkpoint', at, null];
    }
  });
}

/** How many entries there should be, from the frontier and the rows of one snapshot. */
function readSnapshot(file: string, faults: Fault[]): { size: number; frontier: Frontier } {
  const main = openDatabase(file, { readOnly: true });
  try {
    main.exec('PRAGMA busy_timeout=5000; BEGIN');
    const stored = main.prepare("SELECT value FROM meta WHERE name = 'frontier'").get()?.['value'];
    const ends = main
      .prepare('SELECT min(offset) AS first, max(offset) AS last FROM journal')
      .get();
    const [first, last] = [Number(ends?.['first'] ?? 0), Number(ends?.['last'] ?? -1)];
    const frontier = frontierOf(stored, faults);
    if (first < 0) {
      const why = 'there are entries before the first';
      faults.push({ kind: 'entry', offset: first, at: `entry ${first}`, why });
    }
    if (last >= frontier.size && !faults.some((fault) => fault.kind === 'root')) {
      const why = 'there are entries the stored root does not know of';
      faults.push({ kind: 'entry', offset: frontier.size, at: `entry ${frontier.size}`, why });
    }
    main.exec('COMMIT');
    return { size: Math.max(frontier.size, last + 1), frontier };
  } finally {
    main.close();
  }
}

function frontierOf(stored: unknown, faults: Fault[]): Frontier {
  if (stored === undefined) return new Frontier();
  const bytes = stored instanceof Uint8Array ? stored : new Uint8Array();
  const size = bytes.length < 8 ? Number.NaN : Number(Buffer.from(bytes).readBigUInt64BE());
  const bits = Number.isSafeInteger(size) ? size.toString(2).replaceAll('0', '').length : -1;
  if (bytes.length === 8 + bits * hashSize) return Frontier.decode(bytes);
  faults.push({ kind: 'root', offset: null, at: 'frontier', why: 'it is torn' });
  return new Frontier();
}

interface Tree {
  /** Roots of the full tiles of level 0, one after the other. */
  readonly roots: Uint8Array;
  rootAt(size: number): Uint8Array;
  /** Hashes of level 0 from the last full tile below this size. */
  tailAt(size: number): Uint8Array;
}

async function readTree(
  options: VerifyOptions,
  file: string,
  size: number,
  tilesBelow: number,
  faults: Fault[],
): Promise<Tree> {
  const tasks: RangeTask[] = [];
  for (let from = 0; from < size; from += rangeEntries) {
    const to = Math.min(from + rangeEntries, size);
    tasks.push({ folder: options.folder, file, from, to, tilesBelow });
  }
  const results = await runAll(tasks, options);
  const roots = Buffer.concat(results.map((result) => result.roots));
  for (const result of results) faults.push(...result.faults);
  const tail = results.at(-1)?.tail ?? new Uint8Array();
  const tailAt = (at: number): Uint8Array => {
    const from = at - (at % tileWidth);
    if (from + tileWidth > size) return tail.subarray(0, (at - from) * hashSize);
    // Another tile than the last: hashed again, which is cheaper than to keep every leaf.
    const { folder } = options;
    return verifyRange({ folder, file, from, to: at, tilesBelow: 0 }).tail;
  };
  return {
    roots,
    tailAt,
    rootAt(at) {
      const frontier = new Frontier();
      const full = Math.floor(at / tileWidth);
      const above = new Frontier();
      for (let index = 0; index < full; index += 1) {
        above.append(roots.subarray(index * hashSize, (index + 1) * hashSize));
      }
      for (const leaf of split(tailAt(at))) frontier.append(leaf);
      if (full === 0) return frontier.root();
      const both = [...above.roots, ...(at % tileWidth === 0 ? [] : frontier.roots)];
      return new Frontier(at, both).root();
    },
  };
}

function split(hashes: Uint8Array): Uint8Array[] {
  return Array.from({ length: hashes.byteLength / hashSize }, (_, at) =>
    hashes.subarray(at * hashSize, (at + 1) * hashSize),
  );
}

async function runAll(tasks: RangeTask[], options: VerifyOptions): Promise<RangeResult[]> {
  const { threads, progress } = options;
  const total = tasks.at(-1)?.to ?? 0;
  const results: RangeResult[] = [];
  let done = 0;
  const note = (index: number, result: RangeResult): void => {
    results[index] = result;
    const task = tasks[index] as RangeTask;
    done += task.to - task.from;
    progress?.(done, total);
  };
  if (threads < 1 || tasks.length < 2) {
    for (const [index, task] of tasks.entries()) note(index, verifyRange(task));
    return results;
  }
  let next = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./verify-worker.js', import.meta.url));
      let running = -1;
      const give = (): void => {
        running = next;
        next += 1;
        if (running < tasks.length) worker.postMessage(tasks[running]);
        else worker.postMessage(null);
      };
      worker.on('message', (result: RangeResult) => {
        note(running, result);
        give();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      give();
    });
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work));
  return results;
}

function checkUpperTiles(folder: string, tree: Tree, size: number, faults: Fault[]): void {
  let hashes: Uint8Array = tree.roots;
  for (let level = 1; level < levelsOf(size); level += 1) {
    const end = Math.floor(levelSize(size, level) / tileWidth);
    const above: Uint8Array[] = [];
    const all = Math.floor(hashes.byteLength / (tileWidth * hashSize));
    for (let index = 0; index < all; index += 1) {
      const tile = hashes.subarray(
        index * tileWidth * hashSize,
        (index + 1) * tileWidth * hashSize,
      );
      above.push(rootOfHashes(tile));
      if (index < end) checkTile({ folder }, level, index, tile, faults);
    }
    hashes = Buffer.concat(above);
  }
}

function checkGrowingTiles(folder: string, tree: Tree, size: number, faults: Fault[]): void {
  let hashes: Uint8Array = tree.roots;
  for (let level = 0; level < levelsOf(size); level += 1) {
    const width = levelSize(size, level) % tileWidth;
    const index = Math.floor(levelSize(size, level) / tileWidth);
    if (width > 0) {
      const tile =
        level === 0
          ? tree.tailAt(size)
          : hashes.subarray(index * tileWidth * hashSize, (index * tileWidth + width) * hashSize);
      checkTile({ folder }, level, index, tile, faults);
    }
    if (level === 0) continue;
    hashes = Buffer.concat(
      Array.from({ length: Math.floor(hashes.byteLength / (tileWidth * hashSize)) }, (_, at) =>
        rootOfHashes(hashes.subarray(at * tileWidth * hashSize, (at + 1) * tileWidth * hashSize)),
      ),
    );
  }
}

function checkHead(
  kind: Fault['kind'],
  at: string,
  head: Checkpoint | null,
  tree: Tree,
  size: number,
  faults: Fault[],
): void {
  if (head === null) return;
  if (head.size > size) {
    const why = `it speaks of ${head.size} entries and there are ${size}: the store was rolled back`;
    faults.push({ kind, offset: size, at, why });
    return;
  }
  if (Buffer.compare(tree.rootAt(head.size), head.root) === 0) return;
  const why = `the first ${head.size} entries are not those it was signed for`;
  faults.push({ kind, offset: null, at, why });
}

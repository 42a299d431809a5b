/**
 * Checks a range of the journal: each leaf from the bytes it speaks for, each full tile from the
 * leaves. Runs on any thread; what it found and the roots of its tiles are put together elsewhere.
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '../storage/index.js';
import { emptyHash, hashSize } from './merkle.js';
import { logFolder } from './tile-log.js';
import { rootOfHashes, tilePath, tileWidth } from './tiles.js';

export interface RangeTask {
  readonly folder: string;
  readonly file: string;
  /** A multiple of 256. */
  readonly from: number;
  readonly to: number;
  /** Size below which full tiles must be there; 0 where there are none to check. */
  readonly tilesBelow: number;
}

/** Something that is not as it was written. */
export interface Fault {
  readonly kind: 'entry' | 'tile' | 'root' | 'checkpoint' | 'anchor' | 'store' | 'fold';
  /** First entry it is about, as far as that can be said. */
  readonly offset: number | null;
  /** The entry, file or table. */
  readonly at: string;
  readonly why: string;
}

export interface RangeResult {
  /** Roots of the full tiles, one after the other. */
  readonly roots: Uint8Array;
  /** Hashes after the last full tile. */
  readonly tail: Uint8Array;
  readonly faults: readonly Fault[];
}

/** More are counted nowhere: who changes the whole journal need not be told so by line. */
const faultsMax = 100;
const headMax = 1 << 16;

export function verifyRange(task: RangeTask): RangeResult {
  const database = openDatabase(task.file, { readOnly: true });
  try {
    database.exec('PRAGMA busy_timeout=5000');
    return checkRange(database, task);
  } finally {
    database.close();
  }
}

function checkRange(database: Database, task: RangeTask): RangeResult {
  const { from, to } = task;
  const faults: Fault[] = [];
  const full = Math.floor((to - from) / tileWidth);
  const roots = new Uint8Array(full * hashSize);
  let tail: Uint8Array = new Uint8Array();
  const rows = database.prepare(
    'SELECT offset, header, body, sealed, leaf FROM journal WHERE offset >= ? AND offset < ? ORDER BY offset',
  );
  for (let at = from; at < to; at += tileWidth) {
    const end = Math.min(at + tileWidth, to);
    const hashes = new Uint8Array((end - at) * hashSize);
    const found: Fault[] = [];
    let list: readonly Row[];
    try {
      list = rows.all(at, end) as unknown as readonly Row[];
    } catch {
      list = oneByOne(rows, at, end, found);
    }
    check(list, at, end, hashes, found);
    if (end - at === tileWidth) {
      roots.set(rootOfHashes(hashes), ((at - from) / tileWidth) * hashSize);
      if (end <= task.tilesBelow) checkTile(task, 0, at / tileWidth, hashes, found);
    } else tail = hashes;
    if (faults.length < faultsMax) faults.push(...found);
  }
  return { roots, tail, faults };
}

interface Row {
  readonly offset: number;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
  readonly sealed: Uint8Array | null;
  readonly leaf: Uint8Array;
}

/** Rows on a page that SQLite can no longer read must not hide which they are. */
function oneByOne(
  rows: ReturnType<Database['prepare']>,
  from: number,
  to: number,
  faults: Fault[],
): Row[] {
  const list: Row[] = [];
  for (let offset = from; offset < to; offset += 1) {
    try {
      list.push(...(rows.all(offset, offset + 1) as unknown as Row[]));
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      faults.push(entryFault(offset, `it cannot be read: ${why}`));
    }
  }
  return list;
}

function check(
  rows: readonly Row[],
  from: number,
  to: number,
  hashes: Uint8Array,
  faults: Fault[],
): void {
  const bytes = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  let at = 0;
  for (let offset = from; offset < to; offset += 1) {
    const row = rows[at];
    if (row?.offset !== offset) {
      if (!faults.some((fault) => fault.offset === offset)) {
        faults.push(entryFault(offset, 'it is missing'));
      }
      continue;
    }
    at += 1;
    if (!isWhole(row)) {
      faults.push(entryFault(offset, 'it is not bytes'));
      continue;
    }
    const place = (offset - from) * hashSize;
    leafInto(bytes, place, row);
    if (Buffer.compare(bytes.subarray(place, place + hashSize), row.leaf) !== 0) {
      faults.push(entryFault(offset, 'its leaf is not that of its bytes'));
    } else if (offsetOf(row.header) !== offset) {
      faults.push(entryFault(offset, 'it stands in another place than it was written for'));
    }
  }
}

/** SQLite keeps whatever type was put in. */
function isWhole({ header, body, sealed, leaf }: Row): boolean {
  const isSealed = sealed === null || sealed instanceof Uint8Array;
  return [header, body, leaf].every((part) => part instanceof Uint8Array) && isSealed;
}

const scratch = Buffer.alloc(1 + headMax + 2 * hashSize);

/** As `leafHash`, without a buffer for every hash: there are three for each entry. */
function leafInto(target: Buffer, at: number, { header, body, sealed }: Row): void {
  const size = header.byteLength;
  const data = size <= headMax ? scratch : Buffer.alloc(1 + size + 2 * hashSize);
  data.set(header, 1);
  hashInto(data, 1 + size, body);
  if (sealed === null) data.set(emptyHash, 1 + size + hashSize);
  else hashInto(data, 1 + size + hashSize, sealed);
  hashInto(target, at, data.subarray(0, 1 + size + 2 * hashSize));
}

function hashInto(target: Buffer, at: number, bytes: Uint8Array): void {
  target.write(hash('sha256', bytes, 'binary'), at, 'latin1');
}

function offsetOf(header: Uint8Array): number {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  return bytes.length < 12 ? -1 : Number(bytes.readBigInt64BE(4));
}

function entryFault(offset: number, why: string): Fault {
  return { kind: 'entry', offset, at: `entry ${offset}`, why };
}

/** Compares a tile, full or growing, with what the leaves make it; names the first that differs. */
export function checkTile(
  { folder }: Pick<RangeTask, 'folder'>,
  level: number,
  index: number,
  hashes: Uint8Array,
  faults: Fault[],
): void {
  const width = hashes.byteLength / hashSize;
  const path = tilePath(level, index, width);
  const file = join(logFolder(folder), path);
  const span = tileWidth ** level;
  const fault = (place: number, why: string): Fault => ({
    kind: 'tile',
    offset: (index * tileWidth + place) * span,
    at: path,
    why,
  });
  if (!existsSync(file)) {
    faults.push(fault(0, 'it is missing'));
    return;
  }
  const bytes = readFileSync(file);
  if (Buffer.compare(bytes, hashes) === 0) return;
  let place = 0;
  while (place < width && isSame(bytes, hashes, place)) place += 1;
  const why =
    bytes.length === hashes.byteLength ? `hash ${place} is another` : 'its length is wrong';
  faults.push(fault(Math.min(place, width - 1), why));
}

function isSame(a: Uint8Array, b: Uint8Array, place: number): boolean {
  const [from, to] = [place * hashSize, (place + 1) * hashSize];
  return Buffer.compare(a.subarray(from, to), b.subarray(from, to)) === 0;
}

/**
 * The tiles of a store as files below `log/`, as C2SP tlog-tiles names them. They follow from the
 * leaves in the journal, so they are written after the commit and never waited for.
 *
 * A file's states: absent or torn → written (after the commit) → synced. `log/synced` says below
 * which size all are on disk; opening writes again from the leaves what lies above it, so neither a
 * crash between commit and tile nor a power cut leaves a gap.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { type Frontier, hashSize } from './merkle.js';
import {
  levelSize,
  levelsOf,
  rootOfHashes,
  type Tile,
  TileBuilder,
  tilePath,
  tileWidth,
} from './tiles.js';

export interface TileLogOptions {
  /** The data directory. */
  readonly folder: string;
  readonly frontier: Frontier;
  /** Leaves of the journal, in order. */
  readonly leaves: (from: number, count: number) => readonly Uint8Array[];
  /** Told when many tiles have to be written before the store is open, and when one was damaged. */
  readonly note?: (message: string, facts: { readonly tiles: number }) => void;
}

export interface PublishedHead {
  readonly size: number;
  readonly root: Uint8Array;
  /** Growing tiles written for this size, as paths below `log`. */
  readonly partial: readonly string[];
}

export interface TileLog {
  readonly builder: TileBuilder;
  /** After a commit: its full tiles are on their way to disk. Called where nobody waits for it. */
  committed(): void;
  flush(): void;
  /** Writes the growing tiles too, so that every proof of this size can be made from files. */
  publish(): PublishedHead;
}

export function logFolder(folder: string): string {
  return join(folder, 'log');
}

export function syncedFile(folder: string): string {
  return join(logFolder(folder), 'synced');
}

/** The size below which all full tiles are known to be on disk. */
export function readSynced(folder: string): number {
  const file = syncedFile(folder);
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** Paths below `log` of the full tiles that a log has at `to` leaves and not yet at `from`. */
export function fullTilesBetween(from: number, to: number): string[] {
  const paths: string[] = [];
  for (let level = 0; level < levelsOf(to); level += 1) {
    const end = Math.floor(levelSize(to, level) / tileWidth);
    for (let index = Math.floor(levelSize(from, level) / tileWidth); index < end; index += 1) {
      paths.push(tilePath(level, index));
    }
  }
  return paths;
}

export function openTileLog(options: TileLogOptions): TileLog {
  const { folder, frontier, note = () => undefined } = options;
  const files = tileFiles(logFolder(folder));
  const synced = Math.min(readSynced(folder), frontier.size);
  let tails = rebuild(options, files, synced);
  if (!agrees(frontier, tails) && synced > 0) {
    note('A tile of the log is not what the journal says; all are written again.', {
      tiles: Math.floor(frontier.size / tileWidth),
    });
    tails = rebuild(options, files, 0);
  }
  if (!agrees(frontier, tails)) {
    throw new HeadraceError('config', 'The journal does not give the root stored with it.', {
      code: 'E_LOG_BROKEN',
      hint: '`headrace verify` names the first bad entry; go back to a backup made before it.',
    });
  }
  const builder = new TileBuilder(frontier, tails);
  let waiting: Tile[] = [];
  let olderPartial: readonly string[] = files.leftBehind();
  let partial: readonly string[] = [];
  const flush = (): void => {
    // A full disk fails here as it fails the next commit; the tiles wait for room with it.
    while (waiting.length > 0) {
      files.write(waiting[0] as Tile);
      waiting.shift();
    }
  };
  return {
    builder,
    committed() {
      waiting = waiting.concat(builder.commit());
    },
    flush() {
      try {
        flush();
      } catch {
        // Kept, and tried again at the next commit; `publish` says what is wrong.
      }
    },
    publish() {
      flush();
      const growing = builder.partial();
      const written = growing.map(pathOf);
      files.list([...new Set([...olderPartial, ...partial, ...written])]);
      for (const tile of growing) files.write(tile);
      // Whoever reads with the checkpoint before this one still finds its tiles.
      for (const path of olderPartial) {
        if (!partial.includes(path) && !written.includes(path)) files.remove(path);
      }
      olderPartial = partial;
      partial = written;
      return { size: builder.frontier.size, root: builder.frontier.root(), partial: written };
    },
  };
}

type TileFiles = ReturnType<typeof tileFiles>;

function tileFiles(log: string) {
  const made = new Set<string>();
  return {
    read(level: number, index: number): Uint8Array | null {
      const file = join(log, tilePath(level, index));
      if (!existsSync(file)) return null;
      const bytes = readFileSync(file);
      return bytes.length === tileWidth * hashSize ? bytes : null;
    },
    write(tile: Tile): void {
      const file = join(log, pathOf(tile));
      const parent = dirname(file);
      if (!made.has(parent)) {
        mkdirSync(parent, { recursive: true, mode: 0o700 });
        made.add(parent);
      }
      writeFileSync(file, tile.hashes, { mode: 0o600 });
    },
    remove(path: string): void {
      rmSync(join(log, path), { force: true });
    },
    /** Growing tiles an earlier process left behind. */
    leftBehind(): string[] {
      const list = join(log, growingName);
      return existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(isTilePath) : [];
    },
    /** Which growing tiles there are, or will be: written down before they are. */
    list(paths: readonly string[]): void {
      mkdirSync(log, { recursive: true, mode: 0o700 });
      writeFileSync(join(log, growingName), `${paths.join('\n')}\n`, { mode: 0o600 });
    },
  };
}

const growingName = 'growing';

function pathOf({ level, index, hashes }: Tile): string {
  return tilePath(level, index, hashes.byteLength / hashSize);
}

function isTilePath(text: string): boolean {
  return /^tile\/\d+\/(x\d{3}\/)*\d{3}\.p\/\d+$/.test(text);
}

/** Writes every full tile above `from` leaves; returns the growing tile of each level. */
function rebuild(options: TileLogOptions, files: TileFiles, from: number): Uint8Array[] {
  const { frontier, leaves, note = () => undefined } = options;
  const { size } = frontier;
  const tails: Uint8Array[] = [];
  const again = Math.floor(size / tileWidth) - Math.floor(from / tileWidth);
  if (again > manyTiles)
    note('The tiles of the log are written from the journal.', { tiles: again });
  for (let level = 0; level < levelsOf(size); level += 1) {
    const hashes = (at: number, count: number): Uint8Array =>
      Buffer.concat(
        level === 0
          ? leaves(at, count)
          : Array.from({ length: count }, (_, index) => rootOfTile(files, level - 1, at + index)),
      );
    const end = Math.floor(levelSize(size, level) / tileWidth);
    for (let index = Math.floor(levelSize(from, level) / tileWidth); index < end; index += 1) {
      const bytes = hashes(index * tileWidth, tileWidth);
      const there = files.read(level, index);
      if (there === null || Buffer.compare(there, bytes) !== 0) {
        files.write({ level, index, hashes: bytes });
      }
    }
    tails.push(hashes(end * tileWidth, levelSize(size, level) % tileWidth));
  }
  return tails;
}

const manyTiles = 4000;

/** A lost tile gives a hash that agrees with nothing, so that all are written again. */
function rootOfTile(files: TileFiles, level: number, index: number): Uint8Array {
  const bytes = files.read(level, index);
  return bytes === null ? Buffer.alloc(hashSize) : rootOfHashes(bytes);
}

/** Whether the growing tiles are those of the log whose complete subtrees these are. */
function agrees(frontier: Frontier, tails: readonly Uint8Array[]): boolean {
  const roots = [...tails].reverse().flatMap(subtreeRoots);
  return (
    roots.length === frontier.roots.length &&
    roots.every((root, index) => Buffer.compare(root, frontier.roots[index] as Uint8Array) === 0)
  );
}

/** The complete subtrees of a growing tile, largest first: its width in binary. */
function subtreeRoots(tail: Uint8Array): Uint8Array[] {
  const roots: Uint8Array[] = [];
  let at = 0;
  for (let width = tileWidth / 2; width >= 1; width /= 2) {
    if (tail.byteLength / hashSize - at < width) continue;
    roots.push(rootOfHashes(tail.subarray(at * hashSize, (at + width) * hashSize)));
    at += width;
  }
  return roots;
}

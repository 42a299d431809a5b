/**
 * The log as tiles of 256 hashes, as C2SP tlog-tiles lays them out: tile N of level L holds the roots
 * of the complete subtrees of height 8·L that begin at leaf N·256^(L+1). What a builder keeps is one
 * growing tile a level; a full one is handed out once the commit that completed it is durable.
 *
 * A builder's states: committed → (append)* → committed or rolled back to what was committed.
 */
import { type Frontier, hashSize, nodeHash } from './merkle.js';

export const tileWidth = 256;
const tileHeight = 8;
const tileBytes = tileWidth * hashSize;

export interface Tile {
  readonly level: number;
  readonly index: number;
  /** Hashes one after the other; 256 of them in a full tile. */
  readonly hashes: Uint8Array;
}

/** `tile/0/x001/x234/067`, and `….p/17` for one of 17 hashes. */
export function tilePath(level: number, index: number, width = tileWidth): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(String(rest % 1000).padStart(3, '0'));
  }
  const last = groups.length - 1;
  const name = groups.map((group, at) => (at === last ? group : `x${group}`)).join('/');
  return `tile/${level}/${name}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** Hashes of a level in a log of so many leaves. */
export function levelSize(size: number, level: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** Levels that have any hash at all. */
export function levelsOf(size: number): number {
  let levels = 0;
  while (levelSize(size, levels) > 0) levels += 1;
  return levels;
}

/** Root over the hashes of a full tile, or of any power of two of them. */
export function rootOfHashes(hashes: Uint8Array): Uint8Array {
  let nodes: Uint8Array[] = [];
  for (let at = 0; at < hashes.byteLength; at += hashSize)
    nodes.push(hashes.subarray(at, at + hashSize));
  while (nodes.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < nodes.length; at += 2) {
      above.push(nodeHash(nodes[at] as Uint8Array, nodes[at + 1] as Uint8Array));
    }
    nodes = above;
  }
  return nodes[0] as Uint8Array;
}

interface Growing {
  bytes: Uint8Array;
  count: number;
}

export class TileBuilder {
  #levels: Growing[];
  #committed: readonly Growing[];
  #full: Tile[] = [];
  #frontier: Frontier;
  #frontierCommitted: Frontier;

  /** @param tails The hashes of each level's last, growing tile; what a log of that size has. */
  constructor(frontier: Frontier, tails: readonly Uint8Array[]) {
    this.#frontierCommitted = frontier;
    this.#frontier = frontier.copy();
    this.#levels = tails.map((tail) => {
      const bytes = new Uint8Array(tileBytes);
      bytes.set(tail);
      return { bytes, count: tail.byteLength / hashSize };
    });
    this.#committed = this.#copyLevels();
  }

  /** As of the last commit. */
  get frontier(): Frontier {
    return this.#frontierCommitted;
  }

  /** With what was appended since. */
  get working(): Frontier {
    return this.#frontier;
  }

  append(leaf: Uint8Array): void {
    this.#frontier.append(leaf, this.#complete);
  }

  /** What was appended is durable; returns the tiles it filled. */
  commit(): readonly Tile[] {
    this.#frontierCommitted = this.#frontier.copy();
    this.#committed = this.#copyLevels();
    const full = this.#full;
    this.#full = [];
    return full;
  }

  rollBack(): void {
    this.#frontier = this.#frontierCommitted.copy();
    this.#levels = this.#committed.map((level) => ({ ...level }));
    this.#full = [];
  }

  /** The growing tiles of the committed log that hold anything, lowest level first. */
  partial(): readonly Tile[] {
    const { size } = this.#frontierCommitted;
    return this.#committed.flatMap(({ bytes, count }, level) =>
      count === 0
        ? []
        : {
            level,
            index: Math.floor(levelSize(size, level) / tileWidth),
            hashes: bytes.subarray(0, count * hashSize),
          },
    );
  }

  readonly #complete = (height: number, root: Uint8Array): void => {
    if (height % tileHeight !== 0) return;
    const level = height / tileHeight;
    let growing = this.#levels[level];
    if (growing === undefined) {
      growing = { bytes: new Uint8Array(tileBytes), count: 0 };
      this.#levels[level] = growing;
    }
    growing.bytes.set(root, growing.count * hashSize);
    growing.count += 1;
    if (growing.count < tileWidth) return;
    // Of the frontier only this leaf's subtrees are complete, so the size here is before it is counted.
    const index = levelSize(this.#frontier.size + 1, level) / tileWidth - 1;
    this.#full.push({ level, index, hashes: growing.bytes });
    // A new buffer, because the full one is still to be written, or to be gone back to.
    growing.bytes = new Uint8Array(tileBytes);
    growing.count = 0;
  };

  #copyLevels(): Growing[] {
    return this.#levels.map((level) => ({ ...level }));
  }
}

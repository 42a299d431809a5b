/** Proofs of entries, made from the tiles of a published log: reads files, needs no store. */
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { type Checkpoint, parseCheckpoint } from './checkpoint.js';
import { hashSize } from './merkle.js';
import { logFolder } from './tile-log.js';
import { levelSize, tilePath, tileWidth } from './tiles.js';
import { type NodeAt, proveConsistency, proveInclusion, rootAt } from './tree-proof.js';

/** Tiles whose inner nodes are kept; each takes 16 KiB. */
const cachedTiles = 512;

export function checkpointFile(folder: string): string {
  return join(logFolder(folder), 'checkpoint');
}

/** The newest published checkpoint, as it lies there: unchecked. */
export function readCheckpoint(folder: string): Checkpoint | null {
  const file = checkpointFile(folder);
  return existsSync(file) ? parseCheckpoint(readFileSync(file, 'utf8')) : null;
}

export class LogReader {
  readonly #log: string;
  /** Oldest use first. */
  readonly #trees = new Map<number, TileTree>();

  constructor(folder: string) {
    this.#log = logFolder(folder);
  }

  inclusion(index: number, size: number): Uint8Array[] {
    return proveInclusion(this.#nodeAt(size), index, size);
  }

  consistency(first: number, size: number): Uint8Array[] {
    return proveConsistency(this.#nodeAt(size), first, size);
  }

  /** Root over the first `size` leaves of a log published at `published`. */
  root(size: number, published: number): Uint8Array {
    return rootAt(this.#nodeAt(published), size);
  }

  #nodeAt(size: number): NodeAt {
    return (height, index) => {
      const level = Math.floor(height / 8);
      const above = height - level * 8;
      const width = 2 ** above;
      const tile = Math.floor((index * width) / tileWidth);
      const full = Math.floor(levelSize(size, level) / tileWidth);
      const count = tile < full ? tileWidth : levelSize(size, level) % tileWidth;
      const tree = this.#tree(level, tile, count);
      return nodeOf(tree, tileWidth / width + index - (tile * tileWidth) / width);
    };
  }

  #tree(level: number, index: number, count: number): TileTree {
    // Asked for some twenty times a proof, so it is named by a number: 2^39 tiles of up to 256 hashes.
    const name = level * 2 ** 48 + index * 512 + count;
    const known = this.#trees.get(name);
    if (known !== undefined) {
      this.#trees.delete(name);
      this.#trees.set(name, known);
      return known;
    }
    const tree = treeOf(this.#read(tilePath(level, index, count), count));
    if (this.#trees.size >= cachedTiles) {
      this.#trees.delete(this.#trees.keys().next().value as number);
    }
    this.#trees.set(name, tree);
    return tree;
  }

  #read(path: string, count: number): Uint8Array {
    const file = join(this.#log, path);
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    if (bytes.length === count * hashSize) return bytes;
    throw new HeadraceError('config', `The tile ${path} of the log is missing or torn.`, {
      code: 'E_LOG_TILE',
      hint: 'Start the platform, which writes tiles again from the journal; `headrace verify` says more.',
    });
  }
}

/**
 * The nodes of one tile as a heap: place 1 is the root, the children of place P are 2P and 2P + 1, the
 * hashes begin at 256. Neighbours lie side by side, so that a node is hashed from one stretch of bytes.
 */
interface TileTree {
  readonly nodes: Buffer;
  /** Whether the node at a place is there; inner ones are hashed when they are asked for. */
  readonly known: Uint8Array;
}

function treeOf(hashes: Uint8Array): TileTree {
  const nodes = Buffer.allocUnsafe(2 * tileWidth * hashSize);
  nodes.set(hashes, tileWidth * hashSize);
  const known = new Uint8Array(2 * tileWidth);
  known.fill(1, tileWidth, tileWidth + hashes.byteLength / hashSize);
  return { nodes, known };
}

/** The node's own bytes, valid as long as the tree is. */
function nodeOf(tree: TileTree, place: number): Uint8Array {
  fill(tree, place);
  return tree.nodes.subarray(place * hashSize, (place + 1) * hashSize);
}

const scratch = Buffer.alloc(1 + 2 * hashSize);
scratch[0] = 1;

/** As `nodeHash`, without a buffer for each: a proof out of a tile nobody read before takes 247. */
function fill(tree: TileTree, place: number): void {
  const { nodes, known } = tree;
  if (known[place] === 1) return;
  if (place >= tileWidth) throw new RangeError(`The tile has no hash ${place - tileWidth}.`);
  fill(tree, 2 * place);
  fill(tree, 2 * place + 1);
  nodes.copy(scratch, 1, 2 * place * hashSize, (2 * place + 2) * hashSize);
  nodes.write(hash('sha256', scratch, 'binary'), place * hashSize, 'latin1');
  known[place] = 1;
}

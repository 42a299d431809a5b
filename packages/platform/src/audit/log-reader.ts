/** Proofs of entries, made from the tiles of a published log: reads files, needs no store. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { type Checkpoint, parseCheckpoint } from './checkpoint.js';
import { hashSize, nodeHash } from './merkle.js';
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
  /** Inner nodes by tile, as a heap without its first place; oldest use first. */
  readonly #trees = new Map<string, Uint8Array[]>();

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
      const nodes = this.#tree(level, tile, count);
      return nodeOf(nodes, above, index - (tile * tileWidth) / width);
    };
  }

  #tree(level: number, index: number, count: number): Uint8Array[] {
    const path = tilePath(level, index, count);
    const known = this.#trees.get(path);
    if (known !== undefined) {
      this.#trees.delete(path);
      this.#trees.set(path, known);
      return known;
    }
    const nodes = treeOf(this.#read(path, count));
    if (this.#trees.size >= cachedTiles) {
      this.#trees.delete(this.#trees.keys().next().value as string);
    }
    this.#trees.set(path, nodes);
    return nodes;
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

/** Places 256 … of the heap are the hashes; inner nodes are hashed when they are asked for. */
function treeOf(hashes: Uint8Array): Uint8Array[] {
  const nodes: Uint8Array[] = [];
  const count = hashes.byteLength / hashSize;
  for (let at = 0; at < count; at += 1) {
    nodes[tileWidth + at] = hashes.subarray(at * hashSize, (at + 1) * hashSize);
  }
  return nodes;
}

function nodeOf(nodes: Uint8Array[], above: number, index: number): Uint8Array {
  return fill(nodes, tileWidth / 2 ** above + index);
}

function fill(nodes: Uint8Array[], place: number): Uint8Array {
  const known = nodes[place];
  if (known !== undefined) return known;
  const node = nodeHash(fill(nodes, place * 2), fill(nodes, place * 2 + 1));
  nodes[place] = node;
  return node;
}

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frontier, nodeHash } from './merkle.js';
import { levelSize, type Tile, TileBuilder, tilePath, tileWidth } from './tiles.js';
import {
  checkConsistency,
  checkInclusion,
  type NodeAt,
  proveConsistency,
  proveInclusion,
  rootAt,
} from './tree-proof.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const leavesOf = (count: number, name = 'leaf') =>
  Array.from({ length: count }, (_, index) => sha256(`${name} ${index}`));
const all = leavesOf(600);
const nodes = new Map<string, Buffer>();
const nodeAt: NodeAt = (height, index) => {
  if (height === 0) return all[index] as Buffer;
  const name = `${height}/${index}`;
  const known = nodes.get(name);
  if (known !== undefined) return known;
  const made = nodeHash(nodeAt(height - 1, index * 2), nodeAt(height - 1, index * 2 + 1));
  nodes.set(name, made);
  return made;
};
const rootOf = (size: number) => rootAt(nodeAt, size);
const sizes = fc.integer({ min: 1, max: 600 });
const sizeAndIndex = sizes.chain((size) =>
  fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })),
);
const twoSizes = fc.tuple(sizes, sizes).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const other = Uint8Array.from(bytes);
  const at = bit % (other.length * 8);
  other[at >> 3] = (other[at >> 3] as number) ^ (1 << (at & 7));
  return other;
};

describe('inclusion', () => {
  it('is proved for every leaf at every size', () => {
    fc.assert(
      fc.property(sizeAndIndex, ([size, index]) => {
        const path = proveInclusion(nodeAt, index, size);
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        expect(checkInclusion(all[index] as Buffer, index, size, path, rootOf(size))).toBe(true);
      }),
    );
  });

  it('holds for no other leaf, place, size, path or root', () => {
    fc.assert(
      fc.property(sizeAndIndex, fc.nat(), ([size, index], bit) => {
        const leaf = all[index] as Buffer;
        const path = proveInclusion(nodeAt, index, size);
        const root = rootOf(size);
        expect(checkInclusion(flip(leaf, bit), index, size, path, root)).toBe(false);
        expect(checkInclusion(leaf, index, size, path, flip(root, bit))).toBe(false);
        expect(checkInclusion(leaf, size, size, path, root)).toBe(false);
        expect(checkInclusion(leaf, index, size, [...path, root], root)).toBe(false);
        if (path.length === 0) return;
        const at = bit % path.length;
        const bent = path.map((one, place) => (place === at ? flip(one, bit) : one));
        expect(checkInclusion(leaf, index, size, bent, root)).toBe(false);
        expect(checkInclusion(leaf, index, size, path.slice(1), root)).toBe(false);
        const other = (index + 1 + (bit % (size - 1 || 1))) % size;
        expect(other === index || !checkInclusion(leaf, other, size, path, root)).toBe(true);
      }),
    );
  });
});

describe('consistency', () => {
  it('is proved between any two sizes', () => {
    fc.assert(
      fc.property(twoSizes, ([first, second]) => {
        const proof = proveConsistency(nodeAt, first, second);
        const [a, b] = [first, second].map((size) => ({ size, root: rootOf(size) }));
        expect(checkConsistency(a as never, b as never, proof)).toBe(true);
      }),
    );
  });

  it('holds for no log that forked, and for no bent proof', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(), ([first, second], bit) => {
        const proof = proveConsistency(nodeAt, first, second);
        const old = { size: first, root: rootOf(first) };
        const now = { size: second, root: rootOf(second) };
        const forked = { size: first, root: flip(old.root, bit) };
        expect(checkConsistency(forked, now, proof)).toBe(false);
        expect(checkConsistency(old, { ...now, root: flip(now.root, bit) }, proof)).toBe(false);
        if (proof.length === 0) return;
        const at = bit % proof.length;
        const bent = proof.map((one, place) => (place === at ? flip(one, bit) : one));
        expect(checkConsistency(old, now, bent)).toBe(false);
        expect(checkConsistency(old, now, proof.slice(1))).toBe(false);
      }),
    );
  });

  it('is empty from nothing and to itself', () => {
    expect(proveConsistency(nodeAt, 0, 9)).toEqual([]);
    expect(proveConsistency(nodeAt, 9, 9)).toEqual([]);
    expect(() => proveConsistency(nodeAt, 10, 9)).toThrow('never had 10');
    expect(() => proveInclusion(nodeAt, 9, 9)).toThrow('not below 9');
  });
});

describe('tile path', () => {
  it.each([
    [0, 0, 256, 'tile/0/000'],
    [0, 1234067, 256, 'tile/0/x001/x234/067'],
    [1, 999, 17, 'tile/1/999.p/17'],
    [2, 1000, 256, 'tile/2/x001/000'],
  ])('of level %i, tile %i, %i hashes is that of C2SP', (level, index, width, path) => {
    expect(tilePath(level, index, width)).toBe(path);
  });
});

describe('tile builder', () => {
  const [count, most] = [70_000, 200];
  const many = leavesOf(count, 'many');

  /** Tiles of a log as defined: level by level, from all leaves at once. */
  function definedTiles(leaves: readonly Uint8Array[]): Map<string, string> {
    const tiles = new Map<string, string>();
    let hashes = leaves;
    for (let level = 0; hashes.length > 0; level += 1) {
      const above: Uint8Array[] = [];
      for (let at = 0; at < hashes.length; at += tileWidth) {
        const group = hashes.slice(at, at + tileWidth);
        tiles.set(tilePath(level, at / tileWidth, group.length), hex(Buffer.concat(group)));
        if (group.length < tileWidth) continue;
        const frontier = new Frontier();
        for (const one of group) frontier.append(one);
        above.push(frontier.root());
      }
      hashes = above;
    }
    return tiles;
  }
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const named = (tile: Tile) =>
    [tilePath(tile.level, tile.index, tile.hashes.length / 32), hex(tile.hashes)] as const;

  it('gives the tiles of C2SP over three levels', () => {
    const builder = new TileBuilder(new Frontier(), []);
    const tiles = new Map<string, string>();
    for (const [index, leaf] of many.entries()) {
      builder.append(leaf);
      if (index % 1000 < 999) continue;
      for (const tile of builder.commit()) tiles.set(...named(tile));
    }
    for (const tile of [...builder.commit(), ...builder.partial()]) tiles.set(...named(tile));
    expect(levelSize(count, 2)).toBe(1);
    expect(tiles).toEqual(definedTiles(many));
  });

  it('goes back to what was committed when a commit fails', () => {
    const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: most }), fc.boolean()), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(runs, (batches) => {
        const builder = new TileBuilder(new Frontier(), []);
        const tiles = new Map<string, string>();
        let size = 0;
        for (const [more, holds] of batches) {
          // What a failed commit held is not what comes after it.
          const source = holds ? many : [...many].reverse();
          for (const leaf of source.slice(size, size + more)) builder.append(leaf);
          if (!holds) {
            builder.rollBack();
            continue;
          }
          for (const tile of builder.commit()) tiles.set(...named(tile));
          size += more;
          expect(builder.frontier.size).toBe(size);
        }
        for (const tile of builder.partial()) tiles.set(...named(tile));
        expect(tiles).toEqual(definedTiles(many.slice(0, size)));
      }),
    );
  });
});

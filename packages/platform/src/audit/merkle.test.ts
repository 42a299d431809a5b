import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frontier, leafHash, nodeHash } from './merkle.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** RFC 6962 §2.1 word for word: the largest power of two below n parts the list. */
function definedRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256(Buffer.alloc(0));
  if (leaves.length === 1) return Buffer.from(leaves[0] as Uint8Array);
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return nodeHash(definedRoot(leaves.slice(0, half)), definedRoot(leaves.slice(half)));
}

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => sha256(Buffer.from(`leaf ${index}`)));

function frontierOf(leaves: readonly Uint8Array[]): Frontier {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier;
}

describe('leaf', () => {
  const header = Buffer.from('0102', 'hex');

  it('is H(0 ‖ header ‖ H(business) ‖ H(sealed)), an absent part being empty', () => {
    const defined = (sealed: Uint8Array) =>
      sha256(Buffer.concat([Buffer.from([0]), header, sha256(Buffer.from('{}')), sha256(sealed)]));
    expect(leafHash(header, Buffer.from('{}'), null)).toEqual(defined(Buffer.alloc(0)));
    expect(leafHash(header, Buffer.from('{}'), Buffer.from('s'))).toEqual(
      defined(Buffer.from('s')),
    );
  });

  it('changes with any bit of any part', () => {
    const part = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(part, part, part, fc.nat(), fc.nat(2), (a, b, c, bit, which) => {
        const parts = [a, b, c].map((bytes) => Buffer.from(bytes)) as [Buffer, Buffer, Buffer];
        const before = leafHash(...parts);
        const target = parts[which as 0 | 1 | 2];
        const at = bit % (target.length * 8);
        target[at >> 3] = (target[at >> 3] as number) ^ (1 << (at & 7));
        expect(leafHash(...parts)).not.toEqual(before);
      }),
    );
  });
});

describe('frontier', () => {
  it('gives the root of RFC 6962 at every size', () => {
    const leaves = leavesOf(130);
    for (let size = 0; size <= leaves.length; size += 1) {
      const list = leaves.slice(0, size);
      expect(hex(frontierOf(list).root()), `size ${size}`).toBe(hex(definedRoot(list)));
    }
  });

  it('goes on from its stored form as if it had never been stored', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(50), (stored, more) => {
        const leaves = leavesOf(stored + more);
        const first = frontierOf(leaves.slice(0, stored));
        const again = Frontier.decode(first.encode());
        expect(again.size).toBe(stored);
        for (const leaf of leaves.slice(stored)) again.append(leaf);
        expect(hex(again.root())).toBe(hex(definedRoot(leaves)));
      }),
    );
  });

  it('leaves its copy alone', () => {
    const frontier = frontierOf(leavesOf(5));
    const copy = frontier.copy();
    const root = hex(copy.root());
    for (const leaf of leavesOf(9)) frontier.append(leaf);
    expect(hex(copy.root())).toBe(root);
    expect(copy.size).toBe(5);
  });
});

/**
 * Inclusion and consistency proofs of RFC 9162 §2.1.3 and §2.1.4. Making one needs a way to the hash
 * of any complete subtree; checking one needs nothing but the proof.
 */
import { hashSize, nodeHash } from './merkle.js';

/** Root of the complete subtree of 2^height leaves that is the index-th of its height. */
export type NodeAt = (height: number, index: number) => Uint8Array;

/** The siblings from the leaf up to the root of a log of `size` leaves. */
export function proveInclusion(nodeAt: NodeAt, index: number, size: number): Uint8Array[] {
  if (index < 0 || index >= size) throw new RangeError(`Leaf ${index} is not below ${size}`);
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.push(rangeRoot(nodeAt, middle, to));
      to = middle;
    } else {
      path.push(rangeRoot(nodeAt, from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

/** That a log of `size` leaves begins with the log it was at `first` leaves. */
export function proveConsistency(nodeAt: NodeAt, first: number, size: number): Uint8Array[] {
  if (first < 0 || first > size) throw new RangeError(`A log of ${size} never had ${first} leaves`);
  if (first === 0 || first === size) return [];
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  let isWhole = true;
  while (first !== to) {
    const middle = from + splitOf(to - from);
    if (first <= middle) {
      path.push(rangeRoot(nodeAt, middle, to));
      to = middle;
    } else {
      path.push(rangeRoot(nodeAt, from, middle));
      from = middle;
      isWhole = false;
    }
  }
  // The old root itself is known to whoever checks.
  if (!isWhole) path.push(rangeRoot(nodeAt, from, to));
  return path.reverse();
}

/** Root over the leaves before `size`. */
export function rootAt(nodeAt: NodeAt, size: number): Uint8Array {
  return rangeRoot(nodeAt, 0, size);
}

/** RFC 9162 §2.1.3.2. */
export function checkInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!(index >= 0 && index < size) || path.some((one) => one.byteLength !== hashSize))
    return false;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else hash = nodeHash(hash, sibling);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equal(hash, root);
}

/** RFC 9162 §2.1.4.2. */
export function checkConsistency(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (first.size > second.size || proof.some((one) => one.byteLength !== hashSize)) return false;
  if (first.size === second.size) return proof.length === 0 && equal(first.root, second.root);
  if (first.size === 0) return proof.length === 0;
  const path = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof;
  let at = first.size - 1;
  let last = second.size - 1;
  while (at % 2 === 1) {
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  const start = path[0];
  if (start === undefined) return false;
  let before = start;
  let after = start;
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else after = nodeHash(after, sibling);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equal(before, first.root) && equal(after, second.root);
}

function rangeRoot(nodeAt: NodeAt, from: number, to: number): Uint8Array {
  const count = to - from;
  if (isPowerOfTwo(count)) return nodeAt(Math.log2(count), from / count);
  const middle = from + splitOf(count);
  return nodeHash(rangeRoot(nodeAt, from, middle), rangeRoot(nodeAt, middle, to));
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  let half = 1;
  while (half * 2 < count) half *= 2;
  return half;
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

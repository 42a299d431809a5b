/**
 * The Merkle log over the journal, RFC 6962 hashing: a leaf is H(0x00 ‖ data), a node is
 * H(0x01 ‖ left ‖ right). The data of a leaf is header ‖ H(business bytes) ‖ H(sealed bytes), so
 * that a proof can be checked without the person's data, also after erasure.
 */
import { hash } from 'node:crypto';

export const hashSize = 32;
const leafPrefix = 0;
const nodePrefix = 1;
/** Of nothing: what stands in a leaf for an absent sealed part. */
export const emptyHash = sha256(Buffer.alloc(0));

export function sha256(bytes: Uint8Array): Buffer {
  const hashed = Buffer.allocUnsafe(hashSize);
  hashInto(bytes, hashed, 0);
  return hashed;
}

export function leafHash(header: Uint8Array, body: Uint8Array, sealed: Uint8Array | null): Buffer {
  const data = leafData(header.byteLength);
  data.set(header, 1);
  hashInto(body, data, 1 + header.byteLength);
  if (sealed === null) data.set(emptyHash, 1 + header.byteLength + hashSize);
  else hashInto(sealed, data, 1 + header.byteLength + hashSize);
  return sha256(data);
}

/** For whoever has the hashes of the parts, and perhaps no longer the parts. */
export function leafOfHashes(
  header: Uint8Array,
  bodyHash: Uint8Array,
  sealedHash: Uint8Array,
): Buffer {
  const data = leafData(header.byteLength);
  data.set(header, 1);
  data.set(bodyHash, 1 + header.byteLength);
  data.set(sealedHash, 1 + header.byteLength + hashSize);
  return sha256(data);
}

const nodeData = Buffer.alloc(1 + 2 * hashSize);
nodeData[0] = nodePrefix;

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeData.set(left, 1);
  nodeData.set(right, 1 + hashSize);
  return sha256(nodeData);
}

let scratch = Buffer.alloc(1024);

/** Room for the data of a leaf, used again for each: its prefix is there, the rest is written over. */
function leafData(headerBytes: number): Buffer {
  const length = 1 + headerBytes + 2 * hashSize;
  if (scratch.byteLength < length) scratch = Buffer.alloc(2 * length);
  scratch[0] = leafPrefix;
  return scratch.subarray(0, length);
}

/** As text of one byte a character, which costs half of what a buffer of its own does. */
function hashInto(bytes: Uint8Array, target: Buffer, at: number): void {
  target.write(hash('sha256', bytes, 'binary'), at, hashSize, 'latin1');
}

/**
 * The roots of the complete subtrees of a log, largest first: all that is needed to append and to
 * give the root. `size` has one bit set for each of them.
 */
export class Frontier {
  #size: number;
  #roots: Uint8Array[];

  constructor(size = 0, roots: readonly Uint8Array[] = []) {
    this.#size = size;
    this.#roots = [...roots];
  }

  get size(): number {
    return this.#size;
  }

  /** `complete` is told of each subtree the leaf completes, the leaf itself first, with its height. */
  append(leaf: Uint8Array, complete?: (height: number, root: Uint8Array) => void): void {
    let carry = leaf;
    let height = 0;
    complete?.(height, carry);
    // Each trailing one bit of the size is a complete subtree that merges with the new leaf.
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      carry = nodeHash(this.#roots.pop() as Uint8Array, carry);
      height += 1;
      complete?.(height, carry);
    }
    this.#roots.push(carry);
    this.#size += 1;
  }

  /** Root of the whole log; of an empty log the hash of nothing (RFC 6962 §2.1). */
  root(): Uint8Array {
    if (this.#roots.length === 0) return emptyHash;
    return this.#roots.reduceRight((right, left) => nodeHash(left, right));
  }

  /** The roots of the complete subtrees, largest first. */
  get roots(): readonly Uint8Array[] {
    return this.#roots;
  }

  copy(): Frontier {
    return new Frontier(this.#size, this.#roots);
  }

  /** Size as 8 bytes, then the subtree roots. */
  encode(): Buffer {
    const bytes = Buffer.alloc(8 + hashSize * this.#roots.length);
    bytes.writeBigUInt64BE(BigInt(this.#size));
    for (const [index, root] of this.#roots.entries()) bytes.set(root, 8 + index * hashSize);
    return bytes;
  }

  static decode(stored: Uint8Array): Frontier {
    const bytes = Buffer.from(stored);
    const size = Number(bytes.readBigUInt64BE());
    const roots: Uint8Array[] = [];
    for (let at = 8; at < bytes.length; at += hashSize)
      roots.push(bytes.subarray(at, at + hashSize));
    return new Frontier(size, roots);
  }
}

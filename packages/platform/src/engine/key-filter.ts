/**
 * A Bloom filter that grows: which keys were certainly never added. Layers of doubling size, each
 * filled to its measure before the next is begun, so that it is as rarely wrong about keys it never saw
 * when there are a million as when there are a hundred.
 *
 * Invariant: `mayHave` is true of every key added.
 */

/** Keys of the first layer. */
const firstKeys = 4096;
const bitsPerKey = 16;
const probes = 5;
/** All layers together then take 8 MB. */
const keysMax = firstKeys * 1023;

interface Layer {
  readonly bits: Uint32Array;
  /** Number of bits, a power of two, less one. */
  readonly mask: number;
  left: number;
}

export class KeyFilter {
  readonly #layers: Layer[] = [];
  #keys = 0;

  /** False when it is full and the key was not added: the filter is of no use any more. */
  add(key: string): boolean {
    if (this.#keys >= keysMax) return false;
    this.#keys += 1;
    let layer = this.#layers.at(-1);
    if (layer === undefined || layer.left === 0) {
      layer = layerOf(firstKeys * 2 ** this.#layers.length);
      this.#layers.push(layer);
    }
    layer.left -= 1;
    const { bits, mask } = layer;
    let at = hashOf(key);
    const step = stepOf(at);
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = at & mask;
      bits[bit >>> 5] = (bits[bit >>> 5] as number) | (1 << (bit & 31));
      at = (at + step) >>> 0;
    }
    return true;
  }

  mayHave(key: string): boolean {
    const first = hashOf(key);
    const step = stepOf(first);
    return this.#layers.some(({ bits, mask }) => {
      let at = first;
      for (let probe = 0; probe < probes; probe += 1) {
        const bit = at & mask;
        if (((bits[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
        at = (at + step) >>> 0;
      }
      return true;
    });
  }
}

function layerOf(keys: number): Layer {
  const size = keys * bitsPerKey;
  return { bits: new Uint32Array(size / 32), mask: size - 1, left: keys };
}

/** FNV-1a, then mixed so that keys that differ in their last characters differ in all bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1)
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** Odd, so that the probes of a key are as many bits. */
function stepOf(hash: number): number {
  return (mixed(hash ^ 0x9e3779b9) | 1) >>> 0;
}

/** The finalizer of MurmurHash3. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

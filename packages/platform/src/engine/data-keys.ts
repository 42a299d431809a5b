/**
 * Data keys of persons for sealing: found, or made. A key that was made is held until its batch is
 * durable, because a second key for the same person would make the first one's entries unreadable.
 */
import type { Random } from '@headrace/sdk';
import { type KeyRing, keySize } from '../audit/index.js';
import type { BatchEncoder, StoreReader } from '../storage/index.js';

/** At some 120 bytes each. */
const cachedMax = 65_536;
const erased = -1;

export class DataKeys {
  readonly #reader: StoreReader;
  readonly #ring: KeyRing;
  readonly #random: Random;
  /** Place in `#slab`, or `erased`; oldest first. A buffer for each would be ten times its key. */
  readonly #cached = new Map<string, number>();
  readonly #slab = new Uint8Array(cachedMax * keySize);
  #free: number[] = [];
  #used = 0;
  readonly #pending = new Map<string, { readonly key: Uint8Array; batch: number }>();

  constructor(reader: StoreReader, ring: KeyRing, random: Random) {
    this.#reader = reader;
    this.#ring = ring;
    this.#random = random;
  }

  /** The person's key, or null when the person was erased: then nothing personal is kept. */
  forSealing(handle: Uint8Array, encoder: BatchEncoder, batch: number): Uint8Array | null {
    const name = Buffer.from(handle).toString('hex');
    const pending = this.#pending.get(name)?.key;
    if (pending !== undefined) return pending;
    const place = this.#cached.get(name);
    if (place === erased) return null;
    // A copy: its place may be another's before the caller is done.
    if (place !== undefined) return this.#slab.slice(place, place + keySize);
    const wrapped = this.#reader.subjectKey(handle);
    if (wrapped !== undefined) return this.#keep(name, this.#ring.unwrap(wrapped));
    if (this.#reader.isErased(handle)) return this.#keep(name, null);
    const key = Uint8Array.from(this.#random.bytes(keySize));
    encoder.subjectKey(handle, this.#ring.wrap(key));
    this.#pending.set(name, { key, batch });
    return key;
  }

  /** Those that are not in memory, each once. */
  unknownOf(handles: readonly (Uint8Array | null)[]): Uint8Array[] {
    const unknown = new Map<string, Uint8Array>();
    for (const handle of handles) {
      if (handle === null) continue;
      const name = Buffer.from(handle).toString('hex');
      if (!this.#pending.has(name) && !this.#cached.has(name)) unknown.set(name, handle);
    }
    return [...unknown.values()];
  }

  durable(batch: number): void {
    for (const [name, pending] of this.#pending) {
      if (pending.batch > batch) continue;
      this.#pending.delete(name);
      this.#keep(name, pending.key);
    }
  }

  /** A key was destroyed in the store; keys still on their way there are kept. */
  forget(): void {
    this.#cached.clear();
    this.#slab.fill(0);
    this.#free = [];
    this.#used = 0;
  }

  /** After a failed commit only the store knows which keys exist. */
  reset(): void {
    this.#pending.clear();
    this.forget();
  }

  #keep(name: string, key: Uint8Array | null): Uint8Array | null {
    this.#drop(name);
    if (this.#cached.size >= cachedMax) this.#drop(this.#cached.keys().next().value as string);
    this.#cached.set(name, key === null ? erased : this.#put(key));
    return key;
  }

  #put(key: Uint8Array): number {
    const place = this.#free.pop() ?? this.#used++ * keySize;
    this.#slab.set(key, place);
    return place;
  }

  #drop(name: string): void {
    const place = this.#cached.get(name);
    if (place === undefined) return;
    this.#cached.delete(name);
    if (place !== erased) this.#free.push(place);
  }
}

/**
 * Data keys of persons for sealing: found, or made. A key that was made is held until its batch is
 * durable, because a second key for the same person would make the first one's entries unreadable.
 */
import type { Random } from '@headrace/sdk';
import { type KeyRing, keySize } from '../audit/index.js';
import type { BatchEncoder, StoreReader } from '../storage/index.js';

const cachedMax = 20_000;

export class DataKeys {
  readonly #reader: StoreReader;
  readonly #ring: KeyRing;
  readonly #random: Random;
  readonly #cached = new Map<string, Uint8Array | null>();
  readonly #pending = new Map<string, { readonly key: Uint8Array; batch: number }>();

  constructor(reader: StoreReader, ring: KeyRing, random: Random) {
    this.#reader = reader;
    this.#ring = ring;
    this.#random = random;
  }

  /** The person's key, or null when the person was erased: then nothing personal is kept. */
  forSealing(handle: Uint8Array, encoder: BatchEncoder, batch: number): Uint8Array | null {
    const name = Buffer.from(handle).toString('hex');
    const known = this.#pending.get(name)?.key ?? this.#cached.get(name);
    if (known !== undefined) return known;
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
  }

  /** After a failed commit only the store knows which keys exist. */
  reset(): void {
    this.#pending.clear();
    this.#cached.clear();
  }

  #keep(name: string, key: Uint8Array | null): Uint8Array | null {
    if (this.#cached.size >= cachedMax) {
      const oldest = this.#cached.keys().next().value;
      if (oldest !== undefined) this.#cached.delete(oldest);
    }
    this.#cached.set(name, key);
    return key;
  }
}

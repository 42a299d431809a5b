/**
 * The bytes that carry a planned step from the planning thread to the writer. One transferred
 * buffer costs a fraction of cloned objects, and the writer needs to know only these operations.
 */
import type { SqlValue } from './driver.js';
import type { LogLine } from './store.js';

export const operation = {
  journal: 1,
  insert: 2,
  update: 3,
  member: 4,
  memberGone: 5,
  meta: 6,
  dirty: 7,
  clean: 8,
  eventId: 9,
  subjectKey: 10,
  run: 11,
  eraseKey: 12,
  line: 13,
  prune: 14,
} as const;

const buffersMin = 1 << 20;
/** Up to here a copy costs less than a buffer that is handed over and comes back. */
const copiedMax = 64 << 10;
/** What one huge record made grow is not kept for the small ones after it. */
const spareBytesMax = 32 << 20;
/** As many as there may be batches under way. */
const sparesMax = 4;

/** A growing buffer with length-prefixed fields. */
export class BatchEncoder {
  #buffer = Buffer.allocUnsafeSlow(buffersMin);
  readonly #spares: ArrayBuffer[] = [];
  #size = 0;
  /** Journal entries in this batch. */
  entries = 0;

  get size(): number {
    return this.#size;
  }

  /** A body given as text is written as UTF-8 in place. */
  journal(
    offset: number,
    header: Uint8Array,
    body: Uint8Array | string,
    sealed: Uint8Array | null,
  ): void {
    this.entries += 1;
    this.#tag(operation.journal);
    this.#number(offset);
    this.#bytes(header);
    if (typeof body === 'string') this.#text(body);
    else this.#bytes(body);
    this.#optional(sealed);
  }

  insert(table: number, id: number, key: string, value: string): void {
    this.#tag(operation.insert);
    this.#small(table);
    this.#number(id);
    this.#text(key);
    this.#text(value);
  }

  update(table: number, id: number, value: string): void {
    this.#tag(operation.update);
    this.#small(table);
    this.#number(id);
    this.#text(value);
  }

  member(index: number, key: string, member: string): void {
    this.#tag(operation.member);
    this.#small(index);
    this.#text(key);
    this.#text(member);
  }

  memberGone(index: number, key: string, member: string): void {
    this.#tag(operation.memberGone);
    this.#small(index);
    this.#text(key);
    this.#text(member);
  }

  /** A line of a log, under the row id of its owner. */
  line(log: number, owner: number, { at, seq, place, integers, value }: LogLine): void {
    this.#tag(operation.line);
    this.#small(log);
    this.#number(owner);
    this.#number(at);
    this.#number(seq);
    this.#number(place);
    for (const integer of integers) this.#number(integer);
    this.#text(value);
  }

  /** Drops an owner's lines dated before `at`. */
  prune(log: number, owner: number, at: number): void {
    this.#tag(operation.prune);
    this.#small(log);
    this.#number(owner);
    this.#number(at);
  }

  meta(name: string, value: Uint8Array | null): void {
    this.#tag(operation.meta);
    this.#text(name);
    this.#optional(value);
  }

  dirty(stream: string, key: string, seq: number, noticedAt: number): void {
    this.#tag(operation.dirty);
    this.#text(stream);
    this.#text(key);
    this.#number(seq);
    this.#number(noticedAt);
  }

  /** Removes the mark of a key unless it was set again after the read began. */
  clean(stream: string, key: string, readSeq: number): void {
    this.#tag(operation.clean);
    this.#text(stream);
    this.#text(key);
    this.#number(readSeq);
  }

  eventId(id: string): void {
    this.#tag(operation.eventId);
    this.#text(id);
  }

  subjectKey(handle: Uint8Array, wrapped: Uint8Array): void {
    this.#tag(operation.subjectKey);
    this.#bytes(handle);
    this.#bytes(wrapped);
  }

  /** Destroys a person's data key and remembers that it must not be made again. */
  eraseKey(handle: Uint8Array, at: number): void {
    this.#tag(operation.eraseKey);
    this.#bytes(handle);
    this.#number(at);
  }

  /** A rarely used statement with its values, such as a new access token. */
  run(sql: string, values: readonly SqlValue[]): void {
    this.#tag(operation.run);
    this.#text(sql);
    this.#small(values.length);
    for (const value of values) {
      if (value === null) this.#tag(0);
      else if (typeof value === 'string') {
        this.#tag(1);
        this.#text(value);
      } else if (value instanceof Uint8Array) {
        this.#tag(2);
        this.#bytes(value);
      } else {
        this.#tag(3);
        this.#number(Number(value));
      }
    }
  }

  /**
   * The bytes so far, in a buffer of their own that can be transferred; the encoder is spent. A large
   * one is handed over as it is: copied into fresh memory, each of its pages would be a page fault.
   */
  finish(): Uint8Array<ArrayBuffer> {
    const size = this.#size;
    this.#size = 0;
    this.entries = 0;
    if (size <= copiedMax) return new Uint8Array(this.#buffer.subarray(0, size));
    const bytes = new Uint8Array(this.#buffer.buffer as ArrayBuffer, 0, size);
    const spare = this.#spares.pop();
    this.#buffer =
      spare === undefined ? Buffer.allocUnsafeSlow(Math.max(buffersMin, size)) : Buffer.from(spare);
    return bytes;
  }

  /** Takes back a buffer that `finish` gave away and that nobody reads any more. */
  reuse(buffer: ArrayBuffer): void {
    const { byteLength } = buffer;
    if (byteLength < buffersMin || byteLength > spareBytesMax) return;
    if (this.#spares.length < sparesMax) this.#spares.push(buffer);
  }

  #ensure(more: number): void {
    if (this.#size + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#size + more));
    this.#buffer.copy(larger, 0, 0, this.#size);
    this.#buffer = larger;
  }

  #tag(value: number): void {
    this.#ensure(1);
    this.#buffer[this.#size++] = value;
  }

  #small(value: number): void {
    this.#ensure(2);
    this.#size = this.#buffer.writeUInt16LE(value, this.#size);
  }

  #number(value: number): void {
    this.#ensure(8);
    this.#size = this.#buffer.writeDoubleLE(value, this.#size);
  }

  #text(value: string): void {
    this.#ensure(4 + value.length * 3);
    const written = this.#buffer.write(value, this.#size + 4, 'utf8');
    this.#buffer.writeUInt32LE(written, this.#size);
    this.#size += 4 + written;
  }

  #bytes(value: Uint8Array): void {
    this.#ensure(4 + value.byteLength);
    this.#buffer.writeUInt32LE(value.byteLength, this.#size);
    this.#buffer.set(value, this.#size + 4);
    this.#size += 4 + value.byteLength;
  }

  #optional(value: Uint8Array | null): void {
    this.#tag(value === null ? 0 : 1);
    if (value !== null) this.#bytes(value);
  }
}

/** Reads what a `BatchEncoder` wrote; byte fields are views, valid while the buffer is. */
export class BatchDecoder {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#buffer.length;
  }

  tag(): number {
    return this.#buffer[this.#at++] as number;
  }

  small(): number {
    const value = this.#buffer.readUInt16LE(this.#at);
    this.#at += 2;
    return value;
  }

  number(): number {
    const value = this.#buffer.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  text(): string {
    const size = this.#length();
    const value = this.#buffer.toString('utf8', this.#at, this.#at + size);
    this.#at += size;
    return value;
  }

  bytes(): Uint8Array {
    const size = this.#length();
    const value = this.#buffer.subarray(this.#at, this.#at + size);
    this.#at += size;
    return value;
  }

  optional(): Uint8Array | null {
    return this.tag() === 0 ? null : this.bytes();
  }

  values(): SqlValue[] {
    const count = this.small();
    return Array.from({ length: count }, () => {
      const kind = this.tag();
      if (kind === 0) return null;
      if (kind === 1) return this.text();
      return kind === 2 ? this.bytes() : this.number();
    });
  }

  #length(): number {
    const size = this.#buffer.readUInt32LE(this.#at);
    this.#at += 4;
    return size;
  }
}

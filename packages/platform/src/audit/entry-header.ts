/**
 * The bytes of an entry header, layout 1. `docs/journal-format.md` is the page beside this file and
 * `entry-header.test.ts` holds its test vectors. All integers are big-endian.
 */

export const entryKinds = [
  'record',
  'pass',
  'heartbeat',
  'tick',
  'control',
  'prediction',
  'decision',
  'outcome',
] as const;
export type EntryKind = (typeof entryKinds)[number];

export interface EntryFlags {
  /** The source says, or a read showed, that the record is gone. */
  readonly gone: boolean;
  /** Read as part of a pass. */
  readonly snapshot: boolean;
  /**
   * Imported history, read by the first pass: `knownAt` is when it was imported, and whoever asks
   * what was known back then has to impute it.
   */
  readonly imputed: boolean;
  /** The bytes could not be read as a record; they are sealed and have a reason in the body. */
  readonly unreadable: boolean;
  /** The source named nobody: `subject` stands for this record alone, not for a person. */
  readonly unnamed: boolean;
  /** The mapping failed on the record when it came: it waits in quarantine until it is replayed. */
  readonly unmapped: boolean;
  /** Taken from quarantine: it states again what an earlier entry of the key stated. */
  readonly replayed: boolean;
}

export interface EntryHeader extends EntryFlags {
  readonly kind: EntryKind;
  readonly offset: number;
  /** Offset of the previous entry of the same source, stream and key, or null. */
  readonly previous: number | null;
  /** Wall clock in ms at which the platform knew this; never goes back along the journal. */
  readonly knownAt: number;
  /** When it became true at its source, ms, or null. */
  readonly eventAt: number | null;
  /** When a notification of it arrived, or null. */
  readonly noticedAt: number | null;
  /** When the read that brought it began and ended, or null. */
  readonly readAt: number | null;
  readonly receivedAt: number | null;
  readonly readSeq: number;
  /** 16 bytes that name this state of this record. */
  readonly id: Uint8Array;
  /** 16 bytes over the received content; keyed where the content is personal. */
  readonly hash: Uint8Array;
  /** 16 bytes: the pseudonymous person the sealed part is about, or null. */
  readonly subject: Uint8Array | null;
  readonly source: string;
  readonly stream: string;
  readonly key: string;
  readonly version: string | null;
}

const layout = 1;
const fixedSize = 128;
const wordSize = 2 ** 32;

export function encodeHeader(header: EntryHeader): Buffer {
  const source = Buffer.byteLength(header.source);
  const stream = Buffer.byteLength(header.stream);
  const key = Buffer.byteLength(header.key);
  const version = header.version === null ? 0 : Buffer.byteLength(header.version);
  const bytes = Buffer.allocUnsafe(fixedSize + source + stream + key + version);
  bytes[0] = layout;
  bytes[1] = entryKinds.indexOf(header.kind);
  bytes[2] =
    (header.gone ? 1 : 0) |
    (header.snapshot ? 2 : 0) |
    (header.imputed ? 4 : 0) |
    (header.unreadable ? 8 : 0) |
    (header.subject === null ? 0 : 16) |
    (header.version === null ? 0 : 32) |
    (header.unnamed ? 64 : 0);
  bytes[3] = (header.unmapped ? 1 : 0) | (header.replayed ? 2 : 0);
  let at = writeTime(bytes, header.offset, 4);
  at = writeTime(bytes, header.previous, at);
  at = writeTime(bytes, header.knownAt, at);
  at = writeTime(bytes, header.eventAt, at);
  at = writeTime(bytes, header.noticedAt, at);
  at = writeTime(bytes, header.readAt, at);
  at = writeTime(bytes, header.receivedAt, at);
  at = writeTime(bytes, header.readSeq, at);
  bytes.set(header.id, at);
  bytes.set(header.hash, at + 16);
  if (header.subject === null) bytes.fill(0, at + 32, at + 48);
  else bytes.set(header.subject, at + 32);
  at += 48;
  at = bytes.writeUInt16BE(source, at);
  at = bytes.writeUInt16BE(stream, at);
  at = bytes.writeUInt32BE(key, at);
  at = bytes.writeUInt32BE(version, at);
  at += bytes.write(header.source, at);
  at += bytes.write(header.stream, at);
  at += bytes.write(header.key, at);
  if (header.version !== null) bytes.write(header.version, at);
  return bytes;
}

export function decodeHeader(stored: Uint8Array): EntryHeader {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (bytes[0] !== layout) throw new RangeError(`Unknown entry layout ${bytes[0]}`);
  const flags = bytes[2] as number;
  const more = bytes[3] as number;
  const sizes = {
    source: bytes.readUInt16BE(116),
    stream: bytes.readUInt16BE(118),
    key: bytes.readUInt32BE(120),
    version: bytes.readUInt32BE(124),
  };
  let at = fixedSize;
  const text = (size: number): string => {
    const value = bytes.toString('utf8', at, at + size);
    at += size;
    return value;
  };
  return {
    kind: entryKinds[bytes[1] as number] as EntryKind,
    gone: (flags & 1) !== 0,
    snapshot: (flags & 2) !== 0,
    imputed: (flags & 4) !== 0,
    unreadable: (flags & 8) !== 0,
    unnamed: (flags & 64) !== 0,
    unmapped: (more & 1) !== 0,
    replayed: (more & 2) !== 0,
    offset: readTime(bytes, 4) as number,
    previous: readTime(bytes, 12),
    knownAt: readTime(bytes, 20) as number,
    eventAt: readTime(bytes, 28),
    noticedAt: readTime(bytes, 36),
    readAt: readTime(bytes, 44),
    receivedAt: readTime(bytes, 52),
    readSeq: readTime(bytes, 60) as number,
    id: bytes.subarray(68, 84),
    hash: bytes.subarray(84, 100),
    subject: (flags & 16) === 0 ? null : bytes.subarray(100, 116),
    source: text(sizes.source),
    stream: text(sizes.stream),
    key: text(sizes.key),
    version: (flags & 32) === 0 ? null : text(sizes.version),
  };
}

function writeTime(bytes: Buffer, value: number | null, at: number): number {
  // Two halves: a bigint costs twenty times as much, and there are eight of these in each entry.
  if (value === null) {
    bytes.writeInt32BE(-1, at);
    return bytes.writeInt32BE(-1, at + 4);
  }
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a time or a position`);
  const high = Math.floor(value / wordSize);
  bytes.writeInt32BE(high, at);
  return bytes.writeUInt32BE(value - high * wordSize, at + 4);
}

function readTime(bytes: Buffer, at: number): number | null {
  const high = bytes.readInt32BE(at);
  const low = bytes.readUInt32BE(at + 4);
  return high === -1 && low === wordSize - 1 ? null : high * wordSize + low;
}

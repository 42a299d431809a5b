/** How personal and unreadable parts are bound, keyed and cut before sealing. */
import { type EntryHeader, type KeyRing, subjectHandle } from '../audit/index.js';
import { limits } from './arrival.js';

/** Binds a sealed part to its entry. */
export function sealedFor(header: EntryHeader): Uint8Array {
  return Buffer.concat([header.id, header.hash]);
}

/** The key under which unreadable bytes of one stream and day are sealed. */
export function quarantineHandle(
  ring: KeyRing,
  source: string,
  stream: string,
  day: number,
): Buffer {
  return subjectHandle(ring.storeKey, source, `quarantine:${stream}:${day}`);
}

/** All of a record within the limit; both ends of a larger one. */
export function excerpt(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength <= limits.recordBytesMax) return bytes;
  return Buffer.concat([
    bytes.subarray(0, limits.excerptBytes),
    bytes.subarray(bytes.byteLength - limits.excerptBytes),
  ]);
}

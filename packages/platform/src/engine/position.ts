/** Where the planner stands: what a restart takes up again from the store. */
import type { StoreReader } from '../storage/index.js';

export function numberBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

export function readPosition(reader: StoreReader): {
  readonly nextOffset: number;
  readonly knownAt: number;
  readonly seq: number;
} {
  const nextOffset = reader.journalEnd();
  const last = nextOffset === 0 ? undefined : reader.journal(nextOffset - 1);
  const seq = reader.meta('seq');
  return {
    nextOffset,
    knownAt: last === undefined ? 0 : Number(Buffer.from(last.header).readBigInt64BE(20)),
    seq: seq === undefined ? 0 : Buffer.from(seq).readDoubleBE(),
  };
}

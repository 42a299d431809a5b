/** Records too large for the journal: their bytes lie beside the store, sealed. */
import type { Random } from '@headrace/sdk';
import { type KeyRing, keyedHash, plainHash, seal } from '../audit/index.js';
import { writeSpill } from '../storage/index.js';
import { quarantineHandle } from './sealed-part.js';
import type { StepLoop } from './step-loop.js';

export interface SpillPlace {
  readonly folder: string;
  readonly ring: KeyRing;
  readonly random: Random;
  readonly loop: StepLoop;
  /** Days since the epoch; the key of the file goes with the day's others. */
  readonly day: number;
}

/** Puts the bytes of an oversized record aside, sealed; returns the file's name. */
export async function spillRecord(
  place: SpillPlace,
  source: string,
  stream: string,
  bytes: Uint8Array,
): Promise<string> {
  const { folder, ring, random, loop, day } = place;
  const name = keyedHash(ring.storeKey, bytes).toString('hex');
  const handle = quarantineHandle(ring, source, stream, day);
  const keys: (Uint8Array | null)[] = [];
  await loop.submitNow([
    { kind: 'effects', apply: (_main, _keys, dataKey) => void keys.push(dataKey(handle)) },
  ]);
  const key = keys.at(-1) ?? null;
  if (key !== null) await writeSpill(folder, name, seal(key, bytes, plainHash(name), random));
  return name;
}

/**
 * Unreadable bytes are kept for thirty days, for whoever repairs the source or the mapping. They may
 * be anybody's data, so then the key of that stream and day is destroyed, and its spill files with
 * it; the entry stays, with its hash and its reason.
 */
import type { KeyRing } from '../audit/index.js';
import { dropSpills, type StoreReader } from '../storage/index.js';
import { quarantineHandle } from './sealed-part.js';
import type { StepLoop } from './step-loop.js';

export const quarantineDays = 30;
/** Days looked back, so that a platform that was down for a while catches up. */
const catchUpDays = 60;
const dayMs = 86_400_000;

export async function expireQuarantine(
  place: {
    readonly folder: string;
    readonly ring: KeyRing;
    readonly loop: StepLoop;
    readonly reader: StoreReader;
  },
  streams: readonly { readonly source: string; readonly stream: string }[],
  now: number,
): Promise<number> {
  const today = Math.floor(now / dayMs);
  const handles: Buffer[] = [];
  for (const { source, stream } of streams) {
    for (let age = quarantineDays + 1; age <= quarantineDays + catchUpDays; age += 1) {
      const handle = quarantineHandle(place.ring, source, stream, today - age);
      if (place.reader.subjectKey(handle) !== undefined) handles.push(handle);
    }
  }
  if (handles.length === 0) return 0;
  await place.loop.submit([
    {
      kind: 'effects',
      apply: (_main, keys) => {
        for (const handle of handles) keys.eraseKey(handle, now);
      },
    },
    {
      kind: 'entry',
      entry: 'control',
      source: '',
      stream: '',
      body: { action: 'quarantine-expiry', principal: 'system', keys: handles.length },
    },
  ]);
  dropSpills(place.folder, now - quarantineDays * dayMs);
  return handles.length;
}

/**
 * A group of arrivals, read as far as that goes without state. It depends on nothing but them, so
 * it can be made while earlier groups are still being planned, and it names the rows to be read.
 */
import { keyedHash, subjectHandle } from '../audit/index.js';
import type { Arrival } from './arrival.js';
import { type Preparation, prepare } from './prepare.js';
import { isStatement, stateKeyOf } from './record-fold.js';
import { replayedRecord } from './replay-waiting.js';
import type { Slicer } from './slicer.js';

export interface PreparedGroup {
  readonly arrivals: readonly Arrival[];
  /** As long as `arrivals`; null for those that are no records. */
  readonly preparations: readonly (Preparation | null)[];
  /** As long as `arrivals`: the handle its personal part is sealed under, null where there is none. */
  readonly subjects: readonly (Uint8Array | null)[];
  readonly stateKeys: readonly string[];
  readonly sources: readonly string[];
}

export async function prepareGroup(
  arrivals: readonly Arrival[],
  storeKey: Uint8Array,
  slice: Slicer,
): Promise<PreparedGroup> {
  const preparations: (Preparation | null)[] = [];
  const subjects: (Uint8Array | null)[] = [];
  const stateKeys = new Set<string>();
  const sources = new Set<string>();
  for (const arrival of arrivals) {
    const waiting = arrival.kind === 'replay' ? replayedRecord(arrival) : null;
    const record = arrival.kind === 'record' ? arrival : waiting;
    const preparation = record === null ? null : prepare(record);
    preparations.push(preparation);
    subjects.push(subjectOf(record, preparation, storeKey));
    if (arrival.kind === 'entry') {
      sources.add(arrival.source);
      if (isStatement({ kind: arrival.entry })) stateKeys.add(entryStateKey(arrival));
    } else if (arrival.kind === 'replay') {
      const { header } = arrival.waiting;
      sources.add(header.source);
      stateKeys.add(stateKeyOf(header.source, header.stream, header.key));
      if (preparation?.ok) {
        stateKeys.add(stateKeyOf(header.source, header.stream, preparation.value.key));
      }
    } else if (arrival.kind !== 'effects') {
      const { source, stream } = arrival.stream;
      sources.add(source);
      stateKeys.add(stateKeyOf(source, stream, keyOf(arrival, preparation, storeKey)));
    }
    if (slice.isOver()) await slice.pause();
  }
  return { arrivals, preparations, subjects, stateKeys: [...stateKeys], sources: [...sources] };
}

/** What a decision is kept under. */
export function entryStateKey({ source, stream, key = '' }: Arrival & { kind: 'entry' }): string {
  return stateKeyOf(source, stream, key);
}

/** What stands for the key of a record that has none to be read. */
export function unreadableKey(storeKey: Uint8Array, bytes: Uint8Array): string {
  return `~${keyedHash(storeKey, bytes).toString('hex')}`;
}

function keyOf(
  arrival: Arrival & { kind: 'absence' | 'record' },
  preparation: Preparation | null,
  storeKey: Uint8Array,
): string {
  if (arrival.kind === 'absence') return arrival.key;
  return preparation?.ok ? preparation.value.key : unreadableKey(storeKey, arrival.bytes);
}

function subjectOf(
  arrival: (Arrival & { kind: 'record' }) | null,
  preparation: Preparation | null,
  storeKey: Uint8Array,
): Uint8Array | null {
  if (arrival === null || arrival.stream.personal === null) return null;
  if (preparation === null || !preparation.ok) return null;
  const { person, key } = preparation.value;
  const { source, stream } = arrival.stream;
  return subjectHandle(storeKey, source, person ?? `record:${stream}/${key}`);
}

/** What a statement in quarantine becomes when it is stated again: pure, for a dry run as for a step. */
import { type JsonObject, splitPersonal } from '@headrace/sdk';
import type { EntryHeader } from '../audit/index.js';
import { type Arrival, limits, type StreamRuntime, type WaitingEntry } from './arrival.js';
import { depthOf } from './depth.js';
import type { StoredRow } from './fold.js';
import type { Preparation } from './prepare.js';
import type { mapRecord } from './record-fold.js';

export type Attempt =
  | {
      readonly ok: true;
      /** As it would be journaled, but for its place. */
      readonly header: EntryHeader;
      readonly business: JsonObject | null;
      /** What a correction says of the person; null leaves what is sealed as it came. */
      readonly personal: JsonObject | null;
      readonly rows: readonly StoredRow[];
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

type Mapped = ReturnType<typeof mapRecord>;

/** The record to be read anew: a correction, or bytes that could not be read; else null. */
export function replayedRecord({
  stream,
  waiting,
}: {
  readonly stream: StreamRuntime;
  readonly waiting: WaitingEntry;
}): (Arrival & { kind: 'record' }) | null {
  const { header, bytes } = waiting;
  if (bytes === null) return null;
  const { readSeq, snapshot, noticedAt, readAt, receivedAt, knownAt } = header;
  return {
    kind: 'record',
    stream,
    bytes,
    depth: bytes.byteLength > limits.recordBytesMax ? 1 : depthOf(bytes),
    ...{ readSeq, snapshot, isBackfill: header.imputed, isReplay: true },
    times: { noticedAt, readAt, receivedAt: receivedAt ?? knownAt },
  };
}

/** @param subject The handle of whom the record to be read anew is about. */
export function attempt(
  { stream, waiting }: { readonly stream: StreamRuntime; readonly waiting: WaitingEntry },
  preparation: Preparation | null,
  subject: Uint8Array | null,
  map: (header: EntryHeader, body: JsonObject | null) => Mapped,
): Attempt {
  const { header, body } = waiting;
  const again = { ...header, unreadable: false, unmapped: false, replayed: true };
  if (preparation === null) {
    // Unreadable bytes that are gone have nothing that could be read.
    if (header.unreadable) return bytesGone;
    const business = JSON.parse(Buffer.from(body).toString('utf8')) as JsonObject;
    return mapped(again, business, null, map);
  }
  if (!preparation.ok) return { ok: false, ...preparation.value };
  const { record, key, version, gone, eventAt, person } = preparation.value;
  if (!header.unreadable && (key !== header.key || version !== header.version)) return otherRecord;
  const parts = { ...again, key, version, gone, eventAt };
  if (stream.personal === null) {
    return mapped({ ...parts, subject: null, unnamed: false }, record, null, map);
  }
  const { business, personal } = splitPersonal(record, stream.personal);
  // Of a correction without a word about the person, what is sealed stays, and whose it is.
  const isKept = !header.unreadable && personal === null;
  const about = isKept ? {} : { subject, unnamed: person === null };
  return mapped({ ...parts, ...about }, business, personal, map);
}

const bytesGone = {
  ok: false,
  code: 'E_QUARANTINE_GONE',
  message: 'The bytes were destroyed: they were too old, or somebody they named was erased.',
} as const;

const otherRecord = {
  ok: false,
  code: 'E_CORRECTION',
  message: 'A correction has the key and the version of the record it corrects.',
} as const;

function mapped(
  header: EntryHeader,
  business: JsonObject | null,
  personal: JsonObject | null,
  map: (header: EntryHeader, body: JsonObject | null) => Mapped,
): Attempt {
  const { rows, fault } = map(header, business);
  if (fault !== null) return { ok: false, ...fault };
  return { ok: true, header, business, personal, rows: rows ?? [] };
}

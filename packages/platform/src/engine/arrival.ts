/** What intake hands to the step, in order. */
import type { JsonObject, PersonalPaths, Stream } from '@headrace/sdk';
import type { EntryHeader, EntryKind } from '../audit/index.js';
import type { BatchEncoder } from '../storage/index.js';
import type { Verdict } from './fence.js';
import type { StoredRow } from './fold.js';

/** A configured stream, prepared for the hot path. */
export interface StreamRuntime {
  readonly source: string;
  readonly stream: string;
  readonly spec: Stream<never>;
  readonly personal: PersonalPaths | null;
}

/** When a read began and ended and what told of it; wall clock in ms. */
export interface ReadTimes {
  readonly noticedAt: number | null;
  readonly readAt: number | null;
  readonly receivedAt: number;
}

/** How the arrival of a record ended; `rowId` is 0 when it has no state. */
export type PlannedCallback = (verdict: Verdict, rowId: number, key: string) => void;

/** The data key of a person or group, made when there is none; null once erased. */
export type DataKeyOf = (handle: Uint8Array) => Uint8Array | null;

export type Arrival =
  | {
      readonly kind: 'record';
      readonly stream: StreamRuntime;
      readonly bytes: Uint8Array;
      readonly depth: number;
      readonly readSeq: number;
      readonly snapshot: boolean;
      /** Read by the first pass: what it shows is old, but for what changes while it goes on. */
      readonly isBackfill?: boolean;
      /** It was in quarantine, and could be read at last. */
      readonly isReplay?: boolean;
      readonly times: ReadTimes;
      /** The full bytes lie in a spill file under this name. */
      readonly spill?: string;
      /** Found to be no record before it got here; the bytes are as they came. */
      readonly refused?: { readonly code: string; readonly message: string };
      readonly planned?: PlannedCallback;
    }
  | {
      /** A read asked for this key and did not find it. */
      readonly kind: 'absence';
      readonly stream: StreamRuntime;
      readonly key: string;
      readonly readSeq: number;
      readonly times: ReadTimes;
      readonly planned?: PlannedCallback;
    }
  | {
      readonly kind: 'entry';
      readonly entry: Exclude<EntryKind, 'record'>;
      readonly source: string;
      readonly stream: string;
      readonly key?: string;
      readonly body: JsonObject;
      readonly readSeq?: number;
    }
  | {
      /** A statement in quarantine is stated again, as it came or as somebody corrected it. */
      readonly kind: 'replay';
      readonly stream: StreamRuntime;
      readonly waiting: WaitingEntry;
      readonly planned: (end: ReplayEnd) => void;
    }
  | {
      /** Cursors, marks and ids that become durable no earlier than what came before them. */
      readonly kind: 'effects';
      readonly apply: (encoder: BatchEncoder, keys: BatchEncoder, dataKey: DataKeyOf) => void;
      /** Event ids written by `apply`, so that duplicates can be told apart. */
      readonly eventIds?: number;
      readonly duplicates?: (positions: readonly number[]) => void;
    };

/** A statement that waits in quarantine, as it is in the journal. */
export interface WaitingEntry {
  readonly header: EntryHeader;
  /** The business part as it was journaled. */
  readonly body: Uint8Array;
  readonly sealed: Uint8Array | null;
  /** The record to be read instead of what could not be: a correction, or the unreadable bytes. */
  readonly bytes: Uint8Array | null;
  readonly isCorrected: boolean;
}

export type ReplayEnd =
  /** The record is used from now on. */
  | { readonly kind: 'replayed'; readonly rows: readonly StoredRow[] }
  /** It still cannot be, and goes on waiting. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** It does not wait any more: replayed before, or stated anew by its source. */
  | { readonly kind: 'settled' };

export const limits = {
  recordBytesMax: 1024 * 1024,
  depthMax: 64,
  keyLengthMax: 512,
  /** Kept of a record that is too large, from each end. */
  excerptBytes: 4096,
} as const;

/** Rough memory an arrival holds, for back-pressure. */
export function arrivalBytes(arrival: Arrival): number {
  if (arrival.kind === 'replay') {
    const { body, sealed, bytes } = arrival.waiting;
    return body.byteLength + (sealed?.byteLength ?? 0) + (bytes?.byteLength ?? 0) + 256;
  }
  return arrival.kind === 'record' ? arrival.bytes.byteLength + 256 : 256;
}

/** Bodies of the entries a flow journals: what it is about to write, how it ended, what people say. */
import { canonicalJson, type Json, type JsonObject } from '@headrace/sdk';
import { plainHash } from '../audit/index.js';
import type { Arrival } from '../engine/index.js';
import type { Difference, EndedItem } from './group-state.js';

export interface BegunItem {
  readonly group: string;
  readonly key: string;
  readonly number: number;
  readonly idempotencyKey: string;
  readonly hash: string;
  /** The target has no such record yet. */
  readonly isNew: boolean;
  /** Offset of the record whose personal part is opened for the call. */
  readonly personal?: number;
  readonly isUndo?: boolean;
  readonly cause: number | null;
  /** Offsets of the statements it was put together from. What is taken back has its `changes`. */
  readonly from?: readonly number[];
  readonly changes: readonly Difference[];
}

export interface BegunBody {
  readonly action: 'begun';
  readonly flow: string;
  readonly definition: string;
  readonly items: readonly BegunItem[];
}

export interface EndedBody {
  readonly action: 'ended';
  readonly flow: string;
  readonly definition: string;
  readonly write: string;
  /** Journal entries before this one were read by the look. */
  readonly seen: number;
  readonly items: readonly EndedItem[];
}

export type OutcomeBody = BegunBody | EndedBody;

/** Acts on a flow, journaled as control entries with their principal. */
export const flowActions = [
  'flow-resync',
  'flow-approve',
  'flow-pause',
  'flow-resume',
  'flow-retry',
  'flow-undo',
  /** The flow stops by itself, and says why. */
  'flow-stop',
  /** A large run begins, waits for approval, goes on or is over. */
  'flow-run',
] as const;
export type FlowAction = (typeof flowActions)[number];

/** Changes kept whole in a begun entry; needed to take the delivery back. */
const changesBytesMax = 32_768;
/** Of a value that is only shown. */
const shownLengthMax = 1000;
const shownFieldsMax = 50;

export function outcomeArrival(target: string, body: OutcomeBody): Arrival {
  return {
    kind: 'entry',
    entry: 'outcome',
    source: target,
    stream: body.flow,
    // As it will be read again: without members that are undefined.
    body: JSON.parse(JSON.stringify(body)) as JsonObject,
  };
}

/** The same over retries, crashes and replays; another installation's are others. */
export function idempotencyKeyOf(tenant: string, flow: string, group: string, number: number) {
  return plainHash(['delivery', tenant, flow, group, number].join('\0')).toString('hex');
}

export function hashOf(value: Json): string {
  return plainHash(canonicalJson(value)).toString('hex').slice(0, 16);
}

/** For display: long values keep their beginning. */
export function shown(differences: readonly Difference[]): readonly Difference[] {
  return differences.slice(0, shownFieldsMax).map((one) => ({
    ...one,
    before: shortened(one.before),
    after: shortened(one.after),
  }));
}

/** For the journal of deliveries: whole, or shortened when together they are too long. */
export function kept(differences: readonly Difference[]): readonly Difference[] {
  return JSON.stringify(differences).length <= changesBytesMax ? differences : shown(differences);
}

/** Shortened values are marked, so that nobody writes them. */
const cutMark = '$cut';

function shortened(value: Json | undefined): Json {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  if (text.length <= shownLengthMax) return value;
  return { [cutMark]: text.length, begins: text.slice(0, shownLengthMax) };
}

export function isCut(value: Json | undefined): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.hasOwn(value, cutMark)
  );
}

/**
 * Where each group of a flow stands. Folded from journal entries alone.
 *
 * ```
 *            change, check, resync, retry, approve, undo
 *   clean ───────────────────────────────────────────────▶ due ◀─ again: refused for now, conflict
 *     ▲  ▲                                                  │ │
 *     │  └── ended: same, none, shown, written ─────────────┤ ├─ ended: held ────▶ held
 *     │                                                     │ ├─ ended: parked ──▶ parked
 *     └──── ended: written ◀── waiting ◀── ended: accepted ─┘ └─ begun ──────────▶ due, begun
 * ```
 *
 * held, parked and waiting groups become due again by a newer change, held ones also when what holds them
 * has ended, waiting ones only once their ticket is settled, since a write is still under way.
 *
 * Invariants:
 * - A change after `seen` (what the ended look had read) stays marked: the newest state is written.
 * - `number` counts deliveries begun; it and the idempotency key made of it come from entries, so
 *   they are the same after a crash, a retry and a replay.
 * - `begun` stands until the same group has ended: a delivery whose answer was lost is known.
 * - An outcome under another definition of the flow answers no mark; what it wrote still counts.
 */
import type { JsonObject } from '@headrace/sdk';

export type Phase = 'clean' | 'due' | 'held' | 'parked' | 'waiting';

/** Why a group is not written without a person. */
export type HoldReason =
  /** Part of a run that is larger than the limit. */
  | 'run'
  /** A guarded number changes by more than the limit. */
  | 'change'
  /** What it rests on holds a value that cannot be right. */
  | 'suspect'
  /** Someone keeps writing another value. */
  | 'contested'
  /** A person took the delivery back. */
  | 'undone';

export interface Begun {
  /** Offset of the entry. */
  readonly offset: number;
  readonly number: number;
  readonly idempotencyKey: string;
  /** Of what was to be written. */
  readonly hash: string;
}

export interface GroupState {
  readonly phase: Phase;
  /** Its line in the lane of its phase; sorted by time. */
  readonly place: string | null;
  /** Offset of the newest change that no look has answered. */
  readonly changed: number | null;
  /** The same of changes the target itself told of. */
  readonly checked: number | null;
  /** Offset and known time of the oldest change that no look has answered. */
  readonly cause: number | null;
  readonly since: number | null;
  readonly number: number;
  readonly begun: Begun | null;
  /** Hash of each field as the target was last brought to or found at. */
  readonly written: Readonly<Record<string, string>>;
  /** Hash of all that the target was last level with, and what that look had read and might do. */
  readonly level: { readonly hash: string; readonly seen: number; readonly write: string } | null;
  /** How often a value somebody had overwritten was written again. */
  readonly insists: Readonly<Record<string, { readonly since: number; readonly count: number }>>;
  /** Line in the lane of differences, while the last look found one that was not written. */
  readonly differs: string | null;
  /**
   * Line in the lane of those to be looked at once more after a write that nothing has confirmed: the
   * target may have applied it late, or somebody may have taken it back unseen.
   */
  readonly verify: string | null;
  readonly held: {
    readonly why: HoldReason;
    readonly offset: number;
    readonly hash: string;
    readonly text: string;
    readonly until?: number;
  } | null;
  /** Hash of what a person approved. */
  readonly approved: string | null;
  /** The begun entry that is to be taken back, and the entry that asks for it. */
  readonly undo: { readonly delivery: number; readonly offset: number } | null;
  /** Hash of what was taken back, and is not written again. */
  readonly undone: string | null;
  readonly fault: {
    readonly code: string;
    readonly message: string;
    readonly attempts: number;
  } | null;
  readonly ticket: string | null;
  /** Offset of the last entry that ended a delivery of it. */
  readonly last: number | null;
}

export const freshGroup: GroupState = Object.freeze({
  phase: 'clean',
  place: null,
  changed: null,
  checked: null,
  cause: null,
  since: null,
  number: 0,
  begun: null,
  written: {},
  level: null,
  insists: {},
  differs: null,
  verify: null,
  held: null,
  approved: null,
  undo: null,
  undone: null,
  fault: null,
  ticket: null,
  last: null,
});

/** As stored: what is as in a fresh group is left out. */
export function packGroup(state: GroupState): JsonObject {
  const fresh = freshGroup as unknown as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(state).filter(
      ([name, value]) => value !== fresh[name] && !(isEmpty(value) && isEmpty(fresh[name])),
    ),
  ) as JsonObject;
}

export function unpackGroup(stored: JsonObject | undefined): GroupState {
  return stored === undefined ? freshGroup : { ...freshGroup, ...(stored as object) };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

type Told = { readonly offset: number; readonly at: number };

/** What an entry says of one group. */
export type GroupEvent =
  | (Told & { readonly kind: 'changed' | 'checked' | 'approved' | 'retried' })
  | (Told & { readonly kind: 'undo'; readonly delivery: number })
  | { readonly kind: 'begun'; readonly begun: Begun }
  | {
      readonly kind: 'ended';
      readonly offset: number;
      readonly at: number;
      readonly seen: number;
      readonly write: string;
      /** Ended under the definition in force. */
      readonly isCurrent: boolean;
      readonly item: EndedItem;
    };

export type EndedKind =
  /** Nothing differs. */
  | 'same'
  /** The group does not concern the target. */
  | 'none'
  /** Differs, and is only shown. */
  | 'shown'
  | 'written'
  /** Taken by the target, done later. */
  | 'accepted'
  | 'held'
  | 'parked'
  /** To be tried again. */
  | 'again';

/** How a look at one group ended, as journaled. */
export interface EndedItem {
  readonly group: string;
  readonly kind: EndedKind;
  /** The target's own key; absent where the mapping did not get that far. */
  readonly key?: string;
  /** Of all that was wanted. */
  readonly hash?: string;
  /** Hash of each field the target is now level in; absent when that is known already. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly number?: number;
  /** Fields written though nothing of ours had changed. */
  readonly insisted?: readonly string[];
  /** `until`, ms: what holds it ends by itself. */
  readonly hold?: { readonly why: HoldReason; readonly text: string; readonly until?: number };
  readonly code?: string;
  readonly message?: string;
  readonly ticket?: string;
  /** The answer was lost, and a read showed the write. */
  readonly isFound?: boolean;
  readonly isUndo?: boolean;
  readonly againAfterMs?: number;
  /** Offset of the change it answered, and from when that was known to when this ended. */
  readonly cause?: number;
  readonly lagMs?: number;
  /** Offset of the begun entry. */
  readonly begun?: number;
  readonly differences?: readonly Difference[];
}

/** One field that differs. Values that are too long are shortened; see `entries.ts`. */
export type Difference = {
  readonly field: string;
  readonly before: JsonObject[string];
  readonly after: JsonObject[string];
  /** Not written: another system owns it. */
  readonly isForeign?: boolean;
  /** Not written: someone keeps writing another value. */
  readonly isContested?: boolean;
};

/** Checks wait this long, so that several changes of one group are looked at together. */
export const checkAfterMs = 1000;
export const verifyAfterMs = 60_000;
/** How soon a change of a group is looked at that waits after a failure, however long it still would. */
export const changedAgainAfterMs = 5000;
export const insistWindowMs = 3_600_000;

const width = { at: 14, offset: 12 } as const;

/** Lines of a lane sort by time, then by entry. */
export function placeOf(at: number, offset: number, group: string): string {
  const pad = (value: number, size: number) => String(Math.max(0, value)).padStart(size, '0');
  return `${pad(at, width.at)}.${pad(offset, width.offset)} ${group}`;
}

export function groupAt(place: string): string {
  return place.slice(width.at + width.offset + 2);
}

/** Of the entry that set a line. */
export function offsetAt(place: string): number {
  return Number(place.slice(width.at + 1, width.at + 1 + width.offset));
}

export function timeAt(place: string): number {
  return Number(place.slice(0, width.at));
}

/** First line that is later than `at`; a bound for pages of a lane. */
export function placeAfter(at: number): string {
  return placeOf(at + 1, 0, '').trimEnd();
}

/** The next state. Pure. */
export function next(state: GroupState, group: string, event: GroupEvent): GroupState {
  switch (event.kind) {
    case 'changed':
      return due(
        {
          ...state,
          changed: event.offset,
          cause: state.cause ?? event.offset,
          since: state.since ?? event.at,
        },
        group,
        event,
        { at: event.at, afterFaultAt: event.at + changedAgainAfterMs },
      );
    case 'checked':
      return due({ ...state, checked: event.offset }, group, event, {
        at: event.at + checkAfterMs,
        afterFaultAt: null,
      });
    case 'approved':
      if (state.held === null) return state;
      return again({ ...state, approved: state.held.hash, undone: null }, group, event);
    case 'retried':
      return state.phase === 'parked' ? again({ ...state, fault: null }, group, event) : state;
    case 'undo': {
      const { delivery, offset } = event;
      return again({ ...state, undo: { delivery, offset } }, group, event);
    }
    case 'begun':
      return { ...state, number: event.begun.number, begun: event.begun };
    case 'ended':
      return ended(state, group, event);
  }
}

/**
 * Due for a mark; a place that comes earlier anyway stays. A group that waits after a failure may wait an
 * hour for something else, such as a price; a change of its own is not to wait with it. What the target
 * tells may be the echo of the very write that failed, and makes nothing sooner.
 */
function due(
  state: GroupState,
  group: string,
  { offset }: { readonly offset: number },
  time: { readonly at: number; readonly afterFaultAt: number | null },
): GroupState {
  if (state.phase === 'waiting') return state;
  const isBackingOff = state.phase === 'due' && state.fault !== null;
  const at = isBackingOff ? time.afterFaultAt : time.at;
  const isSoon = state.phase === 'due' && state.place !== null;
  if (at === null || (isSoon && timeAt(state.place as string) <= at)) return state;
  return { ...state, phase: 'due', place: placeOf(at, offset, group) };
}

/** Due because a person says so. */
function again(
  state: GroupState,
  group: string,
  { offset, at }: { readonly offset: number; readonly at: number },
): GroupState {
  const asked = { ...state, changed: Math.max(state.changed ?? 0, offset) };
  if (state.phase === 'waiting') return asked;
  return { ...asked, phase: 'due', place: placeOf(at, offset, group) };
}

function ended(
  state: GroupState,
  group: string,
  event: GroupEvent & { kind: 'ended' },
): GroupState {
  const { item, offset, at, seen, isCurrent } = event;
  const effect = effectOf(state, event);
  if (item.kind === 'again') {
    const attempts = (state.fault?.attempts ?? 0) + 1;
    const fault = { code: item.code ?? '', message: item.message ?? '', attempts };
    const place = placeOf(at + (item.againAfterMs ?? 0), offset, group);
    return { ...effect, phase: 'due', place, fault, ticket: null };
  }
  // An outcome of other rules answers nothing, and may itself have to be looked at.
  const isAnswered = (mark: number | null) => mark === null || (isCurrent && mark < seen);
  const stays = isCurrent ? effect.changed : (effect.changed ?? offset);
  const changed = isAnswered(stays) ? null : stays;
  const checked = isAnswered(effect.checked) ? null : effect.checked;
  const answered: GroupState = { ...effect, changed, checked, fault: null };
  const place = placeOf(at, offset, group);
  if (item.kind === 'accepted') {
    return { ...answered, phase: 'waiting', place, ticket: item.ticket ?? '' };
  }
  const isNewer = isCurrent && changed !== null;
  const settled: GroupState = {
    ...answered,
    cause: changed === null ? null : isNewer ? changed : (effect.cause ?? offset),
    since: changed === null ? null : isNewer ? at : (effect.since ?? at),
    ticket: null,
    held: null,
    approved: item.kind === 'held' ? effect.approved : null,
    // A look that was under way when a person asked knows nothing of it.
    undo: isAnswered(effect.undo?.offset ?? null) ? null : effect.undo,
  };
  if (changed !== null || checked !== null) return { ...settled, phase: 'due', place };
  if (item.kind === 'parked') {
    const fault = { code: item.code ?? '', message: item.message ?? '', attempts: 1 };
    return { ...settled, phase: 'parked', place, fault };
  }
  if (item.hold !== undefined) {
    const held = { ...item.hold, offset, hash: item.hash ?? '' };
    return { ...settled, phase: 'held', place, held };
  }
  return { ...settled, phase: 'clean', place: null };
}

/** What the outcome did to the target, whatever the rules it was made under. */
function effectOf(state: GroupState, event: GroupEvent & { kind: 'ended' }): GroupState {
  const { item, offset, at, seen, write } = event;
  const isWritten = item.kind === 'written';
  const isDelivery = isWritten || item.kind === 'accepted';
  // What the target has only taken is not over; its ticket is settled under the same number.
  const isOver = isWritten || item.kind === 'same' || item.kind === 'parked';
  const isLevel = (isWritten || item.kind === 'same') && item.hold === undefined;
  const place = placeOf(at, offset, item.group);
  const isShown =
    item.kind === 'shown' || item.hold !== undefined || item.differences !== undefined;
  return {
    ...state,
    begun: isOver || item.code === 'E_CONFLICT' ? null : state.begun,
    written: item.fields === undefined ? state.written : { ...state.written, ...item.fields },
    insists: isWritten ? insistsAfter(state, item, at) : state.insists,
    level:
      isLevel && item.hash !== undefined
        ? { hash: item.hash, seen, write }
        : item.kind === 'again'
          ? state.level
          : null,
    differs: isShown ? place : item.kind === 'again' ? state.differs : null,
    verify: isWritten ? placeOf(at + verifyAfterMs, offset, item.group) : null,
    undone: isWritten ? (item.isUndo === true ? (item.hash ?? null) : null) : state.undone,
    last: isDelivery ? offset : state.last,
  };
}

function insistsAfter(state: GroupState, item: EndedItem, at: number): GroupState['insists'] {
  const insists = { ...state.insists };
  for (const field of Object.keys(item.fields ?? {})) {
    if (item.insisted?.includes(field) !== true) {
      delete insists[field];
      continue;
    }
    const before = insists[field];
    const isRunning = before !== undefined && at - before.since < insistWindowMs;
    insists[field] = isRunning ? { ...before, count: before.count + 1 } : { since: at, count: 1 };
  }
  return insists;
}

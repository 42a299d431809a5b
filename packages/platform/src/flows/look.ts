/**
 * Looks at one group: from what the target holds to an outcome, or to a write with its number and key.
 */
import {
  type ContactFields,
  ensureError,
  type HeadraceError,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import type { Engine } from '../engine/index.js';
import { type AssembledGroup, type AssembleOptions, type Contact, contactOf } from './assemble.js';
import type { Doubt, DoubtsOf } from './doubts.js';
import {
  type BegunBody,
  type BegunItem,
  hashOf,
  idempotencyKeyOf,
  isCut,
  kept,
  shown,
} from './entries.js';
import type { Flow } from './flow.js';
import type { Difference, EndedItem, GroupState } from './group-state.js';
import { differencesOf, judge, type Verdict } from './judge.js';

export interface DeliveryOptions extends AssembleOptions {
  readonly engine: Pick<
    Engine,
    'reader' | 'history' | 'runners' | 'loop' | 'durableEnd' | 'target'
  >;
  readonly tenant: string;
  readonly now: () => number;
  readonly doubtsOf?: DoubtsOf | undefined;
  readonly at: (point: FlowPoint, flow: string) => void;
}

/** Labelled points where a crash test may stop the process. */
export type FlowPoint = 'flow-marks-read' | 'flow-begun' | 'flow-written' | 'flow-ended';

export interface DeliveryMode {
  readonly isRehearsal: boolean;
  /** A person approved what the groups were held for. */
  readonly isApproved: boolean;
}

/** A group with what is wanted of the target. */
export interface Work {
  readonly group: AssembledGroup;
  readonly state: GroupState;
  readonly wanted: TargetRecord;
  readonly doubt?: Doubt | null;
}

export interface Write extends Work {
  readonly before: TargetState | null;
  readonly fields: TargetRecord['fields'];
  readonly differences: readonly Difference[];
  readonly insisted: readonly string[];
  readonly contested: readonly string[];
  readonly hash: string;
  readonly begun: BegunItem;
  readonly isUndo: boolean;
  /** Opened for this call; goes nowhere else. */
  readonly contact: ContactFields | null;
}

/** A call of the sink that failed as a whole; anything else that is thrown here is our bug. */
export class SinkFailure extends Error {
  readonly error: HeadraceError;
  /** A write that may have been applied. */
  readonly isWrite: boolean;
  constructor(thrown: unknown, isWrite = false) {
    const error = ensureError(thrown);
    super(error.message, { cause: thrown });
    this.error = error;
    this.isWrite = isWrite;
  }
}

/** Only the rules have changed since the target was level with this; they ask for the same. */
export function isKnownLevel(flow: Flow, state: GroupState, wanted: TargetRecord): boolean {
  const { level, changed, checked } = state;
  if (level === null || changed === null || state.undo !== null || state.begun !== null)
    return false;
  const isOld = changed < level.seen && (checked === null || checked < level.seen);
  const isSameWay = level.write === flow.write || flow.write === 'shadow';
  return isOld && isSameWay && level.hash === hashOf(wanted.fields);
}

export function knownLevel({ level }: GroupState, wanted: TargetRecord, group: string): EndedItem {
  return { group, kind: 'same', key: wanted.key, ...(level === null ? {} : { hash: level.hash }) };
}

/** What follows for one group from what the target holds: an outcome, or a write. */
export function look(
  options: DeliveryOptions,
  flow: Flow,
  work: Work,
  before: TargetState | null,
  { isRehearsal }: DeliveryMode,
): EndedItem | Write {
  const { state, wanted, doubt } = work;
  if (state.undo !== null) return takenBack(options, flow, work, before);
  const verdict = judge({
    flow,
    state,
    wanted,
    before,
    now: options.now(),
    doubt: doubt ?? null,
    isRehearsal,
  });
  const common = { group: work.group.key, key: wanted.key, hash: verdict.hash };
  switch (verdict.kind) {
    case 'same':
    case 'shown':
      return level(common, verdict, state);
    case 'held': {
      const { why, text, until } = verdict;
      const hold = { why, text, ...(until === undefined ? {} : { until }) };
      return { ...common, kind: 'held', hold, differences: shown(verdict.differences) };
    }
    case 'write':
      return writeOf(options, flow, { ...work, before, ...verdict, isUndo: false });
  }
}

/** Nothing is to be written. A begun delivery whose answer was lost is now known to have arrived. */
function level(
  common: { readonly group: string; readonly key: string; readonly hash: string },
  verdict: Verdict & { kind: 'same' | 'shown' },
  { written, begun }: GroupState,
): EndedItem {
  const { kind, fields } = verdict;
  const differences = kind === 'shown' ? { differences: shown(verdict.differences) } : {};
  const names = Object.keys(fields);
  if (begun !== null && begun.hash === common.hash && names.length > 0) {
    const { number, offset } = begun;
    const found = { kind: 'written', fields, number, begun: offset, isFound: true } as const;
    return { ...common, ...found, ...differences };
  }
  const isNews = names.some((field) => written[field] !== fields[field]);
  return { ...common, kind, ...(isNews ? { fields } : {}), ...differences };
}

function writeOf(
  options: DeliveryOptions,
  flow: Flow,
  work: Omit<Write, 'begun' | 'contact'>,
): Write | EndedItem {
  const { state, wanted, before, hash, group } = work;
  const common = { group: group.key, key: wanted.key, hash };
  const contact = contactFor(options, flow, group);
  if (contact?.kind === 'erased') {
    const message = 'The person this is about was erased, so it can no longer be written.';
    return { ...common, kind: 'parked', code: 'E_FLOW_ERASED', message };
  }
  // What was begun and may have arrived keeps its number only while it is the very same.
  const isRetry = state.begun?.hash === hash && !work.isUndo;
  const number = isRetry ? (state.begun?.number ?? 0) : state.number + 1;
  return {
    ...work,
    contact: contact?.kind === 'open' ? contact.fields : null,
    begun: {
      group: group.key,
      key: wanted.key,
      number,
      idempotencyKey: idempotencyKeyOf(options.tenant, flow.name, group.key, number),
      hash,
      isNew: before === null,
      ...(contact?.kind === 'open' ? { personal: contact.offset } : {}),
      ...(work.isUndo ? { isUndo: true } : {}),
      cause: state.cause ?? state.checked,
      ...(work.isUndo ? {} : { from: group.offsets() }),
      changes: kept(work.differences.filter(({ field }) => Object.hasOwn(work.fields, field))),
    },
  };
}

/** What a connector makes of a record is its code, and fails as its calls do. */
function contactFor(options: DeliveryOptions, flow: Flow, group: AssembledGroup): Contact | null {
  if (flow.sink.isPersonal !== true) return null;
  try {
    return contactOf(options, flow, group);
  } catch (thrown) {
    throw new SinkFailure(thrown);
  }
}

/** A write of what was there before a delivery. */
function takenBack(
  options: DeliveryOptions,
  flow: Flow,
  work: Work,
  before: TargetState | null,
): EndedItem | Write {
  const { state, wanted, group } = work;
  const hash = hashOf(wanted.fields);
  const common = { group: group.key, key: wanted.key, hash };
  const delivery = begunItem(options, state.undo?.delivery ?? -1, group.key);
  const problem = undoProblem(flow, delivery);
  if (problem !== null || delivery === null || before === null) {
    const message = problem ?? 'The target no longer has the record.';
    return { ...common, kind: 'parked', code: 'E_FLOW_UNDO', message };
  }
  const old = Object.fromEntries(delivery.changes.map((change) => [change.field, change.before]));
  const differences = differencesOf({ owns: null }, { key: wanted.key, fields: old }, before);
  const fields = Object.fromEntries(differences.map(({ field, after }) => [field, after]));
  const plain = { insisted: [], contested: [], isUndo: true };
  if (differences.length > 0) {
    return writeOf(options, flow, { ...work, before, hash, fields, differences, ...plain });
  }
  const hold = { why: 'undone', text: 'taken back by a person' } as const;
  return { ...common, kind: 'written', isUndo: true, isFound: true, hold };
}

/** Why a delivery cannot be taken back, or null. */
export function undoProblem(flow: Flow, delivery: BegunItem | null): string | null {
  if (flow.sink.canUndo !== true) return `${flow.sink.title} cannot take back what it was given.`;
  if (delivery === null) return 'There is no such delivery of this group.';
  if (delivery.isNew) return 'The record did not exist before; remove it in the system itself.';
  if (delivery.changes.some(({ before }) => isCut(before))) {
    return 'What was there before is too long to have been kept.';
  }
  return null;
}

export function begunItem(
  { engine }: { readonly engine: Pick<Engine, 'history'> },
  offset: number,
  group: string,
): BegunItem | null {
  const body = engine.history.entry(offset, false)?.body as unknown as BegunBody | null | undefined;
  if (body?.action !== 'begun') return null;
  return body.items.find((item) => item.group === group) ?? null;
}

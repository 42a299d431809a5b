/**
 * Levels one batch of groups: assembled, mapped, read at the target, judged, and written as far as the
 * flow may. What a crash leaves behind at each point is taken up by the next look:
 *
 *   marks read ─▶ (nothing yet) ─▶ begun durable ─▶ written ─▶ ended durable
 *        │               │                │             │            │
 *     still due       still due     same number,   found by the   clean
 *                                   key and content     read
 */
import { ensureError, type HeadraceError, type SinkItem, type SinkResult } from '@headrace/sdk';
import { assemble } from './assemble.js';
import { doubtsOfGroups } from './doubts.js';
import { outcomeArrival, shown } from './entries.js';
import type { Flow } from './flow.js';
import { readGroups } from './flow-reader.js';
import { type EndedItem, freshGroup, type GroupState } from './group-state.js';
import { contestedText, hashesOf, ownOf } from './judge.js';
import {
  begunItem,
  type DeliveryMode,
  type DeliveryOptions,
  isKnownLevel,
  knownLevel,
  look,
  SinkFailure,
  type Work,
  type Write,
} from './look.js';
import { wantedOf } from './wanted.js';
import { errorWithoutPersonal, personalTexts, withoutPersonal } from './without-personal.js';

export interface Delivered {
  readonly items: readonly EndedItem[];
}

/** `quiet` is given for a write, whose failure may tell of the person it was about. */
async function asked<T>(
  call: () => Promise<T> | T,
  quiet: ((error: HeadraceError) => HeadraceError) | null = null,
): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    if (quiet === null) throw new SinkFailure(thrown);
    throw new SinkFailure(quiet(ensureError(thrown)), true);
  }
}

/** Quick tries of a record that keeps changing between read and write; then slower ones. */
const conflictsMax = 5;
/**
 * First wait after a write that failed for now. A call that timed out may still be under way, so it is no
 * shorter than `lostWaitMs` of the runner; one that only met a busy system should not wait longer either.
 */
const refusedWaitMs = 5_000;
const refusedWaitMaxMs = 3_600_000;

/** Levels these groups; what is thrown concerns all of them, and leaves them due. */
export async function deliver(
  options: DeliveryOptions,
  flow: Flow,
  groups: readonly string[],
  mode: DeliveryMode,
): Promise<Delivered> {
  const { engine, now, at } = options;
  const seen = engine.durableEnd();
  const states = readGroups(engine.reader, flow.name, groups);
  const assembled = assemble(options, flow, groups);
  at('flow-marks-read', flow.name);
  const items: EndedItem[] = [];
  const works: Work[] = [];
  const doubts = doubtsOfGroups(options.doubtsOf, flow, assembled.values());
  const keys = new Set<string>();
  for (const [name, group] of assembled) {
    const state = approvedState(states.get(name) ?? freshGroup, mode);
    // A write is still under way at the target.
    if (state.phase === 'waiting') continue;
    const wanted = wantedOf(options, flow, group);
    if (wanted.kind !== 'wanted') items.push({ group: name, ...wanted });
    else if (isKnownLevel(flow, state, wanted.record))
      items.push(knownLevel(state, wanted.record, name));
    // Two groups of one target record are looked at one after the other.
    else if (!keys.has(wanted.record.key)) {
      works.push({ group, state, wanted: wanted.record, doubt: doubts.get(name) ?? null });
    }
    if (wanted.kind === 'wanted') keys.add(wanted.record.key);
  }
  const writes: Write[] = [];
  if (works.length > 0) {
    const { context } = engine.target(flow.target);
    const records = works.map(({ wanted }) => wanted);
    const found = await asked(() => flow.sink.read(context, records));
    const byKey = new Map(found.map((state) => [state.key, state]));
    for (const work of works) {
      const before = byKey.get(work.wanted.key) ?? null;
      const outcome = look(options, flow, work, before, mode);
      if ('fields' in outcome && 'before' in outcome) writes.push(outcome);
      else items.push(outcome);
    }
  }
  if (writes.length > 0) items.push(...(await write(options, flow, writes)));
  const ended = items.map((item) => timed(item, states.get(item.group) ?? freshGroup, now()));
  if (ended.length > 0) {
    const { name, definition, write: mode } = flow;
    await engine.loop.submit([
      outcomeArrival(flow.target, {
        ...{ action: 'ended', flow: name, definition, write: mode, seen },
        items: ended,
      }),
    ]);
    if (writes.length > 0) at('flow-ended', flow.name);
  }
  return { items: ended };
}

/** Asks how writes that the target does later have ended. */
export async function settle(
  options: DeliveryOptions,
  flow: Flow,
  groups: readonly string[],
): Promise<Delivered> {
  const { engine } = options;
  const states = readGroups(engine.reader, flow.name, groups);
  const tickets = [...states].flatMap(([group, { ticket, begun }]) =>
    ticket === null ? [] : [{ group, ticket, key: keyOf(options, begun?.offset, group) }],
  );
  const { context } = engine.target(flow.target);
  const results = await asked(() => flow.sink.settle?.(context, tickets) ?? []);
  const items = results.flatMap((result): EndedItem[] => {
    if (result.kind === 'accepted') return [];
    const ticket = tickets.find(({ key }) => key === result.key);
    if (ticket === undefined) return [];
    const state = states.get(ticket.group) as GroupState;
    const number = state.number;
    const common = { group: ticket.group, key: result.key, number };
    if (result.kind === 'written') return [{ ...common, kind: 'written' }];
    return [refused(common, quietly(result, openedFor(options, state, ticket.group)), state)];
  });
  if (items.length === 0) return { items };
  const { name, definition, write: mode } = flow;
  await engine.loop.submit([
    outcomeArrival(flow.target, {
      // Nothing was read: changes since then stay marked.
      ...{ action: 'ended', flow: name, definition, write: mode, seen: 0 },
      items: items.map((item) => timed(item, states.get(item.group) as GroupState, options.now())),
    }),
  ]);
  return { items };
}

function approvedState(state: GroupState, { isApproved }: DeliveryMode): GroupState {
  return isApproved && state.held !== null ? { ...state, approved: state.held.hash } : state;
}

function keyOf(options: DeliveryOptions, offset: number | undefined, group: string): string {
  return offset === undefined ? group : (begunItem(options, offset, group)?.key ?? group);
}

/** Journals what begins, calls the sink, and says of each item how it ended. */
async function write(
  options: DeliveryOptions,
  flow: Flow,
  writes: readonly Write[],
): Promise<EndedItem[]> {
  const { engine, at } = options;
  const isNew = ({ state, begun }: Write) => state.begun?.number !== begun.number;
  const begun = writes.filter(isNew).map((one) => one.begun);
  if (begun.length > 0) {
    const { name, definition } = flow;
    await engine.loop.submit([
      outcomeArrival(flow.target, { action: 'begun', flow: name, definition, items: begun }),
    ]);
  }
  at('flow-begun', flow.name);
  const offsets = readGroups(
    engine.reader,
    flow.name,
    writes.map(({ group }) => group.key),
  );
  const { context } = engine.target(flow.target);
  const results = await asked(
    () => flow.sink.write(context, writes.map(itemOf)),
    (error) => errorWithoutPersonal(error, personalTexts(writes.map(({ contact }) => contact))),
  );
  at('flow-written', flow.name);
  const byKey = new Map(results.map((result) => [result.key, result]));
  return writes.map((one) => {
    const { state, wanted, hash, contested } = one;
    const offset = offsets.get(one.group.key)?.begun?.offset;
    const common = {
      group: one.group.key,
      key: wanted.key,
      number: one.begun.number,
      hash,
      ...(offset === undefined ? {} : { begun: offset }),
    };
    const result = byKey.get(wanted.key) ?? unanswered(wanted.key);
    if (result.kind === 'refused') {
      return refused(common, quietly(result, one.contact), state);
    }
    const hold = one.isUndo
      ? ({ why: 'undone', text: 'taken back by a person' } as const)
      : contested.length > 0
        ? ({ why: 'contested', text: contestedText(contested) } as const)
        : null;
    const rest = one.differences.filter(({ field }) => !Object.hasOwn(one.fields, field));
    const level = hashesOf(
      one.isUndo || contested.length > 0 ? one.fields : ownOf(flow, wanted.fields),
    );
    return {
      ...common,
      kind: result.kind,
      fields: level,
      ...(result.kind === 'accepted' ? { ticket: result.ticket } : {}),
      ...(one.insisted.length > 0 ? { insisted: one.insisted } : {}),
      ...(one.isUndo ? { isUndo: true } : {}),
      ...(hold === null ? {} : { hold }),
      ...(rest.length === 0 ? {} : { differences: shown(rest) }),
    };
  });
}

function itemOf(one: Write): SinkItem {
  return {
    key: one.wanted.key,
    idempotencyKey: one.begun.idempotencyKey,
    fields: one.fields,
    wanted: one.wanted.fields,
    before: one.before,
    personal: one.contact,
  };
}

type Refusal = SinkResult & { readonly kind: 'refused' };

function quietly(result: Refusal, opened: unknown): Refusal {
  return { ...result, message: withoutPersonal(result.message, personalTexts(opened)) };
}

/** What was opened of a person for a delivery whose end is only told now. */
function openedFor(options: DeliveryOptions, { begun }: GroupState, group: string): unknown {
  const item = begun === null ? null : begunItem(options, begun.offset, group);
  if (item?.personal === undefined) return null;
  const statement = options.engine.history.entry(item.personal, true);
  return statement?.personal.kind === 'open' ? statement.personal.value : null;
}

function unanswered(key: string): SinkResult {
  const message = 'The system said nothing of this record.';
  return { key, kind: 'refused', error: 'transient', message };
}

function refused(
  common: { readonly group: string; readonly key: string; readonly number: number },
  { error, message }: Refusal,
  { fault }: GroupState,
): EndedItem {
  const attempts = fault?.attempts ?? 0;
  const isConflict = error === 'conflict';
  if (isConflict || error === 'transient') {
    const code = isConflict ? 'E_CONFLICT' : 'E_FLOW_REFUSED';
    const isSoon = isConflict && attempts < conflictsMax;
    const slowMs = Math.min(refusedWaitMs * 2 ** attempts, refusedWaitMaxMs);
    return {
      ...common,
      kind: 'again',
      code,
      message,
      againAfterMs: isSoon ? attempts * 500 : slowMs,
    };
  }
  return { ...common, kind: 'parked', code: 'E_FLOW_REFUSED', message };
}

function timed(item: EndedItem, { cause, checked, since }: GroupState, now: number): EndedItem {
  if (item.kind === 'same' || item.kind === 'none') return item;
  const from = cause ?? checked;
  return {
    ...item,
    ...(from === null ? {} : { cause: from }),
    ...(since === null || item.kind !== 'written' ? {} : { lagMs: Math.max(0, now - since) }),
  };
}

/** How a group ends that alone makes the whole call fail. */
export function parkedBy(thrown: unknown, group: string): EndedItem {
  const error = ensureError(thrown);
  const code = error.code === 'E_UNEXPECTED' ? 'E_FLOW_SINK' : error.code;
  return { group, kind: 'parked', code, message: error.message };
}

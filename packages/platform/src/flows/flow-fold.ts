/**
 * Folds changes, outcomes and acts into what each flow has to do: see `group-state.ts` for the states
 * of a group. A flow's own state is counts by phase, whether it is paused or stopped, and its run:
 *
 *   none → rehearsing → approved (few differ, or a person says so) → none
 *                    └→ held (too many differ) ──────▲
 */
import type { JsonObject } from '@headrace/sdk';
import type { Fold, FoldInput, FoldState, RowChange, StoredRow } from '../engine/index.js';
import type { BegunBody, EndedBody, FlowAction } from './entries.js';
import { type Flow, groupsOf } from './flow.js';
import {
  type GroupEvent,
  type GroupState,
  next,
  type Phase,
  packGroup,
  placeOf,
  unpackGroup,
} from './group-state.js';

export const flowTable = { name: 'flow', kind: 'keyed' } as const;
/** `flow/group` → its state. */
export const groupTable = { name: 'flow_group', kind: 'keyed' } as const;
/** `flow/group` → records with a row of it. */
export const memberIndex = { name: 'flow_member', kind: 'index' } as const;
/** `flow/phase` → places of its groups, in order; so `flow/differs`, `flow/verify`, `flow/delivery` and, by when holds end, `flow/ends`. */
export const laneIndex = { name: 'flow_lane', kind: 'index' } as const;
/** What happened in a minute of the last hour, under `flow/minute of the hour`. */
export const minuteTable = { name: 'flow_minute', kind: 'keyed' } as const;

export type Lane =
  | Exclude<Phase, 'clean'>
  | 'rehearsed'
  | 'contested'
  | 'differs'
  | 'verify'
  | 'ends'
  | 'delivery';

export type Run = {
  readonly phase: 'rehearsing' | 'held' | 'approved';
  /** Offset of the entry that brought it there. */
  readonly since: number;
  /** A person approved it, with all that is held for its numbers; else it was below the limit. */
  readonly isByPerson: boolean;
  /** Looked at, found to differ, and held for their numbers. */
  readonly looked: number;
  readonly differing: number;
  readonly guarded: number;
  /** One of them, for people. */
  readonly sample: string | null;
};

export interface FlowState {
  /** Groups by phase, and those that were last seen to differ. */
  readonly due: number;
  readonly held: number;
  readonly parked: number;
  readonly waiting: number;
  readonly differs: number;
  /** Outcomes so far. */
  readonly delivered: number;
  readonly shown: number;
  readonly failed: number;
  readonly paused: { readonly by: string; readonly at: number } | null;
  readonly stopped: { readonly code: string; readonly message: string; readonly at: number } | null;
  readonly run: Run | null;
  /** Groups of the present run that would be written, and those of them held for their numbers. */
  readonly judged: number;
  readonly guarded: number;
}

export const freshFlow: FlowState = Object.freeze({
  ...{ due: 0, held: 0, parked: 0, waiting: 0, differs: 0 },
  ...{ delivered: 0, shown: 0, failed: 0 },
  ...{ paused: null, stopped: null, run: null, judged: 0, guarded: 0 },
});

export interface MinuteState {
  readonly minute: number;
  readonly delivered: number;
  readonly failed: number;
  readonly shown: number;
}

export const groupKey = (flow: string, group: string) => `${flow}/${group}`;
export const laneKey = (flow: string, lane: Lane) => `${flow}/${lane}`;
const minuteMs = 60_000;
export const minuteKey = (flow: string, at: number) =>
  `${flow}/${String(Math.floor(at / minuteMs) % 60).padStart(2, '0')}`;

/** What a record's change does to the groups of one flow. */
interface Touch {
  readonly flow: Flow;
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  readonly groups: readonly string[];
}

export function createFlowFold(flows: readonly Flow[]): Fold {
  const byName = new Map(flows.map((flow) => [flow.name, flow]));
  // Asked for twice a batch, by `declareKeys` and by `plan`.
  const touches = new WeakMap<FoldInput, readonly Touch[]>();
  const touchesOf = (input: FoldInput, change: RowChange): readonly Touch[] => {
    const known = touches.get(input);
    if (known !== undefined) return known;
    const { source } = input.header;
    const found = flows.flatMap((flow) => touchOf(flow, source, change) ?? []);
    touches.set(input, found);
    return found;
  };

  return {
    name: 'flows',
    version: 3,
    tables: [flowTable, groupTable, memberIndex, laneIndex, minuteTable],
    declareKeys(input, need) {
      const { header, body, change } = input;
      const needGroups = (flow: string, groups: readonly string[]) => {
        need(flowTable.name, flow);
        for (const group of groups) need(groupTable.name, groupKey(flow, group));
      };
      if (change !== null) {
        for (const { flow, groups } of touchesOf(input, change)) needGroups(flow.name, groups);
        return;
      }
      const flow = byName.get(String(body?.['flow'] ?? ''));
      if (flow === undefined || !isOurs(input)) return;
      needGroups(flow.name, groupsNamed(body as JsonObject));
      need(minuteTable.name, minuteKey(flow.name, header.knownAt));
    },
    plan(input, state) {
      const { body, change } = input;
      if (change !== null) {
        for (const touch of touchesOf(input, change)) mark(touch, input, change, state);
        return;
      }
      const flow = byName.get(String(body?.['flow'] ?? ''));
      if (flow === undefined || !isOurs(input)) return;
      const turn = new Turn(flow, input, state);
      if (body?.['action'] === 'begun') turn.begun(body as unknown as BegunBody);
      else if (body?.['action'] === 'ended') turn.ended(body as unknown as EndedBody);
      else turn.act(body as JsonObject);
      turn.end();
    },
  };
}

function isOurs({ header, body }: FoldInput): boolean {
  if (header.kind === 'outcome') return true;
  return header.kind === 'control' && String(body?.['action'] ?? '').startsWith('flow-');
}

function groupsNamed(body: JsonObject): string[] {
  const items = (body['items'] ?? []) as readonly { readonly group: string }[];
  return [...items.map(({ group }) => group), ...((body['groups'] ?? []) as string[])];
}

/**
 * Null when no group of the flow is any different. What the target says anew counts even where it says
 * the same: between two of its statements we may have written something else.
 */
function touchOf(flow: Flow, source: string, change: RowChange): Touch | null {
  if (change.before === change.after) return null;
  const before = textsByGroup(flow, change.before);
  const after = textsByGroup(flow, change.after);
  const groups = [...new Set([...before.keys(), ...after.keys()])].filter(
    (group) => source === flow.target || before.get(group) !== after.get(group),
  );
  return groups.length === 0 ? null : { flow, before, after, groups };
}

/** What a record states, as text, by group. */
function textsByGroup(flow: Flow, rows: readonly StoredRow[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const row of rows) {
    const groups = groupsOf(flow.sink, row);
    if (groups.length === 0) continue;
    const text = JSON.stringify([row.entity, row.key, row.fields]);
    for (const group of groups) texts.set(group, `${texts.get(group) ?? ''}${text}\n`);
  }
  return texts;
}

function mark(touch: Touch, input: FoldInput, change: RowChange, state: FoldState): void {
  const { flow, before, after, groups } = touch;
  const { source, offset, knownAt } = input.header;
  const turn = new Turn(flow, input, state);
  const kind = source === flow.target ? 'checked' : 'changed';
  for (const group of groups) {
    const key = groupKey(flow.name, group);
    if (!before.has(group)) state.addMember(memberIndex.name, key, change.stateKey);
    if (!after.has(group)) state.dropMember(memberIndex.name, key, change.stateKey);
    turn.group(group, { kind, offset, at: knownAt });
  }
  turn.end();
}

/** What one entry does to one flow; the flow's own state is written once. */
class Turn {
  readonly #flow: Flow;
  readonly #input: FoldInput;
  readonly #state: FoldState;
  #own: FlowState;

  constructor(flow: Flow, input: FoldInput, state: FoldState) {
    this.#flow = flow;
    this.#input = input;
    this.#state = state;
    this.#own = (state.get(flowTable.name, flow.name) ?? freshFlow) as unknown as FlowState;
  }

  end(): void {
    // A run is over when nothing waits any more.
    if (this.#own.due === 0 && this.#own.judged > 0) {
      this.#own = { ...this.#own, judged: 0, guarded: 0 };
    }
    this.#state.set(flowTable.name, this.#flow.name, this.#own as unknown as JsonObject);
  }

  group(group: string, event: GroupEvent): { before: GroupState; after: GroupState } {
    const key = groupKey(this.#flow.name, group);
    const before = unpackGroup(this.#state.get(groupTable.name, key));
    const after = next(before, group, event);
    if (after === before) return { before, after };
    this.#move(laneOf(before), before.place, laneOf(after), after.place);
    this.#move('differs', before.differs, 'differs', after.differs);
    this.#move('verify', before.verify, 'verify', after.verify);
    this.#move('ends', endsOf(before, group), 'ends', endsOf(after, group));
    this.#count(before, -1);
    this.#count(after, 1);
    this.#state.set(groupTable.name, key, packGroup(after));
    return { before, after };
  }

  begun({ items }: BegunBody): void {
    const { offset } = this.#input.header;
    for (const { group, number, idempotencyKey, hash } of items) {
      this.group(group, { kind: 'begun', begun: { offset, number, idempotencyKey, hash } });
    }
  }

  ended({ items, seen, write, definition }: EndedBody): void {
    const { offset, knownAt } = this.#input.header;
    const isCurrent = definition === this.#flow.definition;
    let [delivered, failed, shown, differing, guarded] = [0, 0, 0, 0, 0];
    let sample: string | null = null;
    for (const item of items) {
      this.group(item.group, { kind: 'ended', offset, at: knownAt, seen, write, isCurrent, item });
      if (item.kind === 'written') delivered += 1;
      if (item.kind === 'parked' || item.kind === 'again') failed += 1;
      if (item.kind === 'shown') shown += 1;
      if (item.kind === 'written' || item.kind === 'accepted' || item.hold !== undefined) {
        differing += 1;
      }
      if (item.hold?.why === 'change') {
        guarded += 1;
        sample ??= `${item.key ?? item.group}: ${item.hold.text}`;
      }
    }
    const own = this.#own;
    this.#own = {
      ...own,
      delivered: own.delivered + delivered,
      failed: own.failed + failed,
      shown: own.shown + shown,
      judged: own.judged + differing,
      guarded: own.guarded + guarded,
      run:
        own.run?.phase === 'rehearsing'
          ? {
              ...own.run,
              looked: own.run.looked + items.length,
              differing: own.run.differing + differing,
              guarded: own.run.guarded + guarded,
              sample: own.run.sample ?? sample,
            }
          : own.run,
    };
    if (items.some(isDelivery)) {
      this.#state.addMember(
        laneIndex.name,
        laneKey(this.#flow.name, 'delivery'),
        String(offset).padStart(14, '0'),
      );
    }
    if (delivered + failed + shown > 0) this.#minute(delivered, failed, shown);
  }

  act(body: JsonObject): void {
    const groups = (body['groups'] ?? []) as readonly string[];
    const event = eventOf(body, this.#input);
    if (event !== null) for (const group of groups) this.group(group, event);
    this.#own = { ...this.#own, ...this.#ownAfter(body, groups.length > 0) };
  }

  #ownAfter(body: JsonObject, isOfGroups: boolean): Partial<FlowState> {
    const { offset, knownAt: at } = this.#input.header;
    switch (body['action'] as FlowAction) {
      case 'flow-approve': {
        if (isOfGroups) return {};
        const { run, judged, guarded } = this.#own;
        const fresh = { looked: judged, differing: judged, guarded, sample: null };
        const approved = { phase: 'approved', since: offset, isByPerson: true } as const;
        const over = { stopped: null, judged: 0, guarded: 0 };
        return { run: { ...(run ?? fresh), ...approved }, ...over };
      }
      case 'flow-pause':
        return { paused: { by: String(body['principal']), at } };
      case 'flow-resume':
        return { paused: null, stopped: null, judged: 0, guarded: 0 };
      case 'flow-stop': {
        const { code, message } = body;
        return { stopped: { code: String(code), message: String(message), at } };
      }
      case 'flow-run':
        return { run: this.#run(body['phase'] as Run['phase'] | null, offset) };
      default:
        return {};
    }
  }

  #run(phase: Run['phase'] | null, since: number): Run | null {
    if (phase === null) return null;
    if (phase !== 'rehearsing' && this.#own.run !== null) return { ...this.#own.run, phase, since };
    return { phase, since, isByPerson: false, looked: 0, differing: 0, guarded: 0, sample: null };
  }

  #minute(delivered: number, failed: number, shown: number): void {
    const { knownAt } = this.#input.header;
    const key = minuteKey(this.#flow.name, knownAt);
    const minute = Math.floor(knownAt / minuteMs);
    const stored = this.#state.get(minuteTable.name, key) as unknown as MinuteState | undefined;
    const before = stored?.minute === minute ? stored : { delivered: 0, failed: 0, shown: 0 };
    this.#state.set(minuteTable.name, key, {
      minute,
      delivered: before.delivered + delivered,
      failed: before.failed + failed,
      shown: before.shown + shown,
    });
  }

  #move(fromLane: Lane | null, from: string | null, toLane: Lane | null, to: string | null): void {
    if (fromLane === toLane && from === to) return;
    const { name } = this.#flow;
    if (fromLane !== null && from !== null) {
      this.#state.dropMember(laneIndex.name, laneKey(name, fromLane), from);
    }
    if (toLane !== null && to !== null) {
      this.#state.addMember(laneIndex.name, laneKey(name, toLane), to);
    }
  }

  #count({ phase, differs }: GroupState, by: number): void {
    const own = this.#own;
    if (phase !== 'clean') this.#own = { ...own, [phase]: own[phase] + by };
    if (differs !== null) this.#own = { ...this.#own, differs: this.#own.differs + by };
  }
}

/** What an act says of each group it names. */
function eventOf(body: JsonObject, { header }: FoldInput): GroupEvent | null {
  const { offset, knownAt: at } = header;
  switch (body['action'] as FlowAction) {
    case 'flow-resync':
      return { kind: 'changed', offset, at };
    case 'flow-retry':
      return { kind: 'retried', offset, at };
    case 'flow-approve':
      return { kind: 'approved', offset, at };
    case 'flow-undo':
      return { kind: 'undo', offset, at, delivery: Number(body['delivery']) };
    default:
      return null;
  }
}

/** Where a group stands that is held for what ends by itself. */
function endsOf({ phase, held }: GroupState, group: string): string | null {
  if (phase !== 'held' || held?.until === undefined) return null;
  return placeOf(held.until, held.offset, group);
}

/** Held groups stand in lanes by what sets them free. */
export function laneOf({ phase, held }: GroupState): Lane | null {
  if (phase === 'clean') return null;
  if (phase !== 'held' || held?.why === 'change') return phase;
  return held?.why === 'run' ? 'rehearsed' : 'contested';
}

export function isDelivery({ kind }: EndedBody['items'][number]): boolean {
  return kind === 'written' || kind === 'accepted' || kind === 'parked' || kind === 'again';
}

/** What people and scripts see of flows; the shapes are part of the HTTP interface. */
import { decodeHeader } from '../audit/index.js';
import type { Engine } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';
import type { BegunBody, BegunItem, EndedBody } from './entries.js';
import type { Flow, FlowLimits } from './flow.js';
import {
  type FlowState,
  isDelivery,
  laneIndex,
  laneKey,
  type MinuteState,
  minuteTable,
  type Run,
} from './flow-fold.js';
import { readGroup } from './flow-reader.js';
import type { FlowRunner } from './flow-runner.js';
import {
  type Difference,
  type EndedItem,
  type GroupState,
  groupAt,
  type HoldReason,
  offsetAt,
  type Phase,
  timeAt,
} from './group-state.js';
import { undoProblem } from './look.js';

export type FlowStanding =
  /** Shows what it would write. */
  | 'shadow'
  | 'live'
  /** A person paused it. */
  | 'paused'
  /** It stopped by itself; `why` says what for. */
  | 'stopped'
  /** A large run is looked at as a whole before anything is written. */
  | 'rehearsing'
  /** A large run waits for approval. */
  | 'held'
  /** The system it writes to cannot be reached. */
  | 'failing'
  /** What it rests on is older than its contract allows, so nothing is written for now. */
  | 'gated';

export interface FlowStatus {
  readonly flow: string;
  readonly sink: string;
  readonly title: string;
  readonly target: string;
  readonly write: Flow['write'];
  readonly state: FlowStanding;
  readonly why: string | null;
  /** What happens when a write is repeated whose answer was lost. */
  readonly delivery: 'transactional' | 'idempotent' | 'at-least-once';
  readonly makes: 'state' | 'document';
  readonly owns: readonly string[] | null;
  readonly limits: FlowLimits;
  /** Groups to look at. */
  readonly waiting: number;
  /** Written so far. */
  readonly delivered: number;
  /** Groups that wait for a change or a person, because they were refused or cannot be mapped. */
  readonly failed: number;
  readonly held: number;
  /** Taken by the target and not done yet. */
  readonly settling: number;
  /** Groups last seen to differ from the target and not written. */
  readonly differences: number;
  /** From a change being known to its being written; null before the first. */
  readonly lagMs: { readonly p50: number; readonly p99: number } | null;
  readonly run: Pick<Run, 'phase' | 'looked' | 'differing' | 'guarded' | 'sample'> | null;
  readonly lastHour: readonly FlowMinute[];
}

export interface FlowMinute {
  readonly at: string;
  readonly delivered: number;
  readonly failed: number;
  readonly shown: number;
}

export interface FlowDifference {
  readonly group: string;
  /** The target's own key. */
  readonly key: string | null;
  readonly at: string;
  /** Offset of the entry that says so. */
  readonly journal: number;
  /** Why it is not written; null where the flow only shows. */
  readonly why: HoldReason | 'foreign' | null;
  readonly text: string | null;
  readonly fields: readonly Difference[];
}

export interface FlowDelivery {
  readonly journal: number;
  readonly at: string;
  readonly group: string;
  readonly key: string | null;
  readonly result: 'written' | 'accepted' | 'parked' | 'again';
  readonly number: number | null;
  readonly idempotencyKey: string | null;
  /** The entry whose change it answers. */
  readonly cause: {
    readonly journal: number;
    readonly source: string;
    readonly stream: string;
    readonly key: string;
    readonly knownAt: string;
  } | null;
  readonly changes: readonly Difference[];
  readonly isNew: boolean;
  readonly isUndo: boolean;
  /** Its answer was lost; a read showed that it had arrived. */
  readonly isFound: boolean;
  readonly code: string | null;
  readonly message: string | null;
  readonly lagMs: number | null;
  /** Why it cannot be taken back, or null where it can. */
  readonly undoProblem: string | null;
}

export interface FlowGroupStatus {
  readonly group: string;
  readonly phase: Phase;
  readonly since: string | null;
  readonly why: HoldReason | null;
  readonly text: string | null;
  readonly code: string | null;
  readonly attempts: number;
  readonly number: number;
}

const minuteMs = 60_000;
const hourMinutes = 60;

export function flowStatus(reader: StoreReader, runner: FlowRunner, now: number): FlowStatus {
  const { flow, circuit } = runner;
  const own = runner.state();
  const { state, why } = standing(flow, own, circuit.trouble, runner.held());
  const run = own.run;
  return {
    flow: flow.name,
    sink: flow.sink.name,
    title: flow.sink.title,
    target: flow.target,
    write: flow.write,
    state,
    why,
    delivery: flow.sink.delivery,
    makes: flow.sink.makes,
    owns: flow.owns === null ? null : [...flow.owns],
    limits: flow.limits,
    waiting: own.due,
    delivered: own.delivered,
    failed: own.parked,
    held: own.held,
    settling: own.waiting,
    differences: own.differs,
    lagMs: quantiles(runner.lags),
    run:
      run === null
        ? null
        : {
            phase: run.phase,
            looked: run.looked,
            differing: run.differing,
            guarded: run.guarded,
            sample: run.sample,
          },
    lastHour: lastHour(reader, flow.name, now),
  };
}

function standing(
  flow: Flow,
  own: FlowState,
  trouble: FlowRunner['circuit']['trouble'],
  gate: string | null,
): { readonly state: FlowStanding; readonly why: string | null } {
  if (own.paused !== null) return { state: 'paused', why: `Paused by ${own.paused.by}.` };
  if (own.stopped !== null) return { state: 'stopped', why: own.stopped.message };
  if (trouble !== null) return { state: 'failing', why: trouble.message };
  if (flow.write === 'shadow') return { state: 'shadow', why: null };
  if (gate !== null) return { state: 'gated', why: gate };
  if (own.run?.phase === 'rehearsing') {
    const { looked, differing } = own.run;
    return {
      state: 'rehearsing',
      why: `More than ${flow.limits.rows} rows wait, so nothing is written before all are looked at: ${looked} so far, ${differing} of them differ.`,
    };
  }
  if (own.run?.phase === 'held') return { state: 'held', why: heldText(flow, own.run) };
  return { state: 'live', why: null };
}

function heldText({ limits }: Flow, { differing, looked, guarded, sample }: Run): string {
  const numbers =
    guarded === 0
      ? ''
      : ` ${guarded} of them would change a guarded number too far, such as ${sample}.`;
  return `${differing} of ${looked} rows would be written; without approval the limit is ${limits.approval}.${numbers} Approve the run, or correct the mapping.`;
}

function quantiles(lags: readonly number[]): FlowStatus['lagMs'] {
  if (lags.length === 0) return null;
  const sorted = [...lags].sort((a, b) => a - b);
  const of = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number;
  return { p50: of(0.5), p99: of(0.99) };
}

function lastHour(reader: StoreReader, flow: string, now: number): FlowMinute[] {
  const last = Math.floor(now / minuteMs);
  const known = new Map(
    reader.range(minuteTable.name, `${flow}/`, '', hourMinutes).map((row) => {
      const state = JSON.parse(row.value) as MinuteState;
      return [state.minute, state];
    }),
  );
  return Array.from({ length: hourMinutes }, (_, index) => {
    const minute = last - hourMinutes + 1 + index;
    const { delivered = 0, failed = 0, shown = 0 } = known.get(minute) ?? {};
    return { at: iso(minute * minuteMs), delivered, failed, shown };
  });
}

/** What differs and was not written, the newest first; `before` is `next` of the page before. */
export function flowDifferences(
  engine: Pick<Engine, 'reader' | 'history'>,
  flow: string,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): { readonly differences: readonly FlowDifference[]; readonly next: string | null } {
  const places = page(engine.reader, flow, 'differs', before, limit);
  const bodies = new Bodies(engine);
  const differences = places.flatMap((place): FlowDifference[] => {
    const offset = offsetAt(place);
    const item = bodies.ended(offset)?.items.find(({ group }) => group === groupAt(place));
    if (item === undefined) return [];
    const isForeign = item.differences?.every((one) => one.isForeign === true) === true;
    return [
      {
        group: item.group,
        key: item.key ?? null,
        at: iso(timeAt(place)),
        journal: offset,
        why: item.hold?.why ?? (isForeign ? 'foreign' : null),
        text: item.hold?.text ?? (isForeign ? 'another system owns these fields' : null),
        fields: item.differences ?? [],
      },
    ];
  });
  return { differences, next: places.length < limit ? null : (places.at(-1) ?? null) };
}

/** What was written or tried, the newest first; `next` may lie within an entry that holds many. */
export function flowDeliveries(
  engine: Pick<Engine, 'reader' | 'history'>,
  flow: Flow,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): { readonly deliveries: readonly FlowDelivery[]; readonly next: string | null } {
  const [from = null, shown] = before?.split('.') ?? [];
  const places = page(engine.reader, flow.name, 'delivery', from, limit);
  const offsets = shown === undefined || from === null ? places : [from, ...places];
  const bodies = new Bodies(engine);
  const deliveries: FlowDelivery[] = [];
  for (const [index, text] of offsets.entries()) {
    const skipped = index === 0 ? Number(shown ?? 0) : 0;
    const items = (bodies.ended(Number(text))?.items ?? []).filter(isDelivery).slice(skipped);
    const taken = items.slice(0, limit - deliveries.length);
    deliveries.push(...deliveriesOf(engine, flow, Number(text), taken, bodies));
    if (taken.length < items.length) {
      return { deliveries, next: `${text}.${skipped + taken.length}` };
    }
  }
  return { deliveries, next: places.length < limit ? null : (places.at(-1) ?? null) };
}

function deliveriesOf(
  engine: Pick<Engine, 'reader' | 'history'>,
  flow: Flow,
  offset: number,
  items: readonly EndedItem[],
  bodies: Bodies,
): FlowDelivery[] {
  const at = iso(bodies.knownAt(offset) ?? 0);
  return items.map((item) => {
    const begun = item.begun === undefined ? null : bodies.begun(item.begun, item.group);
    const isLast = readGroup(engine.reader, flow.name, item.group)?.last === offset;
    return deliveryOf(flow, item, { at, offset, begun, isLast, cause: bodies.cause(item.cause) });
  });
}

function deliveryOf(
  flow: Flow,
  item: EndedItem,
  given: {
    readonly at: string;
    readonly offset: number;
    readonly begun: BegunItem | null;
    readonly isLast: boolean;
    readonly cause: FlowDelivery['cause'];
  },
): FlowDelivery {
  const { at, offset, begun, isLast, cause } = given;
  const problem = !isLast ? 'It was written again since.' : undoProblem(flow, begun);
  return {
    journal: offset,
    at,
    group: item.group,
    key: item.key ?? null,
    result: item.kind as FlowDelivery['result'],
    number: item.number ?? null,
    idempotencyKey: begun?.idempotencyKey ?? null,
    cause,
    changes: begun?.changes ?? [],
    isNew: begun?.isNew ?? false,
    isUndo: item.isUndo ?? false,
    isFound: item.isFound ?? false,
    code: item.code ?? null,
    message: item.message ?? null,
    lagMs: item.lagMs ?? null,
    undoProblem: item.kind === 'written' ? problem : 'Nothing was written.',
  };
}

export function groupStatus(group: string, state: GroupState): FlowGroupStatus {
  const since = state.since ?? (state.place === null ? null : timeAt(state.place));
  return {
    group,
    phase: state.phase,
    since: since === null ? null : iso(since),
    why: state.held?.why ?? null,
    text: state.held?.text ?? state.fault?.message ?? null,
    code: state.fault?.code ?? null,
    attempts: state.fault?.attempts ?? 0,
    number: state.number,
  };
}

function page(
  reader: StoreReader,
  flow: string,
  lane: 'differs' | 'delivery',
  before: string | null,
  limit: number,
): string[] {
  const to = before === null ? {} : { to: before };
  return reader.memberPage(laneIndex.name, laneKey(flow, lane), {
    ...to,
    limit,
    isDescending: true,
  });
}

/** Entries of one answer; many groups share one. */
class Bodies {
  readonly #engine: Pick<Engine, 'reader' | 'history'>;
  readonly #known = new Map<number, ReturnType<Engine['history']['entry']>>();

  constructor(engine: Pick<Engine, 'reader' | 'history'>) {
    this.#engine = engine;
  }

  ended(offset: number): EndedBody | null {
    const body = this.#entry(offset)?.body as unknown as EndedBody | null | undefined;
    return body?.action === 'ended' ? body : null;
  }

  begun(offset: number, group: string): BegunItem | null {
    const body = this.#entry(offset)?.body as unknown as BegunBody | null | undefined;
    return body?.action === 'begun'
      ? (body.items.find((one) => one.group === group) ?? null)
      : null;
  }

  knownAt(offset: number): number | null {
    return this.#entry(offset)?.header.knownAt ?? null;
  }

  cause(offset: number | undefined): FlowDelivery['cause'] {
    const row = offset === undefined ? undefined : this.#engine.reader.journal(offset);
    if (row === undefined) return null;
    const { source, stream, key, knownAt, offset: journal } = decodeHeader(row.header);
    return { journal, source, stream, key, knownAt: iso(knownAt) };
  }

  #entry(offset: number) {
    if (!this.#known.has(offset))
      this.#known.set(offset, this.#engine.history.entry(offset, false));
    return this.#known.get(offset) ?? null;
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

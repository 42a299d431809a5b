/** Everything about one id: each version its sources stated, and the hops of the newest. */

import type { JsonObject } from '@headrace/sdk';
import type { Engine, PersonalPart, RecordState, Statement } from '../engine/index.js';
import { visibleRows } from '../engine/index.js';
import type { Entities, EntityRef } from '../entities/index.js';
import { type Flow, flowHops } from '../flows/index.js';

export interface Hop {
  readonly at: string;
  readonly room: string;
  readonly what: string;
  /** Since the hop before. */
  readonly ms: number;
  /** Offset of the statement whose hop it is, or of the entry that tells of a delivery. */
  readonly journal: number;
  /** Of a delivery: the flow, and the system it went to. */
  readonly flow?: string;
  readonly target?: string;
}

export interface TraceSource {
  readonly source: string;
  readonly stream: string;
  readonly key: string;
  readonly version: string | null;
  readonly eventAt: string | null;
  readonly knownAt: string;
  readonly durableAt: string | null;
  /** Journal offset. */
  readonly journal: number;
  readonly gone: boolean;
  readonly payload: JsonObject | null;
  readonly personal: PersonalPart;
}

/** One thing that the id may mean; an order number used in two brands gives two. */
export interface TraceAnswer {
  readonly record: string;
  readonly entities: readonly EntityRef[];
  readonly deleted: boolean;
  readonly fault: { readonly code: string; readonly message: string } | null;
  readonly hops: readonly Hop[];
  readonly sources: readonly TraceSource[];
}

export interface Trace {
  readonly id: string;
  readonly answers: readonly TraceAnswer[];
  /** Those of all answers, in time order. */
  readonly hops: readonly (Hop & { readonly record: string })[];
  readonly sources: readonly TraceSource[];
}

export interface TraceOptions {
  /** Opens sealed personal parts. */
  readonly reveal: boolean;
  readonly versionsMax?: number;
  /** What these did about it is among the hops. */
  readonly flows?: readonly Flow[];
}

/** Needs of the engine only what a store opened for reading has, so it works without a platform. */
export type TraceEngine = Pick<Engine, 'history' | 'reader'>;

export function traceOf(
  engine: TraceEngine,
  entities: Entities,
  id: string,
  options: TraceOptions,
): Trace | null {
  const answers = entities
    .recordsOf(id)
    .map((stateKey) => answerOf(engine, stateKey, options))
    .filter((answer) => answer !== null);
  if (answers.length === 0) return null;
  return {
    id,
    answers,
    hops: answers
      .flatMap((answer) => answer.hops.map((hop) => ({ record: answer.record, ...hop })))
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    sources: answers.flatMap((answer) => answer.sources),
  };
}

function answerOf(
  engine: TraceEngine,
  stateKey: string,
  options: TraceOptions,
): TraceAnswer | null {
  const state = engine.history.state(stateKey);
  if (state === null) return null;
  const statements = engine.history.statements(stateKey, options.versionsMax ?? 50, options.reveal);
  const refs = new Map(
    state.rows.map(({ entity, key }) => [`${entity}/${key}`, { entity, key }] as const),
  );
  return {
    record: stateKey,
    entities: [...refs.values()],
    deleted: visibleRows(state).length === 0 && state.fault === null,
    fault: state.fault,
    hops: [...statements.flatMap(hopsOf), ...deliveryHops(engine, state, options)],
    sources: statements.map(sourceOf),
  };
}

function sourceOf({ header, body, personal, durableAt }: Statement): TraceSource {
  return {
    source: header.source,
    stream: header.stream,
    key: header.key,
    version: header.version,
    eventAt: iso(header.eventAt),
    knownAt: iso(header.knownAt) as string,
    durableAt: iso(durableAt),
    journal: header.offset,
    gone: header.gone,
    payload: body,
    personal,
  };
}

function hopsOf({ header, durableAt }: Statement): Hop[] {
  const name = `${header.source}/${header.stream}`;
  const steps: readonly (readonly [number | null, string, string])[] = [
    [header.eventAt, 'source', header.gone ? `gone at ${name}` : `true at ${name}`],
    [header.noticedAt, 'api', 'notified of the key'],
    [header.readAt, 'engine', header.snapshot ? 'read within a pass' : 'read began'],
    [header.receivedAt, 'engine', 'answer received'],
    [header.knownAt, 'engine', `journaled as entry ${header.offset}`],
    [durableAt, 'storage', 'durable and readable'],
  ];
  const hops: Hop[] = [];
  let before: number | null = null;
  for (const [at, room, what] of steps) {
    if (at === null) continue;
    const ms = before === null ? 0 : at - before;
    hops.push({ at: iso(at) as string, room, what, ms, journal: header.offset });
    before = at;
  }
  return hops;
}

/** Deliveries to other systems, each with the time since the version that stands was known. */
function deliveryHops(
  engine: TraceEngine,
  state: RecordState,
  { flows = [] }: TraceOptions,
): Hop[] {
  return flowHops(engine, flows, state).map(({ at, flow, target, what, journal }) => ({
    at: iso(at) as string,
    room: 'flows',
    what: `${what} (${target})`,
    ms: Math.max(0, at - state.knownAt),
    ...{ journal, flow, target },
  }));
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/**
 * A trial: one group taken through a flow as it is, up to where it would be written, and nothing is.
 *
 *   records ─▶ where ─▶ mapping ─▶ what the sink takes ─▶ read at the target ─▶ difference ─▶ verdict
 *      │         │         │               │                     │
 *      └─────────┴─────────┴─ a fault, with its place ───────────┘
 *
 * Invariants: it journals nothing and marks nothing; it maps and judges by the functions deliveries
 * use; it calls nothing of the target but the sink's `read`, and opens no personal data.
 */
import {
  checkFields,
  type EntityName,
  ensureError,
  entityKey,
  type FlowGroup,
  HeadraceError,
  isEntityName,
  type Json,
  type JsonObject,
  mapGroup,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import type { Leading } from '../entities/index.js';
import { AssembledGroup } from './assemble.js';
import { type CodePlace, placeOf } from './code-place.js';
import { type Doubt, type DoubtsOf, doubtsOfGroups } from './doubts.js';
import { shown } from './entries.js';
import { type Flow, groupsOf } from './flow.js';
import { type Difference, freshGroup, type GroupState, type HoldReason } from './group-state.js';
import { differencesOf, judge, type Verdict } from './judge.js';
import { mapContext, thrownBy } from './wanted.js';

export interface TrialFault {
  /** Which step it stopped. */
  readonly at: 'sample' | 'where' | 'map' | 'fields' | 'read';
  readonly code: string;
  readonly message: string;
  /** Of the records, or of the fields the mapping gave: `price.EUR.amount`. */
  readonly path: string | null;
  /** The line of the mapping that threw. */
  readonly place: CodePlace | null;
}

export interface TrialRecord {
  readonly entity: string;
  readonly key: string;
  readonly fields: JsonObject;
  /** The target itself states it. */
  readonly isOwn: boolean;
  readonly sources: readonly string[];
}

export interface TrialLookup {
  readonly table: string;
  readonly key: string;
  /** Null when the table has no such row. */
  readonly value: Json;
  readonly isMissing: boolean;
}

export interface TrialVerdict {
  readonly does: 'nothing' | 'level' | 'show' | 'hold' | 'write' | 'park' | 'unknown';
  readonly why: HoldReason | 'foreign' | null;
  readonly text: string;
  /** Fields that are written. */
  readonly fields: readonly string[];
}

export interface Trial {
  readonly group: string;
  readonly records: readonly TrialRecord[];
  readonly lookups: readonly TrialLookup[];
  /** What `where` says; null when it threw. */
  readonly concerns: boolean | null;
  /** What the mapping gave, also when the sink does not take it. */
  readonly gives: { readonly key: string | null; readonly fields: Json } | null;
  /** What the connector's own mapping gave to that of the project. */
  readonly ready: TargetRecord | null;
  /** What the target has; null when it has none, or was not read. */
  readonly target: { readonly id: string | null; readonly fields: JsonObject } | null;
  readonly isRead: boolean;
  readonly differences: readonly Difference[];
  /** What the flow as it stands would do. */
  readonly verdict: TrialVerdict;
  /** What it would do if it wrote; null when it does, or when nothing can be said. */
  readonly live: TrialVerdict | null;
  readonly faults: readonly TrialFault[];
}

/** A canonical record somebody wrote down. */
export interface SampleRecord {
  readonly entity: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** As if the target itself stated it. */
  readonly isOwn?: boolean | undefined;
}

export interface TrialGroup {
  readonly group: AssembledGroup;
  readonly state: GroupState;
}

export interface TrialOptions {
  readonly flow: Flow;
  /** What mappings read of the target besides the group. */
  readonly reference: JsonObject;
  readonly now: number;
  /** A run larger than its limit is being looked at. */
  readonly isRehearsal: boolean;
  /** The project's folder, from which places are named. */
  readonly folder: string | null;
  /** Absent where records were written down, which nobody stated. */
  readonly doubtsOf?: DoubtsOf | undefined;
  /** Asks the target; null leaves it alone. */
  readonly read: ((records: readonly TargetRecord[]) => Promise<readonly TargetState[]>) | null;
}

/** Rows of a sample are nobody's. */
const nowhere = { stream: 'sample', version: null, eventAt: null, knownAt: 0, offset: 0 };
const sampleSource = 'sample';

/** The groups that records of a sample make, and what is wrong with those that make none. */
export function sampleGroups(
  flow: Flow,
  leading: Leading,
  records: readonly SampleRecord[],
): { readonly groups: readonly TrialGroup[]; readonly faults: readonly TrialFault[] } {
  const faults: TrialFault[] = [];
  const rows = new Map<string, ConstructorParameters<typeof AssembledGroup>[2][number][]>();
  for (const [index, record] of records.entries()) {
    try {
      const { entity, key, fields } = checkedRecord(flow, record);
      const source = record.isOwn === true ? flow.target : sampleSource;
      const at = `${entity}/${key}`;
      const row = { ...nowhere, entity, key, fields, source, recordKey: at, id: at };
      const groups = groupsOf(flow.sink, row);
      if (groups.length === 0) throw sampleFault(`No group of ${flow.name} is about it.`);
      for (const group of groups) rows.set(group, [...(rows.get(group) ?? []), row]);
    } catch (thrown) {
      const { code, message, context } = ensureError(thrown);
      const path = [`records.${index}`, ...(context.path === undefined ? [] : ['fields'])];
      faults.push({
        ...{ at: 'sample', code, message, place: null },
        path: [...path, ...(context.path ? [String(context.path)] : [])].join('.'),
      });
    }
  }
  const groups = [...rows].map(([name, own]) => ({
    group: new AssembledGroup(flow, name, own, leading),
    state: freshGroup,
  }));
  return { groups, faults };
}

function checkedRecord({ sink, name }: Flow, record: SampleRecord) {
  const { entity } = record;
  const read = sink.entities as readonly string[];
  if (!isEntityName(entity) || !read.includes(entity)) {
    throw sampleFault(`${name} reads no ${entity}; it reads ${read.join(', ')}.`);
  }
  const fields = checkFields(entity, record.fields) as JsonObject;
  return { entity: entity as EntityName, key: entityKey(entity, fields), fields };
}

function sampleFault(message: string): HeadraceError {
  return new HeadraceError('record', message, { code: 'E_FLOW_SAMPLE' });
}

/** Tries groups; the target is read for all of them together. */
export async function tryGroups(
  options: TrialOptions,
  groups: readonly TrialGroup[],
): Promise<readonly Trial[]> {
  const mapped = groups.map((one) => ({ ...one, mapped: tryMapping(options, one.group) }));
  const records = new Map(
    mapped.flatMap(({ mapped: { record } }) => (record === null ? [] : [[record.key, record]])),
  );
  const found = await readTarget(options, [...records.values()]);
  const doubts = doubtsOfGroups(
    options.doubtsOf,
    options.flow,
    groups.map(({ group }) => group),
  );
  return mapped.map((one) => judged(options, one, found, doubts.get(one.group.key) ?? null));
}

interface MappedTrial
  extends Pick<Trial, 'group' | 'records' | 'lookups' | 'concerns' | 'gives' | 'ready' | 'faults'> {
  /** What the sink takes. */
  readonly record: TargetRecord | null;
}

/** Everything up to what is wanted of the target. */
function tryMapping(
  { flow, reference, folder }: Pick<TrialOptions, 'flow' | 'reference' | 'folder'>,
  group: AssembledGroup,
): MappedTrial {
  const watched = new WatchedGroup(group);
  let ready = null as TargetRecord | null;
  const map: Flow['map'] = (given, context, connectors) =>
    flow.map === null
      ? connectors()
      : flow.map(given, context, () => {
          ready = connectors();
          return ready;
        });
  const { sink, where } = flow;
  const mapped = mapGroup(sink, { where, map }, watched, mapContext(flow, reference));
  const common = {
    group: group.key,
    records: group.stated(sink.entities),
    lookups: watched.lookups,
    ...{ concerns: true, gives: null, ready, record: null, faults: [] },
  };
  switch (mapped.kind) {
    case 'mapped':
      return { ...common, gives: mapped.record, record: mapped.record };
    case 'none':
      return { ...common, concerns: mapped.by !== 'where' };
    case 'threw': {
      const fault = { ...thrownBy(mapped.thrown), path: null };
      return {
        ...common,
        concerns: mapped.by === 'where' ? null : true,
        faults: [{ at: mapped.by, ...fault, place: placeOf(mapped.thrown, folder) }],
      };
    }
    case 'unfit':
      return {
        ...common,
        gives: shownRecord(mapped.given),
        faults: mapped.faults.map(({ path, message }) => ({
          ...{ at: 'fields', code: 'E_FLOW_FIELDS', message, place: null },
          path: path.length === 0 ? null : path.join('.'),
        })),
      };
  }
}

/** Whatever a mapping gave, as JSON has it. */
function shownRecord(given: unknown): Trial['gives'] {
  try {
    const { key, fields } = JSON.parse(JSON.stringify(given ?? {})) as Partial<TargetRecord>;
    return { key: typeof key === 'string' ? key : null, fields: fields ?? null };
  } catch {
    return null;
  }
}

interface Found {
  readonly states: ReadonlyMap<string, TargetState>;
  readonly isRead: boolean;
  readonly faults: readonly TrialFault[];
}

async function readTarget(
  { flow, read, folder }: TrialOptions,
  records: readonly TargetRecord[],
): Promise<Found> {
  const states = new Map<string, TargetState>();
  if (read === null) return { states, isRead: false, faults: [] };
  try {
    const step = Math.max(1, flow.sink.batchMax);
    for (let at = 0; at < records.length; at += step) {
      const found = await read(records.slice(at, at + step));
      for (const state of found) states.set(state.key, state);
    }
    return { states, isRead: true, faults: [] };
  } catch (thrown) {
    const { code, message } = ensureError(thrown);
    const isCode = code === 'E_UNEXPECTED';
    const place = isCode ? placeOf(thrown, folder) : null;
    const fault = { at: 'read', code: isCode ? 'E_FLOW_SINK' : code, message } as const;
    return { states, isRead: false, faults: [{ ...fault, path: null, place }] };
  }
}

function judged(
  options: TrialOptions,
  { state, mapped }: TrialGroup & { readonly mapped: MappedTrial },
  found: Found,
  doubt: Doubt | null,
): Trial {
  const { record, ...trial } = mapped;
  const { flow, now, isRehearsal } = options;
  const open = { target: null, isRead: false, differences: [], live: null };
  if (record === null) return { ...trial, ...open, verdict: withoutRecord(flow, mapped) };
  if (!found.isRead) {
    const text = `What ${flow.target} has was not read, so nothing is known to differ.`;
    const verdict = { does: 'unknown', why: null, text, fields: [] } as const;
    return { ...trial, ...open, verdict, faults: [...trial.faults, ...found.faults] };
  }
  const before = found.states.get(record.key) ?? null;
  const look = { flow, state, wanted: record, before, doubt, now, isRehearsal };
  const isLive = flow.write === 'live';
  const live = { ...look, flow: { ...flow, write: 'live' as const } };
  return {
    ...trial,
    isRead: true,
    target: before === null ? null : { id: before.id, fields: before.fields },
    differences: shown(marked(judge(isLive ? look : live), flow, record, before)),
    verdict: verdictOf(flow, judge(look), before),
    live: isLive ? null : verdictOf(flow, judge(live), before),
  };
}

/** Contested fields are known to the judge of a flow that writes. */
function marked(
  verdict: Verdict,
  flow: Flow,
  record: TargetRecord,
  before: TargetState | null,
): readonly Difference[] {
  return 'differences' in verdict ? verdict.differences : differencesOf(flow, record, before);
}

function withoutRecord({ target }: Flow, { concerns, faults }: MappedTrial): TrialVerdict {
  const common = { why: null, fields: [] };
  const [fault] = faults;
  if (fault !== undefined) {
    const text = `It would wait for a change or a person: ${fault.message}`;
    return { ...common, does: 'park', text };
  }
  const text =
    concerns === false
      ? `\`where\` says that it does not concern ${target}.`
      : `The mapping gives nothing: it does not concern ${target}.`;
  return { ...common, does: 'nothing', text };
}

function verdictOf(flow: Flow, verdict: Verdict, before: TargetState | null): TrialVerdict {
  const { target, write } = flow;
  switch (verdict.kind) {
    case 'same':
      return { does: 'level', why: null, text: `${target} has all of this already.`, fields: [] };
    case 'shown': {
      const isForeign = verdict.differences.every((one) => one.isForeign === true);
      if (isForeign) {
        const text = 'Only fields differ that the flow does not own; they are never written.';
        return { does: 'show', why: 'foreign', text, fields: [] };
      }
      const text = `It differs, and the flow only shows that: it says \`write: '${write}'\`.`;
      return { does: 'show', why: null, text, fields: [] };
    }
    case 'held':
      return { does: 'hold', why: verdict.why, text: `Held: ${verdict.text}.`, fields: [] };
    case 'write': {
      const fields = Object.keys(verdict.fields);
      const made =
        before === null ? `${target} has no such record, so it is made with ` : 'Writes ';
      const left =
        verdict.contested.length === 0
          ? ''
          : `, and leaves ${verdict.contested.join(', ')} to a person`;
      return { does: 'write', why: null, text: `${made}${fields.join(', ')}${left}.`, fields };
    }
  }
}

/** Remembers which rows of cross-reference tables were asked for. */
class WatchedGroup implements FlowGroup {
  readonly key: string;
  readonly lookups: TrialLookup[] = [];
  readonly #group: FlowGroup;

  constructor(group: FlowGroup) {
    this.key = group.key;
    this.#group = group;
  }

  records(entity: EntityName) {
    return this.#group.records(entity);
  }

  own(entity: EntityName) {
    return this.#group.own(entity);
  }

  lookup(table: string, key: string) {
    const value = this.#group.lookup(table, key);
    const isKnown = this.lookups.some((one) => one.table === table && one.key === key);
    if (!isKnown)
      this.lookups.push({ table, key, value: value ?? null, isMissing: value === undefined });
    return value;
  }
}

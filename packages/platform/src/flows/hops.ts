/** What flows did about the groups of one record, for its trace. */
import type { Engine, RecordState } from '../engine/index.js';
import { visibleRows } from '../engine/index.js';
import type { EndedBody } from './entries.js';
import { type Flow, groupsOf } from './flow.js';
import { readGroup } from './flow-reader.js';

export interface FlowHop {
  readonly at: number;
  readonly flow: string;
  readonly target: string;
  readonly what: string;
  /** Offset of the entry that says so. */
  readonly journal: number;
}

/** The newest delivery of each group the record belongs to, and what a group waits for. */
export function flowHops(
  engine: Pick<Engine, 'history'> & { readonly reader: Engine['reader'] },
  flows: readonly Flow[],
  state: RecordState,
): FlowHop[] {
  return flows.flatMap((flow) => {
    const groups = new Set(visibleRows(state).flatMap((row) => groupsOf(flow.sink, row)));
    return [...groups].flatMap((group) => hopsOf(engine, flow, group));
  });
}

function hopsOf(
  engine: Pick<Engine, 'history'> & { readonly reader: Engine['reader'] },
  flow: Flow,
  group: string,
): FlowHop[] {
  const state = readGroup(engine.reader, flow.name, group);
  if (state === null) return [];
  const offsets = [state.begun?.offset, state.last, state.held?.offset].filter(
    (offset): offset is number => typeof offset === 'number',
  );
  return [...new Set(offsets)].flatMap((offset): FlowHop[] => {
    const statement = engine.history.entry(offset, false);
    if (statement === null) return [];
    const body = statement.body as unknown as EndedBody | null;
    const item = body?.items.find((one) => one.group === group);
    const number = item?.number === undefined ? '' : ` as delivery ${item.number}`;
    const cause = item?.cause === undefined ? '' : `, because of entry ${item.cause}`;
    const what = item?.kind === undefined ? 'begun' : (item.hold?.text ?? item.kind);
    const at = statement.header.knownAt;
    const text = `${flow.name} ${what}${number}${cause}`;
    return [{ at, flow: flow.name, target: flow.target, what: text, journal: offset }];
  });
}

/** What the folded state says of one flow. */
import type { StoreReader } from '../storage/index.js';
import {
  type FlowState,
  flowTable,
  freshFlow,
  groupKey,
  groupTable,
  type Lane,
  laneIndex,
  laneKey,
} from './flow-fold.js';
import { type GroupState, groupAt, placeAfter, unpackGroup } from './group-state.js';

export function readFlow(reader: StoreReader, flow: string): FlowState {
  const row = reader.row(flowTable.name, flow);
  return row === undefined ? freshFlow : (JSON.parse(row.value) as FlowState);
}

export function readGroup(reader: StoreReader, flow: string, group: string): GroupState | null {
  const row = reader.row(groupTable.name, groupKey(flow, group));
  return row === undefined ? null : unpackGroup(JSON.parse(row.value));
}

export function readGroups(
  reader: StoreReader,
  flow: string,
  groups: readonly string[],
): Map<string, GroupState> {
  const prefix = groupKey(flow, '');
  const rows = reader.rows(
    groupTable.name,
    groups.map((group) => prefix + group),
  );
  return new Map(
    rows.map((row) => [row.key.slice(prefix.length), unpackGroup(JSON.parse(row.value))]),
  );
}

/** Lines of a lane up to a time, the oldest first. */
export function lanePlaces(
  reader: StoreReader,
  flow: string,
  lane: Lane,
  { until = Number.MAX_SAFE_INTEGER, limit }: { readonly until?: number; readonly limit: number },
): string[] {
  const to = until === Number.MAX_SAFE_INTEGER ? {} : { to: placeAfter(until) };
  return reader.memberPage(laneIndex.name, laneKey(flow, lane), { ...to, limit });
}

export function laneGroups(...given: Parameters<typeof lanePlaces>): string[] {
  return lanePlaces(...given).map(groupAt);
}

/** Groups there is something to say of: that differ, were refused or wait; then any. */
export function recentGroups(reader: StoreReader, flow: string, limit: number): string[] {
  const places = (lane: Lane) =>
    reader.memberPage(laneIndex.name, laneKey(flow, lane), { limit, isDescending: true });
  const lanes = (['differs', 'parked', 'held', 'contested', 'due'] as const).flatMap(places);
  const found = new Set(lanes.map(groupAt).slice(0, limit));
  if (found.size < limit) {
    const rows = reader.keysRange(groupTable.name, groupKey(flow, ''), '', limit);
    for (const { key } of rows) found.add(key.slice(flow.length + 1));
  }
  return [...found].slice(0, limit);
}

/** A flow as the platform runs it: one sink of one system, with what the project says of it. */
import {
  anchorOf,
  type EntityName,
  type FlowGroup,
  type FlowMapping,
  type FlowRecord,
  type LookupTables,
  type Sink,
} from '@headrace/sdk';

/** `shadow` shows what would be written; `live` writes it. */
export type FlowWrite = 'shadow' | 'live';

/** What a flow may do without asking; null is no limit. */
export interface FlowLimits {
  /** Groups that may wait before a run is rehearsed: looked at as a whole before anything is written. */
  readonly rows: number | null;
  /** Of a rehearsed run, groups that may differ before a person has to approve. */
  readonly approval: number | null;
  /** Part by which a guarded number may change: 0.5 is half. */
  readonly change: number | null;
  /** Part of a run's groups that may be held for their numbers before the whole flow stops. */
  readonly share: number | null;
}

export const defaultLimits: FlowLimits = { rows: 1000, approval: 1000, change: 0.5, share: 0.2 };

export interface Flow {
  /** `shop.stock`. */
  readonly name: string;
  /** Name of the source that is written to. */
  readonly target: string;
  readonly sink: Sink<never>;
  /** The target's settings. */
  readonly config: never;
  readonly write: FlowWrite;
  readonly map: FlowMapping | null;
  /** Groups for which it is false do not concern the target. */
  readonly where: ((group: FlowGroup) => boolean) | null;
  /** Target fields it may write; null is all of them. */
  readonly owns: ReadonlySet<string> | null;
  readonly limits: FlowLimits;
  readonly lookups: LookupTables;
  /** Names all that decides what is written; what was level under another one is looked at again. */
  readonly definition: string;
}

/** Groups a canonical row belongs to. Called by folds, so it has an answer whatever happens. */
export function groupsOf(sink: Sink<never>, row: Omit<FlowRecord, 'entity'> & { entity: string }) {
  const entity = row.entity as EntityName;
  if (!sink.entities.includes(entity)) return [];
  const { key, fields } = row;
  if (sink.groupsOf === undefined) return [anchorOf(entity, key)];
  try {
    return [...new Set(sink.groupsOf({ entity, key, fields }))];
  } catch {
    // A row lost to a flow would never be seen to be missing; under its anchor it is parked, with
    // the reason, as soon as it is mapped.
    return [anchorOf(entity, key)];
  }
}

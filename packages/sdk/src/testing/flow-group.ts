/** A group as the platform would put it together, from records a test writes down. */
import {
  type FlowGroup,
  type FlowRecord,
  type LookupTables,
  lookupIn,
} from '../connector/index.js';

export interface TestGroup {
  readonly key: string;
  /** What other systems state. */
  readonly records: readonly FlowRecord[];
  /** What the target itself states. */
  readonly own?: readonly FlowRecord[];
  readonly lookups?: LookupTables;
}

export function flowGroup({ key, records, own = [], lookups = {} }: TestGroup): FlowGroup {
  const byKey = (rows: readonly FlowRecord[], entity: string) =>
    rows.filter((row) => row.entity === entity).sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    key,
    records: (entity) => byKey(records, entity),
    own: (entity) => byKey(own, entity),
    lookup: (table, name) => lookupIn(lookups, table, name),
  };
}

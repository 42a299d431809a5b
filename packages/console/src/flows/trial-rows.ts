/** Fields of a record as lines of a table, each with what is wrong at it. Pure. */
import type { FlowTrialFault } from '../client/schema.js';

export interface TrialRow {
  /** `price.EUR.amount` */
  readonly path: string;
  /** Undefined where a fault is about a field that is not there. */
  readonly value: unknown;
  readonly faults: readonly FlowTrialFault[];
}

/** Members of members, down to values that have none; faults stand at their place, or last. */
export function rowsOf(fields: unknown, faults: readonly FlowTrialFault[]): readonly TrialRow[] {
  const rows = leavesOf(fields, '').map(([path, value]) => ({
    path,
    value,
    faults: faults.filter((fault) => fault.path === path),
  }));
  const placed = new Set(rows.flatMap((row) => row.faults));
  const rest = faults.filter((fault) => !placed.has(fault));
  const paths = [...new Set(rest.map(({ path }) => path ?? ''))];
  return [
    ...rows,
    ...paths.map((path) => ({
      path,
      value: undefined,
      faults: rest.filter((fault) => (fault.path ?? '') === path),
    })),
  ];
}

function leavesOf(value: unknown, path: string): [string, unknown][] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (members.length === 0) return path === '' ? [] : [[path, value]];
  return members.flatMap(([name, inner]) =>
    leavesOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

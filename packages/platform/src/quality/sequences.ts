/**
 * Numbers that a system gives one after the other: orders, returns, documents. A number that was
 * passed over and does not come is a document that was lost, unless the system leaves numbers out by
 * habit; then the row says so of itself and nothing is raised.
 */
import type { FoldInput } from '../engine/index.js';
import { type Part, rowOf, streamOf } from './part.js';

export interface SequenceFacts {
  readonly prefix: string;
  last: number;
  /** Numbers seen since the beginning, and passed over in all. */
  seen: number;
  passed: number;
  /** Numbers passed over and not seen since → when. At most `gapsMax`. */
  gaps: Record<string, number>;
}

/** The ranges of a stream, by what their numbers begin with and how long they are. */
export interface SequencesRow {
  ranges: Record<string, SequenceFacts>;
}

export const sequenceTable = { name: 'quality_sequence', kind: 'keyed' } as const;

const gapsMax = 100;
/** A jump this wide is another range, not a loss. */
const stepMax = 50;
/** More beginnings than that are no ranges. */
const rangesMax = 16;

const numbered: Readonly<Record<string, string>> = {
  order: 'orderNo',
  return: 'rma',
  purchaseOrder: 'purchaseOrderNo',
};

interface Numbered {
  readonly id: string;
  readonly prefix: string;
  readonly number: number;
}

export function sequencesPart(streams: readonly string[]): Part {
  return {
    tables: [sequenceTable],
    declareKeys(input, need) {
      if (input.header.kind === 'tick') for (const name of streams) need(sequenceTable.name, name);
      if (numbersOf(input).length > 0) need(sequenceTable.name, streamOf(input));
    },
    plan(input, state) {
      const found = numbersOf(input);
      if (found.length === 0) return;
      const name = streamOf(input);
      const row = rowOf<SequencesRow>(state, sequenceTable.name, name, () => ({ ranges: {} }));
      for (const { id, prefix, number } of found) {
        const facts = row.ranges[id] ?? { prefix, last: number, seen: 0, passed: 0, gaps: {} };
        if (row.ranges[id] === undefined && Object.keys(row.ranges).length >= rangesMax) continue;
        row.ranges[id] = facts;
        take(facts, number, input.header.knownAt);
      }
      state.set(sequenceTable.name, name, row as never);
    },
  };
}

function numbersOf({ header, change }: FoldInput): readonly Numbered[] {
  const isNew = header.kind === 'record' && !header.snapshot && header.previous === null;
  if (!isNew || change === null) return [];
  return change.after.flatMap(({ entity, fields }) => {
    const field = numbered[entity];
    const text = field === undefined ? undefined : fields[field];
    const [, prefix, digits] = /^(.*?)(\d{3,15})$/.exec(typeof text === 'string' ? text : '') ?? [];
    if (prefix === undefined || digits === undefined) return [];
    return [{ id: `${entity} ${prefix}#${digits.length}`, prefix, number: Number(digits) }];
  });
}

function take(facts: SequenceFacts, number: number, at: number): void {
  facts.seen += 1;
  if (number <= facts.last) {
    delete facts.gaps[number];
    return;
  }
  const step = number - facts.last;
  if (step > 1 && step <= stepMax) {
    facts.passed += step - 1;
    for (let gap = facts.last + 1; gap < number; gap += 1) {
      if (Object.keys(facts.gaps).length >= gapsMax) break;
      facts.gaps[gap] = at;
    }
  }
  facts.last = number;
}

/** Whether numbers of this range follow on each other by habit. */
export function isDense(facts: SequenceFacts): boolean {
  return facts.seen >= 20 && Object.keys(facts.gaps).length * 20 <= facts.seen;
}

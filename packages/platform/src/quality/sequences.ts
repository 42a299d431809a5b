/**
 * Numbers that a system gives one after the other: orders, returns, documents. A number that was
 * passed over and does not come is a document that was lost, unless the system leaves numbers out by
 * habit; then the row says so of itself and nothing is raised.
 *
 *   passed over ─(found: it was there before)─▶ known
 *        └──────(comes: it was made since)────▶ known, and what is usual for late ones grows
 *
 * A system that takes over documents of another gives no numbers, it repeats them: an order that waits for
 * its payment is passed over by those that do not. How long such ones take is learned from them.
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
  /** How long the last numbers took that were passed over and made later, ms; at most `lateKept`. */
  late: number[];
}

/** The ranges of a stream, by what their numbers begin with and how long they are. */
export interface SequencesRow {
  ranges: Record<string, SequenceFacts>;
}

export const sequenceTable = { name: 'quality_sequence', kind: 'keyed' } as const;

const gapsMax = 100;
const lateKept = 20;
/** Fewer late ones are no habit. */
const lateMin = 3;
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
  /** Told for the first time by the stream itself; not found by reading everything. */
  readonly isNew: boolean;
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
      for (const { id, prefix, number, isNew } of found) {
        const facts = row.ranges[id] ?? {
          prefix,
          last: number,
          seen: 0,
          passed: 0,
          gaps: {},
          late: [],
        };
        if (row.ranges[id] === undefined && Object.keys(row.ranges).length >= rangesMax) continue;
        row.ranges[id] = facts;
        if (isNew) take(facts, number, input.header);
        else find(facts, number);
      }
      state.set(sequenceTable.name, name, row as never);
    },
  };
}

function numbersOf({ header, change }: FoldInput): readonly Numbered[] {
  if (header.kind !== 'record' || change === null || change.before === change.after) return [];
  const isNew = header.previous === null && !header.snapshot;
  return change.after.flatMap(({ entity, fields }) => {
    const field = numbered[entity];
    const text = field === undefined ? undefined : fields[field];
    if (change.before.some((row) => field !== undefined && row.fields[field] === text)) return [];
    const [, prefix, digits] = /^(.*?)(\d{3,15})$/.exec(typeof text === 'string' ? text : '') ?? [];
    if (prefix === undefined || digits === undefined) return [];
    const id = `${entity} ${prefix}#${digits.length}`;
    return [{ id, prefix, number: Number(digits), isNew }];
  });
}

/**
 * What a read of everything shows was not passed over. While it and the changes are read side by side, it
 * may show a number first that the changes then tell as known.
 */
function find(facts: SequenceFacts, number: number): void {
  delete facts.gaps[number];
  facts.last = Math.max(facts.last, number);
}

function take(facts: SequenceFacts, number: number, header: FoldInput['header']): void {
  const { knownAt: at, eventAt } = header;
  facts.seen += 1;
  if (number <= facts.last) {
    const passedAt = facts.gaps[number];
    if (passedAt !== undefined && eventAt !== null && eventAt > passedAt) {
      facts.late = [...facts.late, at - passedAt].slice(-lateKept);
    }
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

/** How long a number may be missing, ms: what is given to any, or twice what late ones of this range took. */
export function patienceOf({ late }: SequenceFacts, graceMs: number): number {
  return late.length < lateMin ? graceMs : Math.max(graceMs, 2 * Math.max(...late));
}

/** Whether numbers of this range follow on each other by habit. */
export function isDense(facts: SequenceFacts): boolean {
  return facts.seen >= 20 && Object.keys(facts.gaps).length * 20 <= facts.seen;
}

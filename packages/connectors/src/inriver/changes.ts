/**
 * Polls what changed by `LastModified`. A query answers all ids at once and in no order, so a poll
 * reads them ascending, a window at a time, and its mark moves when all are read:
 *
 *   mark ──▶ query since the mark ──▶ window of ids ──▶ fetchdata ──▶ … ──▶ mark moves ──▶ resume
 *
 * - The mark moves to the latest change the first window showed, or a later window, but of those not
 *   past the begin of the poll. What changes during a long poll after it was read changes later than
 *   that, and is found by the next poll.
 * - Times are text of seven digits. A mark is read again with an overlap until it has stood still for
 *   longer than a late commit takes; from then on nothing is read twice.
 * - After a restart in the middle the query is asked again from the same mark: it gives at least the
 *   ids that were left, since a change moves an entity only further up.
 */
import { type Cursor, type JsonObject, type Page, splitPage } from '@headrace/sdk';
import { integer, object } from './json.js';
import {
  type Criterion,
  fetchEntities,
  type InriverContext,
  parseRecord,
  type Question,
  queryIds,
} from './rest.js';
import { criterionTime, earlier, instant, latest } from './times.js';

/** How much later than its time stamp a change may become visible. */
export const OVERLAP_MS = 5_000;

/** When a poll begins is known by our clock, not the PIM's, which may be behind by so much. */
const START_OVERLAP_MS = 60_000;

const WINDOW = 500;

interface Position {
  readonly since: string;
  /** Our time when the mark last moved. */
  readonly movedAtMs: number;
  readonly isSettled: boolean;
  /** Within a poll: the last id read, when it began, and where the mark goes at its end. */
  readonly after: number | null;
  readonly startedAtMs: number;
  readonly moveTo: string | null;
}

/** Ids a poll has yet to read, by the mark it began at and where it goes on. */
export interface PollMemory {
  rest: { readonly since: string; readonly after: number; readonly ids: readonly number[] } | null;
}

export function modifiedAt(record: JsonObject | null): string | null {
  return instant(object(record?.summary)?.modifiedDate);
}

export async function readChanges(
  context: InriverContext,
  question: Question,
  cursor: Cursor | null,
  memory: PollMemory,
): Promise<Page> {
  const position = positionOf(cursor, context.clock.now());
  const open = await openIds(context, question, position, memory);
  const ids = open.slice(0, WINDOW);
  const rest = open.slice(WINDOW);
  const body = await fetchEntities(context, question, ids);
  const last = ids.at(-1);
  const seen = latest(
    splitPage(body, []).records.map(({ bytes }) => modifiedAt(parseRecord(bytes))),
  );
  const moveTo =
    position.after === null ? seen : latest([position.moveTo, seenBefore(seen, position)]);
  if (last !== undefined && rest.length > 0) {
    memory.rest = { since: position.since, after: last, ids: rest };
    return { body, items: [], next: { ...position, after: last, moveTo } };
  }
  memory.rest = null;
  const resume = { ...finish({ ...position, moveTo }) };
  return { body, items: [], next: null, resume };
}

async function openIds(
  context: InriverContext,
  question: Question,
  { since, after, isSettled }: Position,
  { rest }: PollMemory,
): Promise<readonly number[]> {
  if (after !== null && rest?.since === since && rest.after === after) return rest.ids;
  const criterion: Criterion = isSettled
    ? { type: 'LastModified', operator: 'GreaterThan', value: criterionTime(since) }
    : {
        type: 'LastModified',
        operator: 'GreaterThanOrEqual',
        value: criterionTime(earlier(since, OVERLAP_MS)),
      };
  const ids = await queryIds(context, question.types, [criterion]);
  return after === null ? ids : ids.filter((id) => id > after);
}

/** What a later window showed, as far as it changed before the poll began. */
function seenBefore(seen: string | null, { startedAtMs }: Position): string | null {
  const begun = startMark(startedAtMs);
  return seen === null || seen <= begun ? seen : begun;
}

function startMark(nowMs: number): string {
  return instant(new Date(nowMs - START_OVERLAP_MS).toISOString()) ?? '';
}

function finish({ since, movedAtMs, isSettled, startedAtMs, moveTo }: Position): Position {
  const isMoved = moveTo !== null && moveTo > since;
  return {
    since: isMoved ? moveTo : since,
    movedAtMs: isMoved ? startedAtMs : movedAtMs,
    isSettled: !isMoved && (isSettled || startedAtMs - movedAtMs > OVERLAP_MS),
    after: null,
    startedAtMs,
    moveTo: null,
  };
}

function positionOf(cursor: Cursor | null, nowMs: number): Position {
  const after = integer(cursor?.after);
  return {
    since: instant(cursor?.since) ?? startMark(nowMs),
    movedAtMs: integer(cursor?.movedAtMs) ?? nowMs,
    isSettled: cursor?.isSettled === true,
    after,
    startedAtMs: after === null ? nowMs : (integer(cursor?.startedAtMs) ?? nowMs),
    moveTo: after === null ? null : instant(cursor?.moveTo),
  };
}

/**
 * Polls what changed since a mark:
 *
 *   mark ──▶ what changed since, by key, page by page ──▶ mark moves on ──▶ resume
 *
 * Pages go up the key, not the time of change. SAP keeps seven digits of a second and its JSON
 * tells three: thousands of rows of one mass change share a millisecond, and "later than the last
 * row, or equal with a higher key" would never get past them. The key has no ties. The mark moves
 * to the latest change any page showed, but not past the moment the poll began, by the clock that
 * is further behind: what changes during a long poll is later, and found by the next one. Where the
 * system does not tell its time, it moves only as far as the first page saw.
 *
 * A mark is read again with an overlap until it has stood still for longer than a late commit
 * takes. Three kinds of marks, as exact as the set can tell:
 *
 * - `instant`: a time with its zone. Settled, it is left behind for good.
 * - `clock`: date and time in two fields, on clocks of the system's zone. An hour that comes twice
 *   would hide changes behind the mark, so it never runs ahead of the clock and goes back with it.
 * - `day`: a date only. Everything since yesterday is read each time; what did not change is
 *   dropped by the platform before it is stored.
 */
import type { Cursor, JsonObject, Page } from '@headrace/sdk';
import {
  addDays,
  compareInstants,
  epochMs,
  formatInstant,
  instantFromEpochMs,
  isDate,
  isInstant,
  zoneOffsetMs,
} from '@headrace/sdk';
import { integer, text } from './json.js';
import { parseRecord } from './odata/page.js';
import { beyond, both, compare, either, type ODataVersion, type Term } from './odata/query.js';
import {
  ask,
  lastKey,
  positionOf,
  type Question,
  type SapContext,
  storedPosition,
} from './odata/question.js';
import { dateOf, instantOf, timeOf } from './odata/values.js';
import { localInstant, shownAt, shownBefore, startOfDay } from './time.js';

/** Where a set tells when its records changed; several fields mean that any of them may tell. */
export type ChangeField =
  | { readonly kind: 'instant'; readonly field: string }
  | {
      readonly kind: 'clock';
      readonly fields: readonly { readonly date: string; readonly time: string }[];
      readonly timeZone: string;
    }
  | { readonly kind: 'day'; readonly fields: readonly string[]; readonly timeZone: string };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How much later than its time of change a record may become visible. */
export const overlapMs: Readonly<Record<ChangeField['kind'], number>> = {
  instant: MINUTE_MS,
  clock: 5 * MINUTE_MS,
  day: 2 * DAY_MS,
};

interface Mark {
  /** An instant, `2026-03-01T09:30:00` on the clock, or a date, by the kind of the field. */
  readonly since: string;
  /** Our time when the mark last moved. */
  readonly movedAtMs: number;
  readonly isSettled: boolean;
}

interface Poll {
  readonly mark: Mark;
  /** The last key read, or null when the poll begins. */
  readonly after: readonly Term[] | null;
  /** Our time when the poll began. */
  readonly startedAtMs: number;
  /** Where the mark goes when the poll is done. */
  readonly moveTo: string | null;
  /** What later pages saw counts up to here; null when only the first page's does. */
  readonly until: string | null;
}

export async function readChanges(
  context: SapContext,
  question: Question,
  field: ChangeField,
  cursor: Cursor | null,
): Promise<Page> {
  const { key, version, pageSize } = question;
  const poll = pollOf(cursor, question, field, context.clock.now());
  const page = await ask(context, question, {
    filter: both([
      sinceFilter(field, poll.mark, poll.startedAtMs, version),
      poll.after === null ? null : beyond(poll.after, 'after', version),
    ]),
    orderBy: key.map(({ property }) => property),
    top: pageSize,
  });
  const seen = latestOf(page.records.map((bytes) => markOf(parseRecord(bytes), field)));
  const isFirst = poll.after === null;
  const until = isFirst ? untilOf(poll, field, page.atMs) : poll.until;
  const moveTo = isFirst ? seen : latestOf([poll.moveTo, earlierOf(seen, until)]);
  const last = lastKey(page, key);
  const hasMore = last !== null && (page.records.length >= pageSize || page.hasNextLink);
  const { body, items } = page;
  if (hasMore) return { body, items, next: cursorOf({ ...poll, after: last, moveTo, until }) };
  const begun = cursor === null ? startedBy(poll, field, page.atMs) : poll;
  const mark = moved(begun, moveTo, overlapMs[field.kind]);
  const { startedAtMs } = poll;
  const rest: Poll = { mark, after: null, startedAtMs, moveTo: null, until: null };
  return { body, items, next: null, resume: cursorOf(rest) };
}

/** The time of change of a record as a mark, or null when it tells none. */
export function markOf(record: JsonObject, field: ChangeField): string | null {
  if (field.kind === 'instant') return instantOf(record[field.field]);
  if (field.kind === 'day') return latestOf(field.fields.map((name) => dateOf(record[name])));
  return latestOf(
    field.fields.map(({ date, time }) => {
      const day = dateOf(record[date]);
      return day === null ? null : `${day}T${timeOf(record[time]) ?? '00:00:00'}`;
    }),
  );
}

/** The instant a record says it changed at; for a day, its first. */
export function changedAt(record: JsonObject, field: ChangeField): string | null {
  const mark = markOf(record, field);
  if (mark === null || field.kind === 'instant') return mark;
  if (field.kind === 'day') return startOfDay(mark, field.timeZone);
  return localInstant(mark.slice(0, 10), mark.slice(11), field.timeZone);
}

function latestOf(marks: readonly (string | null)[]): string | null {
  let last: string | null = null;
  for (const mark of marks)
    if (mark !== null && (last === null || isLater(mark, last))) last = mark;
  return last;
}

/** Null when either is unknown. */
function earlierOf(mark: string | null, other: string | null): string | null {
  if (mark === null || other === null) return null;
  return isLater(mark, other) ? other : mark;
}

/** Instants may be written with more or fewer digits; the others have one shape. */
function isLater(mark: string, than: string): boolean {
  return isInstant(mark) && isInstant(than) ? compareInstants(mark, than) > 0 : mark > than;
}

/** What changed since the mark. Exported for tests: the clock changes twice a year only. */
export function sinceFilter(
  field: ChangeField,
  mark: Mark,
  nowMs: number,
  version: ODataVersion,
): string | null {
  if (field.kind === 'instant') return sinceInstant(field.field, mark, version);
  if (field.kind === 'day') {
    const since = addDays(mark.since, -1);
    return either(
      field.fields.map((property) =>
        compare({ property, kind: 'day', value: since }, 'ge', version),
      ),
    );
  }
  const since = clockSince(mark, nowMs, field.timeZone);
  const [day, time] = [since.slice(0, 10), since.slice(11)];
  return either(
    field.fields.flatMap(({ date, time: timeProperty }) => {
      const sameDay = { property: date, kind: 'day' as const, value: day };
      return [
        compare(sameDay, 'gt', version),
        both([
          compare(sameDay, 'eq', version),
          compare({ property: timeProperty, kind: 'time', value: time }, 'ge', version),
        ]),
      ];
    }),
  );
}

function sinceInstant(property: string, mark: Mark, version: ODataVersion): string {
  const at = (value: string, comparison: 'ge' | 'gt') =>
    compare({ property, kind: 'instant', value }, comparison, version);
  if (!mark.isSettled) {
    const ms = epochMs(mark.since) - overlapMs.instant;
    return at(formatInstant(instantFromEpochMs(ms)), 'ge');
  }
  // Version 2 cut the mark to milliseconds: rows of that millisecond are read, the next is not.
  return version === 2
    ? at(formatInstant(instantFromEpochMs(epochMs(mark.since) + 1)), 'ge')
    : at(mark.since, 'gt');
}

/** Where clocks went back since the mark moved, it goes back as far. */
function clockSince(mark: Mark, nowMs: number, timeZone: string): string {
  const [earliest = mark.since] = [mark.since, shownAt(nowMs, timeZone)].sort();
  const wentBackMs = zoneOffsetMs(mark.movedAtMs, timeZone) - zoneOffsetMs(nowMs, timeZone);
  return shownBefore(earliest, overlapMs.clock + Math.max(0, wentBackMs));
}

function moved(poll: Poll, moveTo: string | null, standsMs: number): Mark {
  const { mark, startedAtMs } = poll;
  if (moveTo !== null && isLater(moveTo, mark.since)) {
    return { since: moveTo, movedAtMs: startedAtMs, isSettled: false };
  }
  return { ...mark, isSettled: mark.isSettled || startedAtMs - mark.movedAtMs > standsMs };
}

function pollOf(
  cursor: Cursor | null,
  question: Question,
  field: ChangeField,
  nowMs: number,
): Poll {
  const after = positionOf(cursor?.after, question.key);
  const stored = text(cursor?.since);
  const isMark = stored !== null && isOfKind(stored, field);
  return {
    mark: {
      since: isMark ? stored : startMark(field, nowMs),
      movedAtMs: integer(cursor?.movedAtMs) ?? nowMs,
      isSettled: cursor?.isSettled === true,
    },
    after,
    startedAtMs: after === null ? nowMs : (integer(cursor?.startedAtMs) ?? nowMs),
    moveTo: after === null ? null : text(cursor?.moveTo),
    until: after === null ? null : text(cursor?.until),
  };
}

/** The begin of a poll as a mark, by our clock or the system's: by the one that is further behind. */
function untilOf(
  { startedAtMs }: Poll,
  field: ChangeField,
  systemMs: number | null,
): string | null {
  return systemMs === null ? null : startMark(field, Math.min(startedAtMs, systemMs));
}

/** A system whose clock is behind ours stamps its next change earlier than we would wait for. */
function startedBy(poll: Poll, field: ChangeField, systemMs: number | null): Poll {
  const behindMs = systemMs === null ? 0 : poll.startedAtMs - systemMs;
  if (systemMs === null || behindMs <= 0 || behindMs > CLOCK_SKEW_MAX_MS) return poll;
  return { ...poll, mark: { ...poll.mark, since: startMark(field, systemMs) } };
}

/** A clock further off than this is no clock. */
const CLOCK_SKEW_MAX_MS = 3_600_000;

/** Changes count from the moment of the first poll. */
function startMark(field: ChangeField, nowMs: number): string {
  if (field.kind === 'instant') return formatInstant(instantFromEpochMs(nowMs));
  const shown = shownAt(nowMs, field.timeZone);
  return field.kind === 'day' ? shown.slice(0, 10) : shown;
}

function isOfKind(mark: string, field: ChangeField): boolean {
  if (field.kind === 'instant') return isInstant(mark);
  if (field.kind === 'day') return isDate(mark);
  return isInstant(`${mark}Z`);
}

function cursorOf({ mark, after, startedAtMs, moveTo, until }: Poll): Cursor {
  return {
    ...mark,
    ...(after === null ? {} : { after: storedPosition(after), startedAtMs, moveTo, until }),
  };
}

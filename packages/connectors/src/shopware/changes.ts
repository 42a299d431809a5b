/**
 * Polls what changed. A stream looks in each place a change can show (`updatedAt` of an order does
 * not move when its delivery does), and keeps a mark for each:
 *
 *   mark ──▶ what changed since, page by page ──▶ mark moves on ──▶ next place ──▶ … ──▶ resume
 *
 * - Rows of the entity itself come by `autoIncrement`, which does not drift. Their mark moves only
 *   as far as the first page saw: what changes during a long poll is later, and found by the next.
 * - Rows below it come by their time of change; of those only the parent is looked at, and read.
 *
 * Times are the shop's own and stay text. A mark is read again with an overlap until it has stood
 * still for longer than a late commit takes; from then on nothing is read twice, even when an
 * import stamped ten thousand records with one instant.
 */
import type { Cursor, Json, JsonObject, Page } from '@headrace/sdk';
import { instant, integer, latest, object, text } from './json.js';
import {
  factsOf,
  lastIncrement,
  PAGE_SIZE,
  parseRecord,
  type Question,
  type ShopwareContext,
  search,
} from './search.js';

/** A place where a change shows. */
export type ChangePlace =
  | {
      readonly kind: 'fields';
      /** Fields with the time of a change, as filters name them. */
      readonly fields: readonly string[];
      /** The latest of these in a record. */
      at(record: JsonObject): string | null;
    }
  | {
      readonly kind: 'below';
      /** Entity whose time of change is looked at, and its field with the id of the record. */
      readonly entity: string;
      readonly reference: string;
      /** Its field with that time: `updatedAt` when left out. */
      readonly field?: 'createdAt' | 'updatedAt';
    };

/** How much later than its time stamp a row may become visible. */
export const OVERLAP_MS = 5_000;

/** The first poll looks back further: its start is our clock's time, not the shop's. */
const START_OVERLAP_MS = 60_000;

/** Each row below can stand for a record of its own, which is then asked for by id. */
const BELOW_PAGE_SIZE = 100;

interface Mark {
  readonly since: string;
  /** Our time when the mark last moved. */
  readonly movedAtMs: number;
  readonly isSettled: boolean;
}

interface Position {
  readonly place: number;
  /** How far the place was read: `autoIncrement`, or time of change and page of equal times. */
  readonly above: number | null;
  readonly from: string | null;
  readonly page: number;
  /** Our time when the poll of this place began. */
  readonly startedAtMs: number;
  /** Where the mark of this place goes when its poll is done. */
  readonly moveTo: string | null;
  readonly marks: readonly Mark[];
}

/** What a look at a place gave. */
interface Look {
  /** Null when there is nothing to hand on. */
  readonly body: Uint8Array | null;
  /** Where to go on in this place, or null when it is done. */
  readonly next: Position | null;
  readonly moveTo: string | null;
}

const NOTHING = Buffer.from('{"data":[]}');

export async function readChanges(
  context: ShopwareContext,
  question: Question,
  places: readonly ChangePlace[],
  cursor: Cursor | null,
): Promise<Page> {
  let position = positionOf(cursor, places.length, context.clock.now());
  for (;;) {
    const place = places[position.place] as ChangePlace;
    const look =
      place.kind === 'fields'
        ? await lookAtFields(context, question, place, position)
        : await lookBelow(context, question, place, position);
    const isLast = position.place === places.length - 1;
    position = look.next ?? finishPlace({ ...position, moveTo: look.moveTo }, context.clock.now());
    const page = { body: look.body ?? NOTHING, items: ['data'] };
    if (look.next !== null || !isLast) {
      // A look that found nothing is not worth a page of its own.
      if (look.body !== null) return { ...page, next: cursorOf(position) };
    } else return { ...page, next: null, resume: cursorOf({ ...position, place: 0 }) };
  }
}

async function lookAtFields(
  context: ShopwareContext,
  question: Question,
  place: ChangePlace & { readonly kind: 'fields' },
  position: Position,
): Promise<Look> {
  const { above } = position;
  const mark = position.marks[position.place] as Mark;
  const queries = place.fields.map((field) => ({
    type: 'range',
    field,
    parameters: sinceOf(mark),
  }));
  const body = await search(context, question, {
    limit: PAGE_SIZE,
    filter: [
      { type: 'multi', operator: 'or', queries },
      ...(above === null
        ? []
        : [{ type: 'range', field: 'autoIncrement', parameters: { gt: above } }]),
    ],
    sort: [{ field: 'autoIncrement', order: 'ASC' }],
    'total-count-mode': 0,
  });
  const slices = factsOf(body).records;
  const records = slices.map(parseRecord);
  const moveTo = above === null ? latest(records.map(place.at)) : position.moveTo;
  const last = lastIncrement(slices);
  const hasMore = records.length >= PAGE_SIZE && last !== null;
  return {
    body: records.length === 0 ? null : body,
    next: hasMore ? { ...position, above: last, moveTo } : null,
    moveTo,
  };
}

async function lookBelow(
  context: ShopwareContext,
  question: Question,
  place: ChangePlace & { readonly kind: 'below' },
  position: Position,
): Promise<Look> {
  const { from, page } = position;
  const mark = position.marks[position.place] as Mark;
  const { entity, reference, field = 'updatedAt' } = place;
  const includes = { [entity.replaceAll('-', '_')]: [...new Set(['id', reference, field])] };
  const parameters = from === null ? sinceOf(mark) : { gte: from };
  const answer = await search(
    context,
    { entity, includes },
    {
      limit: BELOW_PAGE_SIZE,
      page,
      filter: [{ type: 'range', field, parameters }],
      sort: [
        { field, order: 'ASC' },
        { field: 'id', order: 'ASC' },
      ],
      'total-count-mode': 0,
    },
  );
  const rows = factsOf(answer).records.map(parseRecord);
  const last = instant(rows.at(-1)?.[field]);
  const moveTo = latest([position.moveTo, last]);
  const ids = [...new Set(rows.flatMap((row) => text(row[reference]) ?? []))];
  const hasMore = rows.length >= BELOW_PAGE_SIZE && last !== null;
  // A page full of one instant is followed by the next page of that instant.
  const isStuck = last === from;
  const next = { ...position, from: last, page: isStuck ? page + 1 : 1, moveTo };
  return {
    body:
      ids.length === 0
        ? null
        : await search(context, question, { ids, limit: ids.length, 'total-count-mode': 0 }),
    next: hasMore ? next : null,
    moveTo,
  };
}

function sinceOf({ since, isSettled }: Mark): JsonObject {
  if (isSettled) return { gt: since };
  return { gte: new Date(Date.parse(since) - OVERLAP_MS).toISOString() };
}

function finishPlace(position: Position, nowMs: number): Position {
  const { moveTo, startedAtMs } = position;
  const marks = position.marks.map((mark, index) => {
    if (index !== position.place) return mark;
    if (moveTo !== null && moveTo > mark.since) {
      return { since: moveTo, movedAtMs: startedAtMs, isSettled: false };
    }
    return { ...mark, isSettled: mark.isSettled || startedAtMs - mark.movedAtMs > OVERLAP_MS };
  });
  const place = Math.min(position.place + 1, marks.length - 1);
  return { place, above: null, from: null, page: 1, startedAtMs: nowMs, moveTo: null, marks };
}

function positionOf(cursor: Cursor | null, placeCount: number, nowMs: number): Position {
  const stored = Array.isArray(cursor?.marks) ? (cursor.marks as readonly Json[]) : [];
  const start = new Date(nowMs - START_OVERLAP_MS).toISOString().replace('Z', '+00:00');
  const marks = Array.from({ length: placeCount }, (_, index) => {
    const mark = object(stored[index]);
    return {
      since: instant(mark?.since) ?? start,
      movedAtMs: integer(mark?.movedAtMs) ?? nowMs,
      isSettled: mark?.isSettled === true,
    };
  });
  const above = integer(cursor?.above);
  const from = instant(cursor?.from);
  const isUnderWay = above !== null || from !== null;
  return {
    place: Math.min(Math.max(integer(cursor?.place) ?? 0, 0), placeCount - 1),
    above,
    from,
    page: integer(cursor?.page) ?? 1,
    startedAtMs: isUnderWay ? (integer(cursor?.startedAtMs) ?? nowMs) : nowMs,
    moveTo: isUnderWay ? instant(cursor?.moveTo) : null,
    marks,
  };
}

function cursorOf(position: Position): Cursor {
  const { marks, ...rest } = position;
  return { ...rest, marks: marks.map((mark) => ({ ...mark })) };
}

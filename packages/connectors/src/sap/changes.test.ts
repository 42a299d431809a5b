import type { Cursor, JsonObject } from '@headrace/sdk';
import { createTestContext } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { type ChangeField, readChanges, sinceFilter } from './changes.js';
import { sap } from './index.js';
import type { Question } from './odata/question.js';
import { readPass } from './pass.js';

const at = (text: string) => Date.parse(text);
const lastChange: ChangeField = { kind: 'instant', field: 'Changed' };
const question: Question = {
  root: '/sap/opu/odata/sap/S',
  set: 'Orders',
  version: 2,
  key: [{ property: 'Id', kind: 'text' }],
  pageSize: 2,
};

const row = (id: string, changed: string): JsonObject => ({
  Id: id,
  Changed: `/Date(${at(changed)}+0000)/`,
});

/** Answers with the pages given, one after the other, and keeps the questions. */
function system(pages: readonly (readonly JsonObject[])[], date = '') {
  const asked: string[] = [];
  const context = createTestContext(sap({ url: 'https://sap.example', auth: sap.basic('u:p') }), {
    clock: { now: () => at('2026-03-01T12:00:00Z'), monotonicMs: () => 0 },
    fetch: async (url) => {
      asked.push(new URL(String(url)).searchParams.get('$filter') ?? '');
      const body = JSON.stringify({ d: { results: pages[asked.length - 1] ?? [] } });
      return new Response(body, { headers: date === '' ? {} : { date } });
    },
  });
  return { context, asked };
}

describe('a poll', () => {
  it('goes up the key, though a page is full of one instant, and moves on at its end', async () => {
    const tied = '2026-03-01T11:59:58.123Z';
    const { context, asked } = system([
      [row('1', tied), row('2', tied)],
      [row('3', tied), row('4', '2026-03-01T12:00:07Z')],
      [row('5', tied)],
    ]);
    let cursor: Cursor | null = null;
    for (;;) {
      const page: Awaited<ReturnType<typeof readChanges>> = await readChanges(
        context,
        question,
        lastChange,
        cursor,
      );
      cursor = page.next ?? page.resume ?? null;
      if (page.next === null) break;
    }
    const since = "Changed ge datetimeoffset'2026-03-01T11:59:00.000Z'";
    expect(asked).toEqual([since, `(${since}) and (Id gt '2')`, `(${since}) and (Id gt '4')`]);
    // What the second page saw changed while the poll ran; the next one finds it by its time.
    expect(cursor).toEqual({
      since: '2026-03-01T12:00:00.000Z',
      movedAtMs: at('2026-03-01T12:00:00Z'),
      isSettled: false,
    });
  });

  it('moves on to what any page showed, up to the moment it began by the clock that is behind', async () => {
    const poll = async (date: string) => {
      const { context } = system(
        [
          [row('1', '2026-03-01T11:57:01Z'), row('2', '2026-03-01T11:57:00Z')],
          [row('3', '2026-03-01T11:59:30Z'), row('4', '2026-03-01T11:58:00Z')],
          [row('5', '2026-03-01T11:58:40Z')],
        ],
        date,
      );
      let cursor: Cursor | null = {
        ...{ since: '2026-03-01T11:57:00Z', movedAtMs: 0, isSettled: false },
      };
      for (let more = true; more; ) {
        const page: Awaited<ReturnType<typeof readChanges>> = await readChanges(
          ...([context, question, lastChange, cursor] as const),
        );
        cursor = page.next ?? page.resume ?? null;
        more = page.next !== null;
      }
      return cursor?.since;
    };
    expect(await poll('Sun, 01 Mar 2026 12:00:01 GMT')).toBe('2026-03-01T11:59:30.000Z');
    expect(await poll('Sun, 01 Mar 2026 11:59:00 GMT')).toBe('2026-03-01T11:59:00.000Z');
    expect(await poll(''), 'no clock is told').toBe('2026-03-01T11:57:01.000Z');
  });

  it('begins by the clock of a system that is behind', async () => {
    const { context } = system([[]], 'Sun, 01 Mar 2026 11:50:00 GMT');
    const page = await readChanges(context, question, lastChange, null);
    expect(page.resume?.since).toBe('2026-03-01T11:50:00.000Z');
  });

  it('leaves a mark behind once it has stood still', async () => {
    const mark = { since: '2026-03-01T11:50:00.123Z', movedAtMs: at('2026-03-01T11:50:01Z') };
    const { context, asked } = system([[], []]);
    const page = await readChanges(context, question, lastChange, { ...mark, isSettled: false });
    expect(page.resume).toEqual({ ...mark, isSettled: true });
    await readChanges(context, question, lastChange, page.resume ?? null);
    expect(asked).toEqual([
      "Changed ge datetimeoffset'2026-03-01T11:49:00.123Z'",
      "Changed ge datetimeoffset'2026-03-01T11:50:00.124Z'",
    ]);
  });

  it('starts anew from a cursor that means nothing to it', async () => {
    const { context, asked } = system([[]]);
    await readChanges(context, question, lastChange, { since: 'yesterday', after: 7 });
    expect(asked).toEqual(["Changed ge datetimeoffset'2026-03-01T11:59:00.000Z'"]);
  });
});

describe('marks on clocks without a zone', () => {
  const clock: ChangeField = {
    kind: 'clock',
    fields: [{ date: 'Day', time: 'Time' }],
    timeZone: 'Europe/Amsterdam',
  };
  const filter = (since: string, movedAt: string, now: string) =>
    sinceFilter(clock, { since, movedAtMs: at(movedAt), isSettled: true }, at(now), 2);
  const from = (day: string, time: string) => {
    const date = `datetime'${day}T00:00:00'`;
    return `(Day gt ${date}) or ((Day eq ${date}) and (Time ge time'${time}'))`;
  };

  it('are read again with an overlap, over midnight too', () => {
    const text = filter('2026-03-02T00:02:00', '2026-03-01T23:02:00Z', '2026-03-01T23:05:00Z');
    expect(text).toBe(from('2026-03-01', 'PT23H57M00S'));
  });

  it('never run ahead of a clock that was set back', () => {
    // 02:59:59 the first time; a quarter of an hour later clocks show 02:14:59 again.
    const text = filter('2026-10-25T02:59:59', '2026-10-25T00:59:59Z', '2026-10-25T01:14:59Z');
    expect(text).toBe(from('2026-10-25', 'PT01H09M59S'));
  });

  it('go back as far as the clock did while nobody looked', () => {
    const text = filter('2026-10-25T02:50:00', '2026-10-25T00:50:00Z', '2026-10-25T05:00:00Z');
    expect(text).toBe(from('2026-10-25', 'PT01H45M00S'));
  });

  it('of a day reach back to the day before', () => {
    const day: ChangeField = { kind: 'day', fields: ['Changed', 'Made'], timeZone: 'UTC' };
    const mark = { since: '2026-03-01', movedAtMs: 0, isSettled: true };
    expect(sinceFilter(day, mark, 0, 2)).toBe(
      "(Changed ge datetime'2026-02-28T00:00:00') or (Made ge datetime'2026-02-28T00:00:00')",
    );
  });
});

describe('a pass', () => {
  it('goes down the key and goes on where a service cut its page short', async () => {
    const asked: string[] = [];
    const bodies = [
      { d: { __count: '3', results: [{ Id: '9' }], __next: 'https://sap.example/next' } },
      { d: { results: [{ Id: '8' }, { Id: '7' }] } },
      { d: { results: [] } },
    ];
    const context = createTestContext(sap({ url: 'https://sap.example', auth: sap.basic('u:p') }), {
      clock: { now: () => 0, monotonicMs: () => 0 },
      fetch: async (url) => {
        const { searchParams } = new URL(String(url));
        asked.push(`${searchParams.get('$orderby')} ${searchParams.get('$filter')}`);
        return new Response(JSON.stringify(bodies[asked.length - 1]));
      },
    });
    const first = await readPass(context, question, null);
    expect(first).toMatchObject({ total: 3, next: { below: ['9'] } });
    const second = await readPass(context, question, first.next);
    expect(second.next).toEqual({ below: ['7'] });
    expect((await readPass(context, question, second.next)).next).toBeNull();
    expect(asked).toEqual(['Id desc null', "Id desc Id lt '9'", "Id desc Id lt '7'"]);
  });
});

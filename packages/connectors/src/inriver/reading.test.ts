import { type Cursor, HeadraceError, type JsonObject, type Page } from '@headrace/sdk';
import { createTestContext, recordsOf } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { type PollMemory, readChanges } from './changes.js';
import { inriver } from './index.js';
import { readPass } from './pass.js';
import { fetchByKeys, type InriverContext, type Question } from './rest.js';

/** A PIM in a few lines: ids with times of change, a query and a read by ids. */
class Pim {
  nowMs = Date.parse('2026-05-04T08:00:00Z');
  readonly changedAt = new Map<number, string>();
  readonly types = new Map<number, string>();
  queries = 0;
  reads = 0;
  body: string | null = null;
  onRead: (count: number) => void = () => {};

  touch(id: number, ticks = '0000'): void {
    this.changedAt.set(id, `${new Date(this.nowMs).toISOString().slice(0, 23)}${ticks}`);
  }

  answer(path: string, json: JsonObject): unknown {
    if (path.endsWith('/query')) {
      this.queries += 1;
      const [, since] = json.systemCriteria as readonly JsonObject[];
      const meets = (at: string) =>
        since === undefined ||
        (since.operator === 'GreaterThan' ? at > String(since.value) : at >= String(since.value));
      const entityIds = [...this.changedAt].filter(([, at]) => meets(at)).map(([id]) => id);
      // In no order of its own.
      return { count: entityIds.length, entityIds: entityIds.reverse() };
    }
    this.reads += 1;
    const rows = (json.entityIds as readonly number[]).flatMap((entityId) => {
      const modifiedDate = this.changedAt.get(entityId);
      const entityTypeId = this.types.get(entityId) ?? 'Product';
      return modifiedDate === undefined
        ? []
        : { entityId, summary: { modifiedDate, entityTypeId } };
    });
    this.onRead(this.reads);
    return rows;
  }
}

const question: Question = { types: ['Product'], objects: ['EntitySummary'] };

function contextOf(pim: Pim): InriverContext {
  const answer = async (url: unknown, init?: { body?: unknown }) => {
    const given = JSON.parse(String(init?.body)) as JsonObject;
    return new Response(
      pim.body ?? JSON.stringify(pim.answer(new URL(String(url)).pathname, given)),
    );
  };
  const clock = { now: () => pim.nowMs, monotonicMs: () => pim.nowMs };
  const source = inriver({ key: 'key' });
  return createTestContext(source, { clock, fetch: answer as typeof fetch }) as InriverContext;
}

const idsIn = (page: Page) =>
  recordsOf(page).map((record) => (record as JsonObject).entityId as number);
/** A cursor is stored between pages. */
const stored = (cursor: Cursor | null | undefined) => JSON.parse(JSON.stringify(cursor ?? null));

async function poll(pim: Pim, from: Cursor | null, forgets = false) {
  const context = contextOf(pim);
  let memory: PollMemory = { rest: null };
  const seen: number[] = [];
  for (let cursor = from; ; ) {
    if (forgets) memory = { rest: null };
    const page = await readChanges(context, question, cursor, memory);
    seen.push(...idsIn(page));
    if (page.next === null) return { seen, cursor: stored(page.resume) as Cursor };
    cursor = stored(page.next);
  }
}

describe('polling', () => {
  it('reads again until late commits must have shown, and then no more', async () => {
    const pim = new Pim();
    let { cursor } = await poll(pim, null);
    pim.nowMs += 10_000;
    pim.touch(1);
    const counts: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      pim.nowMs += 15_000;
      const result = await poll(pim, cursor);
      ({ cursor } = result);
      counts.push(result.seen.length);
    }
    expect(counts).toEqual([1, 1, 0, 0, 0]);
  });

  it('tells ticks of one millisecond apart', async () => {
    const pim = new Pim();
    let { cursor } = await poll(pim, null);
    pim.nowMs += 10_000;
    pim.touch(1, '0001');
    for (let count = 0; count < 3; count += 1) {
      ({ cursor } = await poll(pim, cursor));
      pim.nowMs += 15_000;
    }
    pim.nowMs -= 45_000;
    pim.touch(2, '0002');
    pim.nowMs += 45_000;
    expect((await poll(pim, cursor)).seen).toEqual([2]);
  });

  it('reads a change of everything once, though it took an hour and fills several windows', async () => {
    const pim = new Pim();
    let { cursor } = await poll(pim, null);
    for (let id = 1; id <= 1_700; id += 1) {
      pim.nowMs += 2_000;
      pim.touch(id);
    }
    pim.nowMs += 120_000;
    const counts: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      const result = await poll(pim, cursor);
      ({ cursor } = result);
      counts.push(result.seen.length);
      pim.nowMs += 15_000;
    }
    // The overlap once more, and then no more.
    expect(counts).toEqual([1_700, 3, 0]);
  });

  it.each([false, true])(
    'loses nothing that changes while a long poll is under way (restarts: %s)',
    async (forgets) => {
      const pim = new Pim();
      for (let id = 1; id <= 1_700; id += 1) pim.touch(id);
      pim.nowMs += 3_600_000;
      let { cursor } = await poll(pim, null);
      pim.nowMs += 10_000;
      for (let id = 1; id <= 1_700; id += 1) {
        pim.nowMs += 1;
        pim.touch(id);
      }
      const wanted = new Map<number, string>();
      const context = contextOf(pim);
      const held = new Map<number, string>();
      pim.onRead = (count) => {
        // Behind the window being read, and later, past any overlap, before it; new and gone.
        const touched = [[3, 501], [499, 2_001], [1_699], [4, 2_004]][count - 1] ?? [];
        pim.nowMs += 60_000;
        for (const id of touched) {
          pim.touch(id);
          wanted.set(id, pim.changedAt.get(id) ?? '');
        }
        pim.changedAt.delete(1_000 + count);
      };
      let memory: PollMemory = { rest: null };
      for (let pages = 0; pages < 60; pages += 1) {
        if (forgets) memory = { rest: null };
        const page: Page = await readChanges(context, question, cursor, memory);
        for (const record of recordsOf(page) as readonly JsonObject[]) {
          held.set(record.entityId as number, String((record.summary as JsonObject).modifiedDate));
        }
        cursor = stored(page.next ?? page.resume);
        if (page.next === null) pim.nowMs += 15_000;
      }
      for (const [id, at] of wanted) expect(held.get(id), String(id)).toBe(at);
      expect(JSON.stringify(cursor).length).toBeLessThan(250);
    },
  );
});

describe('a pass', () => {
  it('reads every entity once, newest first, with or without its memory', async () => {
    const pim = new Pim();
    for (let id = 1; id <= 2_345; id += 1) pim.touch(id);
    for (const forgets of [false, true]) {
      const context = contextOf(pim);
      const seen: number[] = [];
      let memory: Parameters<typeof readPass>[3] = { rest: null };
      pim.queries = 0;
      for (let cursor: Cursor | null = null; ; ) {
        if (forgets) memory = { rest: null };
        const page: Page = await readPass(context, question, cursor, memory);
        seen.push(...idsIn(page));
        if (cursor === null) expect(page.total).toBe(2_345);
        if (page.next === null) break;
        cursor = stored(page.next);
        pim.touch(10_000 + seen.length);
        pim.changedAt.delete(seen.at(-1) ?? 0);
        pim.touch(seen.at(-1) ?? 0);
      }
      expect(seen).toHaveLength(2_345);
      expect(seen).toEqual([...seen].sort((a, b) => b - a));
      expect(pim.queries).toBe(forgets ? 3 : 1);
      for (const id of [...pim.changedAt.keys()]) if (id > 2_345) pim.changedAt.delete(id);
    }
  });
});

describe('answers', () => {
  it('of another type are left out of a point read', async () => {
    const pim = new Pim();
    for (const id of [1, 2, 3, 4]) pim.touch(id);
    pim.types.set(1, 'Item').set(3, 'Item');
    const body = await fetchByKeys(contextOf(pim), question, ['1', '2', '3', '4', 'none', '999']);
    expect(
      (JSON.parse(Buffer.from(body).toString()) as JsonObject[]).map((r) => r.entityId),
    ).toEqual([2, 4]);
    pim.types.set(2, 'Item').set(4, 'Item');
    const none = await fetchByKeys(contextOf(pim), question, ['1', '2', '3', '4']);
    expect(Buffer.from(none).toString()).toBe('[]');
  });

  it.each([
    ['{"count":1}', 'contract'],
    ['{"count":1,"entityIds":["7"]}', 'contract'],
    ['[]', 'contract'],
    ['{"count":1,"entityIds":[7', 'transient'],
    ['<html>', 'transient'],
  ])('%s to a query is an error the engine can act on', async (body, kind) => {
    const pim = new Pim();
    pim.body = body;
    const thrown = await readPass(contextOf(pim), question, null, { rest: null }).catch((e) => e);
    expect(thrown).toBeInstanceOf(HeadraceError);
    expect(thrown.kind).toBe(kind);
  });
});

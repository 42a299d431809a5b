/** What every stream of a connector must hold to. */
import assert from 'node:assert/strict';
import type { Change, Cursor, Json, JsonObject, Page, Stream } from '../connector/index.js';
import { HeadraceError } from '../connector/index.js';
import { checkFields } from '../model/index.js';
import type { ContractCase, ContractOptions } from './contract-options.js';
import { isObject, keyOf, objectsOf, type StreamReader } from './stream-reader.js';
import type { TestContext } from './test-context.js';

export interface StreamCasesInput<Config> {
  readonly stream: Stream<Config>;
  readonly reader: StreamReader<Config>;
  readonly context: TestContext<Config>;
  readonly options: ContractOptions;
}

const PAGE_MAX = 64 * 1024 * 1024;
const RECORD_MAX = 1024 * 1024;
/** Enough to see that point reads agree, few enough not to weigh on a source. */
const FETCHED_MAX = 20;

export function streamCases<Config>(input: StreamCasesInput<Config>): ContractCase[] {
  const { stream, reader } = input;
  const name = (text: string) => `${stream.name}: ${text}`;
  return [
    {
      name: name('a pass ends and each record has a key of its own'),
      async run() {
        const { pages, records } = await reader.pass(stream);
        const recorded = reader.recorded(stream);
        if (recorded !== null) assert.equal(records.size, recorded.records);
        else if (input.options.mayBeEmpty?.includes(stream.name) !== true) {
          assert.ok(records.size > 0, 'the source holds no record; the other cases prove nothing');
        }
        for (const page of pages) checkPage(page);
        if (recorded?.pass.isComplete === false) return;
        for (const page of pages.slice(1)) checkTotal(page, records.size);
        checkTotal(pages[0] as Page, records.size);
      },
    },
    {
      name: name('two passes give equal records'),
      async run() {
        const first = await reader.pass(stream);
        const second = await reader.freshPass(stream);
        assert.deepEqual([...second.records], [...first.records]);
      },
    },
    {
      name: name('versions and times are there where they are claimed'),
      async run() {
        const { records } = await reader.pass(stream);
        for (const [key, record] of records) checkVersion(stream, key, record);
      },
    },
    { name: name('the mapping is total and pure'), run: () => checkMapping(input) },
    { name: name('the mapping survives records with missing parts'), run: () => checkGaps(input) },
    { name: name('nothing personal is left after sealing'), run: () => checkPersonal(input) },
    { name: name('changes come in order and go on from a cursor'), run: () => checkChanges(input) },
    ...(stream.fetch === undefined
      ? []
      : [{ name: name('a point read gives what a pass gives'), run: () => checkFetch(input) }]),
    ...(input.options.mutate?.[stream.name] === undefined
      ? []
      : [{ name: name('changes sees a mutation'), run: () => checkMutation(input) }]),
  ];
}

function checkPage(page: Page): void {
  assert.ok(page.body.byteLength <= PAGE_MAX, 'a page is larger than 64 MiB');
  for (const record of objectsOf(page)) {
    const size = Buffer.byteLength(JSON.stringify(record));
    assert.ok(size <= RECORD_MAX, `a record has ${size} bytes; 1 MiB is the limit`);
  }
  for (const cursor of [page.next, page.resume]) {
    if (cursor !== null && cursor !== undefined) checkCursor(cursor);
  }
}

function checkCursor(cursor: Cursor): void {
  assert.deepEqual(JSON.parse(JSON.stringify(cursor)), cursor, 'a cursor is not plain JSON');
}

function checkTotal(page: Page, count: number): void {
  if (page.total !== undefined) assert.equal(page.total, count, 'the total is not what was read');
}

function checkVersion<Config>(stream: Stream<Config>, key: string, record: JsonObject): void {
  const version = stream.version(record);
  if (stream.versionOrder !== undefined || stream.names?.version != null) {
    assert.ok(version !== null && version !== '', `record ${key} has no version`);
  }
  if (stream.versionOrder === 'integer') assert.match(version ?? '', /^-?\d+$/);
  const eventAt = stream.eventAt(record);
  if (eventAt !== null) {
    assert.match(eventAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
  }
  for (const change of stream.touches?.(record) ?? []) {
    assert.ok(change.stream !== '' && change.key !== '', `record ${key} touches nothing by name`);
  }
}

async function checkMapping<Config>({ stream, reader }: StreamCasesInput<Config>): Promise<void> {
  const { records } = await reader.pass(stream);
  for (const record of records.values()) {
    const mapped = await reader.map(stream, record);
    assert.deepEqual(await reader.map(stream, record), mapped, 'mapped twice, not the same');
    const ids = mapped.map(({ entity, type, externalId }) => `${entity} ${type} ${externalId}`);
    assert.equal(new Set(ids).size, ids.length, `one id for two records: ${ids.sort().join(', ')}`);
    for (const { entity, externalId, fields } of mapped) {
      assert.ok(stream.entities.includes(entity), `${entity} is not in the stream's entities`);
      assert.notEqual(externalId, '', `a ${entity} has no external id`);
      assert.doesNotThrow(() => checkFields(entity, fields), `${entity} ${externalId}`);
    }
  }
}

/** Sources leave out and change what they like; a mapping gives records or a `record` error. */
async function checkGaps<Config>({ stream, reader }: StreamCasesInput<Config>): Promise<void> {
  const { records } = await reader.pass(stream);
  const [record] = records.values();
  if (record === undefined) return;
  const odd: readonly (Json | undefined)[] = [undefined, null, '', [], {}, -1];
  for (const name of Object.keys(record)) {
    for (const value of odd) {
      const { [name]: _, ...rest } = record;
      const changed = value === undefined ? rest : { ...rest, [name]: value };
      try {
        stream.key(changed);
        stream.version(changed);
        stream.eventAt(changed);
        stream.touches?.(changed);
        await reader.map(stream, changed);
      } catch (thrown) {
        const isRecordError = thrown instanceof HeadraceError && thrown.kind === 'record';
        assert.ok(isRecordError, `${name} = ${JSON.stringify(value)}: ${String(thrown)}`);
      }
    }
  }
}

/** Short texts meet by chance; a street or an address of mail does not. */
const TELLING_LENGTH = 6;

async function checkPersonal<Config>({ stream, reader }: StreamCasesInput<Config>): Promise<void> {
  const { records } = await reader.pass(stream);
  for (const [key, record] of records) {
    const { business, personal } = reader.split(stream, record);
    if (personal === null) continue;
    const plain = new Set(textsIn(business));
    const secret = textsIn(personal).filter(
      (text) => text.length >= TELLING_LENGTH && !plain.has(text),
    );
    const mapped = JSON.stringify(await reader.map(stream, record));
    const shown = secret.filter((text) => mapped.includes(JSON.stringify(text).slice(1, -1)));
    assert.equal(shown.length, 0, `record ${key} shows ${shown.length} personal values`);
  }
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

async function checkChanges<Config>(input: StreamCasesInput<Config>): Promise<void> {
  const { stream, reader, options } = input;
  if (stream.feed === 'snapshot') return;
  await reader.pass(stream);
  const started = await reader.changes(stream, null);
  if (started.resume === null) return;
  checkCursor(started.resume);
  const again = await reader.changes(stream, started.resume);
  const fromMs = options.clock.now() - (stream.overlapMs ?? 0) - (options.clockSkewMs ?? 60_000);
  for (const record of again.records) {
    const at = stream.eventAt(record);
    if (at === null) continue;
    assert.ok(Date.parse(at) >= fromMs, `changes gave ${keyOf(stream, record)} of ${at} again`);
  }
}

async function checkFetch<Config>(input: StreamCasesInput<Config>): Promise<void> {
  const { stream, reader, context } = input;
  const { records } = await reader.pass(stream);
  const recorded = reader.recorded(stream);
  if (recorded?.fetched === 0) return;
  const count = Math.min(FETCHED_MAX, stream.fetchMax ?? FETCHED_MAX);
  const wanted = [...records.keys()].slice(0, recorded?.fetched ?? Math.max(1, count - 1));
  const absent = input.options.absentKey ?? '00000000000000000000000000000000';
  const isAbsentAsked = recorded === null && count > 1;
  const page = await stream.fetch?.(context, isAbsentAsked ? [...wanted, absent] : wanted);
  assert.ok(page !== undefined);
  const fetched = new Map(objectsOf(page).map((record) => [keyOf(stream, record), record]));
  assert.ok(!fetched.has(absent), 'a key that does not exist was answered');
  assert.deepEqual([...fetched.keys()].sort(), [...wanted].sort());
  for (const key of wanted) assert.deepEqual(fetched.get(key), records.get(key));
}

/** Polls: what a source has just been told it may show a moment later. */
const ATTEMPTS_MAX = 40;

async function checkMutation<Config>(input: StreamCasesInput<Config>): Promise<void> {
  const { stream, reader, options } = input;
  let cursor = stream.feed === 'snapshot' ? null : (await reader.changes(stream, null)).resume;
  const before = stream.feed === 'snapshot' ? await reader.freshPass(stream) : null;
  const changed: Change | undefined = await options.mutate?.[stream.name]?.();
  assert.ok(changed !== undefined);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (before !== null) {
      const after = await reader.freshPass(stream);
      const was = JSON.stringify(before.records.get(changed.key));
      if (JSON.stringify(after.records.get(changed.key)) !== was) return;
    } else {
      const { records, resume } = await reader.changes(stream, cursor);
      if (records.some((record) => stream.key(record) === changed.key)) return;
      cursor = resume;
    }
    await waitMs(100);
  }
  assert.fail(`changes never showed ${changed.key}`);
}

/** A real wait without a timer of our own: the source under test runs on real time. */
async function waitMs(ms: number): Promise<void> {
  const signal = AbortSignal.timeout(ms);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

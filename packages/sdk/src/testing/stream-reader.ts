/** Reads streams the way the platform does, and keeps what several cases look at. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type {
  Cursor,
  Json,
  JsonObject,
  MappedRecord,
  Page,
  PersonalPaths,
  Stream,
} from '../connector/index.js';
import { compilePersonal, splitPersonal } from '../connector/index.js';
import type { RecordedStream } from './recording/index.js';
import { recordsOf, type TestContext } from './test-context.js';

export interface PassResult {
  readonly pages: readonly Page[];
  /** By key, in the order they came. */
  readonly records: ReadonlyMap<string, JsonObject>;
}

export class StreamReader<Config> {
  readonly #context: TestContext<Config>;
  readonly #pagesMax: number;
  readonly #readSource: () => Promise<JsonObject>;
  readonly #recorded: Readonly<Record<string, RecordedStream>>;
  readonly #passes = new Map<string, Promise<PassResult>>();
  readonly #paths = new Map<string, PersonalPaths>();

  constructor(
    context: TestContext<Config>,
    pagesMax: number,
    readSource: () => Promise<JsonObject>,
    recorded: Readonly<Record<string, RecordedStream>> = {},
  ) {
    this.#context = context;
    this.#pagesMax = pagesMax;
    this.#readSource = readSource;
    this.#recorded = recorded;
  }

  /** A pass over the stream; the first one is shared between cases. */
  pass(stream: Stream<Config>): Promise<PassResult> {
    const known = this.#passes.get(stream.name);
    if (known !== undefined) return known;
    const started = this.freshPass(stream);
    this.#passes.set(stream.name, started);
    return started;
  }

  async freshPass(stream: Stream<Config>): Promise<PassResult> {
    const pages: Page[] = [];
    const records = new Map<string, JsonObject>();
    let cursor: Cursor | null = null;
    do {
      assert.ok(pages.length < this.#pagesMax, `the pass did not end in ${this.#pagesMax} pages`);
      const page: Page = await stream.read(this.#context, 'pass', cursor);
      for (const record of objectsOf(page)) {
        const key = keyOf(stream, record);
        assert.ok(!records.has(key), `key ${key} came twice in one pass of a quiet source`);
        records.set(key, record);
      }
      pages.push(page);
      cursor = page.next;
    } while (cursor !== null && !this.#isEnd(stream, 'pass', pages.length));
    return { pages, records };
  }

  /** A recording may stop before its stream does. */
  #isEnd(stream: Stream<Config>, read: 'pass' | 'changes', count: number): boolean {
    const recorded = this.#recorded[stream.name]?.[read];
    return recorded?.isComplete === false && count >= recorded.pages;
  }

  /** What was recorded of a stream, or null when the source itself is asked. */
  recorded(stream: Stream<Config>): RecordedStream | null {
    return this.#recorded[stream.name] ?? null;
  }

  /** Everything since the cursor, and the cursor after it; null where a recording stops before. */
  async changes(
    stream: Stream<Config>,
    from: Cursor | null,
  ): Promise<{ readonly records: readonly JsonObject[]; readonly resume: Cursor | null }> {
    const records: JsonObject[] = [];
    let cursor = from;
    for (let count = 0; count < this.#pagesMax; count += 1) {
      const page = await stream.read(this.#context, 'changes', cursor);
      records.push(...objectsOf(page));
      if (page.next === null) {
        assert.ok(page.resume !== undefined, 'the last page of changes must carry `resume`');
        return { records, resume: page.resume };
      }
      assert.notDeepEqual(page.next, cursor, 'changes does not advance');
      if (this.#isEnd(stream, 'changes', count + 1)) return { records, resume: null };
      cursor = page.next;
    }
    throw new assert.AssertionError({ message: `changes did not end in ${this.#pagesMax} pages` });
  }

  split(stream: Stream<Config>, record: JsonObject) {
    let paths = this.#paths.get(stream.name);
    if (paths === undefined) {
      paths = compilePersonal(stream.personal?.paths ?? []);
      this.#paths.set(stream.name, paths);
    }
    return splitPersonal(record, paths);
  }

  /** Maps as the platform does: without the personal part, with a handle for the person. */
  async map(stream: Stream<Config>, record: JsonObject): Promise<readonly MappedRecord[]> {
    const { business } = this.split(stream, record);
    const reference = stream.personal?.subject(record) ?? null;
    return stream.map(deepFreeze(business), {
      config: this.#context.config,
      source: deepFreeze(await this.#readSource()),
      subject: reference === null ? null : handleOf(reference),
    });
  }
}

/** Says nothing of the reference it stands for, and is the same each time. */
function handleOf(reference: string): string {
  return `person-${createHash('sha256').update(reference).digest('hex').slice(0, 16)}`;
}

export function objectsOf(page: Page): readonly JsonObject[] {
  return recordsOf(page).map((record) => {
    assert.ok(isObject(record), 'an item of a page is no object');
    return record;
  });
}

export function keyOf<Config>(stream: Stream<Config>, record: JsonObject): string {
  const key = stream.key(record);
  assert.ok(key !== null && key !== '', 'a record has no key');
  return key;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mappings are pure: an attempt to write is then an error instead of a changed record. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}

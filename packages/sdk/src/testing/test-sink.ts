/** The contract suite of sinks: what the platform counts on, asked of a sink and its real target. */
import assert from 'node:assert/strict';
import type {
  ConfiguredSource,
  ContactFields,
  JsonObject,
  Sink,
  SinkItem,
  SinkResult,
  TargetRecord,
  TargetState,
} from '../connector/index.js';
import { canonicalJson } from '../model/index.js';
import type { ContractCase } from './contract-options.js';
import { flowGroup, type TestGroup } from './flow-group.js';
import { createTestContext, type TestContext, type TestContextOptions } from './test-context.js';

export interface SinkContractOptions extends TestContextOptions {
  /** Groups the mapping is tried on, whole and with parts of them left out. */
  readonly groups: readonly TestGroup[];
  /** Something the target does not have. Not written, unless it is among `wanted`. */
  readonly absent: TargetRecord;
  /** What the target is to hold; written one after the other, and together. */
  readonly wanted: () => Promise<readonly TargetRecord[]>;
  /** What the target must refuse; its neighbours are written all the same. */
  readonly refused?: TargetRecord;
  /** Has the answer to the next write lost after the target has done it. */
  readonly loseAnswer?: () => Promise<void>;
  /** How many records of this kind the target has, to see that none is made twice. */
  readonly count?: () => Promise<number>;
  readonly personal?: ContactFields;
  /** Instead of what the connector's `context` reads. */
  readonly source?: JsonObject;
}

/**
 * The cases a sink must pass, for any test runner:
 *
 * ```ts
 * describe('stock', () => {
 *   for (const { name, run } of testSink(shop, 'stock', { clock, groups, absent, wanted })) {
 *     it(name, run);
 *   }
 * });
 * ```
 */
export function testSink<Config>(
  target: ConfiguredSource<Config>,
  name: string,
  options: SinkContractOptions,
): readonly ContractCase[] {
  const found = target.connector.sinks?.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${target.connector.name} has no sink ${name}`);
  const bench = new SinkBench(target, found as Sink<Config>, options);
  return [
    { name: 'sink: says what it is', run: async () => checkSaid(bench.sink) },
    { name: 'map: total and pure, and gives what the sink takes', run: () => bench.map() },
    { name: 'read: leaves out what the target does not have', run: () => bench.readAbsent() },
    { name: 'read: takes as many as it says', run: () => bench.readMany() },
    { name: 'write: what is read then is what was wanted', run: () => bench.writeAll() },
    { name: 'write: the same again changes nothing', run: () => bench.writeAgain() },
    ...(options.refused === undefined
      ? []
      : [
          {
            name: 'write: a refused item does not spoil its neighbours',
            run: () => bench.refuse(options.refused as TargetRecord),
          },
        ]),
    ...(options.loseAnswer === undefined
      ? []
      : [
          {
            name: 'write: a lost answer and another look make one effect',
            run: () => bench.loseAnswer(),
          },
        ]),
    ...(found.canUndo === true
      ? [{ name: 'undo: what was there before can be written again', run: () => bench.undo() }]
      : []),
  ];
}

function checkSaid<Config>(sink: Sink<Config>): void {
  assert.match(sink.name, /^[a-z][a-zA-Z0-9-]*$/);
  assert.ok(sink.title !== '' && sink.description !== '');
  assert.ok(sink.entities.length > 0, 'no change concerns it');
  assert.ok(Number.isInteger(sink.batchMax) && sink.batchMax >= 1, 'batchMax is no count');
  if (sink.canUndo === true) assert.equal(sink.makes, 'state', 'a document cannot be unmade');
}

/** Fields of a record that the target holds otherwise, as the platform compares them. */
export function differingFields(wanted: TargetRecord, state: TargetState | undefined): string[] {
  return Object.keys(wanted.fields).filter((field) => {
    if (state === undefined) return true;
    const [after, there] = [wanted.fields[field] ?? null, state.fields[field] ?? null];
    return canonicalJson(after) !== canonicalJson(there);
  });
}

class SinkBench<Config> {
  readonly sink: Sink<Config>;
  readonly #options: SinkContractOptions;
  readonly #context: TestContext<Config>;
  readonly #target: ConfiguredSource<Config>;
  #number = 0;

  constructor(target: ConfiguredSource<Config>, sink: Sink<Config>, options: SinkContractOptions) {
    this.sink = sink;
    this.#target = target;
    this.#options = options;
    this.#context = createTestContext(target, options);
  }

  async map(): Promise<void> {
    const { config } = this.#context;
    const read = this.#options.source ?? (await this.#target.connector.context?.(this.#context));
    const context = { config, source: read ?? {}, subject: null };
    let mapped = 0;
    for (const group of this.#options.groups) {
      for (const part of partsOf(group)) {
        const before = JSON.stringify(part);
        const [once, twice] = [0, 1].map(() => this.sink.map(flowGroup(part), context));
        assert.deepEqual(once, twice, 'another result for the same group');
        assert.equal(JSON.stringify(part), before, 'the mapping changed its input');
        if (once === null || once === undefined) continue;
        mapped += 1;
        assert.ok(once.key !== '', 'a record without a key');
        const parsed = this.sink.fields.safeParse(once.fields);
        assert.ok(
          parsed.success,
          `the sink does not take what is mapped: ${parsed.error?.message}`,
        );
        for (const row of part.records) assertGrouped(this.sink, row);
      }
    }
    assert.ok(mapped > 0, 'none of the groups gave a record');
  }

  async readAbsent(): Promise<void> {
    assert.deepEqual(await this.#read([this.#options.absent]), new Map());
  }

  async readMany(): Promise<void> {
    const { absent } = this.#options;
    const many = Array.from({ length: this.sink.batchMax }, (_, index) => ({
      ...absent,
      key: index === 0 ? absent.key : `${absent.key}-${index}`,
    }));
    assert.equal((await this.#read(many)).size, 0);
  }

  async writeAll(): Promise<void> {
    const wanted = await this.#wanted();
    await this.#level(wanted);
    await this.#isLevel(wanted);
  }

  async writeAgain(): Promise<void> {
    const wanted = await this.#wanted();
    await this.#level(wanted);
    const before = await this.#read(wanted);
    const counted = await this.#options.count?.();
    const items = wanted.map((record) => this.#item(record, before.get(record.key), record.fields));
    if (this.sink.delivery !== 'at-least-once') await this.#written(items);
    assert.deepEqual(await this.#read(wanted), before);
    assert.equal(await this.#options.count?.(), counted, 'a record was made twice');
  }

  async refuse(refused: TargetRecord): Promise<void> {
    const wanted = await this.#wanted();
    const all = [...wanted.slice(0, 1), refused, ...wanted.slice(1)];
    const before = await this.#read(all);
    const items = all.map((record) => this.#item(record, before.get(record.key), record.fields));
    const results = await this.#write(items);
    const failed = results.filter(({ kind }) => kind === 'refused');
    assert.deepEqual(
      failed.map(({ key }) => key),
      [refused.key],
    );
    for (const result of failed) {
      assert.ok(result.kind === 'refused' && result.message !== '', 'refused without a reason');
    }
    await this.#isLevel(wanted);
  }

  async loseAnswer(): Promise<void> {
    const wanted = await this.#wanted();
    const [first] = wanted;
    assert.ok(first !== undefined, 'nothing to write');
    const counted = await this.#options.count?.();
    const before = await this.#read([first]);
    await this.#options.loseAnswer?.();
    const item = this.#item(first, before.get(first.key), this.#due(first, before.get(first.key)));
    const failed = await this.#write([item]).then(
      () => false,
      () => true,
    );
    assert.ok(failed, 'no answer was lost: the write succeeded');
    const made = await this.#options.count?.();
    await this.#isLevel([first]);
    await this.#level([first]);
    assert.equal(await this.#options.count?.(), made, 'a record was made twice');
    if (counted !== undefined) assert.ok((made ?? 0) - counted <= 1, 'more than one was made');
  }

  async undo(): Promise<void> {
    const wanted = await this.#wanted();
    const before = await this.#read(wanted);
    const known = wanted.filter(({ key }) => before.has(key));
    await this.#level(wanted);
    const back = known.map((record): TargetRecord => {
      const old = before.get(record.key) as TargetState;
      const fields = Object.keys(record.fields).map((field) => [field, old.fields[field] ?? null]);
      return { key: record.key, fields: Object.fromEntries(fields) };
    });
    const now = await this.#read(known);
    await this.#written(
      back.map((record) =>
        this.#item(record, now.get(record.key), this.#due(record, now.get(record.key))),
      ),
    );
    // Read in the shape that was wanted, as the platform does.
    const restored = await this.#read(known);
    for (const { key, fields } of back) {
      const state = restored.get(key);
      assert.deepEqual(differingFields({ key, fields }, state), [], `${key} is not as it was`);
    }
  }

  async #wanted(): Promise<readonly TargetRecord[]> {
    const wanted = await this.#options.wanted();
    return wanted.map(({ key, fields }) => {
      const parsed = this.sink.fields.safeParse(fields);
      assert.ok(parsed.success, `the suite was given fields of ${key} that the sink does not take`);
      return { key, fields: parsed.data };
    });
  }

  /** Writes what differs, as the platform would. */
  async #level(wanted: readonly TargetRecord[]): Promise<void> {
    const before = await this.#read(wanted);
    const items = wanted.flatMap((record) => {
      const due = this.#due(record, before.get(record.key));
      return Object.keys(due).length === 0 ? [] : [this.#item(record, before.get(record.key), due)];
    });
    if (items.length > 0) await this.#written(items);
  }

  async #isLevel(wanted: readonly TargetRecord[]): Promise<void> {
    const states = await this.#read(wanted);
    for (const record of wanted) {
      const differing = differingFields(record, states.get(record.key));
      assert.deepEqual(differing, [], `${record.key} does not hold what was written`);
    }
  }

  #due(record: TargetRecord, state: TargetState | undefined): JsonObject {
    return Object.fromEntries(
      differingFields(record, state).map((field) => [field, record.fields[field] ?? null]),
    );
  }

  #item(record: TargetRecord, before: TargetState | undefined, fields: JsonObject): SinkItem {
    this.#number += 1;
    return {
      key: record.key,
      idempotencyKey: `contract-${this.sink.name}-${this.#number}`,
      fields,
      wanted: record.fields,
      before: before ?? null,
      personal: this.#options.personal ?? null,
    };
  }

  async #read(records: readonly TargetRecord[]): Promise<ReadonlyMap<string, TargetState>> {
    const states = await this.sink.read(this.#context, records);
    const asked = new Set(records.map(({ key }) => key));
    for (const { key } of states) assert.ok(asked.has(key), `${key} was not asked for`);
    const byKey = new Map(states.map((state) => [state.key, state]));
    assert.equal(byKey.size, states.length, 'two states of one record');
    return byKey;
  }

  async #write(items: readonly SinkItem[]): Promise<readonly SinkResult[]> {
    const results = await this.sink.write(this.#context, items);
    const keys = (list: readonly { readonly key: string }[]) => list.map(({ key }) => key).sort();
    assert.deepEqual(keys(results), keys(items), 'not one result for each item');
    return results;
  }

  async #written(items: readonly SinkItem[]): Promise<void> {
    for (const result of await this.#write(items)) {
      const why = result.kind === 'refused' ? `: ${result.message}` : '';
      assert.notEqual(result.kind, 'refused', `${result.key} was refused${why}`);
    }
  }
}

function assertGrouped<Config>(sink: Sink<Config>, row: TestGroup['records'][number]): void {
  if (sink.groupsOf === undefined || !sink.entities.includes(row.entity)) return;
  for (const group of sink.groupsOf(row)) assert.ok(group !== '', 'a group without a name');
}

/** The group, and the same with each record left out, and with each field of each record left out. */
function* partsOf(group: TestGroup): Generator<TestGroup> {
  yield group;
  yield { ...group, records: [] };
  yield { ...group, records: [...group.records].reverse() };
  for (const [at, record] of group.records.entries()) {
    const others = group.records.filter((_, index) => index !== at);
    yield { ...group, records: others };
    for (const field of Object.keys(record.fields)) {
      const { [field]: _, ...fields } = record.fields;
      yield { ...group, records: [...others, { ...record, fields }] };
      yield { ...group, records: [...others, { ...record, fields: { ...fields, [field]: null } }] };
    }
  }
}

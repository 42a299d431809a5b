/**
 * Histories of reads, absences and acts about identity, in many orders over the real step: what
 * stands at the end is the same for each (I3), and follows from the journal alone (I5). All
 * histories share one store, each under keys of its own, so that ten thousand take seconds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HeadraceError, type JsonObject, type Logger, type Stream } from '@headrace/sdk';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openKeyRing } from '../audit/index.js';
import {
  type Arrival,
  createInThreadWriter,
  type Fold,
  isDeleted,
  type Normalizer,
  Planner,
  type RecordState,
  StepLoop,
  type StreamRuntime,
  tablesOf,
  verifyReplay,
} from '../engine/index.js';
import { systemRandom } from '../ports/index.js';
import { createReader, openStore } from '../storage/index.js';
import { Identity, identityFold } from './identity.js';

/** Ten thousand in CI; fewer while one works. */
const histories = Number(
  process.env['HEADRACE_HISTORIES'] ?? (process.env['CI'] === 'true' ? 4000 : 200),
);
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const text = (value: unknown) => (typeof value === 'string' ? value : null);

const spec: Stream<unknown> = {
  name: 'thing',
  description: 'A thing.',
  entities: [],
  feed: 'poll',
  everyMs: 1000,
  key: (record) => text(record['id']),
  version: (record) => text(record['version']),
  eventAt: () => null,
  isDeleted: (record) => record['deleted'] === true,
  map: () => [],
  read: () => Promise.reject(new Error('not read here')),
};
const runtime: StreamRuntime = {
  source: 'shop',
  stream: 'thing',
  spec: spec as Stream<never>,
  personal: null,
};

const normalizer: Normalizer = {
  orderOf: () => 'text',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize(header, body) {
    if (body['value'] === 7) {
      throw new HeadraceError('record', 'No such currency.', { code: 'E_CURRENCY' });
    }
    const fields = { value: body['value'] ?? null, space: header.key.split(':')[0] as string };
    const row = { entity: 'variant', key: header.key, type: 'thing' };
    return { rows: [{ ...row, externalId: header.key, fields }] };
  },
};

/** A late fold: how many live rows of a history have a value. */
const tally: Fold = {
  name: 'tally',
  version: 1,
  tables: [{ name: 'tally', kind: 'keyed' }],
  declareKeys(input, need) {
    for (const row of [...(input.change?.before ?? []), ...(input.change?.after ?? [])]) {
      need('tally', `${row.fields['space']}:${row.fields['value']}`);
    }
  },
  plan(input, state) {
    const add = (fields: JsonObject, count: number) => {
      const key = `${fields['space']}:${fields['value']}`;
      const old = Number(state.get('tally', key)?.['count'] ?? 0);
      state.set('tally', key, { count: old + count });
    };
    for (const row of input.change?.before ?? []) add(row.fields, -1);
    for (const row of input.change?.after ?? []) add(row.fields, 1);
  },
};

const folds = [tally, identityFold];
const tables = tablesOf(folds);
const folder = mkdtempSync(join(tmpdir(), 'headrace-order-'));
const store = openStore(folder, { tables, volatile: true });
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const reader = createReader(store, tables);
const identity = new Identity(reader);
let now = 1000;
const clock = { now: () => now, monotonicMs: () => 0 };
const random = systemRandom();
const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
const planner = new Planner({ reader, ring, clock, random, folds, normalizer, slotsMax: 64 });
const inner = createInThreadWriter(store, { tables, now: () => now });
/** Commits that fail from now on, as on a full disk. */
let failing = 0;
const writer: typeof inner = {
  async commit(batch) {
    await Promise.resolve();
    if (failing > 0) {
      failing -= 1;
      throw new HeadraceError('transient', 'The disk is full.', { code: 'E_COMMIT' });
    }
    return inner.commit(batch);
  },
  close: () => inner.close(),
};

interface Read {
  readonly kind: 'row' | 'absent';
  readonly readSeq: number;
  readonly id: string;
  readonly version: string | null;
  readonly value: number;
  readonly deleted: boolean;
  readonly snapshot: boolean;
}

interface Act {
  readonly kind: 'act';
  readonly action: 'link' | 'unlink' | 'part' | 'rejoin';
  readonly from: string;
  readonly to: string;
}

/**
 * One read a readSeq, as in life. A key is either versioned, and then a version has one content, or
 * it is not, and then content is all there is: 5, 4, 5 among it.
 */
const read: fc.Arbitrary<Read> = fc
  .record({
    readSeq: fc.integer({ min: 1, max: 60 }),
    name: fc.constantFrom('a', 'b', 'c'),
    version: fc.constantFrom('1', '2', '3'),
    isVersioned: fc.boolean(),
    value: fc.constantFrom(4, 5, 5, 6, 7),
    kind: fc.constantFrom('row' as const, 'row' as const, 'row' as const, 'absent' as const),
    deleted: fc.boolean(),
    isDeletable: fc.constantFrom(true, false, false, false),
    snapshot: fc.boolean(),
  })
  .map(({ name, isVersioned, version, value, deleted, isDeletable, ...rest }) => ({
    ...rest,
    id: `${name}${isVersioned ? 'v' : 'u'}`,
    version: isVersioned ? version : null,
    value: isVersioned ? 3 + Number(version) + (version === '2' ? 2 : 0) : value,
    deleted: isDeletable && (isVersioned ? version === '3' : deleted),
  }));

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('act' as const),
  action: fc.constantFrom('link', 'unlink', 'part', 'rejoin'),
  from: fc.constantFrom('a', 'b'),
  to: fc.constantFrom('c', 'd'),
});

const history = fc.record({
  reads: fc.uniqueArray(read, { selector: ({ readSeq }) => readSeq, minLength: 2, maxLength: 9 }),
  acts: fc.array(act, { maxLength: 4 }),
  chance: fc.infiniteStream(fc.nat()),
  size: fc.integer({ min: 1, max: 5 }),
  fails: fc.constantFrom(0, 0, 1, 2),
});

function arrivalOf(step: Read | Act, space: string): Arrival {
  if (step.kind === 'act') {
    const isLink = step.action === 'link' || step.action === 'unlink';
    const names: JsonObject = isLink
      ? { entity: 'variant', from: `${space}:${step.from}`, to: `${space}:${step.to}` }
      : { row: `${space}:${step.from}` };
    const body = { ...names, action: step.action, principal: 'ada', method: 'human' };
    return { kind: 'entry', entry: 'control', source: '', stream: '', body };
  }
  const key = `${space}:${step.id}`;
  const times = { noticedAt: null, readAt: 1, receivedAt: 2 };
  const { readSeq, snapshot } = step;
  if (step.kind === 'absent') return { kind: 'absence', stream: runtime, key, readSeq, times };
  const body = {
    id: key,
    value: step.value,
    ...(step.version === null ? {} : { version: step.version }),
    ...(step.deleted ? { deleted: true } : {}),
  };
  const bytes = Buffer.from(JSON.stringify(body));
  return { kind: 'record', stream: runtime, bytes, depth: 1, readSeq, snapshot, times };
}

/** Any order of the reads, some of them twice; acts keep theirs, for each answers the one before. */
function shuffled(
  { reads, acts, chance }: { reads: Read[]; acts: Act[]; chance: fc.Stream<number> },
  isFirst: boolean,
): (Read | Act)[] {
  const below = (end: number) => (chance.next().value as number) % end;
  const list: (Read | Act)[] = [...reads];
  if (!isFirst) {
    for (const again of reads) if (below(3) === 0) list.push(again);
    for (let at = list.length - 1; at > 0; at -= 1) {
      const other = below(at + 1);
      [list[at], list[other]] = [list[other] as Read, list[at] as Read];
    }
  }
  let from = 0;
  for (const one of acts) {
    from += below(list.length - from + 1);
    list.splice(from, 0, one);
    from += 1;
  }
  return list;
}

async function play(steps: readonly (Read | Act)[], space: string, size: number): Promise<void> {
  const loop = new StepLoop({
    planner,
    writer,
    log: silent,
    wait: async () => undefined,
    groupMax: size,
  });
  const submits: Promise<void>[] = [];
  for (let at = 0; at < steps.length; at += size) {
    now += 1;
    submits.push(loop.submit(steps.slice(at, at + size).map((step) => arrivalOf(step, space))));
  }
  await Promise.all(submits);
  failing = 0;
  await loop.close();
  // The reads of this history are over.
  planner.sightings.forgetBefore(1000);
}

/** Everything a person could see of a history, without offsets: they differ with the order. */
function outcome(space: string, hasActs: boolean) {
  const seen: Record<string, unknown> = {};
  const prefix = `shop/thing/${space}:`;
  for (const row of reader.range('record', prefix, prefix, 100)) {
    const state = JSON.parse(row.value) as RecordState;
    const isShown = !isDeleted(state) && !state.withdrawn;
    const values = isShown ? state.rows.map((one) => one.fields['value']) : null;
    const fault = state.fault?.code ?? null;
    // Rows of the last statement that could be mapped stay beside a fault; which one that is
    // depends on what was seen, so only its presence is compared.
    if (isShown) seen[row.key.slice(prefix.length)] = fault === null ? { values } : { fault };
  }
  for (const name of hasActs ? ['a', 'b', 'c', 'd'] : []) {
    const root = identity.rootOf('variant', `${space}:${name}`).slice(space.length + 1);
    if (root !== name) seen[`root of ${name}`] = root;
    if (identity.isApart(`${space}:${name}`)) seen[`apart ${name}`] = true;
  }
  return seen;
}

/** The late fold against the records it counts. */
function countsAgree(space: string): void {
  const prefix = `shop/thing/${space}:`;
  const counts: Record<string, number> = {};
  for (const row of reader.range('record', prefix, prefix, 100)) {
    const state = JSON.parse(row.value) as RecordState;
    if (isDeleted(state) || state.withdrawn) continue;
    for (const { fields } of state.rows) {
      const value = String(fields['value']);
      counts[value] = (counts[value] ?? 0) + 1;
    }
  }
  const folded: Record<string, number> = {};
  for (const row of reader.range('tally', `${space}:`, `${space}:`, 100)) {
    const { count } = JSON.parse(row.value) as { count: number };
    if (count !== 0) folded[row.key.slice(space.length + 1)] = count;
  }
  if (!isDeepStrictEqual(folded, counts)) expect(folded).toEqual(counts);
}

describe('order', () => {
  it(`makes no difference to what stands, in ${histories} histories`, {
    timeout: 300_000,
  }, async () => {
    let spaces = 0;
    await fc.assert(
      fc.asyncProperty(history, async (one) => {
        const outcomes: [unknown, unknown] = [null, null];
        for (let order = 0; order < 2; order += 1) {
          spaces += 1;
          const space = `h${spaces}`;
          failing = order === 0 ? 0 : one.fails;
          await play(shuffled(one, order === 0), space, one.size);
          countsAgree(space);
          outcomes[order as 0 | 1] = outcome(space, one.acts.length > 0);
        }
        if (!isDeepStrictEqual(...outcomes)) expect(outcomes[1]).toEqual(outcomes[0]);
      }),
      { numRuns: histories },
    );
    const { mismatches, firstMismatch, entries } = verifyReplay({ folder, folds, normalizer });
    expect({ mismatches, firstMismatch }).toEqual({ mismatches: 0, firstMismatch: null });
    console.log(`${spaces} plays of ${histories} histories, ${entries} entries folded again`);
  });
});

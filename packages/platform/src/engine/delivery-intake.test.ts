/** Deliveries into a real store: once, in the order of their versions, and nothing lost between. */
import { createHmac } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HeadraceError,
  type JsonObject,
  type Logger,
  notReadable,
  type ReceivedRecord,
  type Stream,
} from '@headrace/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { openKeyRing } from '../audit/index.js';
import { openDropFolder, systemRandom } from '../ports/index.js';
import { createReader, openStore } from '../storage/index.js';
import { DeliveryIntake } from './delivery-intake.js';
import type { EngineSource } from './engine.js';
import type { EnginePorts } from './engine-ports.js';
import { tablesOf } from './fold-runner.js';
import { FolderIntake } from './folder-intake.js';
import { Planner } from './planner.js';
import { ReadsUnderWay } from './reads-under-way.js';
import type { Normalizer, RecordState } from './record-fold.js';
import { StepLoop } from './step-loop.js';
import type { StreamRunnerOptions } from './stream-io.js';
import { StreamRunner } from './stream-runner.js';
import { createInThreadWriter } from './writer.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const text = (value: unknown) => (typeof value === 'string' ? value : null);
const spec: Stream<unknown> = {
  name: 'order',
  description: 'An order.',
  entities: [],
  feed: 'delivery',
  everyMs: 1000,
  key: (record) => text(record['id']),
  version: (record) => text(record['version']),
  eventAt: () => null,
  map: () => [],
  read: notReadable,
};
const normalizer: Normalizer = {
  orderOf: () => 'text',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize: (header, body) => ({
    rows: [
      {
        ...{ entity: 'order', key: header.key, type: 'order', externalId: header.key },
        fields: { value: body['value'] ?? null },
      },
    ],
  }),
};

/** One record a line, `!` before those that are refused; `broken` is no delivery at all. */
function parse(body: Uint8Array): readonly ReceivedRecord[] {
  const lines = Buffer.from(body).toString().split('\n');
  if (lines[0] === 'broken') {
    throw new HeadraceError('contract', 'This is no delivery.', { code: 'E_IDOC' });
  }
  return lines.map((line) => {
    const bytes = Buffer.from(line);
    return line.startsWith('!')
      ? { stream: 'order', bytes, refused: { code: 'E_IDOC', message: 'It is refused.' } }
      : { stream: 'order', bytes };
  });
}

const source = {
  name: 'erp',
  config: {},
  spec: {
    receive: {
      signature: { headers: ['x-signature'], encoding: 'hex', message: '{body}' },
      secrets: () => ['key'],
      bytesMax: 5000,
      fileEndings: ['.xml'],
      parse,
    },
  },
} as unknown as EngineSource;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-delivery-'));
  folders.push(folder);
  return folder;
}

function open() {
  const folder = newFolder();
  const tables = tablesOf([]);
  const store = openStore(folder, { tables, volatile: true });
  const random = systemRandom();
  const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
  const reader = createReader(store, tables);
  let now = Date.parse('2026-03-01T12:00:00Z');
  const clock = { now: () => (now += 1), monotonicMs: () => 0 };
  const planner = new Planner({ reader, ring, clock, random, folds: [], normalizer });
  const writer = createInThreadWriter(store, { tables, now: () => now });
  const loop = new StepLoop({ planner, writer, log: silent, wait: async () => undefined });
  const reads = new ReadsUnderWay();
  const runner = new StreamRunner({
    runtime: { source: 'erp', stream: 'order', spec: spec as Stream<never>, personal: null },
    ...{ contexts: {}, everyMs: 1000, passEveryMs: 0, coalesceMs: 0, clock, random, planner },
    ...{ loop, reader, log: silent, reads },
  } as unknown as StreamRunnerOptions);
  let isRefusing = false;
  const spilled: string[] = [];
  const intake = new DeliveryIntake({
    ...{ planner, loop, reads, runners: new Map([['erp/order', runner]]) },
    now: () => clock.now(),
    isRefusing: () => isRefusing,
    async spill(_source, _stream, bytes) {
      spilled.push(`spill-${bytes.byteLength}`);
      return spilled.at(-1) as string;
    },
  });
  const send = (...records: readonly (JsonObject | string)[]) =>
    intake.take(
      source,
      Buffer.from(
        records.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'),
      ),
    );
  const shownOf = (key: string) => {
    const row = reader.row('record', `erp/order/${key}`);
    return row === undefined
      ? undefined
      : (JSON.parse(row.value) as RecordState).rows[0]?.fields['value'];
  };
  const refuse = (is: boolean) => {
    isRefusing = is;
  };
  return { intake, send, shownOf, reader, runner, refuse, reads, planner, clock };
}

const order = (id: string, version: string, value: number) => ({ id, version, value });

describe('a delivery', () => {
  it('is in the journal when it is answered, and the same one twice is one', async () => {
    const { send, shownOf, reader, reads, planner, runner, clock } = open();
    expect(await send(order('a', '1', 5), order('b', '1', 6))).toEqual({
      ...{ status: 202, accepted: 2, duplicates: 0, quarantined: 0 },
    });
    expect([shownOf('a'), shownOf('b')]).toEqual([5, 6]);
    expect(await send(order('a', '1', 5), order('b', '1', 6))).toMatchObject({ duplicates: 2 });
    expect(reader.journalEnd()).toBe(2);
    expect(reads.oldest(planner.takeSeq())).toBeGreaterThan(2);
    expect(runner.health.state(clock.now(), 1000)).toEqual({ state: 'live', why: null });
  });

  it('of an older state does not take the place of a newer one', async () => {
    const { send, shownOf } = open();
    await send(order('a', '20260301', 2));
    expect(await send(order('a', '20260228', 1))).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(shownOf('a')).toBe(2);
    await send(order('a', '20260302', 3));
    expect(shownOf('a')).toBe(3);
  });

  it('keeps the bytes of what cannot be used, and goes on', async () => {
    const { send, shownOf, reader } = open();
    const counts = await send('!bad', order('a', '1', 5), '{"id":null}', '{"id":"deep","x":[[1]]}');
    expect(counts).toMatchObject({ status: 202, accepted: 2, quarantined: 2 });
    expect(shownOf('a')).toBe(5);
    const groups = [...reader.indexAll('quarantine')].map(({ key }) => key).sort();
    expect(groups).toEqual(['erp/order/E_IDOC', 'erp/order/E_RECORD_KEY']);
  });

  it('of which nothing can be used is refused, and nothing of it is kept', async () => {
    const { send, reader } = open();
    await expect(send('!bad', '!worse')).rejects.toMatchObject({
      code: 'E_IDOC',
      kind: 'contract',
    });
    await expect(send('broken')).rejects.toMatchObject({ code: 'E_IDOC' });
    expect(reader.journalEnd()).toBe(0);
  });

  it('is let in by the signature of its source, or by one who is trusted', async () => {
    const { intake, shownOf } = open();
    const body = Buffer.from(JSON.stringify(order('a', '1', 5)));
    const request = (signature: string) => ({
      ...{ method: 'POST', uri: '/v1/deliveries/erp', body },
      headers: { 'x-signature': signature },
    });
    expect(await intake.receive(source, request('00'), null)).toMatchObject({ status: 401 });
    expect(await intake.receive(undefined, request('00'), 'ada')).toMatchObject({ status: 404 });
    expect(shownOf('a')).toBeUndefined();
    const signature = createHmac('sha256', 'key').update(body).digest('hex');
    expect(await intake.receive(source, request(signature), null)).toMatchObject({ status: 202 });
    expect(await intake.receive(source, request('00'), 'ada')).toMatchObject({ duplicates: 1 });
  });

  it('is not taken when it could not be kept, or is too large', async () => {
    const { send, refuse, reader } = open();
    refuse(true);
    expect(await send(order('a', '1', 5))).toMatchObject({ status: 503 });
    refuse(false);
    expect(await send({ id: 'a', version: '1', x: 'x'.repeat(5000) })).toMatchObject({
      status: 413,
    });
    expect(reader.journalEnd()).toBe(0);
  });
});

describe('a folder', () => {
  const old = new Date('2026-03-01T11:00:00Z');

  function openWithFolder() {
    const opened = open();
    const path = join(newFolder(), 'drop');
    mkdirSync(path);
    const ports = { clock: opened.clock, log: silent } as unknown as EnginePorts;
    const options = {
      ...{ source, ports, folder: openDropFolder(path), runners: [opened.runner] },
      take: (from: EngineSource, body: Uint8Array) => opened.intake.take(from, body),
    };
    const intake = new FolderIntake(options);
    const put = (name: string, content: string, at = old) => {
      writeFileSync(join(path, name), content);
      utimesSync(join(path, name), at, at);
    };
    const look = async (times = 2) => {
      for (let time = 0; time < times; time += 1) await intake.look();
    };
    const names = (below = '') =>
      readdirSync(join(path, below)).filter((name) => name !== 'done' && name !== 'failed');
    return { ...opened, ...{ path, put, look, names, options } };
  }

  it('is emptied in the order of names, once nobody writes to its files any more', async () => {
    const { put, look, names, shownOf } = openWithFolder();
    put('2.xml', JSON.stringify(order('a', '1', 2)));
    put('1.XML', JSON.stringify(order('b', '1', 1)));
    await look(1);
    expect(names()).toEqual(['1.XML', '2.xml']);
    put('2.xml', JSON.stringify(order('a', '1', 22)));
    await look(1);
    expect([shownOf('b'), shownOf('a')]).toEqual([1, undefined]);
    await look(1);
    expect([shownOf('a'), names(), names('done')]).toEqual([22, [], ['1.XML', '2.xml']]);
  });

  it('leaves alone what is not for it', async () => {
    const { put, look, names, path, reader } = openWithFolder();
    const content = JSON.stringify(order('a', '1', 1));
    const others = ['.hidden.xml', 'a.xml.part', 'b.tmp', '~c.xml'];
    for (const name of others) put(name, content);
    put('empty.xml', '');
    mkdirSync(join(path, 'folder.xml'));
    symlinkSync(join(path, 'b.tmp'), join(path, 'link.xml'));
    await look(3);
    expect(names().sort()).toEqual([...others, 'empty.xml', 'folder.xml', 'link.xml'].sort());
    expect(reader.journalEnd()).toBe(0);
  });

  it('shows a file again that was kept but not moved, and it is one all the same', async () => {
    const { put, look, names, options, reader, path } = openWithFolder();
    const content = JSON.stringify(order('a', '1', 1));
    put('a.xml', content);
    const stuck = new FolderIntake({
      ...options,
      at: () => {
        throw new HeadraceError('cancelled', 'It stops here.', { code: 'E_CANCELLED' });
      },
    });
    await stuck.look();
    await expect(stuck.look()).rejects.toThrow('It stops here.');
    expect([reader.journalEnd(), names()]).toEqual([1, ['a.xml']]);
    await look();
    expect([reader.journalEnd(), names(), names('done')]).toEqual([1, [], ['a.xml']]);
    put('a.xml', content);
    await look();
    expect(names('done').sort()).toEqual(['a.xml', 'a.xml.2']);
    expect(readFileSync(join(path, 'done', 'a.xml.2'), 'utf8')).toBe(content);
  });

  it('puts what cannot be used aside with the reason, but not what may be half', async () => {
    const { put, look, names, path, clock, refuse } = openWithFolder();
    put('bad.xml', 'broken');
    put('large.xml', 'x'.repeat(5001));
    put('half.xml', 'broken', new Date(clock.now()));
    await look();
    expect([names(), names('done')]).toEqual([['half.xml'], []]);
    expect(readFileSync(join(path, 'failed', 'bad.xml.reason'), 'utf8')).toContain('E_IDOC');
    expect(existsSync(join(path, 'failed', 'large.xml.reason'))).toBe(true);
    refuse(true);
    put('half.xml', JSON.stringify(order('a', '1', 1)));
    await look(3);
    expect(names()).toEqual(['half.xml']);
    refuse(false);
    await look(1);
    expect(names('done')).toEqual(['half.xml']);
  });

  it('that is gone raises an alarm until it is back', async () => {
    const { look, path, runner } = openWithFolder();
    rmSync(path, { recursive: true });
    writeFileSync(path, 'a file');
    await expect(look(1)).rejects.toThrow();
    expect(runner.health.alarms()).toMatchObject([{ code: 'E_DROP_FOLDER' }]);
    rmSync(path);
    await look(1);
    expect(runner.health.alarms()).toEqual([]);
  });
});

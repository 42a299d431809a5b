import type { JsonObject } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { type EntryHeader, encodeHeader, leafHash } from '../audit/index.js';
import type { JournalRow, StoreReader } from '../storage/index.js';
import { type LineageSpec, openLineageOf } from './open-lineage.js';

const hourMs = 3_600_000;
const start = Date.UTC(2026, 2, 1, 8);
const canary = 'ada.canary@example.com';

/** A journal in memory. */
function journal() {
  const rows: JournalRow[] = [];
  const add = (kind: EntryHeader['kind'], name: string, minute: number, body: JsonObject) => {
    const [source = '', stream = ''] = name.split('/');
    const offset = rows.length;
    const header = encodeHeader({
      ...{ kind, gone: false, snapshot: false, imputed: false, unreadable: false, unnamed: false },
      unmapped: false,
      replayed: false,
      ...{ offset, previous: null, knownAt: start + minute * 60_000, eventAt: null },
      ...{ noticedAt: null, readAt: null, receivedAt: null, readSeq: 0, subject: null },
      ...{ id: Buffer.alloc(16), hash: Buffer.alloc(16), source, stream },
      ...{ key: kind === 'record' ? canary : '', version: null },
    });
    const bytes = Buffer.from(JSON.stringify(body));
    rows.push({ offset, header, body: bytes, sealed: null, leaf: leafHash(header, bytes, null) });
    return offset;
  };
  const reader = {
    journalEnd: () => rows.length,
    journalRange: (from: number, count: number) => rows.slice(from, from + count),
  } as unknown as StoreReader;
  return { add, reader };
}

const given: LineageSpec = {
  ...{ tenant: 'main', version: '0.1.0' },
  streams: new Map([
    ['erp/price', ['price']],
    ['shop/order', ['order', 'orderLine']],
  ]),
  flows: [{ name: 'prices', target: 'shop', reads: ['price'], writes: 'price' }],
  views: [{ name: 'demand', from: 'orderLine', description: 'Units.', values: ['units_7d'] }],
};

interface Told {
  readonly eventType?: string;
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run?: { readonly runId: string; readonly facets?: Record<string, JsonObject> };
  readonly job: { readonly namespace: string; readonly name: string };
  readonly inputs?: readonly Dataset[];
  readonly outputs?: readonly Dataset[];
}
interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly inputFacets?: Record<string, { rowCount: number; size: number }>;
  readonly outputFacets?: Record<string, { rowCount: number }>;
}

const told = (reader: StoreReader) => [...openLineageOf(reader, given)] as unknown as Told[];

function sample() {
  const { add, reader } = journal();
  add('record', 'erp/price', 1, { name: canary });
  add('record', 'shop/order', 2, {});
  add('record', 'erp/price', 59, {});
  add('record', 'erp/price', 61, {});
  add('heartbeat', 'erp/price', 62, { read: 'changes' });
  const items = ['a', 'b', canary].map((group) => ({ group, number: 1 }));
  const begun = add('outcome', 'shop/prices', 63, { action: 'begun', flow: 'prices', items });
  const end = (minute: number, group: string, kind: string, more: JsonObject = {}) =>
    add('outcome', 'shop/prices', minute, {
      ...{ action: 'ended', flow: 'prices', items: [{ group, kind, begun, ...more }] },
    });
  end(64, 'a', 'written');
  end(64, 'b', 'written');
  end(65, canary, 'parked', { code: 'E_FLOW_REFUSED', message: `no such mail ${canary}` });
  const second = add('outcome', 'shop/prices', 66, {
    ...{ action: 'begun', flow: 'prices', items: [{ group: 'a' }] },
  });
  add('outcome', 'shop/prices', 67, {
    ...{ action: 'ended', flow: 'prices' },
    items: [
      { group: 'a', kind: 'again', code: 'E_SERVER', begun: second },
      // What was only shown was never begun.
      { group: 'c', kind: 'shown' },
    ],
  });
  return reader;
}

describe('events of OpenLineage', () => {
  const events = told(sample());
  const runsOf = (name: string) => {
    const runs = new Map<string, Told[]>();
    for (const event of events.filter((one) => one.job.name === name)) {
      const id = event.run?.runId ?? '';
      runs.set(id, [...(runs.get(id) ?? []), event]);
    }
    return [...runs.values()];
  };
  const typesOf = (name: string) =>
    runsOf(name).map((run) => run.map(({ eventType }) => eventType));

  it('have what the specification demands of each', () => {
    expect(events.length).toBeGreaterThan(8);
    const facets: JsonObject[] = [];
    JSON.stringify(events, (name, value) => {
      if (/acets$/.test(name)) facets.push(...(Object.values(value) as JsonObject[]));
      return value;
    });
    expect(facets.length).toBeGreaterThan(20);
    for (const facet of facets) {
      expect(URL.canParse(String(facet['_producer']))).toBe(true);
      expect(String(facet['_schemaURL'])).toMatch(
        /^https:\/\/openlineage\.io\/spec\/.*#\/\$defs\//,
      );
    }
    for (const { eventTime, producer, schemaURL, run, job, ...event } of events) {
      expect(new Date(eventTime).toISOString()).toBe(eventTime);
      expect(URL.canParse(producer)).toBe(true);
      expect(job).toMatchObject({ namespace: 'headrace/main', name: expect.any(String) });
      for (const set of [...(event.inputs ?? []), ...(event.outputs ?? [])]) {
        expect(set).toMatchObject({ namespace: expect.any(String), name: expect.any(String) });
      }
      if (run === undefined) expect(schemaURL).toMatch(/JobEvent$/);
      else {
        expect(schemaURL).toMatch(/RunEvent$/);
        expect(run.runId).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }
    }
  });

  it('tell of each stream by the hour, the hour that goes on as running', () => {
    expect(typesOf('read.erp.price')).toEqual([
      ['START', 'COMPLETE'],
      ['START', 'RUNNING'],
    ]);
    expect(typesOf('read.shop.order')).toEqual([['START', 'COMPLETE']]);
    const [first] = runsOf('read.erp.price');
    expect(first?.[1]).toMatchObject({
      eventTime: new Date(start + 59 * 60_000).toISOString(),
      run: {
        facets: {
          nominalTime: {
            nominalStartTime: new Date(start).toISOString(),
            nominalEndTime: new Date(start + hourMs).toISOString(),
          },
          headrace_journal: { from: 0, to: 2, leaf: expect.stringMatching(/^[0-9a-f]{64}$/) },
        },
      },
      inputs: [{ namespace: 'headrace/main/erp', name: 'price', inputFacets: expect.anything() }],
      outputs: [{ namespace: 'headrace/main', name: 'price' }],
    });
    expect(first?.[1]?.inputs?.[0]?.inputFacets?.['inputStatistics']).toMatchObject({
      rowCount: 2,
    });
  });

  it('tell of each write of a flow, and how it ended', () => {
    expect(typesOf('flow.prices')).toEqual([
      ['START', 'COMPLETE'],
      ['START', 'FAIL'],
    ]);
    const [first, second] = runsOf('flow.prices').map((run) => run[1]);
    expect(first?.outputs).toMatchObject([
      {
        namespace: 'headrace/main/shop',
        name: 'price',
        outputFacets: { outputStatistics: { rowCount: 2 } },
      },
    ]);
    expect(first?.run?.facets?.['errorMessage']).toMatchObject({
      message: 'Not written: 1 × E_FLOW_REFUSED',
    });
    expect(second?.run?.facets?.['errorMessage']).toMatchObject({
      message: 'Not written: 1 × E_SERVER',
    });
  });

  it('tell what views are made of', () => {
    const view = events.find(({ job }) => job.name === 'view.demand');
    expect(view).toMatchObject({
      inputs: [{ namespace: 'headrace/main', name: 'orderLine' }],
      outputs: [{ name: 'view.demand', facets: { schema: { fields: [{ name: 'units_7d' }] } } }],
    });
  });

  it('are the same again, and name no key, value or message', () => {
    expect(told(sample())).toEqual(events);
    expect(JSON.stringify(events)).not.toContain(canary);
  });
});

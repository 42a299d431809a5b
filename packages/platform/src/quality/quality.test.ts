import type { EntityName } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../engine/index.js';
import type { WatchedStream } from './check-row.js';
import { Contracts } from './contracts.js';
import { FoldHarness, row } from './fold-harness.js';
import { Quality } from './quality.js';
import { qualityFold, type Watch } from './watch.js';

const start = 1_760_000_000_000;
const minute = 60_000;
const contracts = new Contracts({}, () => null);

function streamOf(source: string, stream: string, entity: EntityName): WatchedStream {
  const contract = contracts.of({ entity, source, stream, everyMs: 15_000 });
  return { source, stream, entities: [entity], feed: 'poll', everyMs: 15_000, quiet: [], contract };
}

/** Two systems whose streams are known whole as long as they are read. */
function world() {
  const streams = [
    streamOf('erp', 'stock', 'stock'),
    streamOf('erp', 'price', 'price'),
    streamOf('shop', 'stock', 'stock'),
    streamOf('shop', 'order', 'order'),
  ];
  const watch: Watch = {
    ...{ streams, contracts, coverage: [] },
    pairs: [
      {
        ...{ name: 'stock', kind: 'stock', a: { source: 'erp', stream: 'stock' } },
        ...{ b: { source: 'shop', stream: 'stock' }, graceMs: 5 * minute },
        ...{ toleranceMicros: 0, toleranceShareMicro: 0 },
      },
    ],
    leadingOf: (_entity, sources) => [...sources].sort(),
  };
  const harness = new FoldHarness(qualityFold(watch), start);
  const readAt = new Map(streams.map(({ source, stream }) => [`${source}/${stream}`, start]));
  const runners = new Map(
    [...readAt.keys()].map((name) => [
      name,
      {
        oldestNotice: null,
        health: {
          ...{ backfilled: true, hasCaughtUp: true },
          behindMs: (now: number) => now - (readAt.get(name) ?? 0),
        },
      },
    ]),
  );
  const engine = { reader: harness.reader, runners } as unknown as Engine;
  const clock = { now: () => harness.now };
  const quality = new Quality({ engine, clock: clock as never, watch });
  return {
    harness,
    quality,
    pass(ms: number, silent: readonly string[] = []) {
      harness.now += ms;
      for (const { source, stream } of streams) {
        if (silent.includes(source)) continue;
        readAt.set(`${source}/${stream}`, harness.now);
        harness.poll(source, stream);
      }
      harness.tick();
    },
    /** A process begins, to which every stream looks as if it had just been read. */
    restart() {
      for (const [name, { health }] of runners) {
        readAt.set(name, harness.now);
        health.hasCaughtUp = false;
      }
    },
    score: (input: string) => quality.inputs().find((one) => one.input === input)?.score,
  };
}

const stock = (value: string) => [
  row('stock', 'A/dc', { sku: 'A', onHand: { value, unit: 'C62' } }),
];

describe('readiness', () => {
  it('is no better after a start than before it, until a read has come to its end', () => {
    const { quality, pass, score, restart, harness } = world();
    pass(minute);
    const limitMs = contracts.of({ entity: 'stock', everyMs: 15_000 }).maxAgeMs;
    pass(limitMs + 1, ['erp']);
    expect(score('erp/stock')).toBe(0);
    restart();
    expect([score('erp/stock'), score('shop/stock')]).toEqual([0, 1]);
    expect(quality.writeHold(['stock'], 'shop')).toContain('erp/stock was last known whole');
    harness.now += 1000;
    expect(quality.inputs().find(({ input }) => input === 'erp/stock')?.ageMs).toBe(limitMs + 1001);
  });

  it('turns with the clock when a source stops, for what rests on it alone, and comes back', () => {
    const { quality, pass, score, harness } = world();
    pass(minute);
    expect(quality.inputs().map((input) => input.score)).toEqual([1, 1, 1, 1]);
    const limitMs = contracts.of({ entity: 'stock', everyMs: 15_000 }).maxAgeMs;
    pass(limitMs - 1, ['erp']);
    expect(score('erp/stock')).toBeGreaterThan(0);
    expect(quality.writeHold(['stock'], 'shop')).toBeNull();
    harness.now += 1000;
    expect(score('erp/stock')).toBe(0);
    expect(score('shop/stock')).toBeGreaterThan(0.9);
    expect(quality.gate([{ entity: 'stock' }]).verdict).toMatchObject({
      gate: 'hold',
      worstInput: { input: 'erp/stock', component: 'freshness' },
    });
    expect(quality.gate([{ entity: 'order' }]).verdict.gate).toBe('serve');
    expect(quality.writeHold(['stock'], 'shop')).toContain('erp/stock');
    expect(quality.writeHold(['order'], 'erp')).toBeNull();
    const [late] = quality.checks({ check: 'watermark-lag', target: 'erp/stock' });
    expect(late).toMatchObject({ state: 'alarm', culprit: 'erp' });
    pass(1000);
    expect(score('erp/stock')).toBe(1);
    expect(quality.gate([{ entity: 'stock' }]).verdict.gate).toBe('serve');
    expect(quality.writeHold(['stock'], 'shop')).toBeNull();
  });

  it('waits for the time of what is dated ahead, from the moment it is known', () => {
    const { harness, quality, pass, score } = world();
    for (let at = 0; at < 3; at += 1) {
      harness.record('erp', 'stock', `${at}`, stock('5'), { eventAt: harness.now - 1000 });
    }
    pass(minute);
    const hold = () => quality.writeHold(['stock'], 'shop');
    const gate = () => quality.gate([{ entity: 'stock', key: 'A/dc', source: 'erp' }]).verdict.gate;
    expect([score('erp/stock'), hold(), gate()]).toEqual([1, null, 'serve']);
    harness.record('erp', 'stock', '1', stock('4'), { eventAt: harness.now + 20_000 });
    expect([score('erp/stock'), hold()], 'clocks drift').toEqual([1, null]);
    harness.record('erp', 'stock', '2', stock('4'), { eventAt: harness.now + 90_000 });
    expect([score('erp/stock'), gate()]).toEqual([0, 'hold']);
    expect(hold()).toContain('ahead of our clock, by 90 s');
    expect([score('erp/price'), score('shop/stock')], 'others').toEqual([1, 1]);
    harness.now += 91_000;
    expect(hold()).toBeNull();
  });

  it('is not held for hours by one slip of a date', () => {
    const { harness, quality, pass } = world();
    harness.record('erp', 'stock', '1', stock('5'), { eventAt: harness.now - 1000 });
    pass(minute);
    const hold = () => quality.writeHold(['stock'], 'shop');
    harness.record('erp', 'stock', '2', stock('5'), { eventAt: harness.now + 60 * minute });
    expect(hold()).toBeNull();
  });

  it('holds a key whose value is suspect or contradicted, and no other', () => {
    const { quality, pass, harness } = world();
    const gateOf = (key: string) => quality.gate([{ entity: 'stock', key }]).verdict;
    harness.record('erp', 'stock', 'A', stock('10'));
    harness.record('shop', 'stock', 'A', stock('10'));
    pass(minute);
    expect(gateOf('A/dc').gate).toBe('serve');
    harness.record('erp', 'stock', 'A', stock('8'));
    pass(minute);
    expect(gateOf('A/dc').gate, 'it is on its way').toBe('serve');
    pass(6 * minute);
    expect(gateOf('A/dc')).toMatchObject({
      gate: 'hold',
      worstInput: { component: 'consistency' },
    });
    harness.record('shop', 'stock', 'A', stock('8'));
    pass(minute);
    expect(gateOf('A/dc').gate).toBe('serve');
    harness.record('erp', 'stock', 'A', stock('800'));
    expect(gateOf('A/dc')).toMatchObject({ gate: 'hold', worstInput: { component: 'validity' } });
    expect(gateOf('B/dc').gate, 'another key').toBe('serve');
  });
});

import { describe, expect, it } from 'vitest';
import type { CheckRow, WatchedStream } from './check-row.js';
import { volume } from './checks.js';
import { checkKey, checksPart, checkTable } from './checks-part.js';
import { Contracts } from './contracts.js';
import { coveragePart } from './coverage.js';
import { duplicatesPart } from './duplicates.js';
import { FoldHarness, row } from './fold-harness.js';
import type { PairSpec } from './pairs.js';
import { foldOf } from './part.js';
import { sequencesPart } from './sequences.js';
import {
  type Baseline,
  emptyBaseline,
  emptyFacts,
  hourOfWeek,
  type StreamFacts,
  streamFactsPart,
} from './stream-facts.js';
import { type Suspect, suspectTable, valueFactsPart } from './value-facts.js';

/** A Monday, 00:00 UTC. */
const start = Date.UTC(2026, 0, 5);
const minute = 60_000;
const contract = new Contracts({}, () => null).of({ entity: 'order', everyMs: 15_000 });

function watched(more: Partial<WatchedStream> = {}): WatchedStream {
  const base = {
    source: 'shop',
    stream: 'order',
    entities: ['order'],
    feed: 'poll',
    everyMs: 15_000,
  };
  return { ...base, quiet: [], contract, ...more } as WatchedStream;
}

function world(stream = watched(), pairs: readonly PairSpec[] = []) {
  const names = [`${stream.source}/${stream.stream}`];
  const spec = { streams: [stream], pairs, coverage: ['price' as const] };
  const parts = [
    streamFactsPart(names, stream.feed === 'snapshot' ? names : []),
    valueFactsPart(names, () => []),
    coveragePart(),
    sequencesPart(names),
    duplicatesPart(),
    checksPart(spec),
  ];
  const harness = new FoldHarness(foldOf('test', 1, parts), start);
  const check = (name: string, target = names[0] ?? '') =>
    harness.row<CheckRow>(checkTable.name, checkKey(name as never, target));
  let order = 1000;
  return {
    harness,
    check,
    /** Minutes pass; each is polled, ticked and brings so many new orders. */
    pass(minutes: number, perMinute: number, isPolled = true) {
      for (let at = 0; at < minutes; at += 1) {
        harness.now += minute;
        for (let made = 0; made < perMinute; made += 1) {
          order += 1;
          harness.record('shop', 'order', `o${order}`, [orderRow(order)], {
            eventAt: harness.now - 2000 - made,
          });
        }
        if (isPolled) harness.poll('shop', 'order', harness.now - 500);
        harness.tick();
      }
    },
    skip(count: number) {
      order += count;
    },
  };
}

function orderRow(no: number, more = {}) {
  return row('order', `nl/${no}`, { channel: 'nl', orderNo: `NL-${no}`, state: 'open', ...more });
}

describe('the checks of a stream', () => {
  it('take two looks before they alarm of a late watermark, and none to be well again', () => {
    const { pass, check } = world();
    pass(5, 1);
    expect(check('watermark-lag')?.state).toBe('ok');
    pass(1, 0, false);
    expect(check('watermark-lag')?.state).toBe('watch');
    pass(1, 0, false);
    expect(check('watermark-lag')).toMatchObject({ state: 'alarm', culprit: 'shop' });
    pass(1, 0);
    expect(check('watermark-lag')?.state).toBe('ok');
  });

  it('know that quiet is not dead, and that a system may sleep', () => {
    const quiet = [{ from: '00:10', to: '00:30', timeZone: 'UTC' }];
    const { pass, check } = world(watched({ quiet }));
    pass(9, 0);
    expect(check('watermark-lag')?.state).toBe('ok');
    pass(12, 0, false);
    expect(check('watermark-lag')?.state).toBe('quiet');
    pass(20, 0, false);
    expect(check('watermark-lag')?.state).toBe('alarm');
  });

  it('alarm of a feed that answers and says nothing, once chance cannot explain it', () => {
    const { pass, check } = world();
    pass(13 * 60, 2);
    expect(check('silence')?.state).toBe('ok');
    pass(5, 0);
    expect(check('silence')?.state).toBe('ok');
    pass(3, 0);
    expect(check('silence')?.state).toBe('alarm');
    expect(check('watermark-lag')?.state).toBe('ok');
    pass(1, 2);
    expect(check('silence')?.state).toBe('ok');
  });

  it('expect nothing new of a feed between two reads of it', () => {
    const { pass, check } = world();
    pass(13 * 60, 2);
    pass(20, 0, false);
    expect(check('silence')?.state).toBe('ok');
    expect(check('watermark-lag')?.state).toBe('alarm');
    pass(1, 0);
    expect(check('silence')?.state).toBe('alarm');
  });

  it('count what was changed in one moment as one act, for acts are what can fail to come', () => {
    const { harness, pass, check } = world();
    const campaign = (at: number) => {
      for (let no = 0; no < 40; no += 1) {
        const eventAt = harness.now - 2000;
        harness.record('shop', 'order', `p${no}`, [orderRow(no, { note: at })], { eventAt });
      }
    };
    for (let hour = 0; hour < 26; hour += 1) {
      campaign(hour);
      pass(60, 0);
    }
    pass(10 * 60, 0);
    expect(check('silence')?.state, 'ten campaigns may fail to come').toBe('ok');
    pass(5 * 60, 0);
    expect(check('silence')?.state).toBe('alarm');
    expect(check('volume')?.state).toBe('learning');
  });

  it.each([
    ['poll', 60, 'alarm'],
    ['snapshot', 560, 'ok'],
  ] as const)('count what a read of everything shows as %s feeds tell it', (feed, news, state) => {
    const { harness, pass, check } = world(watched({ feed }));
    pass(13 * 60, 1);
    pass(59, 1);
    const old = { snapshot: true, eventAt: start };
    for (let no = 0; no < 500; no += 1) {
      const changed = orderRow(1001 + no, { note: 'found' });
      harness.record('shop', 'order', `o${1001 + no}`, [changed], old);
    }
    pass(1, 1);
    expect(harness.row<StreamFacts>('quality_stream', 'shop/order')).toMatchObject({
      closed: { news },
    });
    // Of a feed that goes silent they are no sign of life either.
    pass(10, 0);
    harness.record('shop', 'order', 'o1001', [orderRow(1001, { note: 'again' })], old);
    pass(6, 0);
    expect(check('silence')?.state).toBe(state);
  });

  it('name numbers that were passed over, until they come', () => {
    const { pass, skip, check, harness } = world();
    pass(60, 1);
    skip(2);
    pass(30, 1);
    expect(check('sequence')?.state).toBe('ok');
    pass(60, 1);
    expect(check('sequence')).toMatchObject({ state: 'alarm', value: 2 });
    expect(check('sequence')?.evidence).toEqual(['NL-1061', 'NL-1062']);
    harness.record('shop', 'order', 'o1061', [orderRow(1061)]);
    // One that was there without its number is there with it.
    harness.record('shop', 'order', 'o1062', []);
    harness.record('shop', 'order', 'o1062', [orderRow(1062)]);
    pass(1, 1);
    expect(check('sequence')?.state).toBe('ok');
  });

  it('give a system that takes over numbers of another as long as it is given to follow', () => {
    const orders: PairSpec = {
      ...{ name: 'orders', kind: 'orders', a: { source: 'web', stream: 'order' } },
      b: { source: 'shop', stream: 'order' },
      ...{ toleranceMicros: 0, toleranceShareMicro: 0, graceMs: 3 * 60 * minute },
    };
    const { pass, skip, check } = world(watched(), [orders]);
    pass(60, 1);
    skip(1);
    pass(120, 1);
    expect(check('sequence')?.state).toBe('ok');
    pass(65, 1);
    expect(check('sequence')).toMatchObject({ state: 'alarm', value: 1 });
  });

  it('miss no number that was read with everything else', () => {
    const { pass, skip, check, harness } = world();
    harness.record('shop', 'order', 'first', [orderRow(1003)], { snapshot: true });
    pass(60, 1);
    skip(1);
    pass(1, 1);
    harness.record('shop', 'order', 'o1061', [orderRow(1061)], { snapshot: true });
    pass(120, 1);
    expect(check('sequence')).toMatchObject({ state: 'ok', value: 0 });
  });

  it('learn how long numbers take that are made late, and learn nothing of those found late', () => {
    const late = (isMadeLate: boolean) => {
      const { pass, skip, check, harness } = world();
      pass(200, 1);
      let next = 1201;
      const passOver = (minutes: number) => {
        const [no, at] = [next, harness.now];
        skip(1);
        pass(minutes, 1);
        next += minutes + 1;
        return { no, at };
      };
      for (let time = 0; time < 4; time += 1) {
        const { no, at } = passOver(120);
        const eventAt = isMadeLate ? harness.now : at - minute;
        harness.record('shop', 'order', `o${no}`, [orderRow(no)], { eventAt });
      }
      passOver(120);
      return check('sequence')?.state;
    };
    expect(late(true)).toBe('ok');
    expect(late(false)).toBe('alarm');
  });

  it('are well again once a feed that is read whole each time was read whole', () => {
    const { pass, check, harness } = world();
    harness.entry('pass', { pass: 'end', result: 'held', received: 0, missing: 40 });
    pass(1, 0);
    expect(check('count')).toMatchObject({ state: 'alarm', value: 40 });
    harness.entry('heartbeat', { read: 'snapshot', received: 40, through: harness.now });
    pass(1, 0);
    expect(check('count')?.state).toBe('ok');
  });

  it('see what comes broken of late, however much is known', () => {
    const { pass, check, harness } = world();
    pass(120, 25);
    expect(check('quarantine')?.state).toBe('ok');
    pass(60, 0);
    for (let no = 0; no < 6; no += 1) {
      harness.record('shop', 'order', `bad${no}`, [], { fault: 'currency' });
      harness.record('shop', 'order', `odd${no}`, [
        orderRow(no, { totalNet: { amount: '5', currency: 'EUR' } }),
      ]);
    }
    pass(2, 0);
    expect(check('quarantine')).toMatchObject({ state: 'alarm', value: 6, limit: 15 });
    expect(check('structure')?.state).toBe('alarm');
  });

  it('see records that are there and say nothing any more', () => {
    const { pass, check, harness } = world();
    const keys = Array.from({ length: 20 }, (_, at) => `c${at}`);
    for (const key of keys) harness.record('shop', 'order', key, [row('customer', key, {})]);
    pass(1, 0);
    for (const key of keys.slice(0, 10)) harness.record('shop', 'order', key, []);
    pass(2, 0);
    expect(check('structure')).toMatchObject({ state: 'alarm', value: 0 });
    expect(check('structure')?.why).toContain('it says nothing any more');
  });

  it('see times ahead of our clock at the next tick', () => {
    const { pass, check, harness } = world();
    pass(5, 1);
    for (const key of ['a', 'b']) {
      harness.record('shop', 'order', key, [orderRow(1)], { eventAt: harness.now + 90_000 });
    }
    pass(1, 0);
    expect(check('clock')).toMatchObject({ state: 'alarm', value: 90_000 });
  });

  it('compare a closed hour with the same hour of past weeks', () => {
    const closed = { hour: 500, lagP95: null, lagCount: 0 };
    const facts = (news: number) => ({ ...emptyFacts(start), closed: { ...closed, news } });
    const base = (...past: number[]): Baseline => ({
      ...emptyBaseline(),
      weeks: { [hourOfWeek(500)]: [...past, 0] },
    });
    expect(volume(facts(60), base(60, 58)).verdict, 'two weeks tell nothing').toBe('learning');
    expect(volume(facts(70), base(60, 58, 64)).verdict, 'chance').toBe('ok');
    expect(volume(facts(180), base(60, 58, 64)).verdict).toBe('bad');
    expect(volume(facts(0), base(60, 58, 64)).verdict).toBe('bad');
    expect(volume(facts(4), base(0, 0, 0)).verdict, 'a handful is no flood').toBe('ok');
    const wild = { ...base(60, 58, 64), residuals: Array.from({ length: 50 }, () => 500) };
    expect(volume(facts(120), wild).verdict, 'a stream that scatters').toBe('ok');
  });

  it('see a flood before weeks are known', () => {
    const brought = (news: number) => ({
      ...emptyFacts(start),
      closed: { hour: start / 3_600_000, news, lagP95: null, lagCount: 0 },
    });
    const day = (hours: number, news: number): Baseline => ({
      ...emptyBaseline(),
      recent: [...Array.from({ length: hours - 1 }, (_, hour) => 2 + (hour % 12) * 3), news],
    });
    expect(volume(brought(432), day(24, 432))).toMatchObject({ verdict: 'bad', strikes: 1 });
    expect(volume(brought(432), day(23, 432)).verdict, 'half a day tells nothing').toBe('learning');
    expect(volume(brought(100), day(24, 100)).verdict, 'a busy hour').toBe('learning');
    const idle = { ...day(24, 12), recent: Array.from({ length: 24 }, () => 0) };
    expect(volume(brought(12), idle).verdict, 'a handful is no flood').toBe('learning');
  });

  it('keep at most a day of readings and the reason', () => {
    const { pass, check } = world();
    pass(26 * 60, 0);
    const kept = check('watermark-lag');
    expect(kept?.points.length).toBeGreaterThan(50);
    expect(kept?.points.length).toBeLessThanOrEqual(96);
  });
});

describe('values', () => {
  const price = (amount: string, currency = 'EUR') =>
    row('price', `A/nl/${currency}/-/-/-/-/-`, {
      sku: 'A',
      channel: 'nl',
      currency,
      basis: 'gross',
      list: { amount, currency },
    });
  const stock = (value: string) =>
    row('stock', 'A/dc', { sku: 'A', onHand: { value, unit: 'C62' } });
  const suspectOf = (harness: FoldHarness, entity: string, key: string) =>
    harness.row<Suspect>(suspectTable.name, `${entity}/${key}|shop`);

  it.each([
    ['a price a hundred times as high', price('10.00'), price('1000.00'), 'scale'],
    ['a price in another currency', price('10.00'), price('10.00', 'USD'), 'currency'],
    ['stock counted in dozens', stock('120'), stock('10'), 'scale'],
  ])('are suspect in the step that brings %s', (_name, before, after, kind) => {
    const { harness, pass, check } = world();
    harness.record('shop', 'order', 'A', [before]);
    harness.record('shop', 'order', 'A', [after]);
    expect(suspectOf(harness, after.entity, after.key)).toMatchObject({ kind, cleared: null });
    pass(1, 0);
    expect(check('drift')?.state).toBe('alarm');
  });

  it('are no more suspect once they jumped back, are gone or were confirmed', () => {
    const jump = () => {
      const { harness } = world();
      harness.record('shop', 'order', 'A', [price('10.00')]);
      harness.record('shop', 'order', 'A', [price('1000.00')]);
      return harness;
    };
    const key = price('10.00').key;
    const back = jump();
    back.record('shop', 'order', 'A', [price('1050.00')]);
    expect(suspectOf(back, 'price', key)?.cleared).toBeNull();
    back.record('shop', 'order', 'A', [price('10.00')]);
    expect(suspectOf(back, 'price', key)?.cleared).toBe('it jumped back');
    const gone = jump();
    gone.record('shop', 'order', 'A', []);
    expect(suspectOf(gone, 'price', key)?.cleared).toBe('it is gone');
    const confirmed = jump();
    confirmed.control({
      action: 'confirm-value',
      principal: 'ann',
      entity: 'price',
      key,
      source: 'shop',
      stream: 'order',
    });
    expect(suspectOf(confirmed, 'price', key)?.cleared).toBe('confirmed by ann');
  });

  it('are no more suspect either where some were sold on the way back, or a currency is back', () => {
    const { harness, pass, check } = world();
    for (const value of ['100', '1200', '97']) harness.record('shop', 'order', 'A', [stock(value)]);
    expect(suspectOf(harness, 'stock', 'A/dc')?.cleared).toBe('it jumped back');
    for (const currency of ['EUR', 'USD', 'EUR']) {
      harness.record('shop', 'order', 'P', [price('10.00', currency)]);
    }
    pass(2, 0);
    expect(check('drift')?.state).toBe('ok');
  });

  it('may move as trade moves them', () => {
    const { harness } = world();
    const pairs: readonly (readonly [ReturnType<typeof row>, ReturnType<typeof row>])[] = [
      [price('10.00'), price('5.00')],
      [price('10.00'), price('100.00')],
      [stock('4'), stock('48')],
      [stock('7'), stock('95')],
    ];
    for (const [before, after] of pairs) {
      harness.record('shop', 'order', 'A', [before]);
      harness.record('shop', 'order', 'A', [after]);
      expect(suspectOf(harness, after.entity, after.key)).toBeUndefined();
    }
  });

  it('that are missing where they never were are drift', () => {
    const { harness, pass, check } = world();
    for (let no = 0; no < 300; no += 1) {
      if (no % 20 === 0) pass(1, 0);
      harness.record('shop', 'order', `x${no}`, [orderRow(no, { paymentMethod: 'card' })]);
    }
    pass(60, 0);
    expect(check('drift')?.state).toBe('ok');
    for (let no = 300; no < 320; no += 1) harness.record('shop', 'order', `x${no}`, [orderRow(no)]);
    pass(2, 0);
    expect(check('drift')).toMatchObject({ state: 'alarm' });
    expect(check('drift')?.why).toContain('order.paymentMethod is empty');
  });

  it('that the lines of one order lack together are one sign and not many', () => {
    const { harness, pass, check } = world();
    const order = (no: number, lines: number, more: object) => {
      const rows = Array.from({ length: lines }, (_, at) =>
        row('orderLine', `nl/${no}/${at}`, { orderNo: `NL-${no}`, ...more }),
      );
      harness.record('shop', 'order', `x${no}`, rows);
    };
    for (let no = 0; no < 300; no += 1) {
      if (no % 20 === 0) pass(1, 0);
      order(no, 2, no % 10 < 7 ? { customerId: 'c' } : {});
    }
    pass(60, 0);
    for (let no = 300; no < 312; no += 1) order(no, 8, no % 2 === 0 ? { customerId: 'c' } : {});
    pass(2, 0);
    expect(check('drift')?.state).toBe('ok');
  });

  it('that the variants of some products lack are no drift once it is known that they lack them together', () => {
    const { harness, pass, check } = world();
    // Of each product six variants, and one product in eight has no weight; then two such at once.
    const product = (no: number, isFull: boolean) => {
      for (let at = 0; at < 6; at += 1) {
        const more = isFull ? { weightKilograms: '1' } : {};
        harness.record('shop', 'order', `v${no}/${at}`, [row('variant', `v${no}-${at}`, more)]);
      }
    };
    for (let no = 0; no < 160; no += 1) {
      product(no, no % 8 !== 0);
      pass(15, 0);
    }
    for (const no of [200, 201]) product(no, false);
    pass(3, 0);
    expect(check('drift')?.state).toBe('ok');
    for (let no = 300; no < 330; no += 1) {
      product(no, false);
      pass(1, 0);
    }
    expect(check('drift')?.why).toContain('variant.weightKilograms is empty');
  });

  it('that a record gets in time are no drift, where all that was imported has them', () => {
    const { harness, pass, check } = world();
    for (let no = 0; no < 300; no += 1) {
      if (no % 20 === 0) pass(1, 0);
      const shipped = orderRow(no, { paidAt: '2026-01-01T00:00:00Z' });
      harness.record('shop', 'order', `x${no}`, [shipped], { imputed: true });
    }
    pass(60, 0);
    for (let no = 300; no < 420; no += 1) {
      if (no % 20 === 0) pass(1, 0);
      harness.record('shop', 'order', `x${no}`, [orderRow(no)]);
    }
    pass(2, 0);
    expect(check('drift')?.state).toBe('ok');
  });

  it('of a variant are counted as they appear and go', () => {
    const { harness, pass, check } = world();
    const listing = (sku: string) => row('listing', `${sku}/nl`, { sku, channel: 'nl' });
    for (const sku of ['A', 'B'])
      harness.record('shop', 'order', sku, [listing(sku), row('variant', sku, { sku })]);
    harness.record('shop', 'order', 'pA', [price('1.00')]);
    pass(2, 0);
    expect(check('coverage', 'price')).toMatchObject({ state: 'alarm', value: 500_000 });
    harness.record('shop', 'order', 'B', []);
    pass(1, 0);
    expect(check('coverage', 'price')).toMatchObject({ state: 'ok', value: 1_000_000 });
  });
});

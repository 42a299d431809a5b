/**
 * Levels keys on which two systems differ, the normal way: what stands behind them is read again at both,
 * and where that does not level them, the loss lies between what we know and what the target shows. There
 * the flows to either look at exactly these keys, and write what is missing as far as they may.
 *
 *   marked ─▶ read again ─▶ level
 *       │           └─────▶ still apart ─▶ marked for the flows
 *       └─▶ cannot be read in time: left to the next heal
 */
import type { Clock, EntityName, Timers } from '@headrace/sdk';
import type { Engine } from '../engine/index.js';
import type { Flows, Statement } from '../flows/index.js';
import { type PairKind, type PairRow, type PairSpec, pairRowKey, pairTable } from './pairs.js';
import { type Reconciler, readAgain } from './reconcile.js';

/** What was done: records that are read again, and groups of flows that are looked at again. */
export interface Healed {
  readonly keys: number;
  readonly read: number;
  readonly again: number;
}

export interface HealerOptions {
  readonly engine: Engine;
  readonly reconciler: Reconciler;
  readonly flows: Pick<Flows, 'lookAgain'>;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Who cannot be read for so long is read when it can be; nobody waits for that with a question open. */
const rereadMaxMs = 10_000;
const namedMax = 100;
const chunkMax = 500;

export class Healer {
  readonly #options: HealerOptions;

  constructor(options: HealerOptions) {
    this.#options = options;
  }

  async heal(pair: PairSpec, keys: readonly string[], principal: string): Promise<Healed> {
    const { engine, reconciler, flows, clock, timers } = this.#options;
    const records = reconciler.recordsOf(pair, keys);
    const { count, done } = await readAgain(engine.runners, records, clock.now());
    const body = {
      pair: pair.name,
      keys: keys.slice(0, namedMax),
      count: keys.length,
      read: count,
    };
    await engine.control(principal, 'heal', body);
    const isRead = await inTime(done, timers);
    const apart = isRead ? this.#apart(pair, keys) : [];
    const targets = [pair.a.source, pair.b.source];
    const again = await flows.lookAgain(apart, { principal }, targets);
    return { keys: keys.length, read: count, again };
  }

  /** What is stated of those of these keys on which the two still differ. */
  #apart(pair: PairSpec, keys: readonly string[]): Statement[] {
    const { reader } = this.#options.engine;
    const prefix = pairRowKey(pair.name, '');
    const found: Statement[] = [];
    for (let at = 0; at < keys.length; at += chunkMax) {
      const names = keys.slice(at, at + chunkMax).map((key) => prefix + key);
      for (const { key, value } of reader.rows(pairTable.name, names)) {
        const row = JSON.parse(value) as PairRow;
        if (row.since !== null) found.push(...statementsOf(pair, key.slice(prefix.length), row));
      }
    }
    return found;
  }
}

/** Whether it was done before the time was over; the other of the two is called off. */
async function inTime(
  done: (signal: AbortSignal) => Promise<void>,
  timers: Timers,
): Promise<boolean> {
  const over = new AbortController();
  const end = new AbortController();
  const limit = timers.sleep(rereadMaxMs, end.signal).then(
    () => over.abort(),
    () => undefined,
  );
  await done(over.signal);
  end.abort();
  await limit;
  return !over.signal.aborted;
}

/** What the rows of either side are of. */
const rowEntities: Readonly<Record<PairKind, Readonly<Record<'a' | 'b', EntityName>>>> = {
  stock: { a: 'stock', b: 'stock' },
  price: { a: 'price', b: 'price' },
  orders: { a: 'order', b: 'order' },
  returns: { a: 'returnLine', b: 'stockMovement' },
  refunds: { a: 'return', b: 'refund' },
};

function statementsOf({ kind }: PairSpec, key: string, row: PairRow): Statement[] {
  // Its rows are whole records.
  if (kind === 'orders') return [{ entity: 'order', key }];
  return (['a', 'b'] as const).flatMap((side) =>
    Object.entries(row[side]?.rows ?? {}).flatMap(([name, says]) =>
      // What open orders hold of a variant is stated by no row of stock.
      says['open'] === undefined ? [{ entity: rowEntities[kind][side], key: name }] : [],
    ),
  );
}

/**
 * What can go wrong with a connected system, one kind after the other. A fault changes what a system
 * answers from one moment to another; what is true in its books stays, unless something has to happen
 * there for the fault to show. Each draws its target by chance, from a seed.
 *
 *   none ─(begin)─▶ standing ─(end)─▶ over, what was spoilt is read again ─▶ none
 *
 * *Detected* is a fault when an alert is raised while it stands whose target is one of `targets`: a
 * stream it touches, or a pair of systems the stream takes part in. An alert of anything else is noted
 * beside it and is no detection. *Right* is the culprit when the first of these alerts names the system
 * whose answers were changed.
 */
import type { Seeded } from '../shared/seeded.js';
import type { World } from './world.js';

export type Row = Record<string, unknown>;

/** How long a check needs to be told from chance or from what is on its way, beside poll and transit. */
export type Bucket =
  /** It is judged at the next look. */
  | 'look'
  /** A stream is given three missed reads. */
  | 'patience'
  /** An hour has to bring enough of it. */
  | 'hour'
  /** A whole hour has to be over. */
  | 'closed-hour'
  /** By the quietest of the same hours, as many changes are missed as make chance impossible. */
  | 'silence'
  /** Two systems are given time to follow each other. */
  | 'settled'
  /** A number may come late by an hour. */
  | 'sequence';

export interface Fault {
  /** What was chosen, for the reader. */
  readonly what: string;
  /** Stream whose times say how long it takes to us. */
  readonly stream: string;
  readonly targets: readonly string[];
  readonly culprit: 'erp' | 'shop';
  readonly bucket: Bucket;
  begin(): Promise<void>;
  end(): Promise<void>;
}

export interface FaultKind {
  readonly name: string;
  /** Nothing is wrong with the data: no alert may be raised. */
  readonly isHarmless?: true;
  make(world: World, chance: Seeded): Promise<Fault>;
}

export type System = 'erp' | 'shop';

export interface Feed {
  readonly system: System;
  readonly stream: string;
  /** Name of the set or entity, as requests say it. */
  readonly entity: string;
  key(row: Row): string;
  /** When the row changed, ms. */
  changedAt(row: Row): number;
  /** When anything changed that is told with it, ms: of an order, a parcel that left. */
  toldAt(row: Row): number;
  shiftTimes(row: Row, ms: number): Row;
}

export const text = (value: unknown) => String(value ?? '');
export const odataTime = /^\/Date\((-?\d+)/;
export const odataMs = (value: unknown) => Number(odataTime.exec(text(value))?.[1] ?? Number.NaN);

export const erpFeed = (stream: string, entity: string, key: string): Feed => ({
  ...{ system: 'erp', stream: `erp/${stream}`, entity },
  key: (row) => text(row[key]),
  changedAt: (row) => odataMs(row['LastChangeDateTime']),
  toldAt: (row) => odataMs(row['LastChangeDateTime']),
  shiftTimes: (row, ms) => ({
    ...row,
    LastChangeDateTime: `/Date(${odataMs(row['LastChangeDateTime']) + ms}+0000)/`,
  }),
});

export const shopTimes = ['createdAt', 'updatedAt'] as const;
export const shopFeed = (stream: string, entity: string): Feed => ({
  ...{ system: 'shop', stream: `shop/${stream}`, entity },
  key: (row) => text(row['id']),
  changedAt: ownTime,
  toldAt: latestIn,
  shiftTimes: (row, ms) => ({
    ...row,
    ...Object.fromEntries(
      shopTimes
        .filter((name) => typeof row[name] === 'string')
        .map((name) => [name, new Date(Date.parse(text(row[name])) + ms).toISOString()]),
    ),
  }),
});

function ownTime(row: Row): number {
  return Math.max(...shopTimes.map((name) => Date.parse(text(row[name] ?? 0)) || 0));
}

/** The shop notes a change where it is made: that a parcel left, in the delivery and not in its order. */
function latestIn(row: Row): number {
  const within = Object.values(row)
    .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []))
    .filter((value): value is Row => typeof value === 'object' && value !== null);
  return Math.max(ownTime(row), ...within.map(latestIn));
}

export const erpOrders = erpFeed('order', 'A_SalesOrder', 'SalesOrder');
export const erpPrices = erpFeed('price', 'A_SlsPrcgConditionRecord', 'ConditionRecord');
export const erpStock = erpFeed('stock', 'A_MaterialStock', 'Material');
export const shopOrders = shopFeed('order', 'order');
export const shopProducts = shopFeed('product', 'product');
export const shopStock = shopFeed('stock', 'product');
export const orderFeeds = [erpOrders, shopOrders];

/** Answers of one feed, changed row by row; the keys that were changed are read again afterwards. */
export class Spoiled {
  readonly keys = new Set<string>();
  readonly #world: World;
  readonly #feed: Feed;
  #id: string | null = null;

  constructor(world: World, feed: Feed) {
    this.#world = world;
    this.#feed = feed;
  }

  /** @param change What is answered instead of a row; the row itself where nothing is wrong with it. */
  begin(change: (row: Row) => readonly Row[]): void {
    const { entity } = this.#feed;
    this.beginPage((rows) => rows.flatMap((row) => change(row)), entity);
  }

  beginPage(change: (rows: readonly Row[]) => readonly Row[], entity = this.#feed.entity): void {
    const { faults } = this.#world.emulators;
    this.#id = faults.add({
      ...{ kind: 'rows', scope: entity },
      rows: (rows, asked) => {
        if (asked !== entity) return rows;
        const own = rows as readonly Row[];
        const changed = change(own);
        const left = new Set(changed);
        for (const row of own) if (!left.has(row)) this.keys.add(this.#feed.key(row));
        const known = new Set(own);
        for (const row of changed) if (!known.has(row)) this.keys.add(this.#feed.key(row));
        return changed as Row[];
      },
    }).id;
  }

  async end(): Promise<void> {
    if (this.#id !== null) this.#world.emulators.faults.remove(this.#id);
    await readAgain(this.#world, this.#feed.stream, [...this.keys]);
  }
}

/** As a person heals it: the records are asked for by key. */
export async function readAgain(
  world: World,
  stream: string,
  keys: readonly string[],
): Promise<void> {
  const runner = world.platform.engine.runners.get(stream);
  if (runner?.isAsked !== true || keys.length === 0) return;
  await runner.mark(keys, world.time.now);
}

export const pick = <T>(list: readonly T[], chance: Seeded): T =>
  list[chance.below(list.length)] as T;

/** Different ones. */
export function several<T>(list: readonly T[], count: number, chance: Seeded): T[] {
  const left = [...list];
  const found: T[] = [];
  while (found.length < count && left.length > 0) {
    found.push(...left.splice(chance.below(left.length), 1));
  }
  return found;
}

export const streamsOf = (world: World, system: System) =>
  world.platform.quality.watch.streams
    .filter(({ source }) => source === system)
    .map(({ source, stream }) => `${source}/${stream}`);

export const pairsOf = (world: World, stream: string) =>
  world.platform.quality.watch.pairs
    .filter(({ a, b }) => [a, b].some((side) => `${side.source}/${side.stream}` === stream))
    .map(({ name }) => name);

export const around = (world: World, feed: Feed) => [feed.stream, ...pairsOf(world, feed.stream)];

/** Skus that have enough of everything to be told from each other. */
export async function skusOf(world: World, least = 20): Promise<string[]> {
  const sums = new Map<string, number>();
  for (const { sku, onHand } of await world.ledger('stock')) {
    sums.set(text(sku), (sums.get(text(sku)) ?? 0) + Number(onHand ?? 0));
  }
  return [...sums].filter(([, units]) => units >= least).map(([sku]) => sku);
}

export const feedFault = (
  world: World,
  feed: Feed,
  rest: Pick<Fault, 'what' | 'bucket'> & { readonly targets?: readonly string[] },
  change: (row: Row) => readonly Row[],
  first: () => Promise<void> = async () => undefined,
): Fault => {
  const spoiled = new Spoiled(world, feed);
  return {
    ...{ stream: feed.stream, culprit: feed.system, targets: around(world, feed), ...rest },
    async begin() {
      spoiled.begin(change);
      await first();
    },
    end: () => spoiled.end(),
  };
};

export const boardFault = (
  world: World,
  order: Parameters<World['emulators']['faults']['add']>[0],
  rest: Omit<Fault, 'begin' | 'end'>,
): Fault => {
  let id = '';
  return {
    ...rest,
    async begin() {
      id = world.emulators.faults.add(order).id;
    },
    async end() {
      world.emulators.faults.remove(id);
    },
  };
};

/** Numbers anywhere below one of these names, multiplied. */
export function multiplied(
  value: unknown,
  names: readonly string[],
  by: number,
  isIn = false,
): unknown {
  if (Array.isArray(value)) return value.map((one) => multiplied(one, names, by, isIn));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        name,
        multiplied(one, names, by, names.includes(name) || (isIn && !notAmounts.has(name))),
      ]),
    );
  }
  if (!isIn) return value;
  if (typeof value === 'number') return Math.round(value * by * 100) / 100;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) {
    return (Number(value) * by).toFixed(value.split('.')[1]?.length ?? 0);
  }
  return value;
}

export const notAmounts = new Set(['percentage', 'taxRate', 'currencyId']);

export const quantity = 'MatlWrhsStkQtyInMatlBaseUnit';

/** Rows of stock of one material, with its sum made another one. */
export function withStock(feed: Feed, row: Row, change: (units: number) => number): Row {
  if (feed.system === 'shop') {
    const [stock, available] = [Number(row['stock']), Number(row['availableStock'])];
    const to = change(stock);
    return { ...row, stock: to, availableStock: available + to - stock };
  }
  const below = (row['to_MatlStkInAcctMod'] as { results?: Row[] } | undefined)?.results ?? [];
  const results = below.map((one) => ({
    ...one,
    [quantity]: change(Number(one[quantity])).toFixed(3),
  }));
  return { ...row, to_MatlStkInAcctMod: { results } };
}

export const skuIn = (feed: Feed, row: Row) =>
  text(row[feed.system === 'erp' ? 'Material' : 'productNumber']);

export const isStockRow = (row: Row) => row['stock'] !== undefined || row['Material'] !== undefined;

/** Prices of what is sold. A product with variants has tiers of its own in the books, and sells nothing. */
const basePrices = async (world: World) =>
  (await world.ledger('prices')).filter(
    (row) => row['kind'] === 'base' && row['grossMinor'] != null,
  );

export const inMinorUnits = async (world: World, sku: string): Promise<number> => {
  const found = (await basePrices(world)).find((row) => row['sku'] === sku);
  return Number(found?.['grossMinor'] ?? 5000);
};

/** A price that is set in the shop: seen there at once, and in the ERP somewhat later. */
export async function setPrice(world: World, sku: string, factor: number): Promise<void> {
  const grossMinor = Math.round((await inMinorUnits(world, sku)) * factor);
  await world.command({ kind: 'set-price', sku, grossMinor });
}

export const pricedSkus = async (world: World): Promise<string[]> => [
  ...new Set((await basePrices(world)).map(({ sku }) => text(sku))),
];

/** The first so many records that are new from now on. */
export function newcomers(world: World, feed: Feed, count: number): (row: Row) => boolean {
  const chosen = new Set<string>();
  const { reader } = world.platform.engine;
  return (row) => {
    const key = feed.key(row);
    if (chosen.has(key)) return true;
    if (chosen.size >= count) return false;
    if (reader.row('record', `${feed.stream}/${key}`) !== undefined) return false;
    chosen.add(key);
    return true;
  };
}

export const amountOf = (feed: Feed) => (feed.system === 'erp' ? 'TotalNetAmount' : 'amountTotal');

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

type System = 'erp' | 'shop';

interface Feed {
  readonly system: System;
  readonly stream: string;
  /** Name of the set or entity, as requests say it. */
  readonly entity: string;
  key(row: Row): string;
  /** When the row changed, ms. */
  changedAt(row: Row): number;
  shiftTimes(row: Row, ms: number): Row;
}

const text = (value: unknown) => String(value ?? '');
const odataTime = /^\/Date\((-?\d+)/;
const odataMs = (value: unknown) => Number(odataTime.exec(text(value))?.[1] ?? Number.NaN);

const erpFeed = (stream: string, entity: string, key: string): Feed => ({
  ...{ system: 'erp', stream: `erp/${stream}`, entity },
  key: (row) => text(row[key]),
  changedAt: (row) => odataMs(row['LastChangeDateTime']),
  shiftTimes: (row, ms) => ({
    ...row,
    LastChangeDateTime: `/Date(${odataMs(row['LastChangeDateTime']) + ms}+0000)/`,
  }),
});

const shopTimes = ['createdAt', 'updatedAt'] as const;
const shopFeed = (stream: string, entity: string): Feed => ({
  ...{ system: 'shop', stream: `shop/${stream}`, entity },
  key: (row) => text(row['id']),
  changedAt: (row) => Math.max(...shopTimes.map((name) => Date.parse(text(row[name] ?? 0)) || 0)),
  shiftTimes: (row, ms) => ({
    ...row,
    ...Object.fromEntries(
      shopTimes
        .filter((name) => typeof row[name] === 'string')
        .map((name) => [name, new Date(Date.parse(text(row[name])) + ms).toISOString()]),
    ),
  }),
});

const erpOrders = erpFeed('order', 'A_SalesOrder', 'SalesOrder');
const erpPrices = erpFeed('price', 'A_SlsPrcgConditionRecord', 'ConditionRecord');
const erpStock = erpFeed('stock', 'A_MaterialStock', 'Material');
const shopOrders = shopFeed('order', 'order');
const shopProducts = shopFeed('product', 'product');
const shopStock = shopFeed('stock', 'product');
const orderFeeds = [erpOrders, shopOrders];

/** Answers of one feed, changed row by row; the keys that were changed are read again afterwards. */
class Spoiled {
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
async function readAgain(world: World, stream: string, keys: readonly string[]): Promise<void> {
  const runner = world.platform.engine.runners.get(stream);
  if (runner?.isAsked !== true || keys.length === 0) return;
  await runner.mark(keys, world.time.now);
}

const pick = <T>(list: readonly T[], chance: Seeded): T => list[chance.below(list.length)] as T;

/** Different ones. */
function several<T>(list: readonly T[], count: number, chance: Seeded): T[] {
  const left = [...list];
  const found: T[] = [];
  while (found.length < count && left.length > 0) {
    found.push(...left.splice(chance.below(left.length), 1));
  }
  return found;
}

const streamsOf = (world: World, system: System) =>
  world.platform.quality.watch.streams
    .filter(({ source }) => source === system)
    .map(({ source, stream }) => `${source}/${stream}`);

const pairsOf = (world: World, stream: string) =>
  world.platform.quality.watch.pairs
    .filter(({ a, b }) => [a, b].some((side) => `${side.source}/${side.stream}` === stream))
    .map(({ name }) => name);

const around = (world: World, feed: Feed) => [feed.stream, ...pairsOf(world, feed.stream)];

/** Skus that have enough of everything to be told from each other. */
async function skusOf(world: World, least = 20): Promise<string[]> {
  const sums = new Map<string, number>();
  for (const { sku, onHand } of await world.ledger('stock')) {
    sums.set(text(sku), (sums.get(text(sku)) ?? 0) + Number(onHand ?? 0));
  }
  return [...sums].filter(([, units]) => units >= least).map(([sku]) => sku);
}

const feedFault = (
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

const boardFault = (
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
function multiplied(value: unknown, names: readonly string[], by: number, isIn = false): unknown {
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

const notAmounts = new Set(['percentage', 'taxRate', 'currencyId']);

const quantity = 'MatlWrhsStkQtyInMatlBaseUnit';

/** Rows of stock of one material, with its sum made another one. */
function withStock(feed: Feed, row: Row, change: (units: number) => number): Row {
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

const skuIn = (feed: Feed, row: Row) =>
  text(row[feed.system === 'erp' ? 'Material' : 'productNumber']);

const isStockRow = (row: Row) => row['stock'] !== undefined || row['Material'] !== undefined;

const inMinorUnits = async (world: World, sku: string): Promise<number> => {
  const rows = await world.ledger('prices');
  const found = rows.find((row) => row['sku'] === sku && row['grossMinor'] != null);
  return Number(found?.['grossMinor'] ?? 5000);
};

/** A price that is set in the shop: seen there at once, and in the ERP somewhat later. */
async function setPrice(world: World, sku: string, factor: number): Promise<void> {
  const grossMinor = Math.round((await inMinorUnits(world, sku)) * factor);
  await world.command({ kind: 'set-price', sku, grossMinor });
}

const pricedSkus = async (world: World): Promise<string[]> => {
  const rows = await world.ledger('prices');
  return [...new Set(rows.filter((row) => row['grossMinor'] != null).map(({ sku }) => text(sku)))];
};

/** The first so many records that are new from now on. */
function newcomers(world: World, feed: Feed, count: number): (row: Row) => boolean {
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

const amountOf = (feed: Feed) => (feed.system === 'erp' ? 'TotalNetAmount' : 'amountTotal');

export const faultKinds: readonly FaultKind[] = [
  {
    name: 'system stopped',
    async make(world, chance) {
      const culprit = pick<System>(['erp', 'shop'], chance);
      const [scope, stream] = culprit === 'erp' ? ['sap', 'erp/order'] : ['/api', 'shop/order'];
      const targets = [...streamsOf(world, culprit), ...pairsOf(world, stream)];
      const about = { what: culprit, stream, targets, culprit, bucket: 'patience' } as const;
      return boardFault(world, { kind: '5xx', scope, status: 503 }, about);
    },
  },
  {
    name: 'stream stopped',
    async make(world, chance) {
      const feed = pick(orderFeeds, chance);
      const isErp = feed.system === 'erp';
      const scope = isErp ? '/sap/opu/odata/sap/API_SALES_ORDER_SRV' : '/api/search/order';
      return boardFault(
        world,
        { kind: '5xx', scope, status: 500 },
        {
          ...{ what: feed.stream, stream: feed.stream, targets: around(world, feed) },
          ...{ culprit: feed.system, bucket: 'patience' },
        },
      );
    },
  },
  {
    name: 'changes empty',
    async make(world, chance) {
      const feed = pick(orderFeeds, chance);
      return feedFault(world, feed, { what: feed.stream, bucket: 'silence' }, () => []);
    },
  },
  {
    name: 'whole read empty',
    async make(world, chance) {
      const feed = pick([erpStock, shopStock], chance);
      return boardFault(
        world,
        { kind: 'empty-feed', scope: feed.entity },
        {
          ...{ what: feed.stream, stream: feed.stream, culprit: feed.system, bucket: 'look' },
          targets: around(world, feed),
        },
      );
    },
  },
  {
    name: 'last page lost',
    async make(world, chance) {
      const feed = pick([erpStock, shopStock], chance);
      return boardFault(
        world,
        { kind: 'drop-last-page', scope: feed.entity },
        {
          ...{ what: feed.stream, stream: feed.stream, culprit: feed.system, bucket: 'look' },
          targets: around(world, feed),
        },
      );
    },
  },
  {
    name: 'late',
    async make(world, chance) {
      const feed = pick(orderFeeds, chance);
      const lateMs = (3 + chance.below(3)) * 3_600_000;
      const what = `${feed.stream} by ${lateMs / 3_600_000} h`;
      return feedFault(world, feed, { what, bucket: 'silence' }, (row) =>
        feed.changedAt(row) > world.time.now - lateMs ? [] : [row],
      );
    },
  },
  {
    name: 'changes of stock lost',
    async make(world, chance) {
      const skus = several(await skusOf(world), 3, chance);
      const kept = new Map<string, Row>();
      const about = { what: skus.join(' '), bucket: 'settled', targets: ['stock'] } as const;
      return feedFault(
        world,
        shopStock,
        about,
        (row) => {
          const sku = skuIn(shopStock, row);
          if (!skus.includes(sku) || !isStockRow(row)) return [row];
          const was = kept.get(sku) ?? row;
          kept.set(sku, was);
          return [{ ...row, stock: was['stock'], availableStock: was['availableStock'] }];
        },
        async () => {
          // The shop's last word before it lost them is what it goes on saying.
          await world.pass(world.size.everyMs);
          for (const sku of skus) await world.command({ kind: 'adjust-stock', sku, quantity: 40 });
        },
      );
    },
  },
  {
    name: 'orders lost',
    async make(world, chance) {
      const feed = pick(orderFeeds, chance);
      const isLost = newcomers(world, feed, 3);
      const bucket = feed.system === 'erp' ? 'settled' : 'sequence';
      return feedFault(world, feed, { what: feed.stream, bucket }, (row) =>
        isLost(row) ? [] : [row],
      );
    },
  },
  {
    name: 'change applied twice',
    async make(world, chance) {
      const [sku = ''] = several(await skusOf(world), 1, chance);
      const more = 30 + chance.below(40);
      const about = { what: sku, bucket: 'settled', targets: ['stock'] } as const;
      let isPosted = false;
      return feedFault(
        world,
        shopStock,
        about,
        (row) =>
          isPosted && skuIn(shopStock, row) === sku && isStockRow(row)
            ? [withStock(shopStock, row, (units) => units + more)]
            : [row],
        async () => {
          await world.command({ kind: 'adjust-stock', sku, quantity: more });
          isPosted = true;
        },
      );
    },
  },
  {
    name: 'documents doubled',
    async make(world) {
      const isTwice = newcomers(world, erpOrders, 2);
      const spoiled = (row: Row): readonly Row[] => {
        if (!isTwice(row)) return [row];
        const SalesOrder = `9${text(row['SalesOrder']).slice(1)}`;
        const items = (row['to_Item'] as { results?: Row[] } | undefined)?.results ?? [];
        return [
          row,
          {
            ...row,
            SalesOrder,
            to_Item: { results: items.map((item) => ({ ...item, SalesOrder })) },
          },
        ];
      };
      return feedFault(world, erpOrders, { what: 'erp/order', bucket: 'settled' }, spoiled);
    },
  },
  {
    name: 'GTIN of another',
    async make(world, chance) {
      const skus = await pricedSkus(world);
      const [sku = ''] = several(skus, 1, chance);
      let other: unknown;
      const about = { what: sku, bucket: 'look', targets: ['gtin', 'shop/product'] } as const;
      return feedFault(
        world,
        shopProducts,
        about,
        (row) => {
          if (row['stock'] !== undefined || typeof row['ean'] !== 'string') return [row];
          if (skuIn(shopProducts, row) !== sku) {
            other ??= row['ean'];
            return [row];
          }
          return other === undefined ? [row] : [{ ...row, ean: other }];
        },
        async () => {
          const [next = ''] = several(
            skus.filter((one) => one !== sku),
            1,
            chance,
          );
          await setPrice(world, next, 1.01);
          await world.pass(world.size.everyMs);
          await setPrice(world, sku, 1.01);
        },
      );
    },
  },
  {
    name: 'price × 100',
    async make(world, chance) {
      const feed = pick([erpPrices, shopProducts], chance);
      const [sku = ''] = several(await pricedSkus(world), 1, chance);
      const from = world.time.now;
      return feedFault(
        world,
        feed,
        { what: `${feed.stream} ${sku}`, bucket: 'look' },
        (row) => {
          if (feed.system === 'erp') {
            const isNew = feed.changedAt(row) >= from;
            return [isNew ? (multiplied(row, ['ConditionRateValue'], 100) as Row) : row];
          }
          const isIt = skuIn(feed, row) === sku && row['price'] !== undefined;
          return [isIt ? (multiplied(row, ['price'], 100) as Row) : row];
        },
        () => setPrice(world, sku, 1.02),
      );
    },
  },
  {
    name: 'unit × 12',
    async make(world, chance) {
      const feed = pick([erpStock, shopStock], chance);
      const skus = several(await skusOf(world, 60), 2, chance);
      return feedFault(world, feed, { what: `${feed.stream} ${skus}`, bucket: 'look' }, (row) =>
        skus.includes(skuIn(feed, row)) && isStockRow(row)
          ? [withStock(feed, row, (units) => units * 12)]
          : [row],
      );
    },
  },
  {
    name: 'currency flip',
    async make(world, chance) {
      const [sku = ''] = several(await pricedSkus(world), 1, chance);
      const from = world.time.now;
      return feedFault(
        world,
        erpPrices,
        { what: sku, bucket: 'look' },
        (row) =>
          erpPrices.changedAt(row) >= from
            ? [{ ...row, ConditionRateValueUnit: 'USD', ConditionCurrency: 'USD' }]
            : [row],
        () => setPrice(world, sku, 1.02),
      );
    },
  },
  ...[90_000, 3_600_000].map(
    (ms): FaultKind => ({
      name: ms === 90_000 ? 'clock + 90 s' : 'zone + 1 h',
      async make(world, chance) {
        const feed = pick(orderFeeds, chance);
        const from = world.time.now;
        return feedFault(world, feed, { what: feed.stream, bucket: 'hour' }, (row) =>
          feed.changedAt(row) >= from ? [feed.shiftTimes(row, ms)] : [row],
        );
      },
    }),
  ),
  ...(['remove', 'rename', 'retype'] as const).map(
    (change): FaultKind => ({
      name: `field ${change}d`.replace('eed', 'ed'),
      async make(world, chance) {
        const feed = pick(orderFeeds, chance);
        const fields =
          feed.system === 'erp'
            ? ['TotalNetAmount', 'TransactionCurrency', 'PurchaseOrderByCustomer', 'to_Item']
            : ['amountTotal', 'orderNumber', 'currencyId', 'stateMachineState', 'lineItems'];
        const field = pick(fields, chance);
        const from = world.time.now;
        const what = `${feed.stream} ${field}`;
        return feedFault(world, feed, { what, bucket: 'hour' }, (row) => {
          if (feed.changedAt(row) < from) return [row];
          const { [field]: value, ...rest } = row;
          if (change === 'remove') return [rest];
          return change === 'rename'
            ? [{ ...rest, [`${field}New`]: value }]
            : [{ ...rest, [field]: typeof value === 'object' ? 'seen' : { value } }];
        });
      },
    }),
  ),
  {
    name: 'sums do not add up',
    async make(world, chance) {
      const feed = pick(orderFeeds, chance);
      const from = world.time.now;
      return feedFault(world, feed, { what: feed.stream, bucket: 'hour' }, (row) =>
        feed.changedAt(row) >= from
          ? [multiplied(row, [amountOf(feed), 'amountNet'], 1.3) as Row]
          : [row],
      );
    },
  },
  {
    name: 'values frozen',
    async make(world, chance) {
      const feed = pick([erpStock, shopStock], chance);
      const kept = new Map<string, Row>();
      return feedFault(world, feed, { what: feed.stream, bucket: 'silence' }, (row) => {
        if (!isStockRow(row)) return [row];
        const was = kept.get(feed.key(row)) ?? row;
        kept.set(feed.key(row), was);
        return [{ ...was }];
      });
    },
  },
  {
    name: 'volume drop',
    async make(world, chance) {
      const feed = pick(orderFeeds, chance);
      const from = world.time.now;
      return feedFault(world, feed, { what: feed.stream, bucket: 'closed-hour' }, (row) => {
        const digits = Number(feed.key(row).replace(/\D/g, '').slice(-3));
        return feed.changedAt(row) >= from && digits % 8 !== 0 ? [] : [row];
      });
    },
  },
  {
    name: 'burst',
    async make(world) {
      const about = { what: 'shop/order', stream: 'shop/order', culprit: 'shop' } as const;
      const targets = ['shop/order'];
      return {
        ...{ ...about, targets, bucket: 'closed-hour' },
        async begin() {
          // Somebody saves every order of the last days again, with a program that was to touch one.
          const orders = (await world.ledger('orders')).slice(-400);
          for (const { channel, orderNo } of orders) {
            const customFields = { custom_checked: String(world.time.now) };
            await world.command({ kind: 'edit-order', channel, orderNo, customFields });
          }
        },
        end: async () => undefined,
      };
    },
  },
  {
    name: 'unknown materials',
    async make(world, chance) {
      const names = [1, 2, 3].map(() => `Z${100_000 + chance.below(800_000)}`);
      const spoiled = new Spoiled(world, erpStock);
      return {
        ...{ what: names.join(' '), stream: 'erp/stock', culprit: 'erp', bucket: 'hour' },
        targets: ['variant', 'erp/stock', 'stock'],
        async begin() {
          spoiled.beginPage((rows) => {
            const [model] = rows.filter(isStockRow);
            if (model === undefined) return rows;
            const ghosts = names.map((Material) => {
              const below = (model['to_MatlStkInAcctMod'] as { results?: Row[] }).results ?? [];
              const results = below.map((one) => ({ ...one, Material, [quantity]: '7.000' }));
              return { ...model, Material, to_MatlStkInAcctMod: { results } };
            });
            return [...rows, ...ghosts];
          });
        },
        end: () => spoiled.end(),
      };
    },
  },
  {
    name: 'records unusable',
    async make(world, chance) {
      const feed = pick(orderFeeds, chance);
      const from = world.time.now;
      return feedFault(world, feed, { what: feed.stream, bucket: 'hour' }, (row) => {
        if (feed.changedAt(row) < from) return [row];
        return feed.system === 'erp'
          ? [{ ...row, TotalNetAmount: 'n/a', CreationDate: '20269999' }]
          : [{ ...row, orderDateTime: 'yesterday', amountTotal: 'n/a' }];
      });
    },
  },
  {
    name: 'price differs',
    async make(world, chance) {
      const [sku = ''] = several(await pricedSkus(world), 1, chance);
      const about = { what: sku, bucket: 'settled', targets: ['price'] } as const;
      return feedFault(
        world,
        shopProducts,
        about,
        (row) =>
          skuIn(shopProducts, row) === sku && row['price'] !== undefined
            ? [multiplied(row, ['price'], 1.25) as Row]
            : [row],
        () => setPrice(world, sku, 1.03),
      );
    },
  },
  {
    name: 'order differs',
    async make(world) {
      const isOther = newcomers(world, erpOrders, 3);
      const about = { what: 'erp/order', bucket: 'settled' } as const;
      return feedFault(world, erpOrders, about, (row) =>
        isOther(row)
          ? [
              multiplied(
                row,
                ['TotalNetAmount', 'NetAmount', 'TaxAmount', 'CostAmount'],
                1.2,
              ) as Row,
            ]
          : [row],
      );
    },
  },
  {
    name: 'rows doubled',
    isHarmless: true,
    async make(world, chance) {
      const feed = pick([...orderFeeds, erpStock, shopStock], chance);
      return feedFault(world, feed, { what: feed.stream, bucket: 'hour' }, (row) => [row, row]);
    },
  },
  {
    name: 'rows shuffled',
    isHarmless: true,
    async make(world, chance) {
      const feed = pick([erpStock, shopStock], chance);
      const spoiled = new Spoiled(world, feed);
      return {
        ...{ what: feed.stream, stream: feed.stream, culprit: feed.system, bucket: 'hour' },
        targets: around(world, feed),
        async begin() {
          spoiled.beginPage((rows) => several(rows, rows.length, chance));
        },
        end: () => spoiled.end(),
      };
    },
  },
];

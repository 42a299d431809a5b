/** What a system tells wrong; and at the end what looks odd and is not. See `feeds.ts` for what a fault is. */
import {
  amountOf,
  around,
  erpOrders,
  erpPrices,
  erpStock,
  type FaultKind,
  feedFault,
  isStockRow,
  multiplied,
  newcomers,
  orderFeeds,
  pick,
  pricedSkus,
  quantity,
  type Row,
  Spoiled,
  setPrice,
  several,
  shopProducts,
  shopStock,
  skuIn,
  skusOf,
  withStock,
} from './feeds.js';

export const valueKinds: readonly FaultKind[] = [
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

/** What a system does not tell, tells late, or tells twice. See `feeds.ts` for what a fault is. */
import {
  around,
  boardFault,
  erpOrders,
  erpStock,
  type FaultKind,
  feedFault,
  isStockRow,
  newcomers,
  orderFeeds,
  pairsOf,
  pick,
  pricedSkus,
  type Row,
  type System,
  setPrice,
  several,
  shopProducts,
  shopStock,
  skuIn,
  skusOf,
  streamsOf,
  text,
  withStock,
} from './feeds.js';

export const tellingKinds: readonly FaultKind[] = [
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
    async make(world) {
      const feed = erpStock;
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
        feed.toldAt(row) > world.time.now - lateMs ? [] : [row],
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
      const { reader } = world.platform.engine;
      const others = [...reader.tableAll('quality_gtin')].flatMap(({ key, value }) =>
        Object.keys((JSON.parse(value) as { skus: object }).skus).includes(sku) ? [] : [key],
      );
      const [ean = ''] = several(others, 1, chance);
      const about = { what: sku, bucket: 'look', targets: ['gtin', 'shop/product'] } as const;
      return feedFault(
        world,
        shopProducts,
        about,
        (row) =>
          skuIn(shopProducts, row) === sku && row['stock'] === undefined
            ? [{ ...row, ean }]
            : [row],
        () => setPrice(world, sku, 1.01),
      );
    },
  },
];

/** One change for each ready-made flow, and how it is known again in the books of both systems. */
import { randomBytes } from 'node:crypto';
import type { FlowName } from '../../../scripts/compare-flows.mjs';
import type { Company, Row } from './company.js';

export interface Change {
  /** Of the row in the books. */
  readonly key: string;
  /** When it was made, by the source's own clock. */
  readonly at: number;
}

export interface Act {
  /** The flow as the project names it. */
  readonly flow: string;
  readonly from: 'shop' | 'erp' | 'pim';
  readonly to: 'shop' | 'erp';
  /** Name of the books that show it. */
  readonly books: FlowName;
  /** Stream its source tells of it on, and whether that has a notice. */
  readonly stream: string;
  readonly isNotified: boolean;
  /** Null where it cannot be done with what there is. */
  run(things: Things, turn: number): Promise<Change | null>;
}

/** What the acts work on, each on things of its own, so that one write never hides another. */
export interface Things {
  readonly company: Company;
  readonly stock: readonly string[];
  readonly price: readonly string[];
  readonly weight: readonly string[];
  readonly sold: readonly string[];
  readonly products: readonly string[];
  /** Orders that wait to be shipped, and those that arrived, for returns of each side. */
  readonly waiting: string[];
  readonly arrived: { readonly erp: string[]; readonly shop: string[] };
}

const at = (list: readonly string[], turn: number) => list[turn % list.length] as string;
const timeOf = (row: Row) => Number(row['at']);
const partsOf = (name: string) => {
  const [channel, orderNo] = name.split('/');
  return { channel, orderNo };
};

export async function placeOrder({ company, sold }: Things, turn: number): Promise<Change | null> {
  const lines = [{ sku: at(sold, turn), quantity: 1 }];
  const placed = await company.act({ kind: 'place-order', channel: 'alpha-nl', lines });
  return placed === null ? null : { key: String(placed['key']), at: timeOf(placed) };
}

export const acts: readonly Act[] = [
  {
    ...{ flow: 'shop.stock', from: 'erp', to: 'shop', books: 'stock' },
    ...{ stream: 'erp/stockMovement', isNotified: false },
    async run({ company, stock }, turn) {
      const sku = at(stock, turn);
      const done = await company.act({ kind: 'adjust-stock', sku, quantity: 1 + (turn % 5) });
      return done === null ? null : { key: sku, at: timeOf(done) };
    },
  },
  {
    ...{ flow: 'shop.price', from: 'erp', to: 'shop', books: 'price' },
    ...{ stream: 'erp/price', isNotified: false },
    async run({ company, price }, turn) {
      const sku = at(price, turn);
      const rateMinor = 2000 + 7 * turn;
      const done = await company.act({ kind: 'change-condition', sku, rateMinor });
      return done === null ? null : { key: `${sku} EUR`, at: timeOf(done) };
    },
  },
  {
    ...{ flow: 'shop.product', from: 'pim', to: 'shop', books: 'product' },
    ...{ stream: 'pim/product', isNotified: true },
    async run({ company, products }, turn) {
      const key = at(products, turn);
      const name = `Renamed ${turn}`;
      const done = await company.act({ kind: 'pim-rename', key, language: 'de-DE', name });
      return done === null ? null : { key: `${key} name de-DE`, at: timeOf(done) };
    },
  },
  {
    ...{ flow: 'shop.variant', from: 'pim', to: 'shop', books: 'variant' },
    ...{ stream: 'pim/variant', isNotified: true },
    async run({ company, weight }, turn) {
      const sku = at(weight, turn);
      const value = (100 + turn) / 1000;
      const command = { kind: 'pim-set-attribute', role: 'item', sku, field: 'ItemWeight', value };
      const done = await company.act(command);
      return done === null ? null : { key: sku, at: timeOf(done) };
    },
  },
  {
    ...{ flow: 'erp.order', from: 'shop', to: 'erp', books: 'order' },
    ...{ stream: 'shop/order', isNotified: true },
    run: placeOrder,
  },
  {
    ...{ flow: 'shop.tracking', from: 'erp', to: 'shop', books: 'tracking' },
    ...{ stream: 'erp/delivery', isNotified: true },
    async run({ company, waiting }) {
      const key = waiting.shift();
      if (key === undefined) return null;
      const done = await company.act({ kind: 'ship-sales-order', ...partsOf(key) });
      return done === null ? null : { key, at: timeOf(done) };
    },
  },
  {
    ...{ flow: 'shop.return', from: 'erp', to: 'shop', books: 'return' },
    ...{ stream: 'erp/return', isNotified: true },
    async run({ company, arrived }) {
      const name = arrived.erp.shift();
      if (name === undefined) return null;
      const done = await company.act({ kind: 'create-return', ...partsOf(name) });
      return done === null ? null : { key: `${name}/${done['id']}`, at: timeOf(done) };
    },
  },
  {
    ...{ flow: 'erp.return', from: 'shop', to: 'erp', books: 'return' },
    ...{ stream: 'shop/return', isNotified: false },
    async run({ company, arrived }) {
      const name = arrived.shop.shift();
      return name === undefined ? null : announceReturn(company, name);
    },
  },
];

/** As the shop's administration does. */
async function announceReturn(company: Company, name: string): Promise<Change> {
  const { channel, orderNo } = partsOf(name);
  // Channels may count their orders each for themselves.
  const known = (await company.ledger('orders')).find(
    (row) => row['channel'] === channel && row['orderNo'] === orderNo,
  );
  const find = async (entity: string, filter: object, associations = {}) => {
    const queries = Object.entries(filter).map(([field, value]) => {
      return { type: 'equals', field, value };
    });
    const criteria = { limit: 1, filter: queries, associations };
    const found = (await company.shop(`/api/search/${entity}`, criteria))['data'];
    return (found as readonly Row[])[0] ?? {};
  };
  const order = await find('order', { id: known?.['id'] }, { lineItems: {} });
  const state = await find('state-machine-state', {
    technicalName: 'open',
    'stateMachine.technicalName': 'order_return.state',
  });
  const reason = await find('order-return-line-item-reason', {});
  const line = (order['lineItems'] as readonly Row[]).find(({ type }) => type === 'product');
  const id = () => randomBytes(16).toString('hex');
  const returnNumber = `7${orderNo}`;
  const { now } = await company.call('GET', '/clock');
  await company.shop('/api/order-return', {
    ...{ id: id(), orderId: order['id'], stateId: state['id'], returnNumber },
    requestedAt: new Date(Number(now)).toISOString(),
    lineItems: [
      {
        ...{ id: id(), orderLineItemId: line?.['id'], reasonId: reason['id'] },
        ...{ stateId: state['id'], quantity: 1, price: line?.['price'] },
      },
    ],
  });
  return { key: `${name}/${returnNumber}`, at: Number(now) };
}

/**
 * What people do in the shop and the ERP of a company, by the flow that has to carry it. An act whose
 * turn has not come yet (nothing to ship, nothing to send back) does what comes before it.
 */
import type { Company, Row } from './company.js';

export type Act = (company: Company, next: () => number) => Promise<unknown>;

const nameOf = ({ channel, orderNo }: Row) => `${channel}/${orderNo}`;
const isEven = ({ orderNo }: Row) => Number(orderNo) % 2 === 0;

async function place(company: Company, next: () => number): Promise<unknown> {
  const channel = next() < 0.7 ? 'alpha-nl' : 'beta-de';
  const placed = await company.act({ kind: 'place-order', channel });
  if (placed === null || next() < 0.7) return placed;
  const { id } = placed;
  return next() < 0.5
    ? company.act({ kind: 'cancel-order', id })
    : company.act({ kind: 'edit-order', id, shippingMinor: 100 + Math.floor(next() * 900) });
}

/** Sales orders that came through the flow, with how far they are. */
async function ordersOf(company: Company) {
  const rows = (await company.ledger('erp-orders')).filter(
    ({ createdAt, rejected }) => Number(createdAt) >= company.since && rejected === false,
  );
  const deliveries = new Map(
    (await company.ledger('erp-deliveries')).map((row) => [row['salesOrder'], row]),
  );
  const delivered = rows.map((row) => ({ row, delivery: deliveries.get(row['salesOrder']) }));
  return {
    waiting: delivered.filter(({ delivery }) => (delivery?.['issuedAt'] ?? null) === null),
    underWay: delivered.filter(
      ({ delivery }) => delivery?.['issuedAt'] != null && delivery['arrivedAt'] === null,
    ),
    arrived: delivered.filter(({ delivery }) => delivery?.['arrivedAt'] != null),
  };
}

async function deliver(company: Company, next: () => number): Promise<unknown> {
  const { waiting, underWay } = await ordersOf(company);
  const [open, left] = [waiting[0]?.row, underWay[0]?.row];
  if (left !== undefined && (open === undefined || next() < 0.5)) {
    return company.act({ kind: 'complete-sales-order', salesOrder: left['salesOrder'] });
  }
  if (open === undefined) return place(company, next);
  return company.act({ kind: 'ship-sales-order', salesOrder: open['salesOrder'] });
}

/** Orders that arrived and of which nothing has come back; each side sends back half of them. */
async function returnable(company: Company, isOfShop: boolean) {
  const returned = new Set(
    [...(await company.ledger('erp-returns')), ...(await company.ledger('shop-returns'))].map(
      nameOf,
    ),
  );
  const { arrived } = await ordersOf(company);
  return arrived.find(({ row }) => isEven(row) === isOfShop && !returned.has(nameOf(row)))?.row;
}

async function returnInErp(company: Company, next: () => number): Promise<unknown> {
  const row = await returnable(company, false);
  if (row === undefined) return deliver(company, next);
  const { channel, orderNo } = row;
  return company.act({ kind: 'create-return', channel, orderNo });
}

const idOf = (next: () => number) =>
  Array.from({ length: 32 }, () => Math.floor(next() * 16).toString(16)).join('');

/** As the shop's administration does: a return of Commercial, of one line of the order. */
async function returnInShop(company: Company, next: () => number): Promise<unknown> {
  const row = await returnable(company, true);
  if (row === undefined) return deliver(company, next);
  const known = (await company.ledger('orders')).find((one) => nameOf(one) === nameOf(row));
  const order = await company.inShop('order', { id: known?.['id'] }, { lineItems: {} });
  const lines = (order?.['lineItems'] ?? []) as readonly Row[];
  const line = lines.find(({ type }) => type === 'product');
  const state = await company.inShop('state-machine-state', {
    technicalName: 'open',
    'stateMachine.technicalName': 'order_return.state',
  });
  const reason = await company.inShop('order-return-line-item-reason', {});
  if (order === undefined || line === undefined) return null;
  const stateId = state?.['id'];
  return company.shop('/api/order-return', {
    ...{ id: idOf(next), orderId: order['id'], stateId, returnNumber: String(company.number()) },
    requestedAt: new Date(company.emulators.clock.now()).toISOString(),
    lineItems: [
      {
        ...{ id: idOf(next), orderLineItemId: line['id'], reasonId: reason?.['id'], stateId },
        ...{ quantity: 1, price: { ...(line['price'] as Row), quantity: 1 } },
      },
    ],
  });
}

const languages = ['nl-NL', 'de-DE', 'en-GB'];

/** In the PIM: a new product with its items, another name in one language, another description. */
async function describe(company: Company, next: () => number): Promise<unknown> {
  const draw = next();
  if (draw < 0.3)
    return company.act({ kind: 'pim-create-product', productNo: `N${company.number()}` });
  const language = languages[Math.floor(next() * languages.length)];
  return company.act({ kind: 'pim-rename', language });
}

/** Of an item: what it weighs, or a new one with its product. */
async function describeItem(company: Company, next: () => number): Promise<unknown> {
  if (next() < 0.4) {
    return company.act({ kind: 'pim-create-product', productNo: `N${company.number()}`, items: 3 });
  }
  const items = await company.ledger('pim-items');
  const sku = items[Math.floor(next() * items.length)]?.['sku'];
  const value = (1 + Math.floor(next() * 4000)) / 1000;
  return company.act({ kind: 'pim-set-attribute', role: 'item', sku, field: 'ItemWeight', value });
}

/** A category gets another name in one language, or another place in the tree. */
async function describeCategory(company: Company, next: () => number): Promise<unknown> {
  if (next() < 0.3) return company.act({ kind: 'pim-move-category' });
  const language = languages[Math.floor(next() * languages.length)];
  return company.act({ kind: 'pim-rename-category', language });
}

const picture: Act = (company, next) =>
  company.act({ kind: next() < 0.7 ? 'pim-add-picture' : 'pim-remove-picture' });

export const acts: Readonly<Record<string, Act>> = {
  'shop.stock': (company) => company.act({ kind: 'adjust-stock' }),
  'shop.price': (company) => company.act({ kind: 'change-condition' }),
  'erp.order': place,
  'shop.tracking': deliver,
  'shop.return': returnInErp,
  'erp.return': returnInShop,
  'shop.category': describeCategory,
  'shop.product': describe,
  'shop.variant': describeItem,
  'shop.media': picture,
};

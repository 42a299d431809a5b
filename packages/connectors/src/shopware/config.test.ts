import { describeConnector, Secret } from '@headrace/sdk';
import { expect, it } from 'vitest';
import { config } from './config.js';
import { shopware } from './index.js';

const least = { url: 'https://shop.example', auth: 'id:key' };

it.each<[string, object]>([
  ['salesChannel', { salesChannel: {} }],
  ['url', { url: 'shop.example' }],
  ['url', { url: 'file:///etc/passwd' }],
  ['version', { version: 'latest' }],
  ['customFields', { customFields: { product: { fit: 'custom_fit' } } }],
  ['everyMs', { everyMs: { stock: 10 } }],
  ['skuFrom', { skuFrom: 'id' }],
])('a wrong %s is refused by its name', (name, wrong) => {
  const result = config.safeParse({ ...least, ...wrong });
  expect(result.error?.message).toContain(name);
});

it('takes one webhook secret, or several while it is changed', () => {
  const secrets = (webhookSecret: unknown) =>
    shopware.spec.notify?.secrets(config.parse({ ...least, webhookSecret }));
  expect(secrets(undefined)).toEqual([]);
  expect(secrets('one')).toEqual(['one']);
  expect(secrets([new Secret('new'), 'old'])).toEqual(['new', 'old']);
});

it('overrides intervals and the budget', () => {
  const settings = config.parse({
    ...least,
    everyMs: { order: 5_000 },
    budget: { requestsPerSecond: 2, concurrency: 1 },
  });
  const intervals = shopware.spec.streams(settings).map(({ name, everyMs }) => [name, everyMs]);
  expect(Object.fromEntries(intervals)).toMatchObject({ order: 5_000, stock: 15_000 });
  expect(shopware.spec.budgetOf?.(settings)).toEqual({ requestsPerSecond: 2, concurrency: 1 });
  expect(shopware.spec.budgetOf?.(config.parse(least))).toBeNull();
});

it('has a page that names each setting, stream, permission and sealed path', () => {
  const page = describeConnector(shopware.spec);
  expect(page).toBe(describeConnector(shopware.spec));
  for (const name of Object.keys(config.shape)) expect(page).toContain(`| \`${name}\` |`);
  for (const name of ['product', 'stock', 'category', 'order', 'customer']) {
    expect(page).toContain(`| \`${name}\` |`);
  }
  expect(page).toContain('`order_line_item:read`');
  expect(page).toContain('`orderCustomer.email`');
  expect(page).toContain('`shopware-shop-signature`');
});

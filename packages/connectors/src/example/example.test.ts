import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testConnector } from '@headrace/sdk/testing';
import { afterAll, describe, it } from 'vitest';
import { example } from './index.js';

const price = (id: string, amount: number) => ({
  ...{ id, sku: `sku-${id}`, shop: '7', amount, currency: 'EUR' },
  changedAt: '2025-03-01T12:00:00Z',
});
const pages: Readonly<Record<string, object>> = {
  '/prices': { prices: [price('1', 19.99), price('2', 5)], next: '2' },
  '/prices?from=2': { prices: [price('3', 0.005)], next: null },
};
const server = createServer((request, response) => {
  const page = request.headers['x-api-key'] === 'canary-key' ? pages[request.url ?? ''] : undefined;
  response.writeHead(page === undefined ? 403 : 200).end(JSON.stringify(page ?? {}));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());

describe('example connector', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const source = example({ url, key: 'canary-key', channels: { '7': 'alpha-nl' } });
  const clock = { now: Date.now, monotonicMs: () => performance.now() };
  for (const { name, run } of testConnector(source, { clock })) it(name, run);
});

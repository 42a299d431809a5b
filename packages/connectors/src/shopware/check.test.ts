import { createTestContext } from '@headrace/sdk/testing';
import { expect, it } from 'vitest';
import { check } from './check.js';
import { shopware } from './index.js';

/** A shop that lets everything be read and has these webhooks. */
function shop(webhooks: readonly object[], settings: object = {}) {
  const answer = async (url: unknown) => {
    const { pathname } = new URL(String(url));
    if (pathname.endsWith('/token')) return new Response('{"access_token":"t"}');
    if (pathname.endsWith('/version')) return new Response('{"version":"6.6.10.0"}');
    const data = pathname.endsWith('/webhook') ? webhooks : [];
    return new Response(JSON.stringify({ total: data.length, data }));
  };
  const source = shopware({ url: 'https://shop.example', auth: 'id:key', ...settings });
  const clock = { now: () => 0, monotonicMs: () => 0 };
  return createTestContext(source, { clock, fetch: answer as typeof fetch });
}

const events = ['product.written', 'order.written', 'customer.written', 'category.written'];
const hooks = (more: object = {}) =>
  events.map((eventName) => ({
    ...{ id: eventName, name: `headrace-${eventName}`, eventName },
    ...{ url: 'https://us.example/x', active: true, errorCount: 0, ...more },
  }));
const secret = { webhookSecret: 'secret' };

it.each<[string, boolean, object, readonly object[], string]>([
  ['polled as intended', true, {}, [], 'No subscription; changes are polled every 15 s.'],
  ['polled slowly', true, { everyMs: { stock: 60_000 } }, [], 'polled every 60 s.'],
  ['subscribed', true, secret, hooks(), 'tells us of changes'],
  ['not subscribed though it should be', false, secret, [], 'Subscribe to webhooks'],
  ['switched off', false, secret, hooks({ active: false }), 'switched off'],
  ['failing', false, secret, hooks({ errorCount: 3 }), 'could not reach us'],
])('a shop that is %s is ok: %s', async (_, ok, settings, webhooks, text) => {
  const results = await check(shop(webhooks, settings));
  const others = results.filter(({ name }) => name !== 'webhooks');
  expect(others.filter((result) => !result.ok)).toEqual([]);
  const line = results.find(({ name }) => name === 'webhooks');
  expect(line?.ok).toBe(ok);
  expect(line?.text).toContain(text);
});

import { createHmac } from 'node:crypto';
import { type InboundRequest, type Json, verifyWebhook } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config } from './config.js';
import { notify } from './notify.js';

const secret = `whsec_${Buffer.from('relay').toString('base64')}`;
const settings = z.parse(config, {
  key: 'key',
  types: { product: 'Artikel' },
  webhookSecret: [secret, 'whsec_b3RoZXI='],
});
const request = (body: Json): InboundRequest => ({
  method: 'POST',
  uri: '/v1/webhooks/pim',
  headers: { 'webhook-id': 'relay-1' },
  body: Buffer.from(JSON.stringify(body)),
});
const streamsOf = (body: Json) =>
  notify.parse(request(body), settings).changes.map(({ stream, key }) => `${stream} ${key}`);
const link = (linkTypeId: string | null) =>
  streamsOf({ event: 'LinkCreated', linkTypeId, sourceEntityId: 1, targetEntityId: 2 });

describe('what the relay tells of', () => {
  it.each<[string, string | null, readonly string[]]>([
    ['EntityUpdated', 'Artikel', ['product 7']],
    ['EntityDeleted', 'Artikel', ['product 7', 'assortment 7']],
    ['EntityCreated', 'Item', ['variant 7']],
    ['ChannelEntityUpdated', 'ChannelNode', ['category 7']],
    ['EntityUpdated', 'Channel', ['category 7']],
    ['EntityUpdated', 'Resource', []],
    ['EntityUpdated', 'constructor', []],
    ['EntityUpdated', null, ['product 7', 'variant 7', 'category 7']],
    ['EntityDeleted', null, ['product 7', 'assortment 7', 'variant 7', 'category 7']],
  ])('%s of %s', (event, entityTypeId, expected) => {
    expect(streamsOf({ event, entityId: 7, entityTypeId })).toEqual(expected);
  });

  it.each<[string | null, readonly string[]]>([
    ['ProductItem', ['assortment 1']],
    ['ProductResource', ['assortment 1']],
    ['ChannelNodeProducts', ['assortment 2']],
    ['ChannelNodeChannelNodes', ['category 2']],
    ['ChannelChannelNodes', ['category 2']],
    ['ProductAccessories', []],
    [null, ['assortment 1', 'assortment 2', 'category 2']],
  ])('a link of type %s', (linkTypeId, expected) => expect(link(linkTypeId)).toEqual(expected));

  it('says who told it and when', () => {
    const body = { event: 'EntityUpdated', entityId: 7, occurredAt: '2026-05-04T08:00:00Z' };
    const { eventId, at } = notify.parse(request(body), settings);
    expect({ eventId, at }).toEqual({ eventId: 'relay-1', at: Date.UTC(2026, 4, 4, 8) });
  });
});

it('is believed when signed with one of the secrets, and only then', () => {
  const seconds = 1_777_881_600;
  const { body, ...rest } = request({ event: 'EntityUpdated', entityId: 7 });
  const signed = (key: string): InboundRequest => {
    const signature = createHmac('sha256', key).update(`relay-1.${seconds}.`).update(body);
    const headers = {
      ...rest.headers,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${signature.digest('base64')}`,
    };
    return { ...rest, body, headers };
  };
  const verdict = (key: string, lateMs = 0) =>
    verifyWebhook(notify.signature, notify.secrets(settings), signed(key), seconds * 1000 + lateMs);
  expect(verdict('relay')).toMatchObject({ ok: true, eventId: 'relay-1' });
  expect(verdict('other')).toMatchObject({ ok: true });
  expect(verdict('stranger')).toEqual({ ok: false, reason: 'wrong-signature' });
  expect(verdict('relay', 3_600_000)).toEqual({ ok: false, reason: 'too-old' });
});

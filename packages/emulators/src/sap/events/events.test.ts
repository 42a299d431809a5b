import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../clock.js';
import { createFaultBoard, type FaultBoard } from '../../control/faults.js';
import { listen, type RunningServer, readBody, sendJson } from '../../http.js';
import { until } from '../../test-client.js';
import { type CloudEvent, eventType } from './cloud-event.js';
import { createEventMesh, type EventMesh, type EventMeshOptions } from './event-mesh.js';
import { REDELIVERY_MS } from './message-queue.js';
import { RETRY_DELAYS_MS, WAITING_MAX } from './push-queue.js';

interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
}

let clock: ManualClock;
let faults: FaultBoard;
let mesh: EventMesh;
let receiver: RunningServer;
let received: Received[] = [];
/** What the receiver answers. */
let status = 204;
let allowedOrigin: string | undefined = '*';
let tokens = 0;

const start = (over: Partial<EventMeshOptions> = {}): EventMesh =>
  createEventMesh({ clock, faults, secret: 'mesh', systemId: '730431274', ...over });

beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 4, 4, 10, 11, 12, 345));
  faults = createFaultBoard(clock);
  mesh = start();
  received = [];
  status = 204;
  allowedOrigin = '*';
  tokens = 0;
  receiver = await listen(
    (request, response) => {
      void readBody(request).then((raw) => {
        if (request.url === '/token') {
          tokens++;
          sendJson(response, 200, { access_token: `token-${tokens}`, expires_in: 600 });
          return;
        }
        received.push({ method: request.method ?? '', headers: request.headers, raw });
        if (request.method === 'OPTIONS' && allowedOrigin !== undefined)
          response.setHeader('WebHook-Allowed-Origin', allowedOrigin);
        response.writeHead(request.method === 'OPTIONS' ? 200 : status).end();
      });
    },
    '127.0.0.1',
    0,
  );
});

afterEach(async () => {
  mesh.close();
  await receiver.close();
});

const changed = (order: string): void =>
  mesh.publish({ type: eventType('SalesOrder', 'Changed'), data: { SalesOrder: order } });

const events = (): CloudEvent[] =>
  received
    .filter(({ method }) => method === 'POST')
    .map(({ raw }) => JSON.parse(raw.toString()) as CloudEvent);

const orders = (): (string | undefined)[] => events().map(({ data }) => data['SalesOrder']);

const isIdle = (): boolean => mesh.webhooks().every(({ waiting }) => waiting === 0);

describe('webhooks', () => {
  it('get CloudEvents that hold the key and nothing else', async () => {
    const token = 'secret';
    mesh.subscribe({ name: 'all', url: receiver.url, auth: { kind: 'bearer', token } });
    changed('42');
    await until(() => received.length === 1);
    const [event] = events();
    expect(event).toEqual({
      type: 'sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1',
      specversion: '1.0',
      source: '/default/sap.s4.beh/730431274',
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      time: '2026-05-04T10:11:12Z',
      datacontenttype: 'application/json',
      data: { SalesOrder: '42' },
    });
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      authorization: 'Bearer secret',
    });
  });

  it('get the types they subscribed to', async () => {
    mesh.subscribe({ name: 'a', url: receiver.url, types: ['sap.s4.beh.product.*'] });
    changed('1');
    mesh.publish({ type: eventType('Product', 'Created'), data: { Product: 'P' } });
    await until(isIdle);
    expect(events().map(({ data }) => data)).toEqual([{ Product: 'P' }]);
  });

  it('can check a signature of the body', async () => {
    const secret = 'shared';
    mesh.subscribe({ name: 'a', url: receiver.url, auth: { kind: 'hmac', secret } });
    changed('1');
    await until(() => received.length === 1);
    const [call] = received;
    const wanted = createHmac('sha256', secret)
      .update(call?.raw ?? '')
      .digest('hex');
    expect(call?.headers['x-signature']).toBe(wanted);
  });

  it('are shown a token that is fetched once and renewed when it runs out', async () => {
    mesh.subscribe({
      name: 'a',
      url: receiver.url,
      auth: {
        kind: 'oauth',
        tokenUrl: `${receiver.url}/token`,
        clientId: 'id',
        clientSecret: 'secret',
      },
    });
    for (const [order, waitMs] of [
      ['1', 0],
      ['2', 500_000],
      ['3', 100_000],
    ] as const) {
      await clock.advance(waitMs);
      changed(order);
      await until(isIdle);
    }
    expect(received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  it('are asked first, and get nothing until they allow it', async () => {
    allowedOrigin = undefined;
    mesh.subscribe({ name: 'a', url: receiver.url, hasHandshake: true });
    changed('1');
    await until(() => mesh.webhooks()[0]?.state === 'refused');
    expect(received.map(({ method }) => method)).toEqual(['OPTIONS']);
    const origin = received[0]?.headers['webhook-request-origin'];
    expect(origin).toBe('eventmesh.s4h.example');
    allowedOrigin = String(origin);
    expect(mesh.resume('a')).toBe(true);
    await until(isIdle);
    expect(orders()).toEqual(['1']);
  });

  it('get what they refused again, later and later, until it is a week old', async () => {
    mesh.subscribe({ name: 'a', url: receiver.url });
    status = 500;
    changed('1');
    const refused = (): number => mesh.webhooks()[0]?.refused ?? 0;
    await until(() => refused() === 1);
    for (const [index, delayMs] of RETRY_DELAYS_MS.entries()) {
      await clock.advance(delayMs - 1);
      expect(received).toHaveLength(index + 1);
      await clock.advance(1);
      await until(() => refused() === index + 2);
    }
    status = 200;
    await clock.advance(RETRY_DELAYS_MS.at(-1) ?? 0);
    await until(isIdle);
    expect(mesh.webhooks()[0]).toMatchObject({ delivered: 1, givenUp: 0 });
    expect(new Set(events().map(({ id }) => id)).size).toBe(1);

    status = 500;
    const before = refused();
    changed('2');
    // An attempt every four hours at most: a week has no more than 45.
    for (let attempt = 1; attempt <= 50 && mesh.webhooks()[0]?.givenUp === 0; attempt++) {
      await until(() => refused() === before + attempt);
      await clock.advance(RETRY_DELAYS_MS.at(-1) ?? 0);
    }
    await until(() => mesh.webhooks()[0]?.givenUp === 1);
    expect(isIdle()).toBe(true);
  });

  it('lose, double and shuffle what faults order, and say which', async () => {
    mesh.subscribe({ name: 'a', url: receiver.url });
    faults.add({ kind: 'drop-webhook', scope: 'sap', times: 1 });
    changed('lost');
    faults.clear();
    faults.add({ kind: 'duplicate-webhook', scope: 'sap.s4.beh.salesorder', times: 1 });
    changed('twice');
    faults.clear();
    await until(isIdle);
    faults.add({ kind: 'reorder-webhook', scope: 'sap', times: 1 });
    changed('late');
    changed('early');
    await until(() => received.length === 4);
    await until(isIdle);
    expect(orders().slice(0, 2)).toEqual(['twice', 'twice']);
    expect(orders().slice(2).sort()).toEqual(['early', 'late']);
    expect(faults.log().map(({ kind, ids }) => [kind, ids[1]])).toEqual([
      ['drop-webhook', 'lost'],
      ['duplicate-webhook', 'twice'],
      ['reorder-webhook', 'late'],
    ]);
    faults.clear();
    faults.add({ kind: 'disable-webhook', times: 1 });
    changed('kept');
    changed('kept too');
    expect(mesh.webhooks()[0]).toMatchObject({ state: 'paused', waiting: 2 });
    expect(mesh.resume('a')).toBe(true);
    await until(isIdle);
    expect(orders().slice(4).sort()).toEqual(['kept', 'kept too']);
  });

  it('hold so much and no more while switched off', () => {
    mesh.subscribe({ name: 'a', url: receiver.url });
    faults.add({ kind: 'disable-webhook', times: 1 });
    for (let index = 0; index < WAITING_MAX + 3; index++) changed(String(index));
    expect(mesh.webhooks()[0]).toMatchObject({ waiting: WAITING_MAX, givenUp: 3 });
    expect(mesh.unsubscribe('a')).toBe(true);
    expect(mesh.webhooks()).toEqual([]);
  });
});

describe('queues', () => {
  let server: RunningServer;
  afterEach(() => server.close());

  const open = async (options: Partial<EventMeshOptions> = {}): Promise<void> => {
    mesh.close();
    mesh = start(options);
    mesh.createQueue({ name: 'headrace/orders', types: ['sap.s4.beh.salesorder.*'] });
    server = await listen(mesh.listener, '127.0.0.1', 0);
  };
  const post = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { method: 'POST', headers });
  const root = '/messagingrest/v1/queues/headrace%2Forders/messages';
  const take = (qos: string): Promise<Response> => post(`${root}/consumption`, { 'x-qos': qos });

  it('keep a message until it is acknowledged, with quality of service 1', async () => {
    await open();
    changed('1');
    changed('2');
    const first = await take('1');
    const id = first.headers.get('x-message-id') ?? '';
    expect(first.headers.get('content-type')).toContain('application/cloudevents+json');
    expect(await first.json()).toMatchObject({ data: { SalesOrder: '1' } });
    expect(await (await take('1')).json()).toMatchObject({ data: { SalesOrder: '2' } });
    expect((await take('1')).status).toBe(204);
    await clock.advance(REDELIVERY_MS);
    const again = await take('1');
    expect(again.headers.get('x-message-id')).toBe(id);
    await again.json();
    const last = await take('1');
    expect(last.headers.get('x-message-id')).toBe('m-2');
    await last.json();
    expect((await post(`${root}/${id}/acknowledgement`)).status).toBe(204);
    expect((await post(`${root}/${id}/acknowledgement`)).status).toBe(404);
    await clock.advance(REDELIVERY_MS);
    expect((await take('1')).headers.get('x-message-id')).toBe('m-2');
    expect((await take('1')).status).toBe(204);
  });

  it('forget it at once with 0, and want to be told which', async () => {
    await open();
    changed('1');
    expect((await take('0')).status).toBe(200);
    await clock.advance(REDELIVERY_MS);
    expect((await take('0')).status).toBe(204);
    expect((await take('2')).status).toBe(400);
    expect(
      (await post('/messagingrest/v1/queues/none/messages/consumption', { 'x-qos': '1' })).status,
    ).toBe(404);
  });

  it('ask for a token where one is wanted', async () => {
    await open({ auth: { clients: [{ id: 'a', secret: 'b' }] } });
    changed('1');
    expect((await take('1')).status).toBe(401);
    const granted = await fetch(`${server.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token } = (await granted.json()) as { access_token: string };
    const headers = { 'x-qos': '1', authorization: `Bearer ${access_token}` };
    expect((await post(`${root}/consumption`, headers)).status).toBe(200);
    faults.add({ kind: '429', scope: 'sap', retryAfterS: 3, times: 1 });
    const busy = await post(`${root}/consumption`, headers);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '3']);
  });
});

import type { ConfiguredSource } from '@headrace/sdk';
import { createTestContext } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SapConfig, SapSettings } from './config.js';
import { eventQueue } from './event-queue.js';
import { sap } from './index.js';

const clock = { now: () => 0, monotonicMs: () => 0 };
const base: SapSettings = { url: 'https://erp.example', auth: sap.basic('user:password') };
const events: SapSettings['events'] = {
  url: 'https://mesh.example',
  queue: 'company/headrace',
  auth: sap.oauth('id:secret', { tokenUrl: 'https://login.example/oauth/token' }),
};
const path = '/messagingrest/v1/queues/company%2Fheadrace/messages';

/** The queue over answers by address, with what was asked in order. */
function queueOver(answers: Readonly<Record<string, () => Response>>) {
  const asked: string[] = [];
  const context = createTestContext(sap({ ...base, events }) as ConfiguredSource<SapConfig>, {
    clock,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      asked.push(`${String(url)} ${headers.get('authorization')}`);
      const token = JSON.stringify({ access_token: 't', expires_in: 600 });
      const { pathname } = new URL(String(url));
      return pathname === '/oauth/token'
        ? new Response(token)
        : (answers[pathname]?.() ?? new Response(null, { status: 204 }));
    },
  });
  const queue = eventQueue(context);
  if (queue === null) throw new Error('there is no queue');
  return { queue, asked };
}

const message = (id: string) => () =>
  new Response('{}', { headers: { 'x-message-id': id, 'ce-id': 'e' } });

describe('the queue of Event Mesh', () => {
  it('is asked with tokens of its own, and told what may go', async () => {
    const { queue, asked } = queueOver({ [`${path}/consumption`]: message('m 1') });
    const [notice] = await queue.take(1);
    expect(notice?.request).toMatchObject({ headers: { 'ce-id': 'e' }, method: 'POST' });
    await notice?.acknowledge();
    expect(asked).toEqual([
      `https://login.example/oauth/token Basic ${Buffer.from('id:secret').toString('base64')}`,
      `https://mesh.example${path}/consumption Bearer t`,
      `https://mesh.example${path}/m%201/acknowledgement Bearer t`,
    ]);
  });

  it('gives what there is, also beside a call that failed', async () => {
    let count = 0;
    const answer = () => {
      count += 1;
      if (count === 2) return new Response(null, { status: 503 });
      return count === 3 ? new Response(null, { status: 204 }) : message(`m${count}`)();
    };
    expect(await queueOver({ [`${path}/consumption`]: answer }).queue.take(4)).toHaveLength(2);
    expect(await queueOver({}).queue.take(2)).toEqual([]);
  });

  it.each([
    [404, 'config', 'E_SAP_QUEUE'],
    [401, 'config', 'E_CREDENTIALS'],
    [429, 'rate-limited', 'E_RATE_LIMITED'],
    [500, 'transient', 'E_UPSTREAM'],
  ])('says what is wrong with it: %i', async (status, kind, code) => {
    const { queue } = queueOver({
      [`${path}/consumption`]: () => new Response('{}', { status }),
    });
    await expect(queue.take(2)).rejects.toMatchObject({ kind, code });
  });

  it('wants an id with each message, and minds no id it has forgotten', async () => {
    const anonymous = queueOver({ [`${path}/consumption`]: () => new Response('{}') });
    await expect(anonymous.queue.take(1)).rejects.toMatchObject({ code: 'E_SAP_QUEUE' });
    const { queue } = queueOver({
      [`${path}/consumption`]: message('m1'),
      [`${path}/m1/acknowledgement`]: () => new Response(null, { status: 404 }),
    });
    const [notice] = await queue.take(1);
    await expect(notice?.acknowledge()).resolves.toBeUndefined();
  });
});

describe('its settings', () => {
  const problemOf = (more: object) => {
    const result = z.safeParse(sap.spec.config, { ...base, ...more });
    return result.success ? '' : z.prettifyError(result.error);
  };

  it.each([
    ['no token endpoint', { auth: sap.oauth('id:secret') }, 'token endpoint of the service key'],
    ['a password', { auth: sap.basic('u:p') }, 'must be sap.oauth'],
    ['no address', { url: 'mesh' }, 'must be an address'],
    ['no time at all', { every: '0s' }, '100ms or more'],
  ])('refuse %s', (_, more, expected) => {
    expect(problemOf({ events: { ...events, ...more } })).toContain(expected);
  });

  it('name each host that is called, and no other', () => {
    const originsOf = (more: object) =>
      sap.spec.origins?.(z.parse(sap.spec.config, { ...base, ...more }));
    expect(originsOf({})).toEqual([]);
    expect(originsOf({ events })).toEqual(['https://mesh.example', 'https://login.example']);
    const auth = (tokenUrl: string) => ({ auth: sap.oauth('id:secret', { tokenUrl }) });
    expect(originsOf(auth('https://erp.example/token'))).toEqual([]);
    expect(originsOf(auth('https://login.example/x?y=1'))).toEqual(['https://login.example']);
    expect(problemOf(auth('//login.example'))).toContain('must be a path of the system');
    expect(problemOf(auth('token'))).toContain('must be a path of the system');
  });
});

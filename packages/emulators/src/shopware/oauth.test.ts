import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askJson, startTestClient, type TestClient } from '../test-client.js';

describe('OAuth', () => {
  let client: TestClient;
  beforeAll(async () => {
    client = await startTestClient({
      clients: [{ id: 'LIMITED', secret: 'limited-secret', privileges: ['product:read'] }],
    });
  });
  afterAll(() => client.emulators.close());

  const grant = (id: string, secret: string) =>
    askJson(
      `${client.emulators.shopware.url}/api/oauth/token`,
      'POST',
      { grant_type: 'client_credentials', client_id: id, client_secret: secret },
      {},
    );

  it('refuses a wrong secret and a call without a token in the words of the shop', async () => {
    const wrong = await grant(client.emulators.shopware.clientId, 'nonsense');
    expect(wrong.status).toBe(401);
    expect(wrong.body.errors[0].title).toBe('Client authentication failed');
    const bare = await askJson(
      `${client.emulators.shopware.url}/api/search/product`,
      'POST',
      {},
      {},
    );
    expect(bare.status).toBe(401);
    expect(bare.body.errors[0]).toMatchObject({ code: '9', status: '401' });
  });

  it('takes form bodies as well as JSON', async () => {
    const { shopware } = client.emulators;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: shopware.clientId,
      client_secret: shopware.clientSecret,
    });
    const answer = await askJson(`${shopware.url}/api/oauth/token`, 'POST', form.toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
  });

  it('answers what a client has no privilege for with 403', async () => {
    const token = await grant('LIMITED', 'limited-secret');
    const headers = { authorization: `Bearer ${token.body.access_token}` };
    const { url } = client.emulators.shopware;
    expect((await askJson(`${url}/api/search/product`, 'POST', {}, headers)).status).toBe(200);
    const refused = await askJson(`${url}/api/search/order`, 'POST', {}, headers);
    expect(refused.status).toBe(403);
    expect(refused.body.errors[0].code).toBe('FRAMEWORK__MISSING_PRIVILEGE_ERROR');
    expect(JSON.parse(refused.body.errors[0].detail).missingPrivileges).toEqual(['order:read']);
  });

  it('allows ten token calls a minute, and tokens live six hundred seconds, on the emulated clock', async () => {
    const { shopware, manualClock } = client.emulators;
    await manualClock?.advance(61_000);
    for (let calls = 0; calls < 10; calls++) {
      expect((await grant(shopware.clientId, shopware.clientSecret)).status).toBe(200);
    }
    const limited = await grant(shopware.clientId, shopware.clientSecret);
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('60');
    await manualClock?.advance(60_000);
    const token = await grant(shopware.clientId, shopware.clientSecret);
    const headers = { authorization: `Bearer ${token.body.access_token}` };
    const ask = () => askJson(`${shopware.url}/api/_info/version`, 'GET', undefined, headers);
    await manualClock?.advance(599_999);
    expect((await ask()).status).toBe(200);
    await manualClock?.advance(1);
    expect((await ask()).status).toBe(401);
  });
});

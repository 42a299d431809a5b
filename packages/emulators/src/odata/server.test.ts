import { afterEach, describe, expect, it } from 'vitest';
import type { ODataServerOptions } from './server.js';
import {
  createToy,
  startToySystem,
  type ToyOptions,
  type ToySystem,
  toyProduct,
} from './test-service.js';

let running: ToySystem[] = [];
const start = async (
  toyOptions: ToyOptions = {},
  options: Partial<ODataServerOptions> = {},
): Promise<ToySystem> => {
  const system = await startToySystem(toyOptions, options);
  running.push(system);
  return system;
};
afterEach(async () => {
  for (const system of running) await system.close();
  running = [];
});

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('logon', () => {
  const auth = {
    users: [{ id: 'CC0001', secret: 'pass:word' }],
    clients: [{ id: 'sb-client', secret: 's3cret', services: ['API_TOY_SRV'] }],
    tokenLifetimeS: 600,
  };

  it('is by Basic, refused with a challenge', async () => {
    const system = await start({}, { auth });
    const refused = await system.call('/A_Product');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Basic realm="SAP NetWeaver');
    const wrong = { authorization: basic('CC0001', 'word') };
    expect((await system.call('/A_Product', { headers: wrong })).status).toBe(401);
    const right = { authorization: basic('CC0001', 'pass:word') };
    expect((await system.call('/A_Product', { headers: right })).status).toBe(200);
    expect((await system.call('/A_Product?sap-client=200', { headers: right })).status).toBe(401);
    expect((await system.call('/A_Product?sap-client=100', { headers: right })).status).toBe(200);
  });

  it('is by client credentials, for as long as the emulated clock says', async () => {
    const system = await start({}, { auth });
    const grant = (secret: string) =>
      system.call('/sap/bc/sec/oauth2/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `grant_type=client_credentials&client_id=sb-client&client_secret=${secret}`,
      });
    expect((await grant('wrong')).status).toBe(401);
    const { body } = await grant('s3cret');
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await system.call('/A_Product', { headers })).status).toBe(200);
    const forged = { authorization: `Bearer ${body.access_token}x` };
    expect((await system.call('/A_Product', { headers: forged })).status).toBe(401);
    await system.clock.advance(600_000);
    const late = await system.call('/A_Product', { headers });
    expect(late.status).toBe(401);
    expect(late.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('does not open every service to everybody', async () => {
    const users = [{ id: 'CC0002', secret: 'x', services: ['API_OTHER_SRV'] }];
    const system = await start({}, { auth: { users } });
    const answer = await system.call('/A_Product', {
      headers: { authorization: basic('CC0002', 'x') },
    });
    expect(answer.status).toBe(403);
    expect(answer.body.error.message.value).toContain("Service 'API_TOY_SRV'");
  });
});

describe('writes', () => {
  const create = JSON.stringify({ Product: 'NEW', ProductType: 'HAWA', GrossWeight: '1.250' });

  it('need a CSRF token together with every cookie of its session', async () => {
    const system = await start();
    const post = (headers: Record<string, string>) =>
      system.call('/A_Product', { method: 'POST', body: create, headers });
    for (const round of [1, 2]) {
      const both = await system.csrf();
      const { 'x-csrf-token': token = '', cookie = '' } = both;
      expect(cookie.split('; ')).toHaveLength(2);
      for (const headers of [
        {},
        { 'x-csrf-token': token },
        { cookie },
        { 'x-csrf-token': token, cookie: cookie.split('; ')[0] ?? '' },
        { 'x-csrf-token': `${token}x`, cookie },
        { 'x-csrf-token': token, cookie: cookie.replaceAll('=', '=x') },
      ]) {
        const refused = await post(headers);
        expect([refused.status, refused.text]).toEqual([403, 'CSRF token validation failed']);
        expect(refused.headers.get('x-csrf-token')).toBe('Required');
      }
      expect(system.toy.products.count()).toBe(19 + round);
      const again = await system.call('/', { headers: { cookie, 'x-csrf-token': 'fetch' } });
      expect(again.headers.get('x-csrf-token')).toBe(token);
      expect((await post(both)).status).toBe(round === 1 ? 201 : 400);
    }
    const names = new Set<string>();
    for (let session = 0; session < 2; session++)
      names.add(((await system.csrf())['cookie'] ?? '').split('=')[0] ?? '');
    expect(names.size).toBe(2);
  });

  it('loses its session after half an hour', async () => {
    const system = await start();
    const headers = await system.csrf();
    await system.clock.advance(30 * 60_000 + 1);
    const refused = await system.call('/A_Product', { method: 'POST', body: create, headers });
    expect(refused.status).toBe(403);
  });

  it('create, change, replace and delete, each against the ETag', async () => {
    const system = await start();
    const csrf = await system.csrf();
    const call = (method: string, path: string, body: unknown, headers = {}) =>
      system.call(path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: { ...csrf, ...headers },
      });
    const made = await call('POST', '/A_Product', JSON.parse(create));
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(made.body.d.__metadata.uri);
    expect(made.body.d).toMatchObject({ Product: 'NEW', GrossWeight: '1.250' });
    const path = "/A_Product('NEW')";
    const etag = made.headers.get('etag') ?? '';
    expect((await call('PATCH', path, { Pieces: 5 })).status).toBe(428);
    expect((await call('PATCH', path, { Pieces: 5 }, { 'if-match': 'W/"x"' })).status).toBe(412);
    expect((await call('PATCH', path, { Pieces: 5 }, { 'if-match': etag })).status).toBe(204);
    expect((await call('PATCH', path, { Pieces: 6 }, { 'if-match': etag })).status).toBe(412);
    const merge = { 'if-match': '*', 'x-http-method': 'MERGE' };
    expect((await call('POST', path, { Pieces: 7 }, merge)).status).toBe(204);
    const changed = (await system.call(path)).body.d;
    expect(changed).toMatchObject({ Pieces: 7, ProductType: 'HAWA' });
    expect((await call('PUT', path, { Pieces: 8 }, { 'if-match': '*' })).status).toBe(204);
    const replaced = (await system.call(path)).body.d;
    expect(replaced).toMatchObject({ Pieces: 8, ProductType: null, GrossWeight: null });
    const unchanged = { headers: { 'if-none-match': replaced.__metadata.etag } };
    expect((await system.call(path, unchanged)).status).toBe(304);
    expect((await call('DELETE', path, undefined)).status).toBe(428);
    expect((await call('DELETE', path, undefined, { 'if-match': '*' })).status).toBe(204);
    expect((await system.call(path)).status).toBe(404);
  });

  it.each([
    [{ Product: 'X', Nothing: 1 }, 'Nothing'],
    [{ Product: 'X', GrossWeight: 1.5 }, 'GrossWeight'],
    [{ Product: 'X', GrossWeight: '1.2345' }, 'GrossWeight'],
    [{ Product: 'X', ProductType: 'TOO LONG' }, 'ProductType'],
    [{ Product: 'X', CreationDate: '2026-02-30' }, 'CreationDate'],
    [{ Product: 'X', Pieces: true }, 'Pieces'],
  ])('%j is refused with its property', async (body, target) => {
    const system = await start();
    const answer = await system.call('/A_Product', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: await system.csrf(),
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error.innererror.errordetails[0].target).toBe(target);
  });

  it('are not there where the set has no such call', async () => {
    const system = await start({ isReadOnly: true });
    const headers = { ...(await system.csrf()), 'if-match': '*' };
    for (const [method, path] of [
      ['POST', '/A_Product'],
      ['DELETE', "/A_Product('P0001')"],
      ['PATCH', "/A_Product('P0001')"],
      ['PUT', '/A_Product'],
    ] as const)
      expect((await system.call(path, { method, body: '{}', headers })).status).toBe(405);
  });
});

describe('$batch', () => {
  const lines = (...parts: string[]): string => parts.join('\r\n');
  const change = (method: string, path: string, body: unknown, ...headers: string[]): string => {
    const text = JSON.stringify(body);
    return lines(
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `${method} ${path} HTTP/1.1`,
      'Content-Type: application/json',
      ...headers,
      `Content-Length: ${Buffer.byteLength(text)}`,
      '',
      text,
    );
  };
  const read = (path: string): string =>
    lines(
      'Content-Type: application/http',
      '',
      `GET ${path} HTTP/1.1`,
      'Accept: application/json',
      '',
      '',
    );
  const changeSet = (...changes: string[]): string =>
    lines(
      'Content-Type: multipart/mixed; boundary=batch_1_c',
      '',
      ...changes.flatMap((text) => ['--batch_1_c', text]),
      '--batch_1_c--',
      '',
    );
  const send = async (system: ToySystem, ...parts: string[]) => {
    const answer = await system.call('/$batch', {
      method: 'POST',
      headers: {
        ...(await system.csrf()),
        'content-type': 'multipart/mixed; boundary="batch_1"',
      },
      body: lines(...parts.flatMap((part) => ['--batch_1', part]), '--batch_1--', ''),
    });
    return { ...answer, statuses: [...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1]) };
  };

  it('applies a change set as a whole, and answers 202 around it', async () => {
    const system = await start();
    const answer = await send(
      system,
      read('A_Product/$count'),
      changeSet(
        change('POST', 'A_Product', { Product: 'ONE', Pieces: 1, ProductType: 'ü' }),
        change('PATCH', "A_Product('P0001')", { Pieces: 100 }, 'If-Match: *'),
      ),
      read('/sap/opu/odata/sap/API_TOY_SRV/A_Product/$count'),
      read("A_Product('nothing')"),
    );
    expect(answer.status).toBe(202);
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=/);
    expect(answer.statuses).toEqual(['200', '201', '204', '200', '404']);
    expect(answer.text).toContain('\r\n\r\n20\r\n');
    expect(answer.text).toContain('\r\n\r\n21\r\n');
    expect(system.toy.products.byKey(['P0001'])?.pieces).toBe(100);
    expect(system.toy.products.byKey(['ONE'])?.type).toBe('ü');
  });

  it('leaves no trace of a change set with one bad change, wherever it stands', async () => {
    const good = [
      change('POST', 'A_Product', { Product: 'ONE' }),
      change('PATCH', "A_Product('P0001')", { Pieces: 100 }, 'If-Match: *'),
      change('DELETE', "A_Product('P0002')", {}, 'If-Match: *'),
    ];
    const bad = [
      change('PATCH', "A_Product('P0003')", { Pieces: -1 }, 'If-Match: *'),
      change('PATCH', "A_Product('P0003')", { Pieces: 1 }),
      change('PATCH', "A_Product('nothing')", { Pieces: 1 }),
      change('POST', 'A_Product', { Product: 'P0005' }),
      read('A_Product'),
    ];
    const untouched = createToy();
    for (const wrong of bad) {
      for (let place = 0; place <= good.length; place++) {
        const system = await start();
        const parts = [...good.slice(0, place), wrong, ...good.slice(place)];
        const answer = await send(system, changeSet(...parts), read('A_Product/$count'));
        expect(answer.status).toBe(202);
        expect(answer.statuses).toHaveLength(2);
        expect(Number(answer.statuses[0])).toBeGreaterThanOrEqual(400);
        const all = { kind: 'offset', offset: 0 } as const;
        expect([...system.toy.products.rows(all)]).toEqual([...untouched.products.rows(all)]);
      }
    }
  });

  it('counts its changes one by one, and itself as none', async () => {
    const system = await start();
    system.calls.reset();
    await send(
      system,
      read('A_Product'),
      changeSet(
        change('PATCH', "A_Product('P0001')", { Pieces: 1 }, 'If-Match: *'),
        change('PATCH', "A_Product('P(0)2')", { Pieces: 2 }, 'If-Match: *'),
      ),
    );
    const root = '/sap/opu/odata/sap/API_TOY_SRV';
    expect(system.calls.counts()).toEqual({
      total: 4,
      mutating: 2,
      byClass: {
        [`GET ${root}/`]: 1,
        [`PATCH ${root}/A_Product({key})`]: 2,
        [`POST ${root}/$batch`]: 1,
      },
      byClient: {},
    });
  });

  it.each([
    ['no boundary', 'multipart/mixed', '--b--'],
    ['another type', 'application/json', '{}'],
    ['no end', 'multipart/mixed; boundary=b', '--b\r\n\r\nGET A_Product HTTP/1.1\r\n'],
    ['no request line', 'multipart/mixed; boundary=b', '--b\r\n\r\nhello\r\n--b--'],
    ['too many parts', 'multipart/mixed; boundary=b', `${'--b\r\n\r\n'.repeat(1_200)}--b--`],
  ])('with %s is refused', async (_, type, body) => {
    const system = await start();
    const headers = { ...(await system.csrf()), 'content-type': type };
    const answer = await system.call('/$batch', { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('/IWFND/CM_MGW/071');
  });
});

describe('limits, down-times and faults', () => {
  it('answers 429 with the seconds to wait', async () => {
    const system = await start({}, { requestsPerSecond: 2 });
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await system.call('/')).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await system.call('/')).headers.get('retry-after')).toBe('1');
    await system.clock.advance(1_000);
    expect((await system.call('/')).status).toBe(200);
  });

  it('is down at night, in its own zone, and tells for how long', async () => {
    const quietHours = { from: '23:00', to: '01:30', timeZone: 'Europe/Berlin' };
    const system = await start({}, { quietHours });
    const at = async (iso: string) => {
      await system.clock.advance(Date.parse(iso) - system.clock.now());
      const { status, headers, text } = await system.call('/A_Product');
      return [status, headers.get('retry-after'), text.startsWith('<!DOCTYPE html>')];
    };
    expect(await at('2026-05-05T20:59:59Z')).toEqual([200, null, false]);
    expect(await at('2026-05-05T21:00:00Z')).toEqual([503, '9000', true]);
    expect(await at('2026-05-05T23:29:59Z')).toEqual([503, '1', true]);
    expect(await at('2026-05-05T23:30:00Z')).toEqual([200, null, false]);
    system.server.setQuietHours({ from: '00:00', to: '02:00' });
    expect((await at('2026-05-06T01:00:00Z'))[0]).toBe(503);
    system.server.setQuietHours(undefined);
    expect((await system.call('/A_Product')).status).toBe(200);
  });

  it('refuses a body over its limit', async () => {
    const system = await start({}, { bodyBytesMax: 1_000 });
    const headers = await system.csrf();
    const body = JSON.stringify({ Product: 'x'.repeat(1_000) });
    const answer = await system.call('/A_Product', { method: 'POST', headers, body });
    expect(answer.status).toBe(413);
  });

  it.each([
    [{ kind: '429', retryAfterS: 7 }, 429],
    [{ kind: '5xx', status: 502 }, 502],
    [{ kind: 'outage' }, 0],
    [{ kind: 'truncate' }, 0],
    [{ kind: 'timeout-after-apply' }, 0],
  ] as const)('%j strikes where its scope says', async (order, status) => {
    const system = await start();
    for (const scope of ['sap', 'A_Product', '/sap/opu/odata/sap/API_TOY_SRV']) {
      system.faults.add({ ...order, scope, times: 1 });
      const answer = await system.call('/A_Product').catch(() => ({ status: 0 }));
      expect(answer.status).toBe(status);
      expect((await system.call('/A_Product')).status).toBe(200);
    }
    system.faults.add({ ...order, scope: 'shopware' });
    expect((await system.call('/A_Product')).status).toBe(200);
    expect(system.faults.log()).toHaveLength(3);
  });

  it('spoils rows as it spoils those of any system', async () => {
    const system = await start({ paging: { defaultSize: 8 } });
    const once = async (order: object, path = '/A_Product?$inlinecount=allpages') => {
      const fault = system.faults.add({ ...(order as { kind: 'poison' }), scope: 'A_Product' });
      const answer = await system.call(path).catch((error: unknown) => String(error));
      system.faults.remove(fault.id);
      return answer as { body: { d: { results: Record<string, unknown>[]; __count: string } } };
    };
    expect((await once({ kind: 'empty-feed' })).body.d).toEqual({ __count: '0', results: [] });
    const last = await once({ kind: 'drop-last-page' }, '/A_Product?$skip=16');
    expect(last.body.d.results).toEqual([]);
    const full = await once({ kind: 'drop-last-page' });
    expect(full.body.d.results).toHaveLength(8);
    const [, shifted] = (await once({ kind: 'unit-shift' })).body.d.results;
    expect(shifted?.['GrossWeight']).toBe('115.000');
    const [renamed] = (await once({ kind: 'schema-change', field: 'Pieces' })).body.d.results;
    expect(renamed).toHaveProperty('PiecesRenamed', 0);
    expect(String(await once({ kind: 'poison', poison: 'nan' }))).toContain('SyntaxError');
    const nulls = (await once({ kind: 'poison', poison: 'null-id' })).body.d.results;
    expect(nulls.filter((row) => row['Product'] === null)).toHaveLength(1);
    const [entry] = system.faults.log();
    expect(entry).toMatchObject({ kind: 'empty-feed', ids: expect.arrayContaining(['P0000']) });
  });

  it('takes logons and sessions away on order', async () => {
    const auth = { clients: [{ id: 'a', secret: 'b' }] };
    const system = await start({}, { auth });
    const { body } = await system.call('/sap/bc/sec/oauth2/token', {
      method: 'POST',
      headers: { authorization: basic('a', 'b') },
      body: new URLSearchParams({ grant_type: 'client_credentials' }).toString(),
    });
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await system.call('/', { headers })).status).toBe(200);
    system.faults.add({ kind: 'token-expiry', scope: 'sap', times: 1 });
    expect((await system.call('/', { headers })).status).toBe(401);
  });
});

describe('documents', () => {
  it('has a service document and metadata with SAP’s annotations', async () => {
    const system = await start();
    const { body } = await system.call('/');
    expect(body.d.EntitySets).toEqual(['A_Product', 'A_ProductDescription', 'A_ProductGroup']);
    const parametrised = await system.call('/sap/opu/odata/sap/API_TOY_SRV;v=0002/$metadata');
    const { text } = await system.call('/$metadata', { headers: { accept: '*/*' } });
    expect(parametrised.text).toBe(text);
    expect(text).toContain(
      '<Property Name="LastChangeDateTime" Type="Edm.DateTimeOffset" Nullable="false" Precision="7" ConcurrencyMode="Fixed" sap:creatable="false" sap:updatable="false"/>',
    );
    expect(text).toContain('sap:label="Gross &quot;weight&quot; &lt;kg&gt;"');
    expect(text).toContain(
      '<Property Name="Product" Type="Edm.String" Nullable="false" MaxLength="40"',
    );
    expect(text.match(/<ReferentialConstraint>/g)).toHaveLength(1);
    // Every element that opens closes again, in order.
    const open: string[] = [];
    for (const [, slash, name, , end] of text.matchAll(/<(\/?)([\w:]+)((?:\s[^<>]*?)?)(\/?)>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (end !== '/') open.push(name ?? '');
    }
    expect(open).toEqual([]);
  });

  it('speaks V4: plain literals, arrays, numbers, next links', async () => {
    const system = await start({ version: 4, paging: { defaultSize: 2 } });
    const path = `/A_Product?$filter=LastChangeDateTime ge 2026-05-04T10:11:12.3450003Z and contains(Product,'P')&$count=true&$expand=to_Group`;
    const { body, headers } = await system.call(path, { headers: { accept: '*/*' } });
    expect(headers.get('odata-version')).toBe('4.0');
    expect(body['@odata.count']).toBe(17);
    expect(body.value).toHaveLength(2);
    expect(body.value[0]).toMatchObject({
      Product: 'P0003',
      GrossWeight: 3.35,
      CreationDate: '2026-01-04',
      CreationTime: '00:00:03',
      LastChangeDateTime: '2026-05-04T10:11:12.3450003Z',
      to_Group: { ProductGroup: 'G0' },
    });
    const next = await system.call(body['@odata.nextLink'].slice(system.url.length));
    expect(next.body.value.map((row: { Product: string }) => row.Product)).toEqual([
      'P0005',
      'P0006',
    ]);
    const exact = { accept: 'application/json;IEEE754Compatible=true' };
    const one = await system.call("/A_Product('P0003')", { headers: exact });
    expect(one.body.GrossWeight).toBe('3.350');
    expect(one.body['@odata.context']).toBe('$metadata#A_Product/$entity');
    const wrong = await system.call('/A_Product?$filter=Nothing eq 1');
    expect([wrong.status, wrong.body.error.code]).toEqual([400, '/IWFND/CM_MGW/041']);
    const { text } = await system.call('/$metadata');
    expect(text).toContain('<Property Name="CreationDate" Type="Edm.Date"/>');
    expect(text).toContain('Type="Collection(com.sap.gateway.srvd_a2x.api_toy_srv.v0001.');
    const headersOfWrite = await system.csrf();
    const made = await system.call('/A_Product', {
      method: 'POST',
      headers: headersOfWrite,
      body: JSON.stringify({ Product: 'V4', GrossWeight: 1.5 }),
    });
    expect([made.status, made.body.GrossWeight]).toEqual([201, 1.5]);
    expect(system.toy.products.byKey(['V4'])?.group).toBe(toyProduct(0).group);
  });
});

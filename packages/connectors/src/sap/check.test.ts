import { errorFromStatus, HeadraceError, type HttpRequest } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sap } from './index.js';
import type { SapContext } from './odata/question.js';

/** A system with one plant and one sales area, or none at all. */
function system(settings: object, refuse: (request: HttpRequest) => HeadraceError | null) {
  const asked: string[] = [];
  const request = async (request: HttpRequest) => {
    const { pathname, searchParams } = new URL(request.path, 'http://erp');
    asked.push(pathname);
    const error = refuse(request);
    if (error !== null) throw error;
    const first = searchParams.get('$filter') === null && searchParams.get('$top') === '1';
    const rows: Readonly<Record<string, object>> = {
      A_ProductPlant: { Plant: 'NL01' },
      A_SalesOrder: {
        ...{ SalesOrganization: '1000', DistributionChannel: '10', OrganizationDivision: '00' },
      },
    };
    const row = rows[pathname.split('/').at(-1) ?? ''];
    const results = first && row !== undefined ? [row] : [];
    const text = pathname.endsWith('$metadata')
      ? '<Edmx><Schema/></Edmx>'
      : JSON.stringify({ d: { results } });
    return { status: 200, headers: {}, body: Buffer.from(text) };
  };
  const config = z.parse(sap.spec.config, {
    url: 'http://erp.example',
    auth: { kind: 'basic', secret: 'user:password' },
    ...settings,
  });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const context = { config, http: { request }, log } as unknown as SapContext;
  return { asked, check: () => sap.spec.check(context as never) };
}

describe('the check of an SAP system', () => {
  it('asks once where the password is refused, for SAP locks users', async () => {
    const { asked, check } = system({}, ({ path }) => errorFromStatus(401, {}, `GET ${path}`, 0));
    const results = await check();
    expect(results).toMatchObject([{ name: 'system', ok: false }]);
    expect(results[0]?.text).toContain('locks a user');
    expect(asked).toHaveLength(1);
  });

  it('says once that nothing is reached, with the reason', async () => {
    const hint = 'Nothing answers at erp.example.';
    const { check } = system(
      {},
      () => new HeadraceError('transient', 'No.', { code: 'E_NETWORK', hint }),
    );
    const results = await check();
    expect(results).toHaveLength(1);
    expect(results[0]?.text).toBe(`SAP is not reached. No. ${hint}`);
  });

  it('goes on where a single service is forbidden', async () => {
    const { check } = system({}, ({ path }) =>
      path.includes('API_PRODUCT_SRV') ? errorFromStatus(403, {}, 'GET', 0) : null,
    );
    const failed = (await check()).filter(({ ok }) => !ok);
    expect(failed.map(({ name }) => name)).toEqual(['API_PRODUCT_SRV (SAP_COM_0009)']);
    expect(failed[0]?.text).toContain('SAP_COM_0009');
  });

  it('names plants and sales areas that are not there, and those left out', async () => {
    const named = system(
      { plants: { NL02: 'dc' }, salesAreas: { '1000/11/00': 'web' } },
      () => null,
    );
    const wrong = (await named.check()).filter(({ ok }) => !ok);
    expect(wrong.map(({ text }) => text)).toEqual([
      'No material is in NL02, which `plants` names. Found: NL01.',
      'No order is of 1000/11/00, which `salesAreas` names. Found: 1000/10/00.',
    ]);
    const part = system({ plants: { 'NL01/0001': 'dc' } }, () => null);
    const texts = (await part.check()).map(({ name, text }) => `${name}: ${text}`);
    expect(texts).toContain('plants: All that are there are named: NL01.');
  });
});

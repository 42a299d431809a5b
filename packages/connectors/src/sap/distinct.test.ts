import type { HttpRequest } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { distinct } from './distinct.js';
import type { SapContext } from './odata/question.js';

const rows = [
  ...[
    ['1000', '10'],
    ['1000', '20'],
    ['1000', '10'],
    ['2000', '10'],
    ['', ''],
    ['2000', '10'],
  ],
].map(([SalesOrganization = '', DistributionChannel = '']) => ({
  SalesOrganization,
  DistributionChannel,
}));
const wanted = {
  ...{ root: '/sap/opu/odata/sap/ANY', set: 'A_Set', max: 20 },
  properties: ['SalesOrganization', 'DistributionChannel'],
};

/** Answers with the first row in order beyond the position a filter of this shape names. */
function service(filters: boolean) {
  const asked: string[] = [];
  const request = async ({ path }: HttpRequest) => {
    const filter = new URL(path, 'http://erp').searchParams.get('$filter') ?? '';
    asked.push(filter);
    const [, organization = '', channel = ''] =
      /^\(SalesOrganization gt '(.*)'\) or \(\(SalesOrganization eq '.*'\) and \(DistributionChannel gt '(.*)'\)\)$/.exec(
        filter,
      ) ?? [];
    const beyond = rows
      .map((row) => [row.SalesOrganization, row.DistributionChannel] as const)
      .filter(
        ([a, b]) =>
          !filters || filter === '' || a > organization || (a === organization && b > channel),
      )
      .sort(([a, b], [c, d]) => (`${a}/${b}` < `${c}/${d}` ? -1 : 1));
    const results = beyond.slice(0, 1).map(([SalesOrganization, DistributionChannel]) => ({
      SalesOrganization,
      DistributionChannel,
    }));
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ d: { results } })) };
  };
  return { asked, context: { config: {}, http: { request } } as unknown as SapContext };
}

describe('values of a set', () => {
  it('are found with a request each, the empty one left out', async () => {
    const { asked, context } = service(true);
    expect(await distinct(context, wanted)).toEqual([
      ['1000', '10'],
      ['1000', '20'],
      ['2000', '10'],
    ]);
    expect(asked).toHaveLength(5);
  });

  it('end where a service does not filter, and at a limit', async () => {
    const deaf = service(false);
    expect(await distinct(deaf.context, { ...wanted, max: 5 })).toEqual([]);
    expect(deaf.asked).toHaveLength(2);
    const { asked, context } = service(true);
    expect(await distinct(context, { ...wanted, max: 2 })).toEqual([['1000', '10']]);
    expect(asked).toHaveLength(2);
  });
});

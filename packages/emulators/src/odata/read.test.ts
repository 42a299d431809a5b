import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOptions, parseQuery } from './query.js';
import { countOf, readPage } from './read.js';
import {
  changeAt,
  createToy,
  startToySystem,
  type ToyProduct,
  type ToySystem,
  type ToyText,
  toyProduct,
} from './test-service.js';

const queryOf = (toy: ReturnType<typeof createToy>, text: string) => {
  const [set] = toy.service.entitySets;
  if (set === undefined) throw new Error('no set');
  return { set, query: parseQuery(toy.service, set, parseOptions(text, 2)) };
};

const idsOf = (toy: ReturnType<typeof createToy>, text: string): string[] => {
  const { set, query } = queryOf(toy, text);
  return readPage(toy.service, set, query).rows.map((row) => (row as ToyProduct).id);
};

describe('access paths', () => {
  const toy = createToy({ products: 2_000 });
  const touchedBy = (text: string): { ids: string[]; touched: number } => {
    toy.touched = 0;
    const ids = idsOf(toy, text);
    return { ids, touched: toy.touched };
  };

  it.each([
    ["$filter=Product eq 'P0007'", ['P0007'], 1],
    ["$filter=Product eq 'P0007' or Product eq 'P0003'", ['P0003', 'P0007'], 2],
    [
      "$filter=LastChangeDateTime gt datetimeoffset'2026-05-04T10:11:12.3451997Z'",
      ['P1998', 'P1999'],
      2,
    ],
    [
      "$filter=LastChangeDateTime ge datetimeoffset'2026-05-04T10:11:12.3450010Z' and LastChangeDateTime lt datetimeoffset'2026-05-04T10:11:12.3450012Z'",
      ['P0010', 'P0011'],
      2,
    ],
    [
      "$filter=ProductGroup eq 'G1' and LastChangeDateTime le datetimeoffset'2026-05-04T10:11:12.3450002Z'",
      ['P0001'],
      3,
    ],
    ["$filter=Product eq 'a' and Product eq 'b'", [], 0],
    ["$filter=startswith(ProductGroup,'X')", [], 0],
    ["$filter=startswith(ProductGroup,'G2')&$orderby=ProductGroup&$top=1", ['P0002'], 2],
    ['$skip=1990&$top=2', ['P1990', 'P1991'], 3],
    ['$orderby=LastChangeDateTime,Product&$top=2', ['P0000', 'P0001'], 3],
    ["$filter=ProductGroup eq 'G2'&$top=2", ['P0002', 'P0005'], 3],
    // Down the key in blocks, from a place found by bisection.
    ['$orderby=Product desc&$top=2', ['P1999', 'P1998'], 256],
    ["$filter=Product lt 'P1000'&$orderby=Product desc&$top=2", ['P0999', 'P0998'], 268],
    ["$filter=Product gt 'P1000' and Pieces ge 0&$orderby=Product&$top=2", ['P1001', 'P1002'], 15],
    ["$filter=Product ge 'P1000' and Product lt 'P1003' and Pieces gt 1001", ['P1002'], 30],
  ])('%s looks at the rows it needs only', (text, ids, touchedMax) => {
    const found = touchedBy(text);
    expect(found.ids).toEqual(ids);
    expect(found.touched).toBeLessThanOrEqual(touchedMax);
  });

  it('finds what a scan finds, in the same order', () => {
    const indexed = createToy({ products: 60 });
    const plain = createToy({ products: 60 });
    const [set] = plain.service.entitySets;
    Object.assign(set?.source ?? {}, { indexes: undefined });
    const atoms = fc.oneof(
      fc.nat(59).map((n) => `Product eq 'P${String(n).padStart(4, '0')}'`),
      fc
        .constantFrom('eq', 'gt', 'ge', 'lt', 'le', 'ne')
        .chain((operator) =>
          fc
            .nat(59)
            .map(
              (n) =>
                `LastChangeDateTime ${operator} datetimeoffset'2026-05-04T10:11:12.345${String(n).padStart(4, '0')}Z'`,
            ),
        ),
      fc.nat(3).map((n) => `ProductGroup eq 'G${n}'`),
      fc.constantFrom("startswith(ProductGroup,'G')", "startswith(Product,'P001')"),
      fc.constantFrom('Pieces gt 30', 'ProductType eq null', 'IsMarkedForDeletion'),
      fc
        .tuple(fc.constantFrom('gt', 'ge', 'lt', 'le', 'ne'), fc.nat(59))
        .map(([operator, n]) => `Product ${operator} 'P${String(n).padStart(4, '0')}'`),
    );
    const { filter } = fc.letrec<{ filter: string }>((tie) => ({
      filter: fc.oneof(
        { depthSize: 'small' },
        atoms,
        fc
          .tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter'))
          .map(([left, joint, right]) => `(${left}) ${joint} (${right})`),
        tie('filter').map((inner) => `not (${inner})`),
      ),
    }));
    const orders = fc.constantFrom(
      '',
      '&$orderby=LastChangeDateTime',
      '&$orderby=LastChangeDateTime desc',
      '&$orderby=ProductGroup,Product',
      '&$orderby=ProductType desc,GrossWeight',
      '&$orderby=Product desc',
      '&$orderby=to_Group/Name',
    );
    const pages = fc.constantFrom('', '&$top=5', '&$skip=3', '&$skip=7&$top=4');
    fc.assert(
      fc.property(filter, orders, pages, (text, order, page) => {
        const query = `$filter=${text}${order}${page}`;
        expect(idsOf(indexed, query)).toEqual(idsOf(plain, query));
        const { set: first, query: parsed } = queryOf(indexed, query);
        const { set: second } = queryOf(plain, query);
        expect(countOf(indexed.service, first, parsed)).toBe(
          countOf(plain.service, second, parsed),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('paging by key', () => {
  it('walks a set of several key properties down to its end, each page at once', () => {
    const toy = createToy({ products: 700 });
    const set = toy.service.entitySets[1];
    if (set === undefined) throw new Error('no set');
    const read = (filter: string, direction: string): ToyText[] => {
      const order = `Product ${direction},Language ${direction}`;
      const options = parseOptions(`$orderby=${order}&$top=100${filter}`, 2);
      const query = parseQuery(toy.service, set, options);
      return readPage(toy.service, set, query).rows as ToyText[];
    };
    for (const [direction, comparison] of [
      ['desc', 'lt'],
      ['asc', 'gt'],
    ] as const) {
      const found: ToyText[] = [];
      for (let page = read('', direction); page.length > 0; ) {
        found.push(...page);
        const last = page.at(-1);
        page = read(
          `&$filter=(Product ${comparison} '${last?.product}') or ((Product eq '${last?.product}') and (Language ${comparison} '${last?.language}'))`,
          direction,
        );
      }
      const all = [...toy.texts.rows({ kind: 'offset', offset: 0 })];
      expect(found).toEqual(direction === 'asc' ? all : all.reverse());
    }
  });
});

describe('pages', () => {
  const collect = async (
    system: ToySystem,
    first: string,
    onPage: (page: number) => void = () => undefined,
  ): Promise<string[]> => {
    const ids: string[] = [];
    let path: string | undefined = first;
    for (let page = 0; path !== undefined; page++) {
      const { body } = await system.call(path);
      ids.push(...body.d.results.map((row: { Product: string }) => row.Product));
      onPage(page);
      path = body.d.__next?.slice(system.url.length);
    }
    return ids;
  };

  it('a $skiptoken of keys neither loses nor doubles a row while rows come and go', async () => {
    const system = await startToySystem({
      products: 50,
      paging: { defaultSize: 7, token: 'key' },
    });
    const all = Array.from({ length: 50 }, (_, index) => toyProduct(index).id);
    const { products } = system.toy;
    const ids = await collect(system, '/A_Product', (page) => {
      products.put(toyProduct(0, { id: `A${page}` }));
      products.put(toyProduct(0, { id: `Z${page}` }));
      if (page === 2) products.remove(['P0001']);
    });
    expect(ids.filter((id) => id.startsWith('P'))).toEqual(all);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id.startsWith('A'))).toEqual([]);
    await system.close();
  });

  it('a $skiptoken of offsets drifts, as it does at SAP', async () => {
    const system = await startToySystem({ products: 30, paging: { defaultSize: 10 } });
    const { products } = system.toy;
    const doubled = await collect(system, '/A_Product?$filter=Pieces ge 0', (page) => {
      if (page === 0) products.put(toyProduct(0, { id: 'A' }));
    });
    expect(doubled.filter((id) => id === 'P0009')).toHaveLength(2);
    products.remove(['A']);
    const lost = await collect(system, '/A_Product', (page) => {
      if (page === 0) products.remove(['P0003']);
    });
    expect(lost).not.toContain('P0010');
    await system.close();
  });

  it('has one size without $top, a cap with it, and keeps options in the next link', async () => {
    const system = await startToySystem({
      products: 60,
      paging: { defaultSize: 10, maxSize: 25 },
    });
    const plain = (await system.call('/A_Product')).body.d;
    expect(plain.results).toHaveLength(10);
    expect(plain.__next).toContain('/A_Product?$skiptoken=10');
    const capped = (
      await system.call('/A_Product?$top=55&$skip=2&$select=Product&$inlinecount=allpages')
    ).body.d;
    expect(capped.results).toHaveLength(25);
    expect(capped.__count).toBe('60');
    expect(capped.__next).toContain('$top=55&$skip=2&$select=Product');
    const ids = await collect(system, '/A_Product?$top=55&$skip=2&$select=Product');
    expect(ids).toEqual(idsOf(createToy({ products: 60 }), '$top=55&$skip=2'));
    expect((await system.call('/A_Product?$top=0')).body.d).toEqual({ results: [] });
    await system.close();
  });
});

describe('answers', () => {
  let system: ToySystem;
  beforeAll(async () => {
    system = await startToySystem();
  });
  afterAll(() => system.close());

  it('has the shapes of SAP: __metadata, dates, decimals as text, links not followed', async () => {
    const { body, headers, text } = await system.call("/A_Product('P0003')");
    const uri = `${system.url}/sap/opu/odata/sap/API_TOY_SRV/A_Product('P0003')`;
    expect(headers.get('dataserviceversion')).toBe('2.0');
    expect(text).toContain('"CreationDate":"\\/Date(');
    expect(body.d).toEqual({
      __metadata: {
        id: uri,
        uri,
        type: 'API_TOY_SRV.A_ProductType',
        etag: `W/"datetimeoffset'2026-05-04T10%3A11%3A12.3450003Z'"`,
      },
      Product: 'P0003',
      ProductType: 'FERT',
      ProductGroup: 'G0',
      GrossWeight: '3.350',
      WeightUnit: 'KG',
      Pieces: 3,
      IsMarkedForDeletion: false,
      CreationDate: `/Date(${Date.UTC(2026, 0, 4)})/`,
      CreationTime: 'PT00H00M03S',
      ProductUUID: toyProduct(3).guid,
      LastChangeDateTime: `/Date(${changeAt(3).ms}+0000)/`,
      to_Description: { __deferred: { uri: `${uri}/to_Description` } },
      to_Group: { __deferred: { uri: `${uri}/to_Group` } },
    });
    expect(headers.get('etag')).toBe(body.d.__metadata.etag);
  });

  it('selects, expands and nests', async () => {
    const { body } = await system.call(
      '/A_Product?$top=3&$select=Product,to_Description/Language,to_Group&$expand=to_Description,to_Group&$format=json',
      { headers: { accept: '*/*' } },
    );
    const [, , third] = body.d.results;
    expect(Object.keys(third)).toEqual(['__metadata', 'Product', 'to_Description', 'to_Group']);
    expect(third.to_Group).toBeNull();
    expect(third.to_Description.results.map((row: object) => Object.keys(row))).toEqual([
      ['__metadata', 'Language'],
      ['__metadata', 'Language'],
    ]);
  });

  it('goes along navigations, counts, and gives single properties', async () => {
    const path = "/A_Product('P0001')";
    const texts = await system.call(`${path}/to_Description?$filter=Language eq 'EN'`);
    expect(texts.body.d.results).toHaveLength(1);
    expect((await system.call(`${path}/to_Group`)).body.d.Name).toBe('Group G1');
    expect((await system.call("/A_Product('P0002')/to_Group")).status).toBe(404);
    const one = await system.call(`${path}/to_Description(Product='P0001',Language='DE')`);
    expect(one.body.d.ProductDescription).toBe('P0001 in DE');
    const other = await system.call(`${path}/to_Description(Product='P0002',Language='DE')`);
    expect(other.status).toBe(404);
    expect((await system.call('/A_Product/$count')).text).toBe('20');
    expect((await system.call('/A_Product/$count?$filter=Pieces lt 5')).text).toBe('5');
    expect((await system.call(`${path}/Pieces`)).body).toEqual({ d: { Pieces: 1 } });
    expect((await system.call(`${path}/GrossWeight/$value`)).text).toBe('1.150');
  });

  it.each([
    ['/A_Product?$filter=Nothing eq 1', 400, '/IWFND/CM_MGW/041'],
    ['/A_Product?$fliter=Pieces eq 1', 400, '/IWFND/CM_MGW/041'],
    ['/A_Product?$top=-1', 400, '/IWFND/CM_MGW/041'],
    ['/A_Product?$top=1&$top=2', 400, '/IWFND/CM_MGW/041'],
    ['/A_Product?$select=Nothing', 400, '/IWFND/CM_MGW/041'],
    ['/A_Product?$expand=to_Nothing', 400, '/IWFND/CM_MGW/041'],
    ['/A_Product?$skiptoken=x', 400, '/IWFND/CM_MGW/041'],
    ['/A_Product?$filter=%', 400, '/IWFND/CM_MGW/041'],
    ["/A_Product('nothing')", 404, '/IWBEP/CM_MGW_RT/020'],
    ['/A_Product(1)', 400, '/IWFND/CM_MGW/041'],
    ["/A_ProductDescription(Product='P0001')", 400, '/IWFND/CM_MGW/042'],
    ['/A_Nothing', 404, '/IWBEP/CM_MGW_RT/020'],
    ['/A_Product?$format=xlsx', 415, '/IWFND/CM_MGW/415'],
    ['/sap/opu/odata/sap/API_OTHER_SRV/', 403, '/IWFND/MED/170'],
    [`/A_Product${'/x'.repeat(30)}`, 400, '/IWFND/CM_MGW/041'],
  ])('%s is refused in SAP’s words', async (path, status, code) => {
    const answer = await system.call(path, { headers: { 'accept-language': 'de-DE' } });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.body.error.message.lang).toBe('de');
    expect(answer.body.error.innererror.transactionid).toMatch(/^[0-9A-F]{32}$/);
    expect(answer.body.error.innererror.timestamp).toBe('20260505120000.0000000');
  });

  it('refuses an address that is too long', async () => {
    const answer = await system.call(`/A_Product?$filter=${'x'.repeat(8_200)}`);
    expect([answer.status, answer.body.error.code]).toEqual([414, '/IWFND/CM_MGW/414']);
  });

  it('gives errors as XML to who asked for no JSON', async () => {
    const answer = await system.call('/A_Product', { headers: { accept: '*/*' } });
    expect(answer.status).toBe(415);
    expect(answer.text).toContain('<code>/IWFND/CM_MGW/415</code>');
  });
});

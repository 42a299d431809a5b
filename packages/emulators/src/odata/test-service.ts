import { createManualClock, type ManualClock } from '../clock.js';
import { type CallCounter, createCallCounter } from '../control/calls.js';
import { createFaultBoard, type FaultBoard } from '../control/faults.js';
import { listen } from '../http.js';
import { ODataError } from './errors.js';
import { createMemoryRows, type MemoryRows } from './memory-rows.js';
import type { EntitySet, FineInstant, Property, Service, WriteValues } from './model.js';
import { createODataServer, type ODataServer, type ODataServerOptions } from './server.js';

/** A small service for the tests of the engine: products, their texts, their group. */

export interface ToyProduct {
  readonly id: string;
  readonly type: string | null;
  readonly group: string;
  readonly weight: string | null;
  readonly pieces: number;
  readonly isMarked: boolean;
  readonly createdMs: number;
  readonly timeMs: number;
  readonly guid: string;
  readonly changed: FineInstant;
}

export interface ToyText {
  readonly product: string;
  readonly language: string;
  readonly text: string;
}

export interface ToyGroup {
  readonly id: string;
  readonly name: string;
}

export interface Toy {
  readonly service: Service;
  readonly products: MemoryRows<ToyProduct>;
  readonly productSet: EntitySet<ToyProduct>;
  readonly texts: MemoryRows<ToyText>;
  readonly groups: MemoryRows<ToyGroup>;
  /** Rows of products the engine looked at. */
  touched: number;
}

const PRODUCT: readonly Property<ToyProduct>[] = [
  { name: 'Product', type: 'Edm.String', maxLength: 40, value: (row) => row.id, label: 'Product' },
  { name: 'ProductType', type: 'Edm.String', maxLength: 4, value: (row) => row.type },
  { name: 'ProductGroup', type: 'Edm.String', maxLength: 9, value: (row) => row.group },
  {
    name: 'GrossWeight',
    type: 'Edm.Decimal',
    precision: 13,
    scale: 3,
    unit: 'WeightUnit',
    label: 'Gross "weight" <kg>',
    value: (row) => row.weight,
  },
  {
    name: 'WeightUnit',
    type: 'Edm.String',
    maxLength: 3,
    semantics: 'unit-of-measure',
    isFilterable: false,
    value: () => 'KG',
  },
  { name: 'Pieces', type: 'Edm.Int32', value: (row) => row.pieces },
  { name: 'IsMarkedForDeletion', type: 'Edm.Boolean', value: (row) => row.isMarked },
  {
    name: 'CreationDate',
    type: 'Edm.DateTime',
    precision: 0,
    displayFormat: 'Date',
    isUpdatable: false,
    value: (row) => row.createdMs,
  },
  { name: 'CreationTime', type: 'Edm.Time', precision: 0, value: (row) => row.timeMs },
  { name: 'ProductUUID', type: 'Edm.Guid', value: (row) => row.guid },
  {
    name: 'LastChangeDateTime',
    type: 'Edm.DateTimeOffset',
    precision: 7,
    isNullable: false,
    isConcurrencyToken: true,
    isCreatable: false,
    isUpdatable: false,
    value: (row) => row.changed,
  },
];

const TEXT: readonly Property<ToyText>[] = [
  { name: 'Product', type: 'Edm.String', maxLength: 40, value: (row) => row.product },
  { name: 'Language', type: 'Edm.String', maxLength: 2, value: (row) => row.language },
  { name: 'ProductDescription', type: 'Edm.String', maxLength: 40, value: (row) => row.text },
];

const GROUP: readonly Property<ToyGroup>[] = [
  { name: 'ProductGroup', type: 'Edm.String', maxLength: 9, value: (row) => row.id },
  { name: 'Name', type: 'Edm.String', maxLength: 20, value: (row) => row.name },
];

/** The time of a change, 100 ns apart from its neighbours. */
export const changeAt = (index: number): FineInstant => ({
  ms: Date.UTC(2026, 4, 4, 10, 11, 12, 345),
  ticks: index,
});

export const toyProduct = (index: number, over: Partial<ToyProduct> = {}): ToyProduct => ({
  id: `P${String(index).padStart(4, '0')}`,
  type: index % 5 === 0 ? null : index % 2 === 0 ? 'HAWA' : 'FERT',
  group: `G${index % 3}`,
  weight: index % 7 === 0 ? null : `${index}.${String(index % 10)}50`,
  pieces: index,
  isMarked: index % 4 === 0,
  createdMs: Date.UTC(2026, 0, 1 + (index % 28)),
  timeMs: index * 1_000,
  guid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  changed: changeAt(index),
  ...over,
});

export interface ToyOptions {
  readonly products?: number;
  readonly version?: 2 | 4;
  readonly paging?: Service['paging'];
  readonly isReadOnly?: boolean;
}

export const createToy = (options: ToyOptions = {}): Toy => {
  const product = { name: 'A_Product', key: ['Product'], properties: PRODUCT };
  const text = { name: 'A_ProductDescription', key: ['Product', 'Language'], properties: TEXT };
  const group = { name: 'A_ProductGroup', key: ['ProductGroup'], properties: GROUP };
  const products = createMemoryRows(product, ['LastChangeDateTime', 'ProductGroup']);
  const texts = createMemoryRows(text, ['Product']);
  const groups = createMemoryRows(group);
  for (const id of ['G0', 'G1']) groups.put({ id, name: `Group ${id}` });
  for (let index = 0; index < (options.products ?? 20); index++) {
    const row = toyProduct(index);
    products.put(row);
    for (const language of ['DE', 'EN'])
      texts.put({ product: row.id, language, text: `${row.id} in ${language}` });
  }
  let writes = 0;
  const changed = (): FineInstant => {
    writes++;
    return { ms: Date.UTC(2026, 5, 1), ticks: writes };
  };
  const withValues = (row: ToyProduct, values: WriteValues): ToyProduct => ({
    ...row,
    type: 'ProductType' in values ? (values['ProductType'] as string | null) : row.type,
    weight: 'GrossWeight' in values ? (values['GrossWeight'] as string | null) : row.weight,
    pieces: 'Pieces' in values ? Number(values['Pieces']) : row.pieces,
    changed: changed(),
  });
  const toy: { touched: number } = { touched: 0 };
  const counted = function* <Row>(rows: Iterable<Row>): Generator<Row> {
    for (const row of rows) {
      toy.touched++;
      yield row;
    }
  };
  const productSet: EntitySet<ToyProduct> = {
    ...product,
    label: 'Products',
    navigations: [
      {
        name: 'to_Description',
        target: 'A_ProductDescription',
        multiplicity: '*',
        rows: (row) => {
          const bound = { value: row.id, isIncluded: true };
          return texts.indexes['Product']?.range({ lower: bound, upper: bound }) ?? [];
        },
      },
      {
        name: 'to_Group',
        target: 'A_ProductGroup',
        multiplicity: '0..1',
        constraint: [['ProductGroup', 'ProductGroup']],
        rows: (row) => [groups.byKey([row.group])].filter((entry) => entry !== undefined),
      },
    ],
    source: {
      ...products,
      rows: (start) => counted(products.rows(start)),
      byKey: (key) => {
        toy.touched++;
        return products.byKey(key);
      },
      indexes: Object.fromEntries(
        Object.entries(products.indexes).map(([name, index]) => [
          name,
          { ...index, range: (range) => counted(index.range(range)) },
        ]),
      ),
      ...(options.isReadOnly === true
        ? {}
        : {
            planCreate: (values) => {
              const id = values['Product'];
              if (typeof id !== 'string' || products.byKey([id]) !== undefined)
                throw new ODataError(400, 'ZTOY/001', `Product '${String(id)}' cannot be made`);
              const row = withValues(toyProduct(0, { id, type: null }), values);
              return {
                apply: () => {
                  products.put(row);
                  return row;
                },
              };
            },
            planUpdate: (row, values) => {
              if (values['Pieces'] === -1)
                throw new ODataError(400, 'ZTOY/002', 'Pieces cannot be negative');
              return {
                apply: () => {
                  const next = withValues(row, values);
                  products.put(next);
                  return next;
                },
              };
            },
            planDelete: (row) => ({ apply: () => products.remove([row.id]) }),
          }),
    },
  };
  const service: Service = {
    name: 'API_TOY_SRV',
    version: options.version ?? 2,
    entitySets: [productSet, { ...text, source: texts }, { ...group, source: groups }],
    ...(options.paging === undefined ? {} : { paging: options.paging }),
  };
  return Object.assign(toy, { service, products, productSet, texts, groups });
};

export interface ToyAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are probed field by field
  readonly body: any;
}

export interface ToySystem {
  readonly toy: Toy;
  readonly clock: ManualClock;
  readonly faults: FaultBoard;
  readonly calls: CallCounter;
  readonly server: ODataServer;
  readonly url: string;
  /** Path behind the service root; JSON is asked for unless a header says otherwise. */
  readonly call: (
    path: string,
    init?: { method?: string; body?: string; headers?: Record<string, string> },
  ) => Promise<ToyAnswer>;
  /** Headers that let a write pass. */
  readonly csrf: () => Promise<Record<string, string>>;
  readonly close: () => Promise<void>;
}

export const startToySystem = async (
  toyOptions: ToyOptions = {},
  serverOptions: Partial<ODataServerOptions> = {},
): Promise<ToySystem> => {
  const toy = createToy(toyOptions);
  const clock = createManualClock(Date.UTC(2026, 4, 5, 12));
  const faults = createFaultBoard(clock);
  const calls = createCallCounter();
  const server = createODataServer({
    services: [toy.service],
    clock,
    faults,
    onCall: calls.count,
    secret: 'toy',
    ...serverOptions,
  });
  const { url, close } = await listen(server.listener, '127.0.0.1', 0);
  const root =
    toy.service.version === 2
      ? '/sap/opu/odata/sap/API_TOY_SRV'
      : '/sap/opu/odata4/sap/api_toy_srv/srvd_a2x/sap/api_toy_srv/0001';
  const call: ToySystem['call'] = async (path, init = {}) => {
    const response = await fetch(`${url}${path.startsWith('/sap/') ? '' : root}${path}`, {
      ...init,
      headers: { accept: 'application/json', ...init.headers },
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  };
  const csrf = async (): Promise<Record<string, string>> => {
    const { headers } = await call('/', { headers: { 'x-csrf-token': 'Fetch' } });
    return {
      'x-csrf-token': headers.get('x-csrf-token') ?? '',
      cookie: headers
        .getSetCookie()
        .map((line) => line.split(';')[0] ?? '')
        .join('; '),
    };
  };
  return { toy, clock, faults, calls, server, url, call, csrf, close };
};

import { sap, shopware } from '@headrace/connectors';
import { startEmulators } from '@headrace/emulators';
import type {
  ContactFields,
  FlowGroup,
  FlowRecord,
  JsonObject,
  MappedRecord,
  Sink,
  SinkItem,
  TargetRecord,
  TargetState,
} from '@headrace/sdk';
import { canonicalJson } from '@headrace/sdk';
import { createTestContext, recordsOf } from '@headrace/sdk/testing';
import { afterAll, describe, expect, it } from 'vitest';

/** Sinks of SAP over HTTP against the emulator, without the platform's delivery loop. */

const {
  sap: access,
  shopware: shop,
  clock,
  ...emulators
} = await startEmulators({
  ...{ seed: 7, scale: 0.02, days: 30, customers: 200, orderLines: 600 },
  systems: ['shopware', 'sap'],
  integration: 'none',
});
afterAll(() => emulators.close());
if (access === undefined) throw new Error('the emulator of SAP did not start');

const time = { now: () => clock.now(), monotonicMs: () => performance.now() };
const salesAreas = {
  '1000/10/00': 'alpha-nl',
  '1000/20/00': 'alpha-b2b',
  '2000/10/00': 'beta-de',
  '2000/30/00': 'marketplace',
};
const soldTo = {
  'alpha-nl': '1010000001',
  'alpha-b2b': '1010000002',
  'beta-de': '1010000003',
  marketplace: '1010000004',
};
const settings: Parameters<typeof sap>[0] = {
  url: access.url,
  auth: sap.oauth(`${access.clientId}:${access.clientSecret}`),
  timeZone: 'Europe/Amsterdam',
  salesAreas,
  businessChannels: ['alpha-b2b'],
  write: {
    order: { soldTo, grossPrice: 'VKP0', netPrice: 'PPR0', rejection: '50' },
    return: { type: 'RE2' },
    purchase: { companyCode: '1000', organization: '1000', group: '001' },
  },
};
const context = createTestContext(sap(settings), { clock: time });
const sinkOf = (name: string): Sink<typeof context.config> => {
  const found = sap.spec.sinks?.find((sink) => sink.name === name);
  if (found === undefined) throw new Error(`there is no sink ${name}`);
  return found;
};

const shopAuth = `${shop.clientId}:${shop.clientSecret}`;
const openShop = (salesChannels: Record<string, string>) =>
  createTestContext(shopware({ url: shop.url, auth: shopAuth, salesChannels }), { clock: time });
const { body: listed } = await openShop({}).http.request({
  method: 'POST',
  path: '/api/search/sales-channel',
  json: { limit: 10 },
});
const { data } = JSON.parse(Buffer.from(listed).toString()) as { data: JsonObject[] };
const shopContext = openShop(
  Object.fromEntries(data.map(({ id, shortName }) => [String(id), String(shortName)])),
);

/** Orders of the shop as the platform would know them. */
async function shopOrders(): Promise<readonly FlowGroup[]> {
  const stream = shopware.spec.streams(shopContext.config).find(({ name }) => name === 'order');
  const source = (await shopware.spec.context?.(shopContext)) ?? {};
  const groups: FlowGroup[] = [];
  let page = await stream?.read(shopContext, 'pass', null);
  for (;;) {
    for (const record of (page === undefined ? [] : recordsOf(page)) as readonly JsonObject[]) {
      const mapped = stream?.map(record, { config: shopContext.config, source, subject: 'handle' });
      groups.push(groupOf(mapped ?? []));
    }
    if (page?.next == null) return groups;
    page = await stream?.read(shopContext, 'pass', page.next);
  }
}

function groupOf(mapped: readonly MappedRecord[]): FlowGroup {
  const records = mapped.map(({ entity, fields, externalId }): FlowRecord => {
    // Absent fields are not told.
    return { entity, key: externalId, fields: JSON.parse(JSON.stringify(fields)) as JsonObject };
  });
  const [order] = records.filter(({ entity }) => entity === 'order');
  return {
    key: `${String(order?.fields.channel)}/${String(order?.fields.orderNo)}`,
    records: (entity) => records.filter((one) => one.entity === entity),
    own: () => [],
    lookup: () => undefined,
  };
}

const personal: ContactFields = {
  email: 'iris.holm@example.org',
  shipTo: {
    ...{ givenName: 'Iris', familyName: 'Holm', street: 'Lange Straat 7' },
    ...{ postalCode: '5038 AB', city: 'Tilburg', country: 'NL', phone: '+31 6 10000000' },
  },
  billTo: {
    company: 'Holm BV',
    street: 'Kade 1',
    postalCode: '1011 AA',
    city: 'Amsterdam',
    country: 'NL',
  },
};

/** What the platform does with a group: map, read, write what differs. */
async function deliver(
  sink: Sink<typeof context.config>,
  group: FlowGroup,
  contact: ContactFields | null = personal,
) {
  const record = sink.map(group, { config: context.config, source: {}, subject: null });
  if (record === null) throw new Error(`${group.key} does not concern SAP`);
  const [before = null] = await sink.read(context, [record]);
  const [result] = await sink.write(context, [itemOf(record, before, contact)]);
  return { record, before, result };
}

function itemOf(
  record: TargetRecord,
  before: TargetState | null,
  contact: ContactFields | null,
): SinkItem {
  const differs = Object.entries(record.fields).filter(
    ([name, value]) =>
      before === null || canonicalJson(value) !== canonicalJson(before.fields[name] ?? null),
  );
  const { key, fields: wanted } = record;
  const fields = Object.fromEntries(differs);
  return { key, idempotencyKey: `test-${key}`, fields, wanted, before, personal: contact };
}

const root = '/sap/opu/odata/sap/API_SALES_ORDER_SRV';
async function ask(path: string): Promise<readonly JsonObject[]> {
  const { body } = await context.http.request({
    method: 'GET',
    path: `${root}/${path.replaceAll(' ', '%20')}`,
  });
  const answer = JSON.parse(Buffer.from(body).toString('utf8')) as { d: { results: JsonObject[] } };
  return answer.d.results;
}
const itemsOf = (row: JsonObject | undefined): readonly JsonObject[] =>
  (row?.to_Item as { results: JsonObject[] } | undefined)?.results ?? [];
const inSap = async (orderNo: string, channel: string) => {
  const [area = ''] = Object.entries(salesAreas).find(([, name]) => name === channel) ?? [];
  const rows = await ask(
    `A_SalesOrder?$filter=PurchaseOrderByCustomer eq '${orderNo}'&$expand=to_Item`,
  );
  return rows.filter(
    (row) =>
      `${row.SalesOrganization}/${row.DistributionChannel}/${row.OrganizationDivision}` === area,
  );
};
const command = async (body: object) => {
  const response = await fetch(`${emulators.control.url}/commands`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { id: string; key: string };
};
const fault = async (body: object) => {
  const response = await fetch(`${emulators.control.url}/faults`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
};
const noFaults = () => fetch(`${emulators.control.url}/faults`, { method: 'DELETE' });

const order = sinkOf('order');
const POST = 'POST /sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder';

/** The newest order of a channel. */
async function place(channel = 'alpha-nl'): Promise<FlowGroup> {
  await command({ kind: 'place-order', channel });
  return latest(channel);
}
async function latest(channel: string): Promise<FlowGroup> {
  const own = (await shopOrders()).filter(({ key }) => key.startsWith(`${channel}/`));
  const numberOf = ({ key }: FlowGroup) => Number(key.split('/')[1]);
  const [group] = own.sort((left, right) => numberOf(right) - numberOf(left));
  if (group === undefined) throw new Error(`there is no order of ${channel}`);
  return group;
}
const numberOf = (group: FlowGroup) => String(group.key.split('/')[1]);
const money = (fields: JsonObject | undefined, name: string) =>
  Number((fields?.[name] as { amount: string } | undefined)?.amount ?? 0);

describe('the sink of sales orders', () => {
  it.each(['alpha-nl', 'alpha-b2b', 'beta-de'])(
    'enters an order of %s as the shop has it, to the cent',
    async (channel) => {
      const group = await place(channel);
      const { result, before } = await deliver(order, group);
      expect(before).toBeNull();
      const [row] = await inSap(numberOf(group), channel);
      expect(result).toEqual({ key: group.key, kind: 'written', id: row?.SalesOrder });
      const [shops] = group.records('order');
      expect(Number(row?.TotalNetAmount)).toBe(money(shops?.fields, 'totalNet'));
      const goods = group.records('orderLine').filter(({ fields }) => fields.kind === 'item');
      const items = itemsOf(row);
      const spelled = (sku: unknown, quantity: unknown) => `${String(sku)} ${Number(quantity)}`;
      expect(
        items.map((item) => spelled(item.Material, item.RequestedQuantity)).toSorted(),
      ).toEqual(
        goods
          .map(({ fields }) => spelled(fields.sku, (fields.quantity as { value: string }).value))
          .toSorted(),
      );
      // What was written is what is read: nothing differs any more.
      const record = order.map(group, { config: context.config, source: {}, subject: null });
      const [after] = await order.read(context, [record as TargetRecord]);
      expect(after?.fields).toEqual(record?.fields);
    },
  );

  it('sends the buyer’s address with the order, and only there', async () => {
    const group = await place();
    const { record, result } = await deliver(order, group);
    expect(JSON.stringify(record)).not.toMatch(/Iris|Holm|Straat/);
    const id = result?.kind === 'written' ? result.id : null;
    const rows = await ask(`A_SalesOrderPartnerAddress?$filter=SalesOrder eq '${id}'`);
    const of = (part: string) => rows.find(({ PartnerFunction }) => PartnerFunction === part);
    expect(of('SH')).toMatchObject({
      ...{ OrganizationName1: 'Iris Holm', StreetName: 'Lange Straat 7', CityName: 'Tilburg' },
      EmailAddress: 'iris.holm@example.org',
    });
    expect(of('BP')).toMatchObject({ OrganizationName1: 'Holm BV', CityName: 'Amsterdam' });
    // A one-time customer without an address is nobody to send to; SAP says so.
    const nobody = await deliver(order, await place(), null);
    expect(nobody.result).toMatchObject({ kind: 'refused', error: 'record' });
    expect(nobody.result).toHaveProperty(
      'message',
      'Enter an address for the one-time customer (VP/112).',
    );
  });

  it('finds an order whose answer was lost, instead of entering it again', async () => {
    const group = await place();
    await fault({ kind: 'timeout-after-apply', scope: POST, times: 1 });
    const first = await deliver(order, group);
    expect(first.result).toMatchObject({ kind: 'refused', error: 'transient' });
    await noFaults();
    const { before } = await deliver(order, group);
    const rows = await inSap(numberOf(group), 'alpha-nl');
    expect(rows.map(({ SalesOrder }) => SalesOrder)).toEqual([before?.id]);
    expect(before?.fields).toEqual(first.record.fields);
  });

  it('opens a new session once when SAP no longer knows the token', async () => {
    emulators.sapSystem?.server.expireSessions();
    const group = await place();
    expect((await deliver(order, group)).result).toMatchObject({ kind: 'written' });
    expect(await inSap(numberOf(group), 'alpha-nl')).toHaveLength(1);
  });

  it('leaves the others alone when one is refused, and waits when SAP has enough', async () => {
    const [good, bad] = [await place(), await place()];
    const records = [good, bad].map((group) =>
      order.map(group, { config: context.config, source: {}, subject: null }),
    ) as TargetRecord[];
    const spoiled = structuredClone(records[1]?.fields) as {
      readonly items: Record<string, { material: string }>;
    };
    const [line] = Object.values(spoiled.items);
    if (line !== undefined) line.material = 'NO-SUCH-THING';
    const results = await order.write(context, [
      itemOf(records[0] as TargetRecord, null, personal),
      itemOf({ key: bad.key, fields: spoiled }, null, personal),
    ]);
    expect(results[0]).toMatchObject({ key: good.key, kind: 'written' });
    expect(results[1]).toMatchObject({ key: bad.key, kind: 'refused', error: 'record' });
    expect(results[1]).toHaveProperty('message', expect.stringContaining('NO-SUCH-THING'));
    await fault({ kind: '429', scope: POST, times: 1, retryAfterS: 7 });
    await expect(deliver(order, bad)).rejects.toMatchObject({ kind: 'rate-limited' });
    await fault({ kind: '5xx', scope: POST, times: 1 });
    expect((await deliver(order, bad)).result).toMatchObject({ error: 'transient' });
    await noFaults();
    expect(await inSap(numberOf(bad), 'alpha-nl')).toEqual([]);
  });

  it('changes what changed, takes out what was cancelled, and enters nothing for a lost order', async () => {
    const group = await place();
    await deliver(order, group);
    const lines = group.records('orderLine');
    const amended = amend(group, (fields) =>
      fields.kind === 'item' ? { ...fields, quantity: { value: '9', unit: 'C62' } } : fields,
    );
    const { before, record } = await deliver(order, amended);
    expect(before?.fields.items).not.toEqual(record.fields.items);
    const [row] = await inSap(numberOf(group), 'alpha-nl');
    const items = itemsOf(row);
    expect(items.every(({ RequestedQuantity }) => Number(RequestedQuantity) === 9)).toBe(true);
    expect(lines.length).toBeGreaterThan(0);

    const cancelled = amend(amended, (fields) => ({ ...fields, state: 'cancelled' }));
    expect((await deliver(order, cancelled)).result).toMatchObject({ kind: 'written' });
    const [gone] = await inSap(numberOf(group), 'alpha-nl');
    expect(gone?.OverallSDDocumentRejectionSts).toBe('C');
    // SAP has it rejected: nothing differs, and a shop that thinks otherwise does not bring it back.
    for (const one of [cancelled, amended]) {
      const { before: after, record: wanted } = await deliver(order, one);
      expect(after?.fields).toEqual(wanted.fields);
    }

    const lost = amend(await place(), (fields) => ({ ...fields, state: 'cancelled' }));
    expect((await deliver(order, lost)).result).toEqual({
      key: lost.key,
      kind: 'written',
      id: null,
    });
    expect(await inSap(numberOf(lost), 'alpha-nl')).toEqual([]);
  });

  it('says in SAP’s words that goods that left cannot be called back', async () => {
    const group = await place();
    const { result } = await deliver(order, group);
    const [channel, orderNo] = group.key.split('/');
    await command({ kind: 'ship-sales-order', channel, orderNo });
    const id = result?.kind === 'written' ? result.id : null;
    const [row] = await ask(`A_SalesOrder?$filter=SalesOrder eq '${id}'`);
    expect(row?.OverallTotalDeliveryStatus).toBe('C');
    const cancelled = amend(group, (fields) => ({ ...fields, state: 'cancelled' }));
    const late = await deliver(order, cancelled);
    expect(late.result).toMatchObject({ kind: 'refused', error: 'record' });
    expect(late.result).toHaveProperty('message', expect.stringContaining('already delivered'));
  });

  it('needs a channel with a sales area, and a customer to sell to', async () => {
    const group = await place('beta-de');
    const mapped = (settingsOf: object) =>
      order.map(group, {
        config: createTestContext(sap({ ...settings, ...settingsOf }), { clock: time }).config,
        source: {},
        subject: null,
      });
    expect(mapped({ salesAreas: { '1000/10/00': 'alpha-nl' } })).toBeNull();
    expect(() => mapped({ write: { order: { soldTo: { 'alpha-nl': '1' } } } })).toThrow('beta-de');
  });
});

describe('the sink of customer returns', () => {
  it('waits for the order, enters the return once, and finds it when the answer was lost', async () => {
    const sink = sinkOf('return');
    const group = await place();
    const [channel = '', orderNo = ''] = group.key.split('/');
    const goods = group.records('orderLine').find(({ fields }) => fields.kind === 'item');
    const keys = { channel, orderNo, rma: 'a0b1c2d3e4f5061728394a5b6c7d8e9f' };
    const announced: FlowGroup = {
      key: `${group.key}/${keys.rma}`,
      records: (entity) =>
        entity === 'return'
          ? [{ entity, key: '1', fields: { ...keys, requestedAt: '2026-05-20T22:30:00Z' } }]
          : entity === 'returnLine' && goods !== undefined
            ? [
                {
                  ...{ entity, key: '1/1' },
                  fields: {
                    ...{ ...keys, line: '1', orderLine: goods.fields.line ?? '' },
                    ...{ sku: goods.fields.sku ?? '', quantity: { value: '1', unit: 'C62' } },
                  },
                },
              ]
            : [],
      own: () => [],
      lookup: () => undefined,
    };
    expect((await deliver(sink, announced)).result).toMatchObject({ error: 'transient' });
    await deliver(order, group);
    const early = await deliver(sink, announced);
    expect(early.result).toMatchObject({ kind: 'refused', error: 'record' });
    expect(early.result).toHaveProperty('message', expect.stringContaining('not delivered yet'));
    await command({ kind: 'ship-sales-order', channel, orderNo });
    const returns = '/sap/opu/odata/sap/API_CUSTOMER_RETURN_SRV/A_CustomerReturn';
    await fault({ kind: 'timeout-after-apply', scope: `POST ${returns}`, times: 1 });
    expect((await deliver(sink, announced)).result).toMatchObject({ error: 'transient' });
    await noFaults();
    const { before, record } = await deliver(sink, announced);
    expect(before?.fields).toEqual(record.fields);
    const path = `${returns}?$expand=to_Item&$filter=PurchaseOrderByCustomer%20eq%20'${orderNo}'`;
    const { body } = await context.http.request({ method: 'GET', path });
    const { results } = (
      JSON.parse(Buffer.from(body).toString()) as { d: { results: JsonObject[] } }
    ).d;
    const own = results.filter(({ AssignmentReference }) => AssignmentReference !== '');
    expect(own).toMatchObject([
      {
        ...{ CustomerReturn: before?.id, AssignmentReference: record.fields.returnNo },
        CustomerReturnDate: `/Date(${Date.UTC(2026, 4, 21)})/`,
        to_Item: { results: [{ Material: goods?.fields.sku, RequestedQuantity: '1' }] },
      },
    ]);
    // What SAP states itself is none of the channel's to enter.
    const stated = { ...announced, own: announced.records };
    expect(sink.map(stated, { config: context.config, source: {}, subject: null })).toBeNull();
  });
});

/** The group with other lines. */
function amend(group: FlowGroup, change: (fields: JsonObject) => JsonObject): FlowGroup {
  return {
    ...group,
    records: (entity) =>
      group
        .records(entity)
        .map((one) => (entity === 'orderLine' ? { ...one, fields: change(one.fields) } : one)),
  };
}

describe('the sink of purchase orders', () => {
  const root = '/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV';
  const sink = sinkOf('purchase');
  const product = () => {
    const { products } = emulators.world.catalogue;
    const found = products.find(({ variant, isDeleted }) => variant >= 0 && !isDeleted);
    if (found === undefined) throw new Error('there is nothing to buy');
    return found;
  };
  const groupFor = (cycle: string, more: JsonObject = {}): FlowGroup => {
    const sku = product().number;
    const decisionId = `purchase:${sku}:NL01`;
    const parameters = {
      ...{ sku, location: 'NL01', quantity: { value: '24', unit: 'C62' }, cycle, why: 'short' },
      neededOn: new Date(clock.now() + 9 * 86_400_000).toISOString().slice(0, 10),
      supplierId: String(17_300_001 + product().supplier),
      ...more,
    };
    const fields = { decisionId, action: 'purchase', predictionId: 'p', parameters };
    return {
      key: decisionId,
      records: (entity) =>
        entity === 'decision' ? [{ entity: 'decision', key: decisionId, fields }] : [],
      own: () => [],
      lookup: () => undefined,
    };
  };
  const inErp = async (reference: string) => {
    const { body } = await context.http.request({
      method: 'GET',
      path: `${root}/A_PurchaseOrder?$filter=CorrespncInternalReference%20eq%20'${reference}'&$expand=to_PurchaseOrderItem/to_ScheduleLine`,
    });
    const { d } = JSON.parse(Buffer.from(body).toString('utf8')) as {
      d: { results: JsonObject[] };
    };
    return d.results;
  };

  const under = (row: JsonObject | undefined, name: string) =>
    (row?.[name] as { results: JsonObject[] } | undefined)?.results ?? [];

  it('enters an order once, finds it when the answer was lost, and a new cycle is another', async () => {
    const { record, before, result } = await deliver(sink, groupFor('1'), null);
    expect([before, result?.kind]).toEqual([null, 'written']);
    const rows = await inErp(record.key);
    expect(rows).toHaveLength(1);
    const [item] = under(rows[0], 'to_PurchaseOrderItem');
    expect(item).toMatchObject({ Material: product().number, Plant: 'NL01' });
    const lines = under(item, 'to_ScheduleLine');
    expect(lines.map((line) => Number(line.ScheduleLineOrderQuantity))).toEqual([24]);
    const again = await deliver(sink, groupFor('1'), null);
    expect([again.before?.id, await inErp(record.key)]).toEqual([rows[0]?.PurchaseOrder, rows]);

    await fault({ kind: 'timeout-after-apply', scope: `POST ${root}/A_PurchaseOrder`, times: 1 });
    const next = groupFor('2');
    await expect(deliver(sink, next, null)).resolves.toMatchObject({
      result: { kind: 'refused', error: 'transient' },
    });
    await noFaults();
    const found = await deliver(sink, next, null);
    expect(found.record.key).not.toBe(record.key);
    expect(found.result).toMatchObject({ kind: 'written', id: found.before?.id });
    expect(await inErp(found.record.key)).toHaveLength(1);
  });

  it('says in SAP’s words what cannot be ordered, and the others are', async () => {
    const wrong = await deliver(sink, groupFor('3', { supplierId: '17999999' }), null);
    expect(wrong.result).toMatchObject({
      ...{ kind: 'refused', error: 'record' },
      message: expect.stringContaining('Supplier 17999999 does not exist'),
    });
    expect(await inErp(wrong.record.key)).toEqual([]);
    const right = await deliver(sink, groupFor('3'), null);
    expect(right.result?.kind).toBe('written');
  });
});

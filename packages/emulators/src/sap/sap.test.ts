import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulators, startEmulators } from '../emulators.js';
import type { EntitySet, Service } from '../odata/model.js';
import { DAY_MS } from '../retailer/parameters.js';
import { startHookReceiver, until } from '../test-client.js';
import type { ErpNews } from './news.js';
import { compareValues, reads } from './sources.js';

describe('the emulated S/4HANA', () => {
  let emulators: Emulators;
  const events: ErpNews[] = [];
  beforeAll(async () => {
    emulators = await startEmulators({
      seed: 3,
      scale: 0.02,
      days: 90,
      systems: ['shopware', 'sap'],
      hasManualClock: true,
      onSapEvent: (event) => events.push(event),
    });
  });
  afterAll(() => emulators.close());

  const services = (): readonly Service[] => emulators.sapSystem?.services ?? [];
  const sets = (): readonly EntitySet[] => services().flatMap(({ entitySets }) => entitySets);
  const setOf = (name: string): EntitySet => {
    const found = sets().find((set) => set.name === name);
    if (found === undefined) throw new Error(`no set ${name}`);
    return found;
  };
  const read = (set: EntitySet, row: unknown, name: string) =>
    set.properties.find((property) => property.name === name)?.value(row) ?? null;
  const keyOf = (set: EntitySet, row: unknown) => set.key.map((name) => read(set, row, name));
  const ask = async (path: string) => {
    const { url = '', user, password } = emulators.sap ?? {};
    const response = await fetch(`${url}/sap/opu/odata/sap/${path}`, {
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        accept: 'application/json',
      },
    });
    expect(response.status).toBe(200);
    // biome-ignore lint/suspicious/noExplicitAny: answers are probed field by field
    return ((await response.json()) as any).d.results;
  };
  const ledger = async (name: string): Promise<Record<string, unknown>[]> => {
    const response = await fetch(`${emulators.control.url}/ledger/${name}`);
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
  };
  const command = async (body: object) => {
    const response = await fetch(`${emulators.control.url}/commands`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };

  it('finds every row by its key and by its place', () => {
    for (const set of sets()) {
      const count = set.source.count();
      expect([set.name, count > 0]).toEqual([set.name, true]);
      const rows = [...set.source.rows({ kind: 'offset', offset: 0 })];
      expect([set.name, rows.length]).toEqual([set.name, count]);
      for (const position of [0, 1, Math.floor(count / 2), count - 1]) {
        const row = rows[position];
        if (row === undefined) continue;
        const key = keyOf(set, row);
        expect([set.name, position, keyOf(set, set.source.byKey(key))]).toEqual([
          set.name,
          position,
          key,
        ]);
        const [next] = set.source.rows({ kind: 'after-key', key });
        expect([set.name, next]).toEqual([set.name, rows[position + 1]]);
        const [there] = set.source.rows({ kind: 'offset', offset: position });
        expect([set.name, there]).toEqual([set.name, row]);
      }
      expect(set.source.byKey(set.key.map(() => 'nowhere'))).toBeUndefined();
    }
  });

  it('reads by index what a scan would find, in the order of the value', () => {
    for (const set of sets()) {
      const all = [...set.source.rows({ kind: 'offset', offset: 0 })];
      for (const [name, index] of Object.entries(set.source.indexes ?? {})) {
        const values = all.map((row) => read(set, row, name)).filter((value) => value !== null);
        const sorted = values.toSorted(compareValues);
        const bounds = [
          sorted[Math.floor(sorted.length / 3)],
          sorted[Math.floor(sorted.length / 2)],
        ];
        const [low, high] = bounds;
        if (low === undefined || high === undefined) continue;
        const found = [
          ...index.range({
            lower: { value: low, isIncluded: false },
            upper: { value: high, isIncluded: true },
          }),
        ];
        const expected = values.filter(
          (value) => compareValues(value, low) > 0 && compareValues(value, high) <= 0,
        );
        expect([set.name, name, found.length]).toEqual([set.name, name, expected.length]);
        const got = found.map((row) => read(set, row, name));
        expect([set.name, name, got]).toEqual([set.name, name, got.toSorted(compareValues)]);
      }
    }
  });

  it('looks at no more rows than it answers with', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['A_SalesOrder', 'LastChangeDateTime'],
      ['A_Product', 'LastChangeDateTime'],
      ['A_PurchaseOrder', 'LastChangeDateTime'],
      ['A_CustomerReturn', 'LastChangeDateTime'],
      ['A_SlsPrcgConditionRecord', 'LastChangeDateTime'],
      ['A_OutbDeliveryHeader', 'LastChangeDate'],
      ['A_MaterialDocumentHeader', 'CreationDate'],
      ['A_ProductValuation', 'PriceLastChangeDate'],
    ];
    const fromMs = emulators.clock.now() - 2 * DAY_MS;
    for (const [name, property] of cases) {
      const set = setOf(name);
      const before = reads.rows;
      const found = [
        ...(set.source.indexes?.[property]?.range({
          lower: { value: fromMs, isIncluded: false },
        }) ?? []),
      ];
      expect([name, reads.rows - before]).toEqual([name, found.length]);
      expect([name, found.length < set.source.count() / 4]).toEqual([name, true]);
    }
  });

  it('agrees with the ledger, row by row, by two separate ways', async () => {
    const balances = await ask('API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$top=5000');
    const types: Record<string, string> = {
      '01': 'unrestricted',
      '02': 'quality',
      '07': 'blocked',
    };
    const spell = (row: Record<string, string>) =>
      `${row['Material']} ${row['Plant']} ${row['StorageLocation']} ${types[row['InventoryStockType'] ?? '']} ${row['MatlWrhsStkQtyInMatlBaseUnit']}`;
    const held = (await ledger('erp-stock')).map(
      (row) => `${row['sku']} ${row['plant']} ${row['storage']} ${row['type']} ${row['quantity']}`,
    );
    expect(balances.map(spell).toSorted()).toEqual(held.toSorted());
    const orders = await ask('API_SALES_ORDER_SRV/A_SalesOrder?$top=5000');
    const booked = await ledger('erp-orders');
    expect(orders).toHaveLength(booked.length);
    for (const [index, order] of orders.entries()) {
      expect(booked[index]).toMatchObject({
        salesOrder: order.SalesOrder,
        orderNo: order.PurchaseOrderByCustomer,
        netMinor: Math.round(Number(order.TotalNetAmount) * 100),
        salesArea: `${order.SalesOrganization}/${order.DistributionChannel}/${order.OrganizationDivision}`,
      });
    }
    const lines = await ask('API_PURCHASEORDER_PROCESS_SRV/A_PurchaseOrderScheduleLine?$top=5000');
    const planned = await ledger('purchase-order-schedules');
    expect(
      lines.map((line: Record<string, string>) => [
        line['PurchasingDocument'],
        Number(line['PurchasingDocumentItem']),
        Number(line['ScheduleLineOrderQuantity']),
        Number(line['ScheduleLineCommittedQuantity']),
      ]),
    ).toEqual(
      planned.map((line) => [
        line['purchaseOrder'],
        line['item'],
        line['ordered'],
        line['confirmed'],
      ]),
    );
  });

  it('shows at once what a command did, and tells of it by key where SAP does', async () => {
    for (const [kind, type] of [
      ['post-goods-receipt', undefined],
      ['adjust-stock', undefined],
      ['change-cost', undefined],
      ['change-condition', undefined],
      ['create-purchase-order', 'sap.s4.beh.purchaseorder.v1.PurchaseOrder.Created.v1'],
      ['change-purchase-order', 'sap.s4.beh.purchaseorder.v1.PurchaseOrder.Changed.v1'],
      ['change-delivery', 'sap.s4.beh.outbounddelivery.v1.OutboundDelivery.Changed.v1'],
      ['create-return', 'sap.s4.beh.customerreturn.v1.CustomerReturn.Created.v1'],
      ['mark-for-deletion', 'sap.s4.beh.product.v1.Product.Changed.v1'],
      ['edit-partner', 'sap.s4.beh.businesspartner.v1.BusinessPartner.Changed.v1'],
    ] as const) {
      events.length = 0;
      const done = await command({ kind });
      expect([kind, done.status]).toEqual([kind, 200]);
      const told = events.filter((event) => event.subject === done.body['id']);
      if (type === undefined) expect([kind, told.map((event) => event.type)]).toEqual([kind, []]);
      else expect([kind, told.map((event) => event.type)]).toEqual([kind, [type]]);
      const set = setOf(done.body['entity'] ?? '');
      const index =
        set.source.indexes?.[set.key.at(-1) ?? ''] ?? set.source.indexes?.[set.key[0] ?? ''];
      const bound = { value: done.body['id'] ?? '', isIncluded: true };
      expect([kind, [...(index?.range({ lower: bound, upper: bound }) ?? [])].length > 0]).toEqual([
        kind,
        true,
      ]);
    }
    expect((await command({ kind: 'post-goods-receipt', purchaseOrder: '1' })).status).toBe(400);
  });

  it('pushes what it tells as an event with a key and nothing else', async () => {
    const hooks = await startHookReceiver();
    await fetch(`${emulators.control.url}/sap/webhooks`, {
      method: 'POST',
      body: JSON.stringify({ name: 'test', url: hooks.url }),
    });
    const { body } = await command({ kind: 'edit-partner' });
    await until(() => hooks.received.length > 0);
    expect(hooks.received[0]?.body).toMatchObject({
      specversion: '1.0',
      type: 'sap.s4.beh.businesspartner.v1.BusinessPartner.Changed.v1',
      data: { BusinessPartner: body['id'] },
    });
    emulators.sapSystem?.mesh.unsubscribe('test');
    await hooks.close();
  });

  it('is set up by another company with nothing but other keys and fields', async () => {
    const second = await startEmulators({
      seed: 3,
      scale: 0.02,
      days: 30,
      systems: ['sap'],
      model: 'second',
      hasManualClock: true,
    });
    const all = second.sapSystem?.services.flatMap(({ entitySets }) => entitySets) ?? [];
    const fieldsOf = (name: string): readonly string[] =>
      all.find((set) => set.name === name)?.properties.map((property) => property.name) ?? [];
    expect(fieldsOf('A_SalesOrder')).toContain('YY1_Platform_SDH');
    expect(fieldsOf('A_Product')).not.toContain('YY1_Fit_PRD');
    const stock = all.find((set) => set.name === 'A_MatlStkInAcctMod');
    const plants = new Set(
      [...(stock?.source.rows({ kind: 'offset', offset: 0 }) ?? [])].map((row) =>
        stock === undefined ? null : read(stock, row, 'Plant'),
      ),
    );
    expect([...plants].toSorted()).toEqual(['1010', '1020', 'S100']);
    await second.close();
  });

  it('posts a day of live traffic minutes after it happened', async () => {
    const before = emulators.erp?.documents.length ?? 0;
    emulators.live.set({ ordersPerHour: 30, editsPerHour: 30 });
    await emulators.manualClock?.advance(DAY_MS);
    expect(emulators.live.counts().erpEdits).toBeGreaterThan(300);
    expect(emulators.erp?.documents.length).toBeGreaterThan(before + 100);
    expect(events.some(({ type }) => type.endsWith('SalesOrder.Created.v1'))).toBe(true);
  });
});

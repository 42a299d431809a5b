import type { FlowGroup, JsonObject } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config, type SapConfig } from '../config.js';
import { type PurchaseFields, purchase, purchaseFields, purchaseJson } from './purchase.js';
import { writtenFieldsByService } from './write-fields.js';

const settingsOf = (bought: object): SapConfig =>
  z.parse(config, {
    url: 'https://erp.example',
    auth: { kind: 'basic', secret: 'user:password' },
    plants: { NL01: 'dc-nl', 'DE01/0002': 'dc-de' },
    sku: { prefix: 'M-' },
    write: { purchase: bought },
  });
const settings = settingsOf({ companyCode: '1000', organization: 'P100', group: '001' });

function groupOf(parameters: JsonObject, id = 'purchase:A-1:dc-nl'): FlowGroup {
  const fields = {
    ...{ decisionId: id, action: 'purchase', predictionId: 'prediction/demand/A-1/9' },
    parameters: {
      ...{ sku: 'A-1', location: 'dc-nl', quantity: { value: '12', unit: 'C62' } },
      ...{ cycle: '1', neededOn: '2026-05-06', supplierId: '17300005', why: '12 short.' },
      ...parameters,
    },
  };
  const records = [{ entity: 'decision' as const, key: id, fields }];
  return {
    key: id,
    records: (entity) => records.filter((one) => one.entity === entity),
    own: () => [],
    lookup: () => undefined,
  };
}

const map = (group: FlowGroup, own = settings) =>
  purchase.map(group, { config: own, source: {}, subject: null });

describe('a decision to buy as SAP takes it', () => {
  it('is one item for one day, under our reference, and sends nothing that is not listed', () => {
    const record = map(groupOf({}));
    expect(purchaseFields.parse(record?.fields)).toMatchObject({
      ...{ material: 'M-A-1', plant: 'NL01', quantity: '12', unit: 'PC', supplier: '17300005' },
      ...{ type: 'NB', companyCode: '1000', organization: 'P100', group: '001' },
    });
    const json = purchaseJson(record?.fields as PurchaseFields);
    expect(json).toMatchObject({
      CorrespncInternalReference: record?.key,
      to_PurchaseOrderItem: [
        {
          ...{ Material: 'M-A-1', Plant: 'NL01', OrderQuantity: '12' },
          to_ScheduleLine: [{ ScheduleLineDeliveryDate: '/Date(1778025600000)/' }],
        },
      ],
    });
    const listed = writtenFieldsByService().API_PURCHASEORDER_PROCESS_SRV ?? {};
    const check = (set: string, given: JsonObject) => {
      const unknown = Object.keys(given).filter((name) => !listed[set]?.create?.includes(name));
      expect(unknown, set).toEqual([]);
    };
    check('A_PurchaseOrder', json);
    for (const item of json.to_PurchaseOrderItem as readonly JsonObject[]) {
      check('A_PurchaseOrderItem', item);
      for (const line of item.to_ScheduleLine as readonly JsonObject[]) {
        check('A_PurchaseOrderScheduleLine', line);
      }
    }
  });

  it('has a reference of twelve characters that only another decision or cycle changes', () => {
    const decision = fc.record({
      id: fc.integer().map((number) => `purchase:${number}:dc-nl`),
      cycle: fc.integer({ min: 1, max: 9 }).map(String),
    });
    fc.assert(
      fc.property(decision, decision, fc.integer({ min: 1, max: 99 }), (one, other, units) => {
        const quantity = { value: String(units), unit: 'C62' };
        const first = map(groupOf({ cycle: one.cycle }, one.id))?.key ?? '';
        const again = map(groupOf({ cycle: one.cycle, quantity, why: '' }, one.id))?.key;
        const next = map(groupOf({ cycle: other.cycle }, other.id))?.key;
        expect(first).toMatch(/^HR[A-Z0-9]{10}$/);
        expect(again).toBe(first);
        const isSame = one.id === other.id && one.cycle === other.cycle;
        expect(next === first).toBe(isSame);
      }),
    );
  });

  it('is none where nothing is short, and says what is missing where it cannot be ordered', () => {
    expect(map(groupOf({ quantity: { value: '0', unit: 'C62' } }))).toBeNull();
    const code = (group: FlowGroup, own?: SapConfig) => {
      try {
        return map(group, own);
      } catch (thrown) {
        return (thrown as { message: string; code: string }).message;
      }
    };
    expect(code(groupOf({ location: 'elsewhere' }))).toContain('no plant is elsewhere');
    expect(code(groupOf({ supplierId: null }))).toContain('nobody was ever ordered A-1 from');
    expect(code(groupOf({}), settingsOf({}))).toContain('are not all set');
    expect(map(groupOf({ location: 'dc-de' }))?.fields.plant).toBe('DE01');
  });
});

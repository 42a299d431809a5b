/**
 * Decisions to buy as purchase orders. SAP takes no key of ours and enters the same order twice when it
 * is sent twice; so each carries our reference, and is looked for by it first. One that is there is not
 * changed any more: what becomes of it is the buyer's.
 */
import {
  type FlowGroup,
  HeadraceError,
  type JsonObject,
  type MapContext,
  type Sink,
  type SinkItem,
  type SinkResult,
  type TargetRecord,
} from '@headrace/sdk';
import { z } from 'zod';
import { materialOf, plantOf, type SapConfig } from '../config.js';
import { object, text } from '../json.js';
import { parseRecord } from '../odata/page.js';
import { compare, either } from '../odata/query.js';
import { get, type SapContext } from '../odata/question.js';
import { dateValue } from '../odata/values.js';
import { write } from '../odata/write.js';
import { codeOf, quantityIn, sapUnitOf } from './amounts.js';
import { refusedOf, writeEach } from './refusal.js';

export const PURCHASE_ROOT = '/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV';

const code = z.string().min(1);

export const purchaseFields = z.strictObject({
  reference: code.max(12).describe('Our own reference: `CorrespncInternalReference`.'),
  type: code.max(4).describe('Type of purchase order.'),
  companyCode: code.max(4).describe('Company code.'),
  organization: code.max(4).describe('Purchasing organization.'),
  group: code.max(3).describe('Purchasing group.'),
  supplier: code.max(10).describe('Supplier it is bought from.'),
  material: code.max(40).describe('Material number.'),
  plant: code.max(4).describe('Plant it is bought for.'),
  quantity: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a plain number')
    .describe('What is to be bought.'),
  unit: code.max(3).describe('SAP’s unit.'),
  neededOn: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .describe('Day of the delivery.'),
  prediction: code.describe('The prediction it stands on; shown, and not sent.'),
  why: z.string().describe('Why so much; shown, and not sent.'),
});
export type PurchaseFields = z.output<typeof purchaseFields>;

const BATCH_MAX = 20;

export const purchase: Sink<SapConfig> = {
  name: 'purchase',
  title: 'Purchase order',
  description: 'Decisions to buy as purchase orders, each entered once',
  entities: ['decision'],
  delivery: 'at-least-once',
  makes: 'document',
  fields: purchaseFields,
  batchMax: BATCH_MAX,
  groupsOf: ({ key, fields }) => (fields.action === 'purchase' ? [key] : []),
  map: mapPurchase,
  async read(context, records) {
    const found = await findPurchases(context, records);
    return records.flatMap(({ key, fields }) => {
      const id = found.get((fields as PurchaseFields).reference);
      return id === undefined ? [] : [{ key, id, fields, tag: null }];
    });
  },
  write: (context, items) => writeEach(items, (item) => writePurchase(context, item)),
};

function mapPurchase(group: FlowGroup, { config }: MapContext<SapConfig>): TargetRecord | null {
  const [decision] = group.records('decision');
  const asked = object(decision?.fields.parameters);
  const id = text(decision?.fields.decisionId);
  const quantity = quantityIn(asked?.quantity);
  if (decision === undefined || asked === null || id === null || quantity === null) return null;
  // Nothing is to be bought any more, or not yet.
  if (Number(quantity.value) === 0) return null;
  const [sku, location] = [text(asked.sku), text(asked.location)];
  const neededOn = text(asked.neededOn);
  if (sku === null || location === null || neededOn === null) return null;
  const { type, companyCode, organization, group: buyers, ...own } = config.write.purchase;
  const supplier = own.supplier ?? text(asked.supplierId);
  const plant = plantOf(config, location);
  const isSet = companyCode !== undefined && organization !== undefined && buyers !== undefined;
  if (supplier === null || plant === null || !isSet) {
    throw unset(sku, location, { supplier, plant });
  }
  // One order for each time it is decided anew; the same over retries, crashes and replays.
  const reference = `HR${codeOf(`${id}/${text(asked.cycle) ?? ''}`, 10)}`;
  const fields = {
    ...{ reference, type, companyCode, organization, group: buyers, supplier, plant },
    material: materialOf(config, sku),
    quantity: quantity.value,
    unit: sapUnitOf(quantity.unit, config.write.order.unit),
    neededOn,
    prediction: text(decision.fields.predictionId) ?? '-',
    why: text(asked.why) ?? '',
  } satisfies PurchaseFields;
  return { key: reference, fields };
}

function unset(
  sku: string,
  location: string,
  { supplier, plant }: { readonly supplier: string | null; readonly plant: string | null },
): HeadraceError {
  const missing =
    plant === null
      ? `no plant is ${location}`
      : supplier === null
        ? `nobody was ever ordered ${sku} from`
        : 'company code, purchasing organization and group are not all set';
  return new HeadraceError('record', `${sku} cannot be ordered: ${missing}.`, {
    code: 'E_SAP_PURCHASE',
    hint: 'Set `write.purchase` in the settings of SAP: companyCode, organization, group, and supplier where none is known; plants name the location.',
  });
}

/** Everything read of purchase orders before they are written. */
export const purchaseReadFields: Readonly<Record<string, readonly string[]>> = {
  A_PurchaseOrder: ['PurchaseOrder', 'CorrespncInternalReference'],
};

/** The first order under each reference. */
async function findPurchases(
  context: SapContext,
  records: readonly TargetRecord[],
): Promise<ReadonlyMap<string, string>> {
  const references = records.map(({ fields }) => (fields as PurchaseFields).reference);
  const filter = either(
    references.map((value) =>
      compare({ property: 'CorrespncInternalReference', kind: 'text', value }, 'eq', 2),
    ),
  );
  const select = purchaseReadFields.A_PurchaseOrder ?? [];
  const options = { filter, select, orderBy: ['PurchaseOrder'], top: references.length * 5 };
  const page = await get(context, PURCHASE_ROOT, 'A_PurchaseOrder', options, 2);
  const found = new Map<string, string>();
  for (const row of page.records.map(parseRecord)) {
    const [number, reference] = [text(row.PurchaseOrder), text(row.CorrespncInternalReference)];
    if (number === null || reference === null || found.has(reference)) continue;
    found.set(reference, number);
  }
  return found;
}

async function writePurchase(
  context: SapContext,
  { key, wanted, before }: SinkItem,
): Promise<SinkResult> {
  if (before !== null) return { key, kind: 'written', id: before.id };
  try {
    const json = purchaseJson(wanted as PurchaseFields);
    const path = 'A_PurchaseOrder';
    const { body } = await write(context, PURCHASE_ROOT, { method: 'POST', path, json });
    const answer = JSON.parse(Buffer.from(body).toString('utf8')) as JsonObject;
    return { key, kind: 'written', id: text(object(answer.d)?.PurchaseOrder) };
  } catch (thrown) {
    return refusedOf(key, thrown);
  }
}

/** The body of a deep insert. */
export function purchaseJson(wanted: PurchaseFields): JsonObject {
  const { reference, type, companyCode, organization, group, supplier } = wanted;
  return {
    PurchaseOrderType: type,
    CompanyCode: companyCode,
    PurchasingOrganization: organization,
    PurchasingGroup: group,
    Supplier: supplier,
    CorrespncInternalReference: reference,
    to_PurchaseOrderItem: [
      {
        PurchaseOrderItem: '10',
        Material: wanted.material,
        Plant: wanted.plant,
        OrderQuantity: wanted.quantity,
        PurchaseOrderQuantityUnit: wanted.unit,
        to_ScheduleLine: [
          {
            ScheduleLine: '1',
            ScheduleLineDeliveryDate: dateValue(wanted.neededOn),
            ScheduleLineOrderQuantity: wanted.quantity,
          },
        ],
      },
    ],
  };
}

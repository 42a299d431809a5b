/** The customer's own fields: where they go and where they come from. */
import type { Json, JsonObject } from '@headrace/sdk';
import { z } from 'zod';
import { keyed } from './keyed.js';
import { dateOf, instantOf, timeOf } from './odata/values.js';

/** Entities that can be extended, and the sets their records are made of. */
export const extendable = {
  product: ['A_Product'],
  variant: ['A_Product'],
  order: ['A_SalesOrder'],
  orderLine: ['A_SalesOrderItem'],
  purchaseOrder: ['A_PurchaseOrder'],
  purchaseOrderLine: ['A_PurchaseOrderItem'],
  shipment: ['A_OutbDeliveryHeader'],
  shipmentLine: ['A_OutbDeliveryItem'],
  return: ['A_CustomerReturn'],
  returnLine: ['A_CustomerReturnItem'],
  customer: ['A_BusinessPartner'],
  account: ['A_BusinessPartner'],
  supplier: ['A_BusinessPartner'],
} as const;

export type Extendable = keyof typeof extendable;

/** `traits.fit` is `traits.erp.fit`: facts of the ERP without a namespace of their own. */
const traitPath = /^traits(\.[\w-]+)?\.[\w-]+$/;

/** A map for each entity, its values checked against the sets the entity is read from. */
export const extendSchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries(extendable).map(([entity, sets]) => [
        entity,
        keyed(
          traitPath,
          'must be like traits.fit or traits.erp.fit',
          z.string().refine((path) => isPathOf(path, sets), {
            error: `must be ${sets.map((set) => `${set}.<property>`).join(' or ')}, such as ${sets[0]}.YY1_Field`,
          }),
        )
          .optional()
          .describe(`Fields of ${sets.join(' and ')}.`),
      ]),
    ) as unknown as Record<Extendable, z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>>,
  )
  .default({})
  .describe('Your own fields: entity → `traits.<name>` → `Set.Property`; nothing personal.');

export type Extend = z.output<typeof extendSchema>;

function isPathOf(path: string, sets: readonly string[]): boolean {
  const [set = '', property = '', ...rest] = path.split('.');
  return rest.length === 0 && sets.includes(set) && /^\w+$/.test(property);
}

/** Properties of a set that are read for the sake of extensions. */
export function extendedProperties(extend: Extend, set: string): readonly string[] {
  const found = Object.values(extend).flatMap((paths) =>
    Object.values(paths ?? {}).flatMap((path) => {
      const [from, property = ''] = path.split('.');
      return from === set ? [property] : [];
    }),
  );
  return [...new Set(found)].sort();
}

type Traits = Record<string, Record<string, Json>>;

/** The traits of an entity: facts of SAP itself under `sap`, and the customer's own fields. */
export function traitsOf(
  extend: Extend,
  entity: Extendable,
  record: JsonObject,
  own: Readonly<Record<string, Json>> = {},
): { readonly traits?: Traits } {
  const traits: Traits = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== null && value !== '') put(traits, 'sap', name, value);
  }
  for (const [to, from] of Object.entries(extend[entity] ?? {})) {
    const parts = to.split('.');
    const property = from.split('.')[1] ?? '';
    if (!Object.hasOwn(record, property)) continue;
    const [namespace = 'erp', name = ''] = parts.length === 3 ? parts.slice(1) : ['erp', parts[1]];
    put(traits, namespace, name, plain(record[property] ?? null));
  }
  return Object.keys(traits).length === 0 ? {} : { traits };
}

function put(traits: Traits, namespace: string, name: string, value: Json): void {
  const group = Object.hasOwn(traits, namespace) ? traits[namespace] : undefined;
  traits[namespace] = { ...group, [name]: value };
}

/** As a person would write it; what ABAP leaves initial is empty. */
function plain(value: Json): Json {
  if (typeof value !== 'string') return typeof value === 'object' ? null : value;
  if (value === '') return null;
  const instant = value.startsWith('/Date(') ? instantOf(value) : null;
  if (instant === null) return /^PT\d/.test(value) ? (timeOf(value) ?? value) : value;
  return instant.endsWith('T00:00:00.000Z') ? dateOf(value) : instant;
}

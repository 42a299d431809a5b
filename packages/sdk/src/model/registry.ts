import type { z } from 'zod';
import { HeadraceError } from '../connector/errors.js';
import { category, component, listing, product, variant } from './entities/catalogue.js';
import { account, behaviourEvent, customer, interaction } from './entities/customers.js';
import { campaign, send } from './entities/marketing.js';
import {
  order,
  orderLine,
  payment,
  refund,
  shipment,
  shipmentLine,
  tracking,
} from './entities/orders.js';
import { decision, outcome, prediction } from './entities/predictions.js';
import { competitorOffer, cost, price, promotion } from './entities/pricing.js';
import { returnEntity, returnLine } from './entities/returns.js';
import {
  allocation,
  calendarDay,
  capacity,
  location,
  stock,
  stockMovement,
  storeSale,
  storeSaleLine,
} from './entities/stock.js';
import {
  purchaseOrder,
  purchaseOrderLine,
  replenishment,
  supplier,
  supplierItem,
} from './entities/supply.js';

/** Every entity of the canonical model, by name. */
export const entityDefinitions = Object.freeze({
  product,
  variant,
  component,
  category,
  listing,
  price,
  cost,
  promotion,
  competitorOffer,
  location,
  stock,
  allocation,
  stockMovement,
  capacity,
  storeSale,
  storeSaleLine,
  calendarDay,
  supplier,
  supplierItem,
  replenishment,
  purchaseOrder,
  purchaseOrderLine,
  order,
  orderLine,
  shipment,
  shipmentLine,
  tracking,
  payment,
  refund,
  return: returnEntity,
  returnLine,
  customer,
  account,
  interaction,
  behaviourEvent,
  campaign,
  send,
  prediction,
  decision,
  outcome,
});

type EntityDefinitions = typeof entityDefinitions;

/** Name of an entity of the canonical model. */
export type EntityName = keyof EntityDefinitions;

/** Checked fields of an entity: `EntityFields<'order'>`. */
export type EntityFields<Name extends EntityName> = z.output<EntityDefinitions[Name]['schema']>;

/** What a mapping may give for an entity, before checks write the canonical text. */
export type EntityInput<Name extends EntityName> = z.input<EntityDefinitions[Name]['schema']>;

/** Names in the order of the documentation. */
export const entityNames = Object.freeze(Object.keys(entityDefinitions)) as readonly EntityName[];

/** Whether the text names an entity of the model. */
export function isEntityName(name: string): name is EntityName {
  return Object.hasOwn(entityDefinitions, name);
}

/** The error of a name that is no entity's, from text that did not come through the compiler. */
export function unknownEntity(): HeadraceError {
  return new HeadraceError('record', 'The canonical model has no such entity.', {
    code: 'E_ENTITY_UNKNOWN',
    hint: 'The model’s reference page lists all entities.',
  });
}

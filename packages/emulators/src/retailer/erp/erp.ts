import type { Clock } from '../../clock.js';
import { CHANNELS } from '../channels.js';
import type { CompanyModel } from '../company.js';
import { FACT_TIER_PRICE } from '../facts.js';
import { DAY_MS, HOUR_MS } from '../parameters.js';
import type { World } from '../world.js';
import * as events from './events.js';
import {
  changeOrderCost,
  completeSalesOrder,
  ensureOrder,
  ensurePartner,
  enterReturn,
  inspectReturn,
  rejectOrder,
  releaseOrder,
  scrap,
} from './fulfilment.js';
import { readWorld } from './inbound.js';
import {
  blockMaterial,
  changePrice,
  changeTier,
  ensureMaterial,
  enterDiscount,
  markMaterial,
  runNight,
} from './master-data.js';
import { answerOrder, writePlanned } from './ordering.js';
import { PARTNER_ONE_TIME } from './partners.js';
import { receivePosted } from './posted-returns.js';
import { arrivePosted, issuePosted, releasePosted } from './posted-shipping.js';
import { postGroup, releaseQuality } from './posting.js';
import { type Erp, makeState, touchPartner } from './state.js';

/**
 * The ERP of the retailer: reads the world, posts what is due, in order of time. History and
 * live time run through the same queue.
 *
 *   world changes -> readWorld -> queue (with delay) -> advanceErp -> documents, balances, news
 */

export type { Erp, ErpChange, ErpObject } from './state.js';

const NIGHT_HOUR = 2.5;

/** To be made before the world has a past, so that nothing is missed. */
export const createErp = (world: World, model: CompanyModel): Erp => {
  const erp = makeState(world, model);
  erp.nowMs = world.startMs - 900 * DAY_MS;
  for (const channel of CHANNELS) {
    const row = erp.partners.add(channel.index, PARTNER_ONE_TIME, erp.nowMs);
    touchPartner(erp, row, 'created', erp.nowMs);
  }
  for (const promotion of world.promotions) {
    const atMs = world.startMs + (promotion.fromDay - 3) * DAY_MS + 9 * HOUR_MS;
    erp.queue.push(atMs, events.DISCOUNT_ENTERED, promotion.index);
  }
  erp.queue.push(world.startMs + NIGHT_HOUR * HOUR_MS, events.NIGHT, 0);
  return erp;
};

const HANDLERS: Readonly<Record<number, (erp: Erp, row: number, atMs: number) => void>> = {
  [events.ORDER_ARRIVES]: ensureOrder,
  [events.ORDER_RELEASED]: releaseOrder,
  [events.ORDER_COMPLETES]: completeSalesOrder,
  [events.ORDER_REJECTED]: rejectOrder,
  [events.ORDER_COST]: changeOrderCost,
  [events.GOODS_MOVE]: (erp, row, atMs) => postGroup(erp, row, false, atMs),
  [events.GOODS_REST]: (erp, row, atMs) => postGroup(erp, row, true, atMs),
  [events.QUALITY_DONE]: releaseQuality,
  [events.SCRAP]: scrap,
  [events.RETURN_ENTERED]: enterReturn,
  [events.RETURN_INSPECTED]: inspectReturn,
  [events.PARTNER_CREATED]: ensurePartner,
  [events.PARTNER_EDITED]: (erp, customer, atMs) => takeCustomer(erp, customer, atMs),
  [events.PARTNER_BLOCKED]: (erp, customer, atMs) => blockCustomer(erp, customer, atMs),
  [events.PURCHASE_WRITTEN]: writePlanned,
  [events.PURCHASE_ANSWERED]: answerOrder,
  [events.PRICE_CHANGED]: changePrice,
  [events.TIER_CHANGED]: changeTier,
  [events.MATERIAL_CREATED]: ensureMaterial,
  [events.MATERIAL_ACTIVE]: (erp, row, atMs) => blockMaterial(erp, row, false, atMs),
  [events.MATERIAL_INACTIVE]: (erp, row, atMs) => blockMaterial(erp, row, true, atMs),
  [events.MATERIAL_DELETED]: markMaterial,
  [events.DISCOUNT_ENTERED]: enterDiscount,
  [events.POSTED_RELEASED]: releasePosted,
  [events.POSTED_ISSUED]: issuePosted,
  [events.POSTED_ARRIVED]: arrivePosted,
  [events.RETURN_RECEIVED]: receivePosted,
  [events.NIGHT]: (erp, day, atMs) => {
    runNight(erp, day, atMs);
    erp.queue.push(atMs + DAY_MS, events.NIGHT, day + 1);
  },
};

/** Reads the world and posts everything due by then. */
export const advanceErp = (erp: Erp, untilMs: number): void => {
  readWorld(erp, untilMs);
  while (erp.queue.nextAtMs() <= untilMs) {
    const event = erp.queue.pop();
    if (event === undefined) break;
    erp.nowMs = Math.max(erp.nowMs, event.atMs);
    HANDLERS[event.kind]?.(erp, event.row, erp.nowMs);
  }
  erp.nowMs = Math.max(erp.nowMs, untilMs);
};

/** Closes the past: what is due by the epoch is posted, what is stale forgotten. */
export const settleHistory = (erp: Erp): void => {
  advanceErp(erp, erp.world.parameters.epochMs);
  erp.materials.changes.compact();
  erp.valuation.changes.compact();
  erp.orders.changes.compact();
  erp.deliveries.changes.compact();
  erp.returns.changes.compact();
  erp.purchases.changes.compact();
  erp.conditions.changes.compact();
  erp.partners.changes.compact();
};

/** What the shop tells of an account: name and address for letters, e-mail. */
const takeCustomer = (erp: Erp, customer: number, atMs: number): void => {
  const { partners, world } = erp;
  const row = partners.byCustomer.get(customer);
  if (row < 0 || !world.customers.isLive(customer)) return;
  const before = erp.partners.edits.get(row);
  const { firstName, lastName, email, company } = world.customers.current(customer);
  const base = world.customers.personOf(customer);
  const isSame =
    firstName === (before?.firstName ?? base.firstName) &&
    lastName === (before?.lastName ?? base.lastName) &&
    email === (before?.email ?? base.email) &&
    (company ?? '') === (before?.name ?? base.company ?? '');
  // Accounts of one company share a partner, which keeps the details of the first.
  if (isSame || partners.customer.get(row) !== customer) return;
  partners.edit(row, {
    firstName,
    lastName,
    email,
    ...(company === null ? {} : { name: company }),
  });
  touchPartner(erp, row, 'changed', atMs);
};

const blockCustomer = (erp: Erp, customer: number, atMs: number): void => {
  const row = erp.partners.byCustomer.get(customer);
  if (row < 0 || erp.partners.customer.get(row) !== customer) return;
  erp.partners.isBlocked.set(row, 1);
  touchPartner(erp, row, 'changed', atMs);
};

export interface ErpPump {
  /** Brings the ERP to now; to be called before anybody looks at it. */
  readonly catchUp: () => void;
  readonly stop: () => void;
}

/** Keeps the ERP in step with a clock, so that its news leave at the right time. */
export const runErp = (erp: Erp, clock: Clock): ErpPump => {
  let cancel: (() => void) | undefined;
  let isRunning = true;
  const arm = (): void => {
    cancel?.();
    cancel = undefined;
    const nextMs = erp.queue.nextAtMs();
    if (!isRunning || nextMs === Number.POSITIVE_INFINITY) return;
    cancel = clock.after(Math.max(0, nextMs - clock.now()), catchUp);
  };
  const catchUp = (): void => {
    advanceErp(erp, clock.now());
    arm();
  };
  const onChange: Parameters<World['listeners']['add']>[0] = (change) => {
    if (change.kind === 'tier-price' && erp.world.integration.has('price')) {
      erp.world.facts?.log.push(FACT_TIER_PRICE, change.row, clock.now());
    }
    catchUp();
  };
  erp.world.listeners.add(onChange);
  arm();
  return {
    catchUp,
    stop: () => {
      isRunning = false;
      cancel?.();
      erp.world.listeners.delete(onChange);
    },
  };
};

import { type Clock, monotonicMs } from '../clock.js';
import { registerCustomer } from './buyers.js';
import { isActive, priceOf } from './catalogue.js';
import { CHANNELS } from './channels.js';
import { categoryFactors, chooseChannel, type DemandModel, lifeFactor } from './demand.js';
import {
  deleteProduct,
  editCustomer,
  editOrder,
  productAt,
  renameCategory,
  renameProduct,
  setPrice,
  setStock,
} from './edits.js';
import type { Erp } from './erp/erp.js';
import { makeRandomErpEdit } from './erp/live-edits.js';
import { basketLines, basketSize, placeArrival } from './history.js';
import { runDueEvent } from './order-flow.js';
import { DAY_MS, HOUR_MS } from './parameters.js';
import { replenish } from './purchasing.js';
import { createRandom, type Random } from './random.js';
import type { World } from './world.js';

/**
 * Live traffic, driven by the clock: customers order, parcels leave, people edit. Off until a
 * rate is set; while it is off, nothing in the world moves except by command.
 *
 *   off -> (rates > 0) on -> next of {order, edit, due event, hourly purchasing} -> on
 */

export interface LiveRates {
  readonly ordersPerHour: number;
  readonly editsPerHour: number;
  /** Edits people make in the ERP; as many as in the shop unless said otherwise. */
  readonly erpEditsPerHour?: number;
}

export interface LiveCounts {
  readonly orders: number;
  readonly edits: number;
  readonly due: number;
  readonly erpEdits: number;
}

export interface LiveTraffic {
  readonly rates: () => LiveRates;
  readonly set: (rates: LiveRates) => void;
  readonly counts: () => LiveCounts;
  readonly stop: () => void;
}

/** Requests must not wait behind a burst of overdue events. */
const SLICE_MS = 8;

const QUEUE_CHECK_MS = 30_000;

export const createLiveTraffic = (
  world: World,
  demand: DemandModel,
  clock: Clock,
  erp?: Erp,
): LiveTraffic => {
  const random = world.random.live;
  // A stream of its own: with an ERP or without one, the shop sees the same traffic.
  const erpRandom = createRandom(world.parameters.seed, 'erp-live');
  let rates: LiveRates = { ordersPerHour: 0, editsPerHour: 0 };
  let cancel: (() => void) | undefined;
  let nextOrderMs = Number.POSITIVE_INFINITY;
  let nextEditMs = Number.POSITIVE_INFINITY;
  let nextErpEditMs = Number.POSITIVE_INFINITY;
  let nextHourMs = Number.POSITIVE_INFINITY;
  let shelf: Shelf = { fromMs: Number.NEGATIVE_INFINITY, cumulative: new Float64Array(0) };
  const done = { orders: 0, edits: 0, due: 0, erpEdits: 0 };
  const gap = (perHour: number, from: Random = random): number =>
    perHour > 0 ? from.exponential(HOUR_MS / perHour) : Number.POSITIVE_INFINITY;
  const erpRate = (): number =>
    erp === undefined ? 0 : (rates.erpEditsPerHour ?? rates.editsPerHour);
  const isOn = (): boolean => rates.ordersPerHour > 0 || rates.editsPerHour > 0 || erpRate() > 0;
  const nextMs = (): number =>
    Math.min(world.queue.nextAtMs(), nextOrderMs, nextEditMs, nextErpEditMs, nextHourMs);

  const step = (): boolean => {
    const nowMs = clock.now();
    const dueMs = world.queue.nextAtMs();
    const firstMs = nextMs();
    if (firstMs > nowMs) return false;
    if (firstMs === dueMs) {
      const event = world.queue.pop();
      if (event !== undefined) runDueEvent(world, event.kind, event.row, nowMs);
      done.due++;
    } else if (firstMs === nextOrderMs) {
      if (nowMs - shelf.fromMs > HOUR_MS) shelf = stockShelf(world, nowMs);
      // Nothing is placed when what was wanted is sold out.
      if (placeRandomOrder(world, shelf, nowMs) >= 0) done.orders++;
      nextOrderMs += gap(rates.ordersPerHour);
    } else if (firstMs === nextEditMs) {
      makeRandomEdit(world, nowMs);
      done.edits++;
      nextEditMs += gap(rates.editsPerHour);
    } else if (firstMs === nextErpEditMs) {
      if (erp !== undefined) makeRandomErpEdit(erp, erpRandom, nowMs);
      done.erpEdits++;
      nextErpEditMs += gap(erpRate(), erpRandom);
    } else {
      replenish(world, demand, nowMs, Math.floor(nextHourMs / HOUR_MS), 168);
      nextHourMs += HOUR_MS;
    }
    return true;
  };

  const run = (): void => {
    const untilMs = monotonicMs() + SLICE_MS;
    while (step()) if (monotonicMs() > untilMs) break;
    arm();
  };

  const arm = (): void => {
    cancel?.();
    cancel = undefined;
    if (!isOn()) return;
    const firstMs = nextMs();
    // A command may put something earlier on the queue, though never by less than a minute.
    cancel = clock.after(Math.min(QUEUE_CHECK_MS, Math.max(0, firstMs - clock.now())), run);
  };

  return {
    rates: () => rates,
    counts: () => ({ ...done }),
    set: (next) => {
      rates = next;
      const nowMs = clock.now();
      nextOrderMs = nowMs + gap(rates.ordersPerHour);
      nextEditMs = nowMs + gap(rates.editsPerHour);
      nextErpEditMs = nowMs + gap(erpRate(), erpRandom);
      nextHourMs = Math.ceil((nowMs + 1) / HOUR_MS) * HOUR_MS;
      arm();
    },
    stop: () => {
      rates = { ordersPerHour: 0, editsPerHour: 0 };
      cancel?.();
    },
  };
};

export interface Shelf {
  readonly fromMs: number;
  readonly cumulative: Float64Array;
}

export const stockShelf = (world: World, nowMs: number): Shelf => {
  const { catalogue } = world;
  const factors = categoryFactors(world, Math.floor((nowMs - world.startMs) / DAY_MS));
  const cumulative = new Float64Array(catalogue.variants.length);
  let sum = 0;
  for (let variant = 0; variant < cumulative.length; variant++) {
    const product = productAt(world, catalogue.variants[variant] ?? -1);
    if (isActive(catalogue, product)) {
      sum +=
        (catalogue.popularity[variant] ?? 0) *
        (factors[product.category] ?? 1) *
        lifeFactor(product.launchAtMs, product.phaseOutAtMs, nowMs) *
        (catalogue.priceFactor[variant] ?? 1);
    }
    cumulative[variant] = sum;
  }
  return { fromMs: nowMs, cumulative };
};

const takeFrom = (shelf: Shelf, draw: number): number => {
  const { cumulative } = shelf;
  const wanted = draw * (cumulative[cumulative.length - 1] ?? 0);
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const placeRandomOrder = (
  world: World,
  shelf: Shelf,
  atMs: number,
  wantedChannel?: number,
): number => {
  const random = world.random.live;
  const first = takeFrom(shelf, random.next());
  const brandsOf = (variant: number) =>
    productAt(world, world.catalogue.variants[variant] ?? -1).brands;
  const channel = wantedChannel ?? chooseChannel(brandsOf(first), random.next());
  const brand = CHANNELS[channel]?.brand ?? 'alpha';
  const variants: number[] = [];
  const size = basketSize(world);
  for (let tries = 0; variants.length < size && tries < 60; tries++) {
    const variant = tries === 0 ? first : takeFrom(shelf, random.next());
    if (brandsOf(variant).includes(brand) && world.stock.sellable(variant) > 0)
      variants.push(variant);
  }
  if (variants.length === 0) return -1;
  return placeArrival(world, { atMs, channel, lines: basketLines(world, channel, variants) });
};

const randomLiveProduct = (world: World): number => {
  const { products } = world.catalogue;
  for (let tries = 0; tries < 50; tries++) {
    const row = world.random.live.below(products.length);
    if (products[row]?.isDeleted === false) return row;
  }
  return -1;
};

export const makeRandomEdit = (world: World, atMs: number): void => {
  const random = world.random.live;
  const { catalogue, customers, orders } = world;
  const row = randomLiveProduct(world);
  if (row < 0) return;
  const product = productAt(world, row);
  const draw = random.next();
  if (draw < 0.4) {
    const variant = product.variant >= 0 ? product : productAt(world, product.children[0] ?? row);
    if (variant.variant >= 0 && !variant.isDeleted) {
      const shown = Math.max(0, world.stock.sellable(variant.variant) + random.between(-3, 12));
      setStock(world, variant, shown, atMs);
    }
  } else if (draw < 0.6) {
    const owner = product.price === null ? productAt(world, product.parent) : product;
    const gross = priceOf(catalogue, owner).gross[0] ?? 1_000;
    const next = Math.max(195, Math.round(gross * (0.9 + random.next() * 0.2)));
    setPrice(world, owner, [{ currency: 0, grossMinor: next }], atMs);
  } else if (draw < 0.68) {
    const owner = product.names === null ? productAt(world, product.parent) : product;
    renameProduct(
      world,
      owner,
      { 'nl-NL': `${owner.names?.['nl-NL'] ?? owner.number} ${random.between(2, 9)}` },
      atMs,
    );
  } else if (draw < 0.8) {
    const customer = random.below(customers.length);
    if (customers.isLive(customer)) {
      const tier = random.pick(['bronze', 'silver', 'gold']);
      editCustomer(
        world,
        customer,
        { customFields: { custom_loyalty_tier: tier } },
        ['customFields'],
        atMs,
      );
    }
  } else if (draw < 0.88) {
    registerCustomer(world, random.pick([0, 0, 1, 2, 2]), atMs, false);
  } else if (draw < 0.98) {
    if (orders.length === 0) return;
    const order = orders.length - 1 - random.below(Math.min(orders.length, 500));
    editOrder(
      world,
      order,
      { comment: `Please ring the bell (${random.between(1, 99)})` },
      ['customerComment'],
      atMs,
    );
  } else if (draw < 0.993) {
    const category = random.below(catalogue.categories.length);
    const name = catalogue.categories[category]?.names['nl-NL'] ?? '';
    renameCategory(
      world,
      category,
      { 'nl-NL': name.endsWith('.') ? name.slice(0, -1) : `${name}.` },
      atMs,
    );
  } else if (product.parent >= 0 || product.children.length === 0) {
    // People take out what nobody wants, not what the shop lives on.
    const isMost = world.deletedProductCount * 10 >= catalogue.products.length;
    if (!isMost) deleteProduct(world, product);
  }
};

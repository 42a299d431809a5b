import { chooseBuyer, registerFormerCustomers } from './buyers.js';
import { isActive } from './catalogue.js';
import { CHANNELS } from './channels.js';
import {
  categoryFactors,
  chooseChannel,
  createDemandModel,
  type DemandModel,
  lifeFactor,
} from './demand.js';
import { editCustomer, editOrder, productAt, renameProduct, setActive, setPrice } from './edits.js';
import { runDueEvent, scheduleOrder } from './order-flow.js';
import { type BasketLine, placeOrder } from './order-placing.js';
import { DAY_MS, HOUR_MS } from './parameters.js';
import { BASKET_CODES } from './promotions.js';
import { launchStock, replenish, stockUp } from './purchasing.js';
import { negativeBinomial } from './random.js';
import { CATEGORY_WORDS } from './vocabulary.js';
import type { World } from './world.js';

/**
 * The past, day by day: launches and prices in the morning, then the day's orders merged with
 * whatever falls due (payments, parcels, returns, goods in), in order of time.
 */

const HOUR_WEIGHTS = [
  2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 12, 12, 12, 13, 14, 16, 19, 20, 16, 10, 5,
];
const HOUR_WEIGHT_MAX = 20;

/** Of the negative binomial: sales of a variant come in bursts. */
const DISPERSION = 0.9;

export const generateHistory = (
  world: World,
  afterDay: (untilMs: number) => void = () => undefined,
): DemandModel => {
  const { parameters } = world;
  const model = createDemandModel(world);
  registerFormerCustomers(world, Math.round(parameters.customers * 0.45));
  stockUp(world, model);
  const calendar = makeCalendar(world);
  for (let day = 0; day < parameters.days; day++) {
    const dayStartMs = world.startMs + day * DAY_MS;
    runDueUntil(world, dayStartMs);
    openDay(world, calendar, day, dayStartMs);
    replenish(world, model, dayStartMs, day, 7);
    for (const arrival of planArrivals(world, model, day, dayStartMs)) {
      runDueUntil(world, arrival.atMs);
      placeArrival(world, arrival);
    }
    afterDay(dayStartMs + DAY_MS);
  }
  runDueUntil(world, parameters.epochMs);
  compactChanges(world);
  return model;
};

const compactChanges = (world: World): void => {
  const { changes, orders, customers, catalogue } = world;
  changes.orders.compact((row) => orders.updatedAtMs.get(row));
  changes.deliveries.compact((row) => orders.deliveryUpdatedAtMs.get(row));
  changes.payments.compact((row) => orders.paymentUpdatedAtMs.get(row));
  changes.customers.compact((row) => customers.updatedAtMs.get(row));
  changes.products.compact((row) => catalogue.products[row]?.updatedAtMs ?? 0);
};

const runDueUntil = (world: World, untilMs: number): void => {
  while (world.queue.nextAtMs() < untilMs) {
    const event = world.queue.pop();
    if (event !== undefined) runDueEvent(world, event.kind, event.row, event.atMs);
  }
};

/** Which products are launched and phased out on which day of history. */
interface Calendar {
  readonly launches: ReadonlyMap<number, readonly number[]>;
  readonly phaseOuts: ReadonlyMap<number, readonly number[]>;
}

const makeCalendar = (world: World): Calendar => {
  const launches = new Map<number, number[]>();
  const phaseOuts = new Map<number, number[]>();
  const add = (days: Map<number, number[]>, atMs: number, row: number): void => {
    const day = Math.floor((atMs - world.startMs) / DAY_MS);
    const rows = days.get(day);
    if (rows === undefined) days.set(day, [row]);
    else rows.push(row);
  };
  for (const product of world.catalogue.products) {
    if (product.parent >= 0) continue;
    // Whatever was launched by the first day has been stocked up already.
    if (product.launchAtMs > world.startMs) add(launches, product.launchAtMs, product.index);
    add(phaseOuts, product.phaseOutAtMs, product.index);
  }
  return { launches, phaseOuts };
};

const openDay = (world: World, calendar: Calendar, day: number, atMs: number): void => {
  const { catalogue } = world;
  const random = world.random.merchandising;
  for (const row of calendar.launches.get(day) ?? []) {
    const product = productAt(world, row);
    setActive(world, product, true, atMs);
    launchStock(world, product.variant >= 0 ? [row] : product.children, atMs);
  }
  for (const row of calendar.phaseOuts.get(day) ?? []) {
    setActive(world, productAt(world, row), false, atMs);
  }
  for (const promotion of world.promotions) {
    if (promotion.fromDay === day) reduce(world, promotion.category, promotion.percentOff, atMs);
    if (promotion.toDay + 1 === day) restore(world, promotion.category, atMs);
  }
  const changes = Math.max(1, Math.round(catalogue.products.length * 0.001));
  for (let change = 0; change < changes; change++) {
    const product = random.pick(catalogue.products);
    if (product.price === null || product.isDeleted) continue;
    const list = product.price.list[0];
    if (list !== null && list !== undefined) continue;
    const factor = 0.92 + random.next() * 0.18;
    setPrice(
      world,
      product,
      product.price.gross.flatMap((gross, currency) =>
        gross === null
          ? []
          : [{ currency, grossMinor: Math.round((gross * factor) / 10) * 10 - 5 }],
      ),
      atMs,
    );
  }
  if (random.chance(0.3)) renameSome(world, atMs);
  if (world.orders.length > 100) editSome(world, atMs);
};

const renameSome = (world: World, atMs: number): void => {
  const product = world.random.merchandising.pick(world.catalogue.products);
  const name = product.names?.['nl-NL'];
  if (name === null || name === undefined || product.isDeleted) return;
  renameProduct(world, product, { 'nl-NL': name.endsWith(' II') ? name : `${name} II` }, atMs);
};

/** Service agents note things on orders; customers correct their details. */
const editSome = (world: World, atMs: number): void => {
  const random = world.random.merchandising;
  const edits = Math.max(1, Math.round(world.orders.length / world.parameters.days / 50));
  for (let edit = 0; edit < edits; edit++) {
    const recent = Math.min(world.orders.length, 400 * edits);
    const order = world.orders.length - 1 - random.below(recent);
    editOrder(
      world,
      order,
      { customFields: { custom_gift_wrap: random.chance(0.5) } },
      ['customFields'],
      atMs,
    );
    const customer = random.below(world.customers.length);
    if (world.customers.isLive(customer)) {
      editCustomer(
        world,
        customer,
        { customFields: { custom_loyalty_tier: random.pick(['bronze', 'silver', 'gold']) } },
        ['customFields'],
        atMs,
      );
    }
  }
};

const reduce = (world: World, category: number, percentOff: number, atMs: number): void => {
  for (const product of world.catalogue.products) {
    if (product.category !== category || product.price === null || product.isDeleted) continue;
    if (!isActive(world.catalogue, product)) continue;
    const { gross, list } = product.price;
    if (list[0] !== null && list[0] !== undefined) continue;
    setPrice(
      world,
      product,
      gross.flatMap((minor, currency) =>
        minor === null
          ? []
          : [
              {
                currency,
                grossMinor: Math.round((minor * (100 - percentOff)) / 100),
                listMinor: minor,
              },
            ],
      ),
      atMs,
    );
  }
};

const restore = (world: World, category: number, atMs: number): void => {
  for (const product of world.catalogue.products) {
    if (product.category !== category || product.price === null || product.isDeleted) continue;
    const changes = product.price.list.flatMap((minor, currency) =>
      minor === null ? [] : [{ currency, grossMinor: minor, listMinor: null }],
    );
    if (changes.length > 0) setPrice(world, product, changes, atMs);
  }
};

export interface Arrival {
  readonly atMs: number;
  readonly channel: number;
  readonly lines: readonly BasketLine[];
}

const planArrivals = (
  world: World,
  model: DemandModel,
  day: number,
  dayStartMs: number,
): Arrival[] => {
  const { catalogue } = world;
  const random = world.random.demand;
  const factors = categoryFactors(world, day);
  const pools: number[][] = CHANNELS.map(() => []);
  for (let variant = 0; variant < model.category.length; variant++) {
    const life = lifeFactor(
      model.launchAtMs[variant] as number,
      model.phaseOutAtMs[variant] as number,
      dayStartMs,
    );
    if (life === 0) continue;
    const mean =
      (catalogue.popularity[variant] as number) *
      model.level *
      (factors[model.category[variant] as number] as number) *
      life *
      (catalogue.priceFactor[variant] as number);
    const lines = negativeBinomial(random, mean, DISPERSION);
    if (lines === 0) continue;
    const product = productAt(world, catalogue.variants[variant] ?? -1);
    if (product.isDeleted) continue;
    for (let line = 0; line < lines; line++) {
      pools[chooseChannel(product.brands, random.next())]?.push(variant);
    }
  }
  const arrivals: Arrival[] = [];
  for (const [channel, pool] of pools.entries()) {
    shuffle(world, pool);
    for (let taken = 0; taken < pool.length; ) {
      const size = Math.min(pool.length - taken, basketSize(world));
      const lines = basketLines(world, channel, pool.slice(taken, taken + size));
      arrivals.push({
        atMs: Math.floor(dayStartMs + timeOfDay(world, dayStartMs)),
        channel,
        lines,
      });
      taken += size;
    }
  }
  return arrivals.sort((left, right) => left.atMs - right.atMs);
};

const shuffle = (world: World, values: number[]): void => {
  for (let index = values.length - 1; index > 0; index--) {
    const other = world.random.baskets.below(index + 1);
    const value = values[index] as number;
    values[index] = values[other] as number;
    values[other] = value;
  }
};

const timeOfDay = (world: World, dayStartMs: number): number => {
  const random = world.random.baskets;
  for (;;) {
    const offset = random.next() * DAY_MS;
    const hour = Math.floor(((dayStartMs + offset) % DAY_MS) / HOUR_MS);
    if (random.next() * HOUR_WEIGHT_MAX < (HOUR_WEIGHTS[hour] ?? 1)) return offset;
  }
};

export const basketSize = (world: World): number => {
  let size = 1;
  while (size < 12 && world.random.baskets.chance(0.56)) size++;
  return size;
};

/** Turns wanted variants into lines: quantities, and the neighbouring size to try on at home. */
export const basketLines = (
  world: World,
  channel: number,
  variants: readonly number[],
): BasketLine[] => {
  const random = world.random.baskets;
  const isBusiness = CHANNELS[channel]?.kind === 'business';
  const quantities = new Map<number, number>();
  for (const variant of variants) {
    const quantity = isBusiness ? random.between(2, 20) : random.chance(0.1) ? 2 : 1;
    quantities.set(variant, (quantities.get(variant) ?? 0) + quantity);
    const product = productAt(world, world.catalogue.variants[variant] ?? -1);
    if (isBusiness || product.parent < 0) continue;
    const rate = CATEGORY_WORDS[product.category]?.returnRate ?? 0;
    if (!random.chance(rate * 0.25)) continue;
    const siblings = productAt(world, product.parent).children;
    const next = siblings[siblings.indexOf(product.index) + 1];
    if (next === undefined) continue;
    const sibling = productAt(world, next);
    if (!sibling.isDeleted) quantities.set(sibling.variant, 1);
  }
  return [...quantities].map(([variant, quantity]) => ({ variant, quantity }));
};

export const placeArrival = (world: World, arrival: Arrival): number => {
  const random = world.random.baskets;
  const channel = CHANNELS[arrival.channel];
  const customer = chooseBuyer(world, arrival.channel, arrival.atMs);
  const isBusiness = channel?.kind === 'business';
  const code = !isBusiness && random.chance(0.06) ? random.below(BASKET_CODES.length) : undefined;
  const order = placeOrder(
    world,
    {
      channel: arrival.channel,
      customer,
      lines: arrival.lines,
      ...(code === undefined ? {} : { code }),
      isExpress: random.chance(0.07),
      paymentMethod: isBusiness ? 0 : random.chance(0.1) ? 0 : random.between(1, 3),
    },
    arrival.atMs,
  );
  if (order >= 0) scheduleOrder(world, order, arrival.atMs);
  return order;
};

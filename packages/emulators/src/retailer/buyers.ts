import { CHANNELS, channelAt } from './channels.js';
import { CUSTOMER_CONSENT, CUSTOMER_DUPLICATE, CUSTOMER_GUEST } from './customers.js';
import { announce, type World } from './world.js';

/**
 * Who buys. "Buy till you die": each purchase may be a customer's last; eager customers come
 * more often. Marketplace buyers and some others order as guests, who get a record each time.
 */

export const DROP_OUT = 0.08;

export const registerCustomer = (
  world: World,
  channelIndex: number,
  atMs: number,
  isGuest: boolean,
): number => {
  const random = world.random.customers;
  const { customers } = world;
  const channel = channelAt(channelIndex);
  const isDuplicate = !isGuest && customers.length > 20 && random.chance(0.03);
  const person = isDuplicate
    ? customers.person.get(random.below(customers.length))
    : world.personCount++;
  const companies = Math.max(3, Math.round(world.parameters.customers * 0.012));
  const flags =
    (isGuest ? CUSTOMER_GUEST : 0) |
    (!isGuest && random.chance(0.45) ? CUSTOMER_CONSENT : 0) |
    (isDuplicate ? CUSTOMER_DUPLICATE : 0);
  const last = customers.length - 1;
  const customer = customers.add({
    createdAtMs: last >= 0 ? Math.max(atMs, customers.createdAtMs.get(last)) : atMs,
    channel: channelIndex,
    flags,
    person,
    company: channel.kind === 'business' ? 1 + random.below(companies) : 0,
    eagerness: Math.min(255, Math.floor(random.gamma(0.8) * 60)),
  });
  if (!isGuest) world.buyers[channelIndex]?.push(customer);
  if (world.listeners.size > 0) {
    announce(world, { kind: 'customer', row: customer, operation: 'insert', fields: [] });
  }
  return customer;
};

/** Accounts that exist before history begins. */
export const registerFormerCustomers = (world: World, count: number): void => {
  const random = world.random.customers;
  const gapMs = (700 * 86_400_000) / Math.max(1, count);
  for (let made = 0; made < count; made++) {
    const draw = random.next();
    const channel = draw < 0.5 ? 0 : draw < 0.55 ? 1 : 2;
    registerCustomer(world, channel, Math.floor(world.startMs - (count - made) * gapMs), false);
  }
};

/** Chance that an order comes from someone new, so that the planned number is met over time. */
export const newCustomerChance = (world: World): number => {
  const { customers, orderLines } = world.parameters;
  const accountOrders = (orderLines / 2.3) * 0.8;
  return Math.min(0.9, (customers * 0.55) / Math.max(1, accountOrders));
};

export const chooseBuyer = (world: World, channelIndex: number, atMs: number): number => {
  const random = world.random.customers;
  const channel = CHANNELS[channelIndex];
  if (channel?.kind === 'marketplace') return registerCustomer(world, channelIndex, atMs, true);
  if (channel?.kind === 'web' && random.chance(0.07)) {
    return registerCustomer(world, channelIndex, atMs, true);
  }
  const buyers = world.buyers[channelIndex];
  if (buyers === undefined || buyers.length === 0 || random.chance(newCustomerChance(world))) {
    return registerCustomer(world, channelIndex, atMs, false);
  }
  const { customers } = world;
  let position = random.below(buyers.length);
  for (let round = 0; round < 2; round++) {
    const other = random.below(buyers.length);
    if (
      customers.eagerness.get(buyers.get(other)) > customers.eagerness.get(buyers.get(position))
    ) {
      position = other;
    }
  }
  const customer = buyers.get(position);
  const isGone = !customers.isLive(customer);
  if (isGone || random.chance(DROP_OUT)) {
    buyers.set(position, buyers.get(buyers.length - 1));
    buyers.pop();
  }
  return isGone ? registerCustomer(world, channelIndex, atMs, false) : customer;
};

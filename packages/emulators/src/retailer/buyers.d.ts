import { type World } from './world.js';
/**
 * Who buys. "Buy till you die": each purchase may be a customer's last; eager customers come
 * more often. Marketplace buyers and some others order as guests, who get a record each time.
 */
export declare const DROP_OUT = 0.08;
export declare const registerCustomer: (
  world: World,
  channelIndex: number,
  atMs: number,
  isGuest: boolean,
) => number;
/** Accounts that exist before history begins. */
export declare const registerFormerCustomers: (world: World, count: number) => void;
/** Chance that an order comes from someone new, so that the planned number is met over time. */
export declare const newCustomerChance: (world: World) => number;
export declare const chooseBuyer: (world: World, channelIndex: number, atMs: number) => number;

import type { Shop } from './shop.js';
import type { Entity } from './table.js';

/** State machine transitions by name, as far as the world lets an order go. */
type Machine = 'order' | 'order_delivery' | 'order_transaction';
export declare const isMachine: (name: string) => name is Machine;
export declare const transition: (shop: Shop, machine: Machine, id: string, name: string) => Entity;

import type { World } from '../retailer/world.js';
import type { Reference } from './reference.js';
import { type Table } from './table.js';
export declare const createReturnTables: (world: World, reference: Reference) => Table[];

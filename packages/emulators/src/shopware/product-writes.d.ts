import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import { type PlannedIds, type WritePlan } from './writes.js';
export declare const planProductUpsert: (
  shop: Shop,
  payload: Entity,
  pointer: string,
  planned: PlannedIds,
) => WritePlan;
export declare const planProductPrice: (shop: Shop, payload: Entity, pointer: string) => WritePlan;

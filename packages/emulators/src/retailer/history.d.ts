import { type DemandModel } from './demand.js';
import { type BasketLine } from './order-flow.js';
import type { World } from './world.js';
export declare const generateHistory: (world: World) => DemandModel;
/**
 * Reviews every `step`-th variant from `first` and orders up to lead time plus seven weeks. In
 * history a seventh of the range is reviewed each day, live a share each hour.
 */
export declare const replenish: (
  world: World,
  model: DemandModel,
  atMs: number,
  first: number,
  step: number,
) => void;
export declare const orderGoods: (
  world: World,
  variant: number,
  quantity: number,
  dueMs: number,
) => void;
export interface Arrival {
  readonly atMs: number;
  readonly channel: number;
  readonly lines: readonly BasketLine[];
}
export declare const basketSize: (world: World) => number;
/** Turns wanted variants into lines: quantities, and the neighbouring size to try on at home. */
export declare const basketLines: (
  world: World,
  channel: number,
  variants: readonly number[],
) => BasketLine[];
export declare const placeArrival: (world: World, arrival: Arrival) => number;

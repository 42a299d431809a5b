import { mix } from '../random.js';
import type { Erp } from './state.js';

/** How a material is planned at a plant. Follows from supplier, plant and number of reviews. */

export interface Planning {
  readonly plannedDeliveryDays: number;
  readonly goodsReceiptDays: number;
  readonly totalLeadDays: number;
  readonly safetyStock: number;
  readonly reorderPoint: number;
  readonly minimumLot: number;
  readonly maximumLot: number;
  readonly roundingQuantity: number;
  readonly mrpType: 'VB' | 'PD';
  readonly lotSizing: 'EX' | 'HB';
  readonly abc: 'A' | 'B' | 'C';
}

export const planningOf = (erp: Erp, variant: number, plant: number): Planning => {
  const { catalogue } = erp.world;
  const row = catalogue.variants[variant] ?? -1;
  const product = catalogue.products[row];
  const lead = catalogue.suppliers[product?.supplier ?? 0]?.leadTimeDays ?? 14;
  const review = erp.materials.planning.get(row);
  const draw = (salt: number): number =>
    mix(mix(mix(erp.seed >>> 0, salt), variant * 4 + plant), review);
  const popularity = catalogue.popularity[variant] ?? 1;
  const goodsReceiptDays = 1 + (draw(1) % 2);
  const safetyStock = Math.ceil(popularity * (3 + (draw(2) % 5)));
  return {
    plannedDeliveryDays: lead,
    goodsReceiptDays,
    totalLeadDays: lead + goodsReceiptDays + 1,
    safetyStock,
    reorderPoint: safetyStock + Math.ceil(popularity * lead * 0.4),
    minimumLot: [1, 5, 10, 12][mix(variant, 3) % 4] ?? 1,
    maximumLot: 0,
    roundingQuantity: [1, 1, 6, 10][mix(variant, 4) % 4] ?? 1,
    mrpType: mix(variant, 5) % 3 === 0 ? 'PD' : 'VB',
    lotSizing: mix(variant, 6) % 2 === 0 ? 'EX' : 'HB',
    abc: popularity > 1.8 ? 'A' : popularity > 0.8 ? 'B' : 'C',
  };
};

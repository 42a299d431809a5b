import type { JsonObject } from '@headrace/sdk';
import type { ShopwareConfig } from '../config.js';
import { text } from '../json.js';

/** The sku of a product, from the field the settings name. */
export function skuOf(product: JsonObject | null, settings: ShopwareConfig): string | null {
  return text(product?.[settings.skuFrom])?.trim() || null;
}

import type { Sink } from '@headrace/sdk';
import type { ShopwareConfig } from '../config.js';
import { category } from './category.js';
import { media } from './media.js';
import { price } from './price.js';
import { product } from './product.js';
import { returns } from './returns.js';
import { stock } from './stock.js';
import { tracking } from './tracking.js';
import { variant } from './variant.js';

/** In the order in which they build on each other. */
export const sinks: readonly Sink<ShopwareConfig>[] = [
  category,
  product,
  variant,
  media,
  price,
  stock,
  tracking,
  returns,
];

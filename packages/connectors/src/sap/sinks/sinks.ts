import type { Sink } from '@headrace/sdk';
import type { SapConfig } from '../config.js';
import { order } from './order.js';
import { purchase } from './purchase.js';
import { customerReturn } from './return.js';

export const sinks: readonly Sink<SapConfig>[] = [order, customerReturn, purchase];

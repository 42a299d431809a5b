import type { Property } from '../odata/model.js';
import { CHANNELS } from '../retailer/channels.js';
import type { ExtensionSource } from '../retailer/company.js';
import { contentsOf } from '../retailer/erp/contents.js';
import type { Erp } from '../retailer/erp/erp.js';
import { LINE_PROMOTION } from '../retailer/orders.js';
import { BASKET_CODES } from '../retailer/promotions.js';
import { mix } from '../retailer/random.js';
import { CARE_CODES, FITS } from '../retailer/vocabulary.js';
import { text } from './properties.js';

/** The fields a company added itself, as its model lists them. */

const BUYERS = ['J. de Wit', 'M. Huber', 'S. Bakker'];
const SEASONS = ['SS', 'AW', 'NOS'];

type Reader = (erp: Erp, row: number) => string;

/** By source; the row is the one of the entity set the field belongs to. */
const READERS: Readonly<Record<ExtensionSource, Reader>> = {
  fit: (erp, row) => {
    const product = erp.world.catalogue.products[row];
    const fit = product?.fit ?? erp.world.catalogue.products[product?.parent ?? -1]?.fit;
    return fit === null || fit === undefined ? '' : (FITS[fit]?.['en-GB'] ?? '');
  },
  season: (_, row) => SEASONS[mix(row, 71) % SEASONS.length] ?? '',
  'care-code': (_, row) => CARE_CODES[mix(row, 72) % CARE_CODES.length] ?? '',
  'launch-date': (erp, row) => {
    const atMs = erp.world.catalogue.products[row]?.launchAtMs;
    return atMs === undefined ? '' : new Date(atMs).toISOString().slice(0, 10);
  },
  'shop-channel': (erp, row) => CHANNELS[contentsOf(erp, row).channel]?.key ?? '',
  express: (erp, row) => (contentsOf(erp, row).shippingCondition === '10' ? 'X' : ''),
  'basket-code': (erp, row) => {
    const { orders } = erp.world;
    // Nobody told the ERP of the code where it was given the order directly.
    if (erp.orders.posted.has(row)) return '';
    for (const line of orders.linesOf(erp.orders.order.get(row))) {
      if (orders.lineKind.get(line) !== LINE_PROMOTION) continue;
      return BASKET_CODES[orders.lineSubject.get(line)]?.code ?? '';
    }
    return '';
  },
  buyer: (erp, row) => BUYERS[erp.purchases.supplier.get(row) % BUYERS.length] ?? '',
  priority: (erp, row) => {
    const { shippingCondition } = contentsOf(erp, erp.deliveries.salesOrder.get(row));
    return shippingCondition === '10' ? '01' : '02';
  },
};

export const extensionsOf = (erp: Erp, entitySet: string): readonly Property<number>[] =>
  erp.model.extensions
    .filter((extension) => extension.entitySet === entitySet)
    .map((extension) =>
      text<number>(
        extension.name,
        extension.maxLength,
        (row) => READERS[extension.source](erp, row),
        { label: extension.label, isExtension: true },
      ),
    );

import type { Property } from '../odata/model.js';
import { CHANNELS } from '../retailer/channels.js';
import type { ExtensionSource } from '../retailer/company.js';
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
  'shop-channel': (erp, row) =>
    CHANNELS[erp.world.orders.channel.get(orderOf(erp, row))]?.key ?? '',
  express: (erp, row) => (erp.world.orders.shippingMethod.get(orderOf(erp, row)) === 1 ? 'X' : ''),
  'basket-code': (erp, row) => {
    const { orders } = erp.world;
    for (const line of orders.linesOf(orderOf(erp, row))) {
      if (orders.lineKind.get(line) !== LINE_PROMOTION) continue;
      return BASKET_CODES[orders.lineSubject.get(line)]?.code ?? '';
    }
    return '';
  },
  buyer: (erp, row) => BUYERS[erp.purchases.supplier.get(row) % BUYERS.length] ?? '',
  priority: (erp, row) => {
    const order = orderOf(erp, erp.deliveries.salesOrder.get(row));
    return erp.world.orders.shippingMethod.get(order) === 1 ? '01' : '02';
  },
};

const orderOf = (erp: Erp, salesOrder: number): number => erp.orders.order.get(salesOrder);

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

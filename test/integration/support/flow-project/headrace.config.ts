/** The project of the flow crash test: prices and orders of an ERP, carried to a shop. */
import { defineProject, env, flow } from 'headrace';
import { toyErp, toyShop } from './toy.js';

const limits = { rows: 'off', change: 'off' } as const;

export default defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL'],
  brands: { alpha: ['alpha-nl'] },
  sources: {
    erp: toyErp({ url: `${env('SYSTEMS_URL')}/erp/` }),
    shop: toyShop({ url: `${env('SYSTEMS_URL')}/shop/` }),
    web: toyShop({ url: `${env('SYSTEMS_URL')}/web/` }),
  },
  flows: [
    flow('thing', 'shop', { write: 'live', limits }),
    flow('order', 'shop', { write: 'live', limits }),
    // Shows only: a system that nobody has cut over yet.
    flow('thing', 'web'),
  ],
  listen: { port: 0 },
});

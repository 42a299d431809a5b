/** The project of the flow acceptance tests; what it is about is told by variables. */
import { defineProject, env, type FlowMapping, flow } from 'headrace';
import { toyErp, toyShop } from './toy.js';

const everyMs = Number(env('EVERY_MS'));
const write = env('WRITE') === 'live' ? 'live' : 'shadow';

/** Somebody takes cents for euros. */
const hundred: FlowMapping = (_group, _context, ready) => {
  const record = ready();
  if (record === null) return null;
  return { ...record, fields: { ...record.fields, price: Number(record.fields['price']) * 100 } };
};

export default defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL'],
  brands: { alpha: ['alpha-nl'] },
  sources: {
    erp: toyErp({ url: `${env('SYSTEMS_URL')}/erp/`, everyMs }),
    shop: toyShop({ url: `${env('SYSTEMS_URL')}/shop/`, everyMs }),
    web: toyShop({ url: `${env('SYSTEMS_URL')}/web/`, everyMs }),
  },
  flows: [
    flow('thing', 'shop', {
      write,
      owns: ['price'],
      ...(env('MAP') === 'hundred' ? { map: hundred } : {}),
    }),
    flow('thing', 'web', { write }),
    flow('order', 'shop', { write }),
  ],
  listen: { port: 0 },
});

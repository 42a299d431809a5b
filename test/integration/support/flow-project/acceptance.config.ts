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

/** Somebody counts on a sale that not every price has. */
const sale: FlowMapping = (group) => {
  const [record] = group.records('price');
  if (record === undefined) return null;
  const { sale } = record.fields as unknown as { readonly sale: { readonly amount: string } };
  return { key: String(record.fields['sku']), fields: { price: Number(sale.amount), step: 0 } };
};

/** Somebody gives what the shop has no field for, and a colour from a table. */
const colour: FlowMapping = (group, _context, ready) => {
  const record = ready();
  if (record === null) return null;
  const colour = group.lookup('colours', record.key) ?? null;
  return { ...record, fields: { ...record.fields, price: 'free', colour } };
};

const maps: Readonly<Record<string, FlowMapping>> = { hundred, sale, colour };
const map = maps[env('MAP')];

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
      ...(map === undefined ? {} : { map }),
    }),
    flow('thing', 'web', { write }),
    flow('order', 'shop', { write }),
  ],
  lookups: { colours: { k1: 'red' } },
  listen: { port: 0 },
});

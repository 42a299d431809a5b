import type { CheckResult, Permission } from '@headrace/sdk';
import { ensureError, HeadraceError, isUnreachable } from '@headrace/sdk';
import { readContext, readVersion } from './context.js';
import { object, text } from './json.js';
import { notify } from './notify.js';
import { readFields } from './read-fields.js';
import { type ShopwareContext, search } from './search.js';
import { streams } from './streams.js';

const needs: readonly (readonly [entity: string, why: string])[] = [
  ['product', 'products, variants, listings, prices and stock'],
  ['category', 'categories'],
  ['order', 'orders, lines, shipments and payments'],
  ['customer', 'customers'],
  ['order-return', 'returns, where `returns` is set'],
  ['currency', 'amounts'],
  ['language', 'languages of texts'],
  ['sales-channel', 'channels'],
  ['customer-group', 'whether prices include tax'],
  ['tax', 'tax rates of prices'],
  ['rule', 'advanced prices by customer group'],
  ['country', 'countries and markets'],
  ['payment-method', 'names of payment methods'],
  ['shipping-method', 'names of shipping methods'],
  ['webhook', 'whether the shop still tells us of changes'],
];

/** Only where a flow to the shop is live; nothing asks for them before. */
const writing: readonly (readonly [name: string, why: string])[] = [
  ['product:update', 'products, variants, prices and stock'],
  ['product:create', 'new products and variants'],
  ['category:create', 'new categories'],
  ['category:update', 'names of categories and their place in the tree'],
  ['media:create', 'files of pictures'],
  ['media:update', 'pictures the shop fetches'],
  ['product_media:create', 'pictures of products'],
  ['product_media:update', 'the order of pictures'],
  ['product_media:delete', 'pictures a product no longer has'],
  ['product_price:create', 'advanced prices'],
  ['product_price:update', 'advanced prices'],
  ['product_price:delete', 'advanced prices that no longer hold'],
  ['product_manufacturer:create', 'manufacturers the shop does not have'],
  ['property_group:create', 'groups of properties the shop does not have'],
  ['property_group_option:create', 'properties the shop does not have'],
  ['product_category:create', 'categories of products'],
  ['product_category:delete', 'categories of products'],
  ['product_property:create', 'properties of products'],
  ['product_property:delete', 'properties of products'],
  ['product_option:create', 'what sets variants apart'],
  ['product_option:delete', 'what sets variants apart'],
  ['product_configurator_setting:create', 'what customers choose variants by'],
  ['product_visibility:create', 'where new products are shown'],
  ['order_delivery:update', 'tracking codes and shipped parcels'],
  ['order:update', 'orders that are complete'],
  ['order_return:create', 'returns, in Shopware Commercial'],
  ['order_return:update', 'returns, in Shopware Commercial'],
];

/** Associations are read under permissions of their own. */
export const permissions: readonly Permission[] = permissionsOf();

function permissionsOf(): readonly Permission[] {
  const whys = new Map<string, string>();
  for (const [entity, why] of needs) {
    for (const type of (readFields[entity] ?? []).flatMap((fields) => Object.keys(fields))) {
      if (!whys.has(type)) whys.set(type, why);
    }
  }
  return [
    ...[...whys].map(([type, why]) => ({ name: `${type}:read`, why })),
    { name: 'webhook:create', why: 'subscribing to webhooks, when a person asks for it' },
    { name: 'webhook:update', why: 'subscribing again after the shop switched one off' },
    ...writing.map(([name, why]) => ({ name, why, isForWriting: true })),
    { name: 'custom_field:read', why: 'discovering custom fields, with their sets and relations' },
  ];
}

/**
 * One result for each thing that must be right before the first record can be. Nothing more is
 * asked of a shop that gives no token: it counts the calls, and locks out for a minute.
 */
export async function check(context: ShopwareContext): Promise<readonly CheckResult[]> {
  const token = await attempt('token', () => checkToken(context), NO_TOKEN);
  if (!token.ok) return [token];
  const results = [token, await checkVersion(context)];
  for (const [entity, why] of needs) {
    if (entity === 'order-return' && !context.config.returns) continue;
    results.push(await checkEntity(context, entity, why));
  }
  results.push(await checkChannels(context));
  results.push(await checkWebhooks(context));
  return results;
}

async function attempt(
  name: string,
  run: () => Promise<{ readonly ok: boolean; readonly text: string }>,
  onError: string,
): Promise<CheckResult> {
  try {
    return { name, ...(await run()) };
  } catch (thrown) {
    const error = ensureError(thrown);
    const hint = error.hint === undefined ? '' : ` ${error.hint}`;
    const what = isUnreachable(error) ? 'The shop is not reached.' : onError;
    return { name, ok: false, text: `${what} ${error.message}${hint}` };
  }
}

const NO_TOKEN = 'The shop gives no token for these keys: check the address and `auth`.';

async function checkToken(context: ShopwareContext) {
  await context.http.request({ method: 'GET', path: '/api/_info/version' });
  return { ok: true, text: 'The shop accepts the keys.' };
}

function checkVersion(context: ShopwareContext): Promise<CheckResult> {
  return attempt(
    'version',
    async () => {
      const version = await readVersion(context);
      const [major = 0, minor = 0] = version.split('.').map(Number);
      const ok = major === 6 && minor >= 4;
      const text = ok
        ? `Shopware ${version} is supported.`
        : `Shopware ${version} was never tried; 6.4 to 6.7 were.`;
      return { ok, text };
    },
    'The shop does not say which version it is.',
  );
}

function checkEntity(context: ShopwareContext, entity: string, why: string): Promise<CheckResult> {
  const type = entity.replaceAll('-', '_');
  const name = `${type}:read`;
  const own = entity === 'order-return' ? 'return' : entity;
  const stream = streams(context.config).find((each) => each.name === own);
  return attempt(
    name,
    async () => {
      // Asked as the stream asks, since each association needs a permission of its own.
      if (stream?.fetch !== undefined) await stream.fetch(context, [NOBODY]);
      else await search(context, { entity, includes: { [type]: ['id'] } }, { limit: 1 });
      return { ok: true, text: `Can be read: ${why}.` };
    },
    `Give the integration ${name} and what belongs to it, needed for ${why}.`,
  );
}

/** A channel that is not named is not read as one: its orders are then of no channel. */
function checkChannels(context: ShopwareContext): Promise<CheckResult> {
  return attempt(
    'sales channels',
    async () => {
      const { salesChannels } = await readContext(context);
      const found = Object.entries(object(salesChannels) ?? {});
      const named = Object.keys(context.config.salesChannels);
      const unknown = named.filter((id) => !found.some(([other]) => other === id));
      const left = found.filter(([id]) => named.length > 0 && !named.includes(id));
      const listed = (rows: typeof found) =>
        rows.map(([id, row]) => `${text(object(row)?.name) ?? ''} ${id}`).join(', ');
      if (unknown.length > 0) {
        const has = `Its sales channels are ${listed(found)}.`;
        return { ok: false, text: `The shop has no sales channel ${unknown.join(', ')}. ${has}` };
      }
      if (left.length > 0) {
        return {
          ok: true,
          text: `Not read, for \`salesChannels\` does not name it: ${listed(left)}.`,
        };
      }
      if (named.length > 0) return { ok: true, text: 'All sales channels of the shop are named.' };
      return { ok: true, text: 'All sales channels are read, under their own names.' };
    },
    'The sales channels cannot be listed.',
  );
}

/** An id no record has. */
const NOBODY = '0'.repeat(32);

function checkWebhooks(context: ShopwareContext): Promise<CheckResult> {
  return attempt(
    'webhooks',
    async () => {
      const secretCount = notify.secrets(context.config).length;
      if (secretCount === 0) {
        const text = `No subscription; changes are polled every ${pollSeconds(context)} s.`;
        return { ok: true, text };
      }
      const state = await notify.state?.(context);
      if (state === undefined) throw unreadable();
      if (state.kind === 'active') return { ok: true, text: 'The shop tells us of changes.' };
      return { ok: false, text: state.hint };
    },
    'The list of webhooks cannot be read.',
  );
}

/** Of the stream that waits longest. */
function pollSeconds({ config }: ShopwareContext): number {
  return Math.max(...streams(config).map(({ everyMs }) => everyMs)) / 1000;
}

function unreadable(): HeadraceError {
  return new HeadraceError('invariant', 'The subscription has no state.', { code: 'E_UNEXPECTED' });
}

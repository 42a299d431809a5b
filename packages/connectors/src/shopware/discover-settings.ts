/**
 * What the settings can be filled with from the shop. Names are those the connector gives where
 * nothing is named, so that writing them changes nothing until a person changes one.
 */
import { type DiscoveredSetting, traitName } from '@headrace/sdk';
import { readContext } from './context.js';
import { discover } from './discover.js';
import { object, text } from './json.js';
import { channelKeysOf } from './mapping/channel-keys.js';
import type { ShopwareContext } from './search.js';

export async function discoverSettings(
  context: ShopwareContext,
): Promise<readonly DiscoveredSetting[]> {
  const reference = await readContext(context);
  const channels = object(reference.salesChannels) ?? {};
  const groups = object(reference.customerGroups) ?? {};
  const names = channelKeysOf({ ...context.config, salesChannels: {} }, channels);
  const fields = await discover(context);
  return [
    ...[...names].map(
      ([id, name]): DiscoveredSetting => ({
        path: ['salesChannels', id],
        value: name,
        label: text(object(channels[id])?.name),
        as: 'add',
      }),
    ),
    ...Object.entries(groups).map(([id, group]): DiscoveredSetting => {
      const name = text(object(group)?.name);
      return { path: ['customerGroups', id], value: name ?? id, label: name, as: 'add' };
    }),
    ...fields.flatMap(({ stream, path, label }): readonly DiscoveredSetting[] => {
      const [kind, name = ''] = path.split(/\.(.*)/s);
      if (kind !== 'customFields' || !isExtended(stream)) return [];
      const place = ['customFields', stream, `traits.shop.${traitName(name)}`];
      // What hangs on a product is about a thing; the others may hold a name, so a person looks first.
      return [{ path: place, value: name, label, as: stream === 'product' ? 'add' : 'ask' }];
    }),
  ];
}

function isExtended(stream: string): boolean {
  return stream === 'product' || stream === 'order' || stream === 'customer';
}

/**
 * What the settings can be filled with from the system. Names are those the connector gives where
 * nothing is named, so that writing them changes nothing until a person changes one.
 */
import type { DiscoveredField, DiscoveredSetting } from '@headrace/sdk';
import { traitName } from '@headrace/sdk';
import { channelOf } from './config.js';
import { conditionTypes } from './context.js';
import { discover } from './discover.js';
import { type Extendable, extendable } from './extend.js';
import { readModel } from './model.js';
import type { SapContext } from './odata/question.js';

export async function discoverSettings(
  context: SapContext,
  { languages }: { readonly languages: readonly string[] },
): Promise<readonly DiscoveredSetting[]> {
  const { config } = context;
  const model = await readModel(context);
  const prices = await conditionTypes(context);
  const fields = await discover(context);
  return [
    ...model.plants.map((plant) => add(['plants', plant], plant)),
    ...model.salesAreas.map((area) => {
      const [organization = '', channel = '', division = ''] = area.split('/');
      const name = channelOf({ salesAreas: {} }, organization, channel, division) ?? area;
      return add(['salesAreas', area], name);
    }),
    ...model.brands.map((brand) => add(['brandOf', brand], brand)),
    ...model.languages.flatMap((key) => {
      const tag = languages.find((one) => one.toLowerCase().startsWith(`${key.toLowerCase()}-`));
      return tag === undefined ? [] : [add(['languages', key], tag)];
    }),
    ...prices
      .filter((type) => !Object.hasOwn(config.priceConditions, type))
      .map((type): DiscoveredSetting => {
        const label = "in use: 'list', 'sale', { as: 'list', basis: 'gross' } or 'ignore'";
        return { path: ['priceConditions', type], value: 'list', label, as: 'ask' };
      }),
    ...fields.filter(({ isOwn }) => isOwn === true).flatMap(extensionOf),
  ];
}

/** Fields of materials are about things; any other may hold a name, so a person looks first. */
function extensionOf({ path, label }: DiscoveredField): readonly DiscoveredSetting[] {
  const set = path.split('.')[0] ?? '';
  const entity: Extendable | undefined =
    set === 'A_Product'
      ? 'variant'
      : (Object.keys(extendable) as Extendable[]).find((one) =>
          (extendable[one] as readonly string[]).includes(set),
        );
  if (entity === undefined) return [];
  const place = ['extend', entity, `traits.${traitName(path)}`];
  return [{ path: place, value: path, label, as: set === 'A_Product' ? 'add' : 'ask' }];
}

function add(path: readonly string[], value: string): DiscoveredSetting {
  return { path, value, label: null, as: 'add' };
}

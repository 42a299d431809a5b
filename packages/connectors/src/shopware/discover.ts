import type { DiscoveredField } from '@headrace/sdk';
import { lookUp, object, objects, text } from './json.js';
import { includesOf, readFields } from './read-fields.js';
import { type ShopwareContext, searchAll } from './search.js';

const streams: Readonly<Record<string, string>> = {
  product: 'product',
  order: 'order',
  customer: 'customer',
  category: 'category',
};

/** The shop's own fields: custom fields by the entity they hang on, and property groups. */
export async function discover(context: ShopwareContext): Promise<readonly DiscoveredField[]> {
  const customFields = await searchAll(context, {
    entity: 'custom-field',
    includes: includesOf(readFields['custom-field']?.[0] ?? {}),
    associations: { customFieldSet: { associations: { relations: {} } } },
  });
  const groups = await searchAll(context, {
    entity: 'property-group',
    includes: includesOf(readFields['property-group']?.[0] ?? {}),
  });
  const found = [
    ...customFields.flatMap((row) => {
      const name = text(row.name);
      if (name === null) return [];
      return objects(object(row.customFieldSet)?.relations).flatMap(({ entityName }) => {
        const stream = lookUp(streams, text(entityName));
        if (stream === undefined) return [];
        const type = text(row.type) ?? 'text';
        return [
          { stream, path: `customFields.${name}`, type, label: labelOf(row.config), isOwn: true },
        ];
      });
    }),
    ...groups.flatMap((row) => {
      const name = text(object(row.translated)?.name);
      if (name === null) return [];
      return [
        { stream: 'product', path: `properties.${name}`, type: 'select', label: name, isOwn: true },
      ];
    }),
  ];
  const order = ({ stream, path }: DiscoveredField) => `${stream} ${path}`;
  return found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Labels come by locale; the first by name is as good as any and always the same. */
function labelOf(config: Parameters<typeof object>[0]): string | null {
  const labels = object(object(config)?.label) ?? {};
  const [locale] = Object.keys(labels).sort();
  return locale === undefined ? null : text(labels[locale]);
}

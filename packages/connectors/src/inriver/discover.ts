import type { DiscoveredField } from '@headrace/sdk';
import { fieldTypes } from './context.js';
import type { InriverContext } from './rest.js';

/** Every field type of the PIM's products, variants, nodes and channels, mapped or not. */
export async function discover(context: InriverContext): Promise<readonly DiscoveredField[]> {
  const { types } = context.config;
  const streamOf = new Map([
    [types.product, 'product'],
    [types.variant, 'variant'],
    [types.category, 'category'],
    [types.channel, 'category'],
  ]);
  const found = (await fieldTypes(context)).map((field) => ({
    stream: streamOf.get(field.entityTypeId) ?? 'product',
    path: `fieldValues.${field.id}`,
    type: `${field.dataType}${field.cvlId === null ? '' : ` ${field.cvlId}`}${field.isMulti ? ', several' : ''}`,
    label: field.label,
    isOwn: true,
  }));
  const order = ({ stream, path }: DiscoveredField) => `${stream} ${path}`;
  return found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

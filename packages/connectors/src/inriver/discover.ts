import type { DiscoveredField } from '@headrace/sdk';
import { type FieldType, readTypes, rolesOf } from './model.js';
import type { InriverContext } from './rest.js';

/** Every field type of the PIM's products, variants, nodes and channels, mapped or not. */
export async function discover(context: InriverContext): Promise<readonly DiscoveredField[]> {
  const model = await readTypes(context);
  const { product, variant, category, channel } = rolesOf(model, context.config.types);
  const streamOf = new Map([
    [product, 'product'],
    [variant, 'variant'],
    [category, 'category'],
    [channel, 'category'],
  ]);
  const found = model.types.flatMap(({ id, fields }) => {
    const stream = streamOf.get(id);
    return stream === undefined ? [] : fields.map((field) => described(stream, field));
  });
  const order = ({ stream, path }: DiscoveredField) => `${stream} ${path}`;
  return found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function described(stream: string, { id, dataType, cvlId, isMulti, label }: FieldType) {
  const type = `${dataType}${cvlId === null ? '' : ` ${cvlId}`}${isMulti ? ', several' : ''}`;
  return { stream, path: `fieldValues.${id}`, type, label, isOwn: true };
}

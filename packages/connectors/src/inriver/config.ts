import { isLanguage, secretField } from '@headrace/sdk';
import { z } from 'zod';
import { defaultFields, fieldMap } from './fields.js';

const everyMs = z.number().int().min(1000).optional();
const name = z.string().min(1);

/** Settings of an inRiver PIM. Its model is the customer's own, so all names are settings. */
export const config = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2,6}$/)
    .default('euw')
    .describe('Region of the PIM, as in `https://apieuw.productmarketingcloud.com`.'),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address of the REST API where the region does not say it, without `/api`.'),
  key: secretField().describe('REST API key of a user who may read everything named here.'),
  types: z
    .strictObject({
      product: name.default('Product').describe('What is described once for all sizes.'),
      variant: name.default('Item').describe('What is stocked and sold.'),
      category: name.default('ChannelNode').describe('Nodes of a channel.'),
      channel: name.default('Channel').describe('Channels, the roots of the category tree.'),
    })
    .prefault({})
    .describe('Entity types of the PIM by what they are to us.'),
  links: z
    .strictObject({
      productVariant: name.default('ProductItem').describe('Product → variant.'),
      productResource: name.default('ProductResource').describe('Product → its pictures.'),
      categoryProduct: name.default('ChannelNodeProducts').describe('Category → product.'),
      categoryCategory: name.default('ChannelNodeChannelNodes').describe('Category → category.'),
      channelCategory: name.default('ChannelChannelNodes').describe('Channel → category.'),
    })
    .prefault({})
    .describe('Link types by what they join.'),
  fields: z
    .strictObject({
      product: fieldMap('product').default(defaultFields.product).describe('Of products.'),
      variant: fieldMap('variant').default(defaultFields.variant).describe('Of variants.'),
      category: fieldMap('category').default(defaultFields.category).describe('Of categories.'),
      channel: fieldMap('channel').default(defaultFields.channel).describe('Of channels.'),
    })
    .prefault({})
    .describe(
      'Our field → field type of the PIM, or `{ field, values, unit }` where its values or its unit ' +
        'are others than ours. `attributes.<name>`, `options.<name>` and `traits.<namespace>.<name>` ' +
        'take any field. A map given here replaces the default one.',
    ),
  brands: z
    .record(z.string(), name)
    .default({})
    .describe('Key of a brand in the PIM → our brand. Keys not named are brands as they are.'),
  brand: name.optional().describe('The brand, where the PIM has a single one and no field for it.'),
  languages: z
    .record(z.string(), z.string().refine(isLanguage, 'must be a BCP 47 tag'))
    .default({})
    .describe('Language of the PIM → tag of ours, such as `en` → `en-GB`. Others keep their name.'),
  categoryTree: name
    .default('pim')
    .describe('Name of the tree the channels and their nodes make up.'),
  webhookSecret: z
    .union([secretField(), z.array(secretField()).min(1)])
    .optional()
    .describe('Secret the listener relay signs with, `whsec_…`; several while it is changed.'),
  everyMs: z
    .strictObject({
      product: everyMs.describe('Products.'),
      variant: everyMs.describe('Variants.'),
      category: everyMs.describe('Channels and their nodes, read as a whole.'),
      assortment: everyMs.describe('Links of products, read as a whole. Default 5 min.'),
    })
    .default({})
    .describe('Poll intervals in ms. Default 15 s unless said otherwise.'),
  budget: z
    .strictObject({
      requestsPerSecond: z.number().positive().describe('Requests a second.'),
      concurrency: z.number().int().positive().describe('Requests at a time.'),
    })
    .optional()
    .describe('What the PIM can bear. Default 10 requests a second, 2 at a time.'),
});

export type InriverConfig = z.output<typeof config>;

export function baseUrl({ url, region }: InriverConfig): string {
  return url ?? `https://api${region}.productmarketingcloud.com`;
}

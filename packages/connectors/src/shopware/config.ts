import { returnReasons, secretField } from '@headrace/sdk';
import { z } from 'zod';
import { lookUp } from './json.js';

const customFieldMap = z.record(
  z.string().regex(/^traits\.[\w-]+\.[\w-]+$/, 'must be like traits.shop.fit'),
  z.string().min(1),
);

const everyMs = z.number().int().min(1000).optional();

/** Settings of a Shopware 6 shop. */
export const config = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Address of the shop, without `/api`.'),
  auth: secretField().describe(
    'Access key id and secret access key of an integration, as `id:key`.',
  ),
  salesChannels: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe(
      'Id of a Shopware sales channel → our channel; others are then not read as channels. Without ' +
        'any, all are read, named after the shop: `Alpha Nederland` is `alpha-nederland`.',
    ),
  brandOf: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Channel → brand. A channel that is not named is its own brand.'),
  customerGroups: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Id of a customer group → our group. Groups not named keep their Shopware name.'),
  ruleGroups: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe(
      'Id of a rule advanced prices hang on → our group, for rules whose conditions do not say it.',
    ),
  skuFrom: z
    .enum(['productNumber', 'ean', 'manufacturerNumber'])
    .default('productNumber')
    .describe('Field of a product our sku is taken from.'),
  location: z
    .string()
    .min(1)
    .default('shop')
    .describe('Location the stock of the shop is filed under; Shopware itself knows none.'),
  customFields: z
    .strictObject({
      product: customFieldMap.optional().describe('Custom fields of products and variants.'),
      order: customFieldMap.optional().describe('Custom fields of orders.'),
      customer: customFieldMap.optional().describe('Custom fields of customers; nothing personal.'),
    })
    .default({})
    .describe('Where custom fields go: `traits.<namespace>.<name>` → technical name in Shopware.'),
  webhookSecret: z
    .union([secretField(), z.array(secretField()).min(1)])
    .optional()
    .describe('Secret the shop signs webhooks with; several while it is changed.'),
  version: z
    .string()
    .regex(/^6\.\d+/, 'must be like 6.6.10')
    .optional()
    .describe('Shopware version to assume instead of the one the shop states.'),
  stockMeaning: z
    .enum(['auto', 'physical', 'sellable'])
    .default('auto')
    .describe(
      'What `stock` of a product counts: all goods in the house (before 6.6), or what can still ' +
        'be sold. `auto` goes by the version; say it where 6.5.5 has STOCK_HANDLING switched on.',
    ),
  returns: z
    .boolean()
    .default(false)
    .describe(
      'Whether returns are read; only shops with Shopware Commercial have a place for them.',
    ),
  returnReasons: z
    .record(z.string().min(1), returnReasons)
    .default({})
    .describe('Key of a reason in the shop → our reason, where they are not the same word.'),
  everyMs: z
    .strictObject({
      product: everyMs.describe('Products and variants.'),
      stock: everyMs.describe('Stock, read as a whole.'),
      category: everyMs.describe('Categories.'),
      order: everyMs.describe('Orders.'),
      customer: everyMs.describe('Customers.'),
      return: everyMs.describe('Returns.'),
    })
    .default({})
    .describe('Poll intervals in ms. Default 15 s.'),
  write: z
    .strictObject({
      stock: z
        .strictObject({
          locations: z
            .array(z.string().min(1))
            .optional()
            .describe('Locations whose goods the shop sells. Default: all.'),
        })
        .prefault({})
        .describe('Of stock.'),
      price: z
        .strictObject({
          channels: z
            .array(z.string().min(1))
            .optional()
            .describe(
              'Channels whose prices are the shop’s own; the first that has one in a currency ' +
                'decides. Default: the channels of `salesChannels`, in their order, or all.',
            ),
          advanced: z
            .record(z.string().min(1), z.string().min(1))
            .default({})
            .describe(
              'Id of a rule → channel, or customer group, whose prices are written under that rule.',
            ),
        })
        .prefault({})
        .describe('Of prices.'),
      product: z
        .strictObject({
          categories: z
            .record(z.string().min(1), z.string().min(1))
            .default({})
            .describe('Our category → id of a category of the shop. Others are left out.'),
          hasOwnCategories: z
            .boolean()
            .default(false)
            .describe('Whether categories are written too; then all of ours are used.'),
          categoryRoot: z
            .string()
            .optional()
            .describe('Id of the category of the shop that written ones are hung below.'),
          options: z
            .record(z.string().min(1), z.string().min(1))
            .default({})
            .describe('What sets variants apart → name of the property group; else its own name.'),
          properties: z
            .record(z.string().min(1), z.string().min(1))
            .default({})
            .describe(
              '`fit`, `material` or an attribute → name of the property group. Others are left out.',
            ),
          taxId: z
            .string()
            .optional()
            .describe('Tax of new products. Default: the one with the highest rate.'),
        })
        .prefault({})
        .describe('Of products and variants.'),
    })
    .prefault({})
    .describe('What flows to this shop need to know; nothing is written without one that is live.'),
  budget: z
    .strictObject({
      requestsPerSecond: z.number().positive().describe('Requests a second.'),
      concurrency: z.number().int().positive().describe('Requests at a time.'),
    })
    .optional()
    .describe('What the shop can bear. Default 50 requests a second, 4 at a time.'),
});

export type ShopwareConfig = z.output<typeof config>;

/** The brand that presents a channel. */
export function brandOf(settings: ShopwareConfig, channel: string): string {
  return lookUp(settings.brandOf, channel) ?? channel;
}

import type { SystemTemplate } from './templates.js';

/** What `headrace init --systems shopware` writes. */
export const shopwareTemplate: SystemTemplate = {
  system: 'shopware',
  source: 'shop',
  fills: 'sales channels, customer groups and custom fields',
  settings: [
    { name: 'SHOP_URL', comment: 'Address of the shop, without /api' },
    {
      name: 'SHOP',
      comment:
        'Access key id and secret access key of an integration, as id:key (or SHOP_FILE=path)',
    },
    {
      name: 'SHOP_WEBHOOK',
      comment: 'Once the shop shall push its changes (headrace connect subscribe shop): any secret',
      isOptional: true,
    },
  ],
  call: `remap(
      shopware({
        url: env('SHOP_URL'),
        auth: secret('SHOP'),
        webhookSecret: optionalSecret('SHOP_WEBHOOK'),
        ...shopwareMaps.model,
      }),
      { product: shopwareMaps.product },
    )`,
  maps: `/**
 * Where your shop differs from any other. \`headrace connect discover shop --write\` adds what the shop
 * has and this does not name; the rest of the file is yours. After a change, try it before it runs:
 *
 *   npx headrace connect read shop product --limit 3 --json > sample.json
 *   npx headrace map test shop/product --sample sample.json
 */
import type { MapChange } from 'headrace';
import type { shopware } from 'headrace/connectors';
import type { Field } from './shop.fields.js';

type Settings = Parameters<typeof shopware>[0];
type NameIn<Path> = Path extends \`customFields.\${infer Name}\` ? Name : never;
type CustomField = string extends Field ? string : NameIn<Field>;
type CustomFields = {
  readonly [Kind in 'product' | 'order' | 'customer']: Record<string, CustomField>;
};

export const model = {
  /**
   * Id of a sales channel → your name for it. While this is empty, every sales channel is read under
   * its own name: "Alpha Nederland" is \`alpha-nederland\`. Else those named are read as channels, and
   * a name given here stays when someone renames the channel in the shop.
   */
  salesChannels: {},
  // Id of a customer group → your name for it.
  customerGroups: {},
  /** Where custom fields go → what they are called in the shop. Nothing personal belongs here. */
  customFields: {
    product: {},
    order: {},
    customer: {},
  },
} satisfies Partial<Omit<Settings, 'customFields'>> & { readonly customFields: CustomFields };

/**
 * The last word on what a product record says, after the connector's own mapping: \`mapped\` are the
 * canonical records (product, variant, listing, price) made of \`record\`. Pure: no clock, no
 * requests, nothing but the arguments, so that a replay next year gives the same.
 */
export const product: MapChange = (mapped, record) =>
  mapped.map((one) => {
    // For example, what your shop keeps for tests is published nowhere:
    // if (one.entity === 'listing' && record.productNumber === 'TEST') {
    //   return { ...one, fields: { ...one.fields, isPublished: false } };
    // }
    return one;
  });
`,
};

import type { SystemTemplate } from './templates.js';

/** What `headrace init --systems inriver` writes. */
export const inriverTemplate: SystemTemplate = {
  system: 'inriver',
  source: 'pim',
  fills: 'types, links, fields, brands and languages',
  settings: [
    {
      name: 'PIM_URL',
      comment: 'Address of the REST API, such as https://apieuw.productmarketingcloud.com',
    },
    { name: 'PIM', comment: 'REST API key of a user who may read all of it (or PIM_FILE=path)' },
    {
      name: 'PIM_RELAY',
      comment: 'Once a listener extension relays changes to /v1/webhooks/pim: its secret, whsec_…',
      isOptional: true,
    },
  ],
  call: `inriver({
      url: env('PIM_URL'),
      key: secret('PIM'),
      webhookSecret: optionalSecret('PIM_RELAY'),
      ...inriverMaps.model,
    })`,
  maps: `/**
 * How your PIM is modelled. Names on the right are the PIM's own: \`headrace connect discover pim --write\`
 * puts those it has in place of those it does not have, and proposes more; the rest of the file is
 * yours. \`headrace connect check pim\` says what does not fit.
 */
import type { inriver } from 'headrace/connectors';
import type { Field } from './pim.fields.js';

type Settings = Parameters<typeof inriver>[0];
type IdIn<Path> = Path extends \`fieldValues.\${infer Id}\` ? Id : never;
type FieldId = string extends Field ? string : IdIn<Field>;
type From =
  | FieldId
  | { field: FieldId; values?: Record<string, string>; unit?: 'kg' | 'g' | 'mm' | 'cm' | 'm' };
type Fields = { readonly [Type in keyof Required<Settings>['types']]?: Record<string, From> };

export const model = {
  types: {
    product: 'Product',
    variant: 'Item',
    category: 'ChannelNode',
    channel: 'Channel',
  },
  links: {
    productVariant: 'ProductItem',
    productResource: 'ProductResource',
    categoryProduct: 'ChannelNodeProducts',
    categoryCategory: 'ChannelNodeChannelNodes',
    channelCategory: 'ChannelChannelNodes',
  },
  /**
   * Our field → the PIM's; take the comment off those you want. Where the values or the unit are other
   * than ours: { field: 'ProductStatus', values: { phaseout: 'phase-out' } }, { field: 'ItemWeight',
   * unit: 'g' }. 'attributes.care', 'options.colour' and 'traits.pim.quality' take any field.
   */
  fields: {
    product: {
      // Product number and brand are its key: the same as in your shop, so that both meet.
      productId: 'ProductId',
      brand: 'ProductBrand',
      name: 'ProductName',
      description: 'ProductDescription',
    },
    variant: {
      sku: 'ItemSku',
      gtin: 'ItemGtin',
    },
    category: {
      name: 'ChannelNodeName',
    },
    channel: {
      name: 'ChannelName',
    },
  },
  // Key of a brand in the PIM → brand, as under \`brands\` in headrace.config.ts.
  brands: {},
  // Language of the PIM → tag, where its name is none or leaves out the region.
  languages: {},
  categoryTree: 'pim',
} satisfies Partial<Omit<Settings, 'fields'>> & { readonly fields: Fields };
`,
};

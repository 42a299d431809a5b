import type { SystemTemplate } from './templates.js';

/** What `headrace init --systems inriver` writes. */
export const inriverTemplate: SystemTemplate = {
  system: 'inriver',
  source: 'pim',
  next: [
    'npx headrace connect discover pim    lists the field types of the PIM, to name in maps/inriver.ts',
  ],
  settings: [
    {
      name: 'PIM_URL',
      comment: 'Address of the REST API, such as https://apieuw.productmarketingcloud.com',
    },
    { name: 'PIM', comment: 'REST API key of a user who may read all of it (or PIM_FILE=path)' },
  ],
  call: `inriver({
      url: env('PIM_URL'),
      key: secret('PIM'),
      ...inriverMaps.model,
      // Once a listener extension relays changes to /v1/webhooks/pim:
      // webhookSecret: secret('PIM_RELAY'),
    })`,
  maps: `/**
 * How your PIM is modelled. Names on the right are the PIM's own; \`headrace connect discover pim\`
 * lists them, and \`headrace connect check pim\` says which of those below it does not have.
 */
import type { inriver } from 'headrace/connectors';

type Settings = Parameters<typeof inriver>[0];

export const model: Pick<
  Settings,
  'types' | 'links' | 'fields' | 'brands' | 'languages' | 'categoryTree'
> = {
  types: { product: 'Product', variant: 'Item', category: 'ChannelNode', channel: 'Channel' },
  links: {
    productVariant: 'ProductItem',
    productResource: 'ProductResource',
    categoryProduct: 'ChannelNodeProducts',
    categoryCategory: 'ChannelNodeChannelNodes',
    channelCategory: 'ChannelChannelNodes',
  },
  fields: {
    product: {
      // Product number and brand are its key: the same as in your shop, so that both meet.
      productId: 'ProductId',
      brand: 'ProductBrand',
      name: 'ProductName',
      description: 'ProductDescription',
      // material: 'ProductMaterial',
      // state: { field: 'ProductStatus', values: { phaseout: 'phase-out' } },
      // 'traits.pim.quality': 'ProductTextQuality',
    },
    variant: {
      sku: 'ItemSku',
      gtin: 'ItemGtin',
      // weightKilograms: { field: 'ItemWeight', unit: 'g' },
      // 'options.colour': 'ItemColour',
    },
    category: { name: 'ChannelNodeName' },
    channel: { name: 'ChannelName' },
  },
  // Key of a brand in the PIM → brand, as under \`brands\` in headrace.config.ts.
  brands: {},
  // Language of the PIM → tag, where its name is none or leaves out the region.
  languages: {
    // en: 'en-GB',
  },
};
`,
};

import type { inriver } from '@headrace/connectors';

type Settings = Omit<Parameters<typeof inriver>[0], 'url' | 'key'>;

/**
 * What a customer writes for the two companies the PIM is emulated for. The connector is the same:
 * types, fields, lists of values, languages, links and units differ in settings alone.
 */
export const pimSettings = (model: string): Settings => (model === 'second' ? second : standard);

const standard: Settings = {
  languages: { en: 'en-GB', nl: 'nl-NL', de: 'de-DE' },
  fields: {
    product: {
      productId: 'ProductId',
      brand: 'ProductBrand',
      name: 'ProductName',
      description: 'ProductDescription',
      material: 'ProductMaterial',
      fit: 'ProductFit',
      season: 'ProductSeason',
      manufacturer: 'ProductSupplier',
      sizeSystem: 'ProductSizeSystem',
      launchDate: 'ProductLaunch',
      phaseOutDate: 'ProductPhaseOut',
      isFragile: 'ProductFragile',
      state: { field: 'ProductStatus', values: { phaseout: 'phase-out' } },
      'attributes.care': 'ProductCareCode',
      'traits.pim.imageQuality': 'ProductImageQuality',
      'traits.pim.textQuality': 'ProductTextQuality',
    },
    variant: {
      sku: 'ItemSku',
      gtin: 'ItemGtin',
      weightKilograms: 'ItemWeight',
      packSize: 'ItemPackSize',
      state: { field: 'ItemActive', values: { true: 'active', false: 'blocked' } },
      'options.colour': 'ItemColour',
      'options.size': 'ItemSize',
    },
    category: { name: 'ChannelNodeName', isActive: 'ChannelNodeActive' },
  },
};

const second: Settings = {
  types: { product: 'Artikel', variant: 'Variante', category: 'Rubrik', channel: 'Katalog' },
  links: {
    productVariant: 'ArtikelVarianten',
    productResource: 'ArtikelBilder',
    categoryProduct: 'RubrikArtikel',
    categoryCategory: 'RubrikRubriken',
    channelCategory: 'KatalogRubriken',
  },
  brands: { A: 'alpha', B: 'beta' },
  fields: {
    product: {
      productId: 'ArtNummer',
      brand: 'ArtMarken',
      name: 'ArtBezeichnung',
      description: 'ArtText',
      material: 'ArtWerkstoff',
      fit: 'ArtPassform',
      season: 'ArtSaison',
      manufacturer: 'ArtLieferant',
      launchDate: 'ArtStart',
      isFragile: 'ArtZerbrechlich',
      state: { field: 'ArtAktiv', values: { true: 'active', false: 'blocked' } },
      'attributes.care': 'ArtPflege',
      'traits.pim.textQuality': 'ArtFreigabe',
    },
    variant: {
      sku: 'VarNummer',
      gtin: 'VarEan',
      weightKilograms: { field: 'VarGewicht', unit: 'g' },
      'options.colour': 'VarFarbe',
      'options.size': 'VarGroesse',
    },
    category: { name: 'RubName' },
    channel: { name: 'KatName' },
  },
};

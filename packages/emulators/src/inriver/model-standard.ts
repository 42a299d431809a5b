import { type CompanyModel, field } from './company-model.js';
import { careCvl, plainCvl, sizeCvl, slug, wordsCvl } from './model-values.js';

/** The first customer: English names, much as inRiver's own demonstration models them. */

const languages: CompanyModel['languages'] = [
  { name: 'en', displayName: 'English', of: 'en-GB' },
  { name: 'nl', displayName: 'Dutch', of: 'nl-NL' },
  { name: 'de', displayName: 'German', of: 'de-DE' },
];

export const standardModel: CompanyModel = {
  name: 'standard',
  languages,
  hasZone: false,
  firstEntityId: 1_001,
  cvls: [
    plainCvl('Brand', 'brand', [
      ['alpha', 'Alpha'],
      ['beta', 'Beta'],
    ]),
    wordsCvl('Material', 'material', languages, slug),
    wordsCvl('Fit', 'fit', languages, slug),
    wordsCvl('Colour', 'colour', languages, slug),
    sizeCvl('Size'),
    careCvl('CareCode'),
    plainCvl('ProductStatus', 'status', [
      ['planned', 'Planned'],
      ['active', 'Active'],
      ['phaseout', 'Phase-out'],
    ]),
    plainCvl('Quality', 'own', [
      ['draft', 'Draft'],
      ['approved', 'Approved'],
    ]),
  ],
  entityTypes: [
    {
      id: 'Product',
      name: 'Product',
      role: 'product',
      displayName: 'ProductName',
      displayDescription: 'ProductDescription',
      fieldSets: [
        { id: 'ProductApparel', name: 'Apparel' },
        { id: 'ProductFootwear', name: 'Footwear' },
        { id: 'ProductGeneral', name: 'General' },
      ],
      fields: [
        field('ProductId', 'Product number', 'String', 'number', {
          isMandatory: true,
          isUnique: true,
          isExpected: true,
        }),
        field('ProductName', 'Name', 'LocaleString', 'name', {
          isMandatory: true,
          isExpected: true,
        }),
        field('ProductDescription', 'Description', 'LocaleString', 'description', {
          isExpected: true,
        }),
        field('ProductBrand', 'Brands', 'CVL', 'brands', {
          cvlId: 'Brand',
          isMulti: true,
          isExpected: true,
        }),
        field('ProductMaterial', 'Material', 'CVL', 'material', {
          cvlId: 'Material',
          isExpected: true,
        }),
        field('ProductFit', 'Fit', 'CVL', 'fit', {
          cvlId: 'Fit',
          fieldSets: ['ProductApparel', 'ProductFootwear'],
        }),
        field('ProductCareCode', 'Care', 'CVL', 'care', { cvlId: 'CareCode' }),
        field('ProductSizeSystem', 'Size system', 'String', 'sizeSystem', {
          fieldSets: ['ProductApparel', 'ProductFootwear'],
        }),
        field('ProductSeason', 'Season', 'String', 'season'),
        field('ProductSupplier', 'Supplier', 'String', 'supplier'),
        field('ProductSupplierNumber', 'Number at the supplier', 'String', 'supplierNumber'),
        field('ProductLaunch', 'Launch', 'DateTime', 'launch'),
        field('ProductPhaseOut', 'End', 'DateTime', 'phaseOut'),
        field('ProductStatus', 'Status', 'CVL', 'status', {
          cvlId: 'ProductStatus',
          isExpected: true,
        }),
        field('ProductImageQuality', 'Image quality', 'Integer', 'imageQuality'),
        field('ProductFragile', 'Fragile', 'Boolean', 'isFragile'),
        field('ProductTextQuality', 'Text quality', 'CVL', 'own', { cvlId: 'Quality' }),
      ],
    },
    {
      id: 'Item',
      name: 'Item',
      role: 'item',
      displayName: 'ItemSku',
      fields: [
        field('ItemSku', 'SKU', 'String', 'number', {
          isMandatory: true,
          isUnique: true,
          isExpected: true,
        }),
        field('ItemGtin', 'GTIN', 'String', 'gtin', { isUnique: true, isExpected: true }),
        field('ItemColour', 'Colour', 'CVL', 'colour', { cvlId: 'Colour', isExpected: true }),
        field('ItemSize', 'Size', 'CVL', 'size', { cvlId: 'Size' }),
        field('ItemWeight', 'Weight, kg', 'Double', 'weight', { isExpected: true, unit: 'kg' }),
        field('ItemPackSize', 'Pack', 'Integer', 'packSize'),
        field('ItemActive', 'Active', 'Boolean', 'isActive'),
      ],
    },
    {
      id: 'Resource',
      name: 'Resource',
      role: 'resource',
      displayName: 'ResourceFilename',
      fields: [
        field('ResourceFilename', 'File name', 'String', 'fileName', {
          isUnique: true,
          isExpected: true,
        }),
        field('ResourceFileId', 'File', 'File', 'file'),
      ],
    },
    {
      id: 'ChannelNode',
      name: 'Channel node',
      role: 'node',
      displayName: 'ChannelNodeName',
      fields: [
        field('ChannelNodeId', 'Key', 'String', 'number', { isUnique: true, isExpected: true }),
        field('ChannelNodeName', 'Name', 'LocaleString', 'name', { isExpected: true }),
        field('ChannelNodeActive', 'Shown', 'Boolean', 'isActive'),
      ],
    },
    {
      id: 'Channel',
      name: 'Channel',
      role: 'channel',
      displayName: 'ChannelName',
      fields: [
        field('ChannelId', 'Key', 'String', 'number', { isUnique: true, isExpected: true }),
        field('ChannelName', 'Name', 'LocaleString', 'name'),
        field('ChannelPublished', 'Published', 'Boolean', 'isActive'),
      ],
    },
  ],
  linkTypes: [
    { id: 'ProductItem', role: 'product-item', source: 'product', target: 'item' },
    { id: 'ProductResource', role: 'product-resource', source: 'product', target: 'resource' },
    { id: 'ChannelNodeProducts', role: 'node-product', source: 'node', target: 'product' },
    { id: 'ChannelNodeChannelNodes', role: 'node-node', source: 'node', target: 'node' },
    { id: 'ChannelChannelNodes', role: 'channel-node', source: 'channel', target: 'node' },
  ],
};

/**
 * Everything that is written to a shop, by entity, and the actions besides; a test holds what the sinks
 * send against it, and `scripts/check-shopware-spec.mjs` what Shopware's own description lets callers
 * set. Below a name that ends in `.*` stands what the project names itself.
 */
export const writtenFields: Readonly<Record<string, readonly string[]>> = {
  category: ['id', 'parentId', 'active', 'translations.*'],
  media: ['id'],
  order_delivery: ['id', 'trackingCodes'],
  order_return: [
    ...['id', 'orderId', 'returnNumber', 'stateId', 'requestedAt', 'lineItems.id'],
    ...['lineItems.orderLineItemId', 'lineItems.quantity', 'lineItems.internalComment'],
    ...['lineItems.stateId', 'lineItems.reasonId', 'lineItems.price.unitPrice'],
    ...['lineItems.price.totalPrice', 'lineItems.price.quantity'],
    ...['lineItems.price.calculatedTaxes.tax', 'lineItems.price.calculatedTaxes.taxRate'],
    ...['lineItems.price.calculatedTaxes.price', 'lineItems.price.taxRules.taxRate'],
    'lineItems.price.taxRules.percentage',
  ],
  product: [
    ...['id', 'productNumber', 'parentId', 'taxId', 'manufacturerId', 'coverId', 'stock', 'active'],
    ...['ean', 'weight', 'manufacturerNumber', 'translations.*', 'customFields.*'],
    ...['price.currencyId', 'price.gross', 'price.net', 'price.linked', 'price.listPrice'],
    ...['price.listPrice.currencyId', 'price.listPrice.gross', 'price.listPrice.net'],
    ...['price.listPrice.linked', 'categories.id', 'properties.id', 'options.id'],
    ...['visibilities.id', 'visibilities.salesChannelId', 'visibilities.visibility'],
  ],
  product_category: ['productId', 'categoryId'],
  product_configurator_setting: ['id', 'productId', 'optionId'],
  product_manufacturer: ['id', 'name'],
  product_media: ['id', 'productId', 'mediaId', 'position'],
  product_option: ['productId', 'optionId'],
  product_price: [
    ...['id', 'productId', 'ruleId', 'quantityStart', 'quantityEnd', 'price.currencyId'],
    ...['price.gross', 'price.net', 'price.linked', 'price.listPrice'],
  ],
  product_property: ['productId', 'optionId'],
  property_group: ['id', 'name'],
  property_group_option: ['id', 'groupId', 'name'],
};

/** Actions by their path, with what their body and their query hold. */
export const calledActions: Readonly<
  Record<string, { readonly query?: readonly string[]; readonly body: readonly string[] }>
> = {
  '/_action/sync': { body: ['action', 'entity', 'payload'] },
  '/_action/media/{mediaId}/upload': { query: ['extension', 'fileName'], body: ['url'] },
  '/_action/order/{orderId}/state/{transition}': { body: [] },
  '/_action/order_delivery/{orderDeliveryId}/state/{transition}': { body: [] },
};

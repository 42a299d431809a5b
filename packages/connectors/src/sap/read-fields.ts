/**
 * Everything that is read of SAP, by service and set. Requests name it, so that nothing else is
 * sent; `scripts/check-sap-spec.mjs` compares it with SAP's own description of its services.
 */
import { fieldsBySet, type Shape } from './shape.js';

export const productShape: Shape = {
  set: 'A_Product',
  fields: [
    ...['Product', 'ProductType', 'CrossPlantStatus', 'CreationDate', 'LastChangeDateTime'],
    ...['IsMarkedForDeletion', 'ProductOldID', 'GrossWeight', 'WeightUnit', 'CountryOfOrigin'],
    ...['ProductGroup', 'BaseUnit', 'ItemCategoryGroup', 'ProductHierarchy', 'Brand'],
    ...['ValidityStartDate', 'SizeOrDimensionText', 'ProductStandardID', 'ProductIsConfigurable'],
    ...['CrossPlantConfigurableProduct', 'ProductManufacturerNumber', 'ManufacturerNumber'],
    'IsRelevantForHzdsSubstances',
  ],
  children: {
    to_Description: {
      set: 'A_ProductDescription',
      fields: ['Product', 'Language', 'ProductDescription'],
    },
    to_Plant: {
      set: 'A_ProductPlant',
      fields: ['Product', 'Plant', 'Commodity', 'IsMarkedForDeletion', 'ProfileCode'],
    },
    to_ProductUnitsOfMeasure: {
      set: 'A_ProductUnitsOfMeasure',
      fields: [
        ...['Product', 'AlternativeUnit', 'QuantityNumerator', 'QuantityDenominator'],
        ...['GlobalTradeItemNumber', 'UnitSpecificProductLength', 'UnitSpecificProductWidth'],
        ...['UnitSpecificProductHeight', 'ProductMeasurementUnit', 'GrossWeight', 'WeightUnit'],
      ],
    },
  },
};

export const supplyPlanningShape: Shape = {
  set: 'A_Product',
  fields: ['Product', 'LastChangeDateTime'],
  children: {
    to_Plant: {
      set: 'A_ProductPlant',
      fields: ['Product', 'Plant'],
      single: ['to_ProductSupplyPlanning'],
      children: {
        to_ProductSupplyPlanning: {
          set: 'A_ProductSupplyPlanning',
          fields: [
            ...['Product', 'Plant', 'FixedLotSizeQuantity', 'MaximumLotSizeQuantity'],
            ...['MinimumLotSizeQuantity', 'LotSizeRoundingQuantity', 'LotSizingProcedure'],
            ...['MRPType', 'SafetyStockQuantity', 'ABCIndicator', 'MaximumStockQuantity'],
            ...['ReorderThresholdQuantity', 'PlannedDeliveryDurationInDays', 'ProcurementType'],
            ...['TotalReplenishmentLeadTime', 'GoodsReceiptDuration', 'BaseUnit', 'SrvcLvl'],
          ],
        },
      },
    },
  },
};

export const costShape: Shape = {
  set: 'A_Product',
  fields: ['Product', 'LastChangeDateTime'],
  children: {
    to_Valuation: {
      set: 'A_ProductValuation',
      fields: [
        ...['Product', 'ValuationArea', 'ValuationType', 'StandardPrice', 'MovingAveragePrice'],
        ...['PriceUnitQty', 'InventoryValuationProcedure', 'IsMarkedForDeletion', 'Currency'],
        ...['BaseUnit', 'PriceLastChangeDate'],
      ],
    },
  },
};

export const stockShape: Shape = {
  set: 'A_MaterialStock',
  fields: ['Material', 'MaterialBaseUnit'],
  children: {
    to_MatlStkInAcctMod: {
      set: 'A_MatlStkInAcctMod',
      fields: [
        ...['Material', 'Plant', 'StorageLocation', 'Batch', 'InventorySpecialStockType'],
        ...['InventoryStockType', 'MaterialBaseUnit', 'MatlWrhsStkQtyInMatlBaseUnit'],
      ],
    },
  },
};

/** Releases differ in what a posting has, and a property that is not there would refuse them all. */
export const movementShape: Shape = {
  set: 'A_MaterialDocumentHeader',
  fields: 'all',
  personal: ['CreatedByUser'],
  children: {
    to_MaterialDocumentItem: {
      set: 'A_MaterialDocumentItem',
      fields: 'all',
      personal: ['GoodsRecipientName', 'Customer', 'UnloadingPointName'],
    },
  },
};

const buyer = ['SoldToParty'];

export const orderShape: Shape = {
  set: 'A_SalesOrder',
  fields: [
    ...['SalesOrder', 'SalesOrderType', 'SalesOrganization', 'DistributionChannel'],
    ...['OrganizationDivision', 'CreationDate', 'LastChangeDateTime', 'ExternalDocumentID'],
    ...['PurchaseOrderByCustomer', 'SalesOrderDate', 'TotalNetAmount', 'TransactionCurrency'],
    ...['OverallDeliveryStatus', 'OverallTotalDeliveryStatus', 'OverallSDProcessStatus'],
    ...['OverallSDDocumentRejectionSts', 'TotalBlockStatus', 'DeliveryBlockReason'],
    ...['SDDocumentReason', 'RequestedDeliveryDate', 'ShippingCondition', 'CustomerPriceGroup'],
    ...['CustomerGroup', 'PriceListType', 'PaymentMethod', 'CustomerPaymentTerms'],
  ],
  personal: buyer,
  children: {
    to_Item: {
      set: 'A_SalesOrderItem',
      fields: [
        ...['SalesOrder', 'SalesOrderItem', 'HigherLevelItem', 'SalesOrderItemCategory'],
        ...['SalesOrderItemText', 'UnderlyingPurchaseOrderItem', 'ExternalItemID', 'Material'],
        ...['RequestedQuantity', 'RequestedQuantityUnit', 'ConfdDelivQtyInOrderQtyUnit'],
        ...['OrderQuantityUnit', 'TransactionCurrency', 'NetAmount', 'TaxAmount', 'CostAmount'],
        ...['ProductionPlant', 'StorageLocation', 'SalesDocumentRjcnReason', 'SDProcessStatus'],
        'DeliveryStatus',
      ],
      children: {
        to_ScheduleLine: {
          set: 'A_SalesOrderScheduleLine',
          fields: [
            ...['SalesOrder', 'SalesOrderItem', 'ScheduleLine', 'RequestedDeliveryDate'],
            ...['ConfirmedDeliveryDate', 'ConfdOrderQtyByMatlAvailCheck', 'OrderQuantityUnit'],
            'DeliveredQtyInOrderQtyUnit',
          ],
        },
      },
    },
  },
};

export const purchaseOrderShape: Shape = {
  set: 'A_PurchaseOrder',
  fields: [
    ...['PurchaseOrder', 'PurchaseOrderType', 'PurchasingDocumentDeletionCode', 'CompanyCode'],
    ...['PurchasingProcessingStatus', 'CreationDate', 'LastChangeDateTime', 'Supplier'],
    ...['PurchaseOrderDate', 'DocumentCurrency', 'ReleaseIsNotCompleted', 'SupplyingPlant'],
  ],
  children: {
    to_PurchaseOrderItem: {
      set: 'A_PurchaseOrderItem',
      fields: [
        ...['PurchaseOrder', 'PurchaseOrderItem', 'PurchasingDocumentDeletionCode', 'Plant'],
        ...['StorageLocation', 'OrderQuantity', 'PurchaseOrderQuantityUnit', 'OrderPriceUnit'],
        ...['DocumentCurrency', 'NetPriceAmount', 'NetPriceQuantity', 'IsCompletelyDelivered'],
        ...['IsReturnsItem', 'Material', 'SupplierMaterialNumber'],
      ],
      children: {
        to_ScheduleLine: {
          set: 'A_PurchaseOrderScheduleLine',
          fields: [
            ...['PurchasingDocument', 'PurchasingDocumentItem', 'ScheduleLine'],
            ...['ScheduleLineDeliveryDate', 'SchedLineStscDeliveryDate'],
            ...['ScheduleLineOrderQuantity', 'ScheduleLineCommittedQuantity'],
            'PurchaseOrderQuantityUnit',
          ],
        },
      },
    },
  },
};

export const deliveryShape: Shape = {
  set: 'A_OutbDeliveryHeader',
  fields: [
    ...['DeliveryDocument', 'DeliveryDocumentType', 'SDDocumentCategory', 'CreationDate'],
    ...['CreationTime', 'LastChangeDate', 'DeliveryDate', 'DeliveryTime', 'PickingDate'],
    ...['PlannedGoodsIssueDate', 'ActualGoodsMovementDate', 'ActualGoodsMovementTime'],
    ...['ProofOfDeliveryDate', 'OverallGoodsMovementStatus', 'OverallPickingStatus'],
    ...['OverallPackingStatus', 'OverallProofOfDeliveryStatus', 'OverallSDProcessStatus'],
    ...['HeaderGrossWeight', 'HeaderWeightUnit', 'TotalNumberOfPackage', 'ShippingPoint'],
    ...['ShippingCondition', 'BillOfLading', 'Warehouse', 'DeliveryBlockReason'],
  ],
  personal: ['ShipToParty', ...buyer],
  children: {
    to_DeliveryDocumentItem: {
      set: 'A_OutbDeliveryItem',
      fields: [
        ...['DeliveryDocument', 'DeliveryDocumentItem', 'ActualDeliveryQuantity', 'Batch'],
        ...['DeliveryQuantityUnit', 'GoodsMovementStatus', 'Material', 'Plant'],
        ...['StorageLocation', 'ReferenceSDDocument', 'ReferenceSDDocumentItem'],
        'ReferenceSDDocumentCategory',
      ],
    },
  },
};

/** What a delivery does not say of the order it is for. */
export const orderReferenceShape: Shape = {
  set: 'A_SalesOrder',
  fields: [
    ...['SalesOrder', 'SalesOrganization', 'DistributionChannel', 'OrganizationDivision'],
    ...['PurchaseOrderByCustomer', 'ExternalDocumentID'],
  ],
};

export const returnShape: Shape = {
  set: 'A_CustomerReturn',
  fields: [
    ...['CustomerReturn', 'CustomerReturnType', 'SalesOrganization', 'DistributionChannel'],
    ...['OrganizationDivision', 'CreationDate', 'LastChangeDateTime', 'PurchaseOrderByCustomer'],
    ...[
      'CustomerReturnDate',
      'AssignmentReference',
      'TotalNetAmount',
      'TransactionCurrency',
      'SDDocumentReason',
    ],
    ...['RetsMgmtLogProcgStatus', 'RetsMgmtCompnProcgStatus', 'RetsMgmtProcessingStatus'],
    ...['OverallSDProcessStatus', 'OverallSDDocumentRejectionSts', 'ReferenceSDDocument'],
    'ReferenceSDDocumentCategory',
  ],
  personal: buyer,
  children: {
    to_Item: {
      set: 'A_CustomerReturnItem',
      fields: [
        ...['CustomerReturn', 'CustomerReturnItem', 'Material', 'RequestedQuantity'],
        ...['RequestedQuantityUnit', 'TransactionCurrency', 'NetAmount', 'ProductionPlant'],
        ...['StorageLocation', 'SalesDocumentRjcnReason', 'ReturnReason', 'ReturnsRefundType'],
        ...['ReturnsMaterialHasBeenReceived', 'ReturnsRefundExtent', 'SDProcessStatus'],
        ...['CustomerRetMatlInspResultCode', 'CustRetItmFollowUpActivity'],
        ...['RetsMgmtItmProcgStatus', 'ReferenceSDDocument', 'ReferenceSDDocumentItem'],
      ],
    },
  },
};

export const priceShape: Shape = {
  set: 'A_SlsPrcgConditionRecord',
  fields: [
    ...['ConditionRecord', 'ConditionSequentialNumber', 'ConditionTable', 'ConditionType'],
    ...['ConditionApplication', 'ConditionCalculationType', 'ConditionRateValue'],
    ...['ConditionRateValueUnit', 'ConditionCurrency', 'ConditionQuantity'],
    ...['ConditionQuantityUnit', 'ConditionToBaseQtyNmrtr', 'ConditionToBaseQtyDnmntr'],
    ...['BaseUnit', 'ConditionIsDeleted', 'ConditionReleaseStatus', 'PricingScaleBasis'],
    'LastChangeDateTime',
  ],
  children: {
    // Any of a hundred key fields may say for whom a price is, customer's own ones included.
    to_SlsPrcgCndnRecdValidity: {
      set: 'A_SlsPrcgCndnRecdValidity',
      fields: 'all',
      // Other parties in a key make the price one we do not know, so they have to be seen.
      personal: ['SoldToParty', 'BPForSoldToParty', 'Customer', 'BPForCustomer'],
    },
    to_SlsPrcgCndnRecordScale: {
      set: 'A_SlsPrcgCndnRecordScale',
      fields: [
        ...['ConditionRecord', 'ConditionSequentialNumber', 'ConditionScaleLine'],
        ...['ConditionScaleQuantity', 'ConditionScaleQuantityUnit', 'ConditionRateValue'],
        ...['ConditionRateValueUnit', 'ConditionCurrency'],
      ],
    },
  },
};

export const partnerShape: Shape = {
  set: 'A_BusinessPartner',
  fields: [
    ...['BusinessPartner', 'Supplier', 'BusinessPartnerCategory', 'CorrespondenceLanguage'],
    ...['CreationDate', 'CreationTime', 'LastChangeDate', 'LastChangeTime', 'Industry'],
    ...['OrganizationBPName1', 'BusinessPartnerIsBlocked', 'IsMarkedForArchiving'],
    'BusinessPartnerGrouping',
  ],
  // The number of the customer is the person's reference, so it is sealed as well.
  personal: [
    ...['Customer', 'FirstName', 'LastName', 'BusinessPartnerFullName', 'BirthDate'],
    'SearchTerm1',
  ],
  single: ['to_Customer', 'to_Supplier'],
  children: {
    to_BusinessPartnerAddress: {
      set: 'A_BusinessPartnerAddress',
      fields: ['BusinessPartner', 'AddressID', 'Country', 'Language'],
      personal: [
        ...['CityName', 'PostalCode', 'StreetName', 'HouseNumber', 'FullName', 'CareOfName'],
      ],
      children: {
        to_EmailAddress: {
          set: 'A_AddressEmailAddress',
          fields: ['AddressID', 'Person', 'OrdinalNumber'],
          personal: ['EmailAddress'],
        },
      },
    },
    to_Customer: {
      set: 'A_Customer',
      fields: [
        ...['OrderIsBlockedForCustomer', 'DeletionIndicator', 'CustomerAccountGroup'],
        ...['CustomerClassification', 'VATRegistration'],
      ],
      personal: ['Customer'],
      children: {
        to_CustomerSalesArea: {
          set: 'A_CustomerSalesArea',
          fields: [
            ...['SalesOrganization', 'DistributionChannel', 'Division', 'Currency'],
            ...['CustomerGroup', 'CustomerPriceGroup', 'CustomerPaymentTerms', 'PriceListType'],
          ],
          personal: ['Customer'],
        },
      },
    },
    to_Supplier: {
      set: 'A_Supplier',
      fields: [
        ...['Supplier', 'SupplierName', 'PurchasingIsBlocked', 'PostingIsBlocked'],
        ...['DeletionIndicator', 'SupplierProcurementBlock'],
      ],
      children: {
        to_SupplierPurchasingOrg: {
          set: 'A_SupplierPurchasingOrg',
          fields: [
            ...['Supplier', 'PurchasingOrganization', 'PurchaseOrderCurrency'],
            ...['MaterialPlannedDeliveryDurn', 'MinimumOrderAmount', 'DeletionIndicator'],
          ],
        },
      },
    },
  },
};

/** Shapes by service. */
export const shapesByService: Readonly<Record<string, readonly Shape[]>> = {
  API_PRODUCT_SRV: [productShape, supplyPlanningShape, costShape],
  API_MATERIAL_STOCK_SRV: [stockShape],
  API_MATERIAL_DOCUMENT_SRV: [movementShape],
  API_SALES_ORDER_SRV: [orderShape, orderReferenceShape],
  API_PURCHASEORDER_PROCESS_SRV: [purchaseOrderShape],
  API_OUTBOUND_DELIVERY_SRV: [deliveryShape],
  API_CUSTOMER_RETURN_SRV: [returnShape],
  API_SLSPRICINGCONDITIONRECORD_SRV: [priceShape],
  API_BUSINESS_PARTNER: [partnerShape],
};

/** All of it by service and set, for comparison with SAP's description. */
export function readFieldsByService(): Readonly<
  Record<string, Readonly<Record<string, readonly string[]>>>
> {
  return Object.fromEntries(
    Object.entries(shapesByService).map(([service, shapes]) => {
      const bySet = new Map<string, Set<string>>();
      for (const [set, fields] of shapes.flatMap(fieldsBySet)) {
        const known = bySet.get(set) ?? new Set();
        for (const field of fields) known.add(field);
        bySet.set(set, known);
      }
      const rows = [...bySet].map(([set, fields]) => [set, [...fields].sort()] as const);
      return [service, Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)))];
    }),
  );
}

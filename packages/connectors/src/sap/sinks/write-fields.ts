/**
 * Everything that is written to SAP, by service and set; `scripts/check-sap-spec.mjs` compares it with
 * what SAP's own description lets callers set, and a test with what the sinks send.
 */
import { buyerReadFields } from './buyer.js';
import { orderReadFields } from './order-read.js';
import { purchaseReadFields } from './purchase.js';
import { returnReadFields } from './return.js';

export interface WrittenFields {
  readonly create?: readonly string[];
  readonly update?: readonly string[];
}

type BySet<Fields> = Readonly<Record<string, Fields>>;

const price = [
  ...['ConditionType', 'ConditionRateValue', 'ConditionCurrency', 'ConditionQuantity'],
  'ConditionQuantityUnit',
];

const writtenFields: BySet<BySet<WrittenFields>> = {
  API_SALES_ORDER_SRV: {
    A_SalesOrder: {
      create: [
        ...['SalesOrderType', 'SalesOrganization', 'DistributionChannel', 'OrganizationDivision'],
        ...['SoldToParty', 'PurchaseOrderByCustomer', 'CustomerPurchaseOrderDate'],
        ...['SalesOrderDate', 'RequestedDeliveryDate', 'TransactionCurrency', 'ShippingCondition'],
        ...['CustomerPaymentTerms', 'to_Partner', 'to_PricingElement', 'to_Item'],
      ],
    },
    A_SalesOrderItem: {
      create: [
        ...['SalesOrderItem', 'Material', 'RequestedQuantity', 'RequestedQuantityUnit'],
        ...['UnderlyingPurchaseOrderItem', 'to_PricingElement'],
      ],
      update: ['RequestedQuantity', 'SalesDocumentRjcnReason'],
    },
    A_SalesOrderItemPrElement: {
      create: price,
      update: ['ConditionRateValue', 'ConditionCurrency', 'ConditionQuantity'],
    },
    A_SalesOrderHeaderPrElement: {
      create: ['ConditionType', 'ConditionRateValue', 'ConditionCurrency'],
      update: ['ConditionRateValue'],
    },
    A_SalesOrderHeaderPartner: { create: ['PartnerFunction', 'Customer', 'to_Address'] },
    // Made with its partner, in one deep insert.
    A_SalesOrderPartnerAddress: {
      create: [
        ...['OrganizationName1', 'OrganizationName2', 'StreetName', 'PostalCode', 'CityName'],
        ...['Country', 'EmailAddress', 'PhoneNumber'],
      ],
    },
  },
  API_CUSTOMER_RETURN_SRV: {
    A_CustomerReturn: {
      create: [
        ...['CustomerReturnType', 'SalesOrganization', 'DistributionChannel'],
        ...['OrganizationDivision', 'PurchaseOrderByCustomer', 'CustomerReturnDate'],
        ...['AssignmentReference', 'ReferenceSDDocument', 'to_Item'],
      ],
    },
    A_CustomerReturnItem: {
      create: [
        ...['Material', 'RequestedQuantity', 'RequestedQuantityUnit', 'ReturnReason'],
        ...['ReferenceSDDocument', 'ReferenceSDDocumentItem'],
      ],
    },
  },
  API_PURCHASEORDER_PROCESS_SRV: {
    A_PurchaseOrder: {
      create: [
        ...['PurchaseOrderType', 'CompanyCode', 'PurchasingOrganization', 'PurchasingGroup'],
        ...['Supplier', 'CorrespncInternalReference', 'to_PurchaseOrderItem'],
      ],
    },
    A_PurchaseOrderItem: {
      create: [
        ...['PurchaseOrderItem', 'Material', 'Plant', 'OrderQuantity'],
        ...['PurchaseOrderQuantityUnit', 'to_ScheduleLine'],
      ],
    },
    A_PurchaseOrderScheduleLine: {
      create: ['ScheduleLine', 'ScheduleLineDeliveryDate', 'ScheduleLineOrderQuantity'],
    },
  },
};

/** What sinks write, by service and set. */
export const writtenFieldsByService = (): BySet<BySet<WrittenFields>> => writtenFields;

/** What sinks read before they write, by service and set. */
export const sinkReadFieldsByService = (): BySet<BySet<readonly string[]>> => ({
  API_SALES_ORDER_SRV: orderReadFields,
  API_BUSINESS_PARTNER: buyerReadFields,
  API_CUSTOMER_RETURN_SRV: returnReadFields,
  API_PURCHASEORDER_PROCESS_SRV: purchaseReadFields,
});

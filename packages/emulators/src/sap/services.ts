import type { Paging, Service } from '../odata/model.js';
import type { Erp } from '../retailer/erp/erp.js';
import { createConditionService } from './condition-sets.js';
import { createDeliveryService } from './delivery-sets.js';
import { createDocumentService } from './document-sets.js';
import { createPartnerService } from './partner-sets.js';
import { createProductService } from './product-sets.js';
import { createPurchaseService } from './purchase-sets.js';
import { createReturnService } from './return-sets.js';
import { createSalesService } from './sales-sets.js';
import { createStockService } from './stock-sets.js';

/** The services of the emulated S/4HANA, in one list. */

/** What SAP documents for purchase orders; the others are served alike. */
const PAGING: Paging = { defaultSize: 1000, maxSize: 5000 };

export const createServices = (erp: Erp, now: () => number): readonly Service[] =>
  [
    createProductService(erp),
    createStockService(erp),
    createDocumentService(erp),
    createSalesService(erp, now),
    createPurchaseService(erp, now),
    createDeliveryService(erp),
    createReturnService(erp, now),
    createConditionService(erp),
    createPartnerService(erp),
  ].map((service) => ({ paging: PAGING, ...service }));

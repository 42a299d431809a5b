/** A business partner: a customer when it is a person, an account when a company, and a supplier. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { isCurrency } from '@headrace/sdk';
import { channelOf, type SapConfig } from '../config.js';
import { traitsOf } from '../extend.js';
import { boolean, rowOf, rowsOf, text, told } from '../json.js';
import { dateOf, decimalOf, isZero, timeOf } from '../odata/values.js';
import { localInstant, startOfDay } from '../time.js';
import { moneyOf } from './exact.js';
import { countryOf, languageOf, partnerNo, type SapMapContext } from './map-context.js';

export function mapPartner(record: JsonObject, context: SapMapContext): readonly MappedRecord[] {
  const number = text(record.BusinessPartner);
  if (number === null) return [];
  return [...customerOf(number, record, context), ...supplierOf(number, record, context)];
}

/**
 * The number orders name the customer by, which may differ from the partner's own. It is the
 * reference of the person, and of a company as well: orders do not tell the two apart.
 */
export function partnerReference(record: JsonObject): string | null {
  return partnerNo(record.Customer) ?? partnerNo(record.BusinessPartner);
}

function customerOf(
  number: string,
  record: JsonObject,
  { config, subject }: SapMapContext,
): readonly MappedRecord[] {
  const customer = rowOf(record.to_Customer);
  if (customer === null || subject === null) return [];
  const areas = rowsOf(customer.to_CustomerSalesArea);
  const area = areas.find((row) => channelOfArea(row, config) !== null) ?? areas[0];
  const channel = area === undefined ? null : channelOfArea(area, config);
  const [address] = rowsOf(record.to_BusinessPartnerAddress);
  const country = countryOf(address?.Country);
  const currency = [text(area?.Currency)].find((code) => code !== null && isCurrency(code));
  const isBlocked =
    boolean(record.BusinessPartnerIsBlocked) === true ||
    boolean(record.IsMarkedForArchiving) === true ||
    text(customer.OrderIsBlockedForCustomer) !== null ||
    boolean(customer.DeletionIndicator) === true;
  const common = {
    channel: channel ?? undefined,
    market: country === undefined || currency == null ? undefined : `${country}-${currency}`,
    country,
    customerGroup: text(area?.CustomerPriceGroup) ?? text(area?.CustomerGroup) ?? undefined,
    segment: text(customer.CustomerClassification) ?? undefined,
    createdAt: createdAt(record, config),
  };
  const own = {
    accountGroup: text(customer.CustomerAccountGroup),
    grouping: text(record.BusinessPartnerGrouping),
  };
  if (text(record.BusinessPartnerCategory) === '1') {
    const fields = told({
      customerId: subject,
      subject,
      ...common,
      language: languageOf(config, text(record.CorrespondenceLanguage)) ?? undefined,
      isActive: !isBlocked,
      ...traitsOf(config.extend, 'customer', record, own),
    });
    return [{ entity: 'customer', type: 'A_BusinessPartner', externalId: subject, fields }];
  }
  const fields = told({
    accountId: subject,
    name: text(record.OrganizationBPName1) ?? undefined,
    vatNo: text(customer.VATRegistration) ?? undefined,
    ...common,
    currency: currency ?? undefined,
    paymentTerms: text(area?.CustomerPaymentTerms) ?? undefined,
    isBlocked,
    ...traitsOf(config.extend, 'account', record, { ...own, businessPartner: number }),
  });
  return [{ entity: 'account', type: 'A_BusinessPartner', externalId: subject, fields }];
}

function channelOfArea(row: JsonObject, config: SapConfig): string | null {
  return channelOf(
    config,
    text(row.SalesOrganization),
    text(row.DistributionChannel),
    text(row.Division),
  );
}

function createdAt(record: JsonObject, { timeZone }: SapConfig): string | undefined {
  const [date, time] = [dateOf(record.CreationDate), timeOf(record.CreationTime)];
  if (date === null) return undefined;
  return time === null ? startOfDay(date, timeZone) : localInstant(date, time, timeZone);
}

function supplierOf(
  number: string,
  record: JsonObject,
  { config }: SapMapContext,
): readonly MappedRecord[] {
  const supplier = rowOf(record.to_Supplier);
  const supplierId = partnerNo(supplier?.Supplier) ?? partnerNo(record.Supplier);
  if (supplier === null || supplierId === null) return [];
  const isGone = (row: JsonObject) => boolean(row.DeletionIndicator) === true;
  const [purchasing] = rowsOf(supplier.to_SupplierPurchasingOrg).filter((row) => !isGone(row));
  const currency = text(purchasing?.PurchaseOrderCurrency);
  const leadTime = decimalOf(purchasing?.MaterialPlannedDeliveryDurn);
  const days = isZero(leadTime) ? null : Number(leadTime);
  const minimum = decimalOf(purchasing?.MinimumOrderAmount);
  const [address] = rowsOf(record.to_BusinessPartnerAddress);
  const fields = told({
    supplierId,
    name: text(record.OrganizationBPName1) ?? text(supplier.SupplierName) ?? undefined,
    country: countryOf(address?.Country),
    currency: currency !== null && isCurrency(currency) ? currency : undefined,
    leadTimeDays: Number.isSafeInteger(days) ? days : undefined,
    minOrder: isZero(minimum) ? undefined : moneyOf(minimum, currency, 'minor'),
    isActive: !(
      isGone(supplier) ||
      boolean(supplier.PurchasingIsBlocked) === true ||
      boolean(supplier.PostingIsBlocked) === true
    ),
    ...traitsOf(config.extend, 'supplier', record, { businessPartner: number }),
  });
  return [{ entity: 'supplier', type: 'A_Supplier', externalId: supplierId, fields }];
}

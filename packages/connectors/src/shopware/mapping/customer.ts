import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { brandOf } from '../config.js';
import { boolean, instant, integer, number, object, text } from '../json.js';
import { paidMoney } from './numbers.js';
import { byId, channelOf, referenceOf, type ShopwareMapContext } from './reference.js';
import { traitsOf } from './traits.js';

/** What may be known of a customer without knowing who it is; the handle stands for the person. */
export function mapCustomer(
  record: JsonObject,
  context: ShopwareMapContext,
): readonly MappedRecord[] {
  const { subject, config } = context;
  if (subject === null) return [];
  const salesChannelId = text(record.salesChannelId);
  const channel = channelOf(context, salesChannelId);
  const reference = referenceOf(context);
  const { systemCurrency: currency } = reference;
  const country = byId(reference.countries, object(record.defaultBillingAddress)?.countryId);
  const group = reference.groups.find(({ id }) => id === record.groupId);
  const fields = {
    customerId: subject,
    subject,
    brand: channel === null ? undefined : brandOf(config, channel),
    channel: channel ?? undefined,
    market: marketOf(country, salesChannelId, context),
    country: country ?? undefined,
    language: byId(reference.languages, record.languageId) ?? undefined,
    customerGroup: group?.key,
    consents: consentsOf(record),
    isGuest: boolean(record.guest) ?? undefined,
    isActive: boolean(record.active) ?? undefined,
    createdAt: instant(record.createdAt) ?? undefined,
    lastOrderAt: instant(record.lastOrderDate) ?? undefined,
    lastSeenAt: instant(record.lastLogin) ?? undefined,
    orderCount: countOf(record.orderCount),
    orderTotal:
      currency === null ? undefined : paidMoney(number(record.orderTotalAmount), currency.isoCode),
    ...traitsOf(record.customFields, config.customFields.customer, {
      accountType: text(record.accountType),
      affiliateCode: text(record.affiliateCode),
      campaignCode: text(record.campaignCode),
      firstLoginAt: instant(record.firstLogin),
    }),
  };
  return [{ entity: 'customer', type: 'customer', externalId: subject, fields }];
}

export function marketOf(
  country: string | null,
  salesChannelId: string | null,
  context: ShopwareMapContext,
): string | undefined {
  const channel = byId(referenceOf(context).salesChannels, salesChannelId);
  const where = country ?? channel?.country ?? null;
  const isoCode = channel?.currency?.isoCode;
  return where === null || isoCode === undefined ? undefined : `${where}-${isoCode}`;
}

/** Registration is all the customer record tells; newsletters are kept by address of mail only. */
function consentsOf(record: JsonObject) {
  if (boolean(record.doubleOptInRegistration) !== true) return undefined;
  const at = instant(record.doubleOptInConfirmDate);
  return [{ purpose: 'registration', isGiven: at !== null, at: at ?? undefined }];
}

function countOf(value: JsonObject[string] | undefined): number | undefined {
  const count = integer(value);
  return count === null || count < 0 ? undefined : count;
}

/**
 * Condition records of the types the settings call prices. One record is a price for each channel
 * and step of its scale. Whatever else decides a price is named, never calculated: condition types
 * in use that the settings do not cover stand on every price, and a record whose key has a field we
 * do not know (a country, a customer group's own field) is no price for everyone and gives nothing.
 */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { isCurrency } from '@headrace/sdk';
import { channelOf, type SapConfig, skuOf } from '../config.js';
import { lookUp, object, rowsOf, text, told } from '../json.js';
import { dateOf, decimalOf, isZero } from '../odata/values.js';
import { endOfDay, startOfDay } from '../time.js';
import { moneyOf, ratioOf } from './exact.js';
import type { SapMapContext } from './map-context.js';
import { knownUnit, unitOf } from './units.js';

interface Use {
  readonly as: 'list' | 'sale';
  readonly basis: 'net' | 'gross';
}

export function mapPrice(record: JsonObject, context: SapMapContext): readonly MappedRecord[] {
  const { config } = context;
  const number = text(record.ConditionRecord);
  const type = text(record.ConditionType);
  const use = useOf(config, type);
  // Percentages and fixed amounts are no unit prices, whatever the settings call their type.
  const isPerQuantity = (text(record.ConditionCalculationType) ?? 'C') === 'C';
  const isReleased = text(record.ConditionReleaseStatus) === null;
  if (number === null || type === null || use === null || !isPerQuantity || !isReleased) return [];
  const scope: Scope = { record, context, number, type, use, uncovered: uncoveredTypes(context) };
  const mapped = new Map<string, MappedRecord>();
  for (const validity of rowsOf(record.to_SlsPrcgCndnRecdValidity)) {
    for (const price of pricesOf(validity, scope)) mapped.set(price.externalId, price);
  }
  return [...mapped.values()];
}

interface Scope {
  readonly record: JsonObject;
  readonly context: SapMapContext;
  readonly number: string;
  readonly type: string;
  readonly use: Use;
  readonly uncovered: readonly string[];
}

export function useOf(config: SapConfig, type: string | null): Use | null {
  const use = lookUp(config.priceConditions, type);
  if (use === undefined || use === 'ignore') return null;
  return typeof use === 'string' ? { as: use, basis: 'net' } : use;
}

/** Types in use that the settings say nothing of. */
function uncoveredTypes({ config, source }: SapMapContext): readonly string[] {
  const inUse = Array.isArray(source.conditionTypes) ? source.conditionTypes : [];
  return inUse.filter(
    (type): type is string =>
      typeof type === 'string' && lookUp(config.priceConditions, type) === undefined,
  );
}

function pricesOf(validity: JsonObject, scope: Scope): readonly MappedRecord[] {
  const { record, context, number, use, type, uncovered } = scope;
  const { config, subject } = context;
  const sku = skuOf(config, text(validity.Material));
  if (sku === null || !hasOnlyKnownKeys(validity)) return [];
  const from = dateOf(validity.ConditionValidityStartDate);
  const to = dateOf(validity.ConditionValidityEndDate);
  const isOpen = to === null || to >= '9999-01-01';
  const perQuantity = perQuantityOf(record);
  return channelsOf(validity, config).flatMap((channel) =>
    stepsOf(record).flatMap((step): readonly MappedRecord[] => {
      if (!isCurrency(step.currency ?? '')) return [];
      const fields = told({
        sku,
        channel: channel ?? undefined,
        currency: step.currency,
        customerGroup: groupOf(validity),
        accountId: subject ?? undefined,
        minQuantity: step.minQuantity,
        validFrom: from === null ? undefined : startOfDay(from, config.timeZone),
        validTo: isOpen ? undefined : endOfDay(to, config.timeZone),
        [use.as]: moneyOf(step.amount, step.currency),
        perQuantity,
        basis: use.basis,
        conditionTypes: [type],
        uncoveredConditionTypes: uncovered.length === 0 ? undefined : uncovered,
      });
      const parts = [number, channel ?? '', step.minQuantity ?? '', to ?? ''];
      return [
        { entity: 'price', type: 'A_SlsPrcgConditionRecord', externalId: parts.join(':'), fields },
      ];
    }),
  );
}

/** Fields of a key we can say in our own words, and facts about the record itself. */
const knownKeys: ReadonlySet<string> = new Set([
  ...['ConditionRecord', 'ConditionValidityEndDate', 'ConditionValidityStartDate', 'ETag'],
  ...['ConditionApplication', 'ConditionType', 'ConditionReleaseStatus', 'Material'],
  ...['SalesOrganization', 'DistributionChannel', 'Division', 'CustomerPriceGroup'],
  ...['PriceListType', 'ConditionProcessingStatus', 'TransactionCurrency', 'OrderQuantityUnit'],
  ...['ConditionScaleBasisValue', 'SalesOrderSalesOrganization', 'ConditionIsExclusive'],
]);

function hasOnlyKnownKeys(validity: JsonObject): boolean {
  return Object.entries(validity).every(([name, value]) => {
    if (knownKeys.has(name) || object(value) !== null) return true;
    const isInitial = value === null || value === '' || value === false;
    return isInitial || (typeof value === 'string' && /^0+$/.test(value));
  });
}

/** A record without a division holds in all channels of its organization. */
function channelsOf(validity: JsonObject, config: SapConfig): readonly (string | null)[] {
  const [organization, channel, division] = [
    text(validity.SalesOrganization),
    text(validity.DistributionChannel),
    text(validity.Division),
  ];
  if (organization === null) return [null];
  const areas = Object.entries(config.salesAreas);
  if (areas.length === 0) return [channelOf(config, organization, channel, division)];
  const found = areas.flatMap(([area, name]) => {
    const [ofOrganization, ofChannel, ofDivision] = area.split('/');
    const isMeant =
      ofOrganization === organization &&
      (channel === null || ofChannel === channel) &&
      (division === null || ofDivision === division);
    return isMeant ? [name] : [];
  });
  return [...new Set(found)];
}

/** Price groups and price lists are numbered apart. */
function groupOf(validity: JsonObject): string | undefined {
  const [group, list] = [text(validity.CustomerPriceGroup), text(validity.PriceListType)];
  if (list === null) return group ?? undefined;
  return group === null ? `list-${list}` : `${group}-list-${list}`;
}

interface Step {
  readonly minQuantity: string | undefined;
  readonly amount: string | null;
  readonly currency: string | undefined;
}

/** A scale's first step is the record's own price; its quantities are in the record's unit. */
function stepsOf(record: JsonObject): readonly Step[] {
  const currency = currencyOf(record);
  const own: Step = {
    minQuantity: undefined,
    amount: decimalOf(record.ConditionRateValue),
    currency,
  };
  // Scales by value or weight are no quantities.
  const isByQuantity = (text(record.PricingScaleBasis) ?? 'C') === 'C';
  const scale = rowsOf(record.to_SlsPrcgCndnRecordScale);
  if (scale.length === 0) return [own];
  if (!isByQuantity) return [];
  return scale.map((row) => {
    const from = decimalOf(row.ConditionScaleQuantity);
    const base = inBaseUnit(from, text(row.ConditionScaleQuantityUnit), record);
    return {
      minQuantity: isZero(base) || Number(base) === 1 ? undefined : (base ?? undefined),
      amount: decimalOf(row.ConditionRateValue),
      currency: currencyOf(row) ?? currency,
    };
  });
}

function currencyOf(row: JsonObject): string | undefined {
  return [text(row.ConditionCurrency), text(row.ConditionRateValueUnit)].find(
    (code): code is string => code !== null && isCurrency(code),
  );
}

/** What the amount buys; absent for one base unit. */
function perQuantityOf(record: JsonObject) {
  const quantity = decimalOf(record.ConditionQuantity);
  if (isZero(quantity)) return undefined;
  const unit = text(record.ConditionQuantityUnit);
  const base = text(record.BaseUnit);
  const value = inBaseUnit(quantity, unit, record);
  if (value === null) return { value: quantity, unit: knownUnit(unit) };
  return Number(value) === 1 ? undefined : { value, unit: knownUnit(base ?? unit) };
}

/** By the record's own ratio; null where that is no short decimal. */
function inBaseUnit(
  quantity: string | null,
  unit: string | null,
  record: JsonObject,
): string | null {
  const base = text(record.BaseUnit);
  const isBase = unit === null || base === null || unitOf(unit) === unitOf(base);
  const [up, down] = [
    decimalOf(record.ConditionToBaseQtyNmrtr),
    decimalOf(record.ConditionToBaseQtyDnmntr),
  ];
  if (isBase || isZero(up) || isZero(down)) return ratioOf(quantity, '1', '1');
  return ratioOf(quantity, up, down);
}

/** The customer a price was agreed with, or null when it is for many. */
export function priceSubject(record: JsonObject): string | null {
  for (const validity of rowsOf(record.to_SlsPrcgCndnRecdValidity)) {
    const number = text(validity.Customer) ?? text(validity.SoldToParty);
    if (number !== null) return number.replace(/^0+(?=\d+$)/, '');
  }
  return null;
}

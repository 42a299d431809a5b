/**
 * Prices of a variant: one for each channel that shows it, in the channel's currency, with or
 * without tax as the channel's customer group sees it; one more for each group that sees it the
 * other way; and advanced prices whose rule says which groups it is for. Whatever else decides a
 * price (a rule about baskets, a currency converted by factor) is named, not guessed.
 */
import type { JsonObject, MappedRecord, Money } from '@headrace/sdk';
import { integer, number, object, objects, text, told } from '../json.js';
import { rateText, unitMoneyOf } from './numbers.js';
import {
  type Currency,
  type CustomerGroup,
  currencyOf,
  groupsOf,
  type RuleGroups,
  ruleOf,
  type ShopwareMapContext,
  salesChannelOf,
  taxRateOf,
} from './reference.js';
import { inherited, type VisibleIn } from './visible-in.js';

export interface PriceInput {
  readonly id: string;
  readonly sku: string;
  readonly record: JsonObject;
  readonly visible: readonly VisibleIn[];
  readonly context: ShopwareMapContext;
}

/** Prices of a rule, for all groups or for some. */
interface Tier {
  readonly groups: RuleGroups;
  readonly isAdvanced: boolean;
  readonly minQuantity: number;
  readonly amounts: readonly JsonObject[];
}

interface Scope {
  readonly input: PriceInput;
  readonly place: VisibleIn;
  readonly uncovered: readonly string[];
}

export function mapPrices(input: PriceInput): readonly MappedRecord[] {
  const { record, visible, context } = input;
  const amounts = objects(inherited(record, 'price'));
  const { tiers, unknownRules } = tiersOf(record, context);
  // A rule for everyone replaces the base price from its first quantity on.
  const isReplaced = tiers.some(
    ({ groups, minQuantity }) => groups.kind === 'all' && minQuantity <= 1,
  );
  const base: readonly Tier[] = isReplaced
    ? []
    : [{ groups: { kind: 'all' }, isAdvanced: false, minQuantity: 1, amounts }];
  return visible.flatMap((place) => {
    const mapped = new Map<string, MappedRecord>();
    for (const tier of [...base, ...tiers]) {
      for (const price of mapTier({ input, place, uncovered: unknownRules }, tier)) {
        // Rules are in the order of their priority; the first that says something holds.
        if (!mapped.has(price.externalId)) mapped.set(price.externalId, price);
      }
    }
    return [...mapped.values()];
  });
}

function tiersOf(record: JsonObject, context: ShopwareMapContext) {
  const tiers: Tier[] = [];
  const unknownRules = new Set<string>();
  for (const row of objects(inherited(record, 'prices'))) {
    const { name, groups } = ruleOf(context, text(row.ruleId));
    if (groups.kind === 'unknown') {
      unknownRules.add(`rule:${name}`);
      continue;
    }
    tiers.push({
      groups,
      isAdvanced: true,
      minQuantity: Math.max(integer(row.quantityStart) ?? 1, 1),
      amounts: objects(row.price),
    });
  }
  tiers.sort((a, b) => a.minQuantity - b.minQuantity);
  return { tiers, unknownRules: [...unknownRules].sort() };
}

function mapTier(scope: Scope, tier: Tier): readonly MappedRecord[] {
  const { context } = scope.input;
  const channel = salesChannelOf(context, scope.place.salesChannelId);
  const groups = groupsOf(context);
  const standard = groups.find(({ id }) => id === channel.customerGroupId);
  const isStandardGross = standard?.isGross ?? true;
  if (tier.groups.kind !== 'all') {
    const wanted = tier.groups;
    const isWanted = ({ id, key }: CustomerGroup) =>
      wanted.kind === 'ids' ? wanted.ids.includes(id) : wanted.kind === 'key' && key === wanted.key;
    return groups
      .filter(isWanted)
      .flatMap((group) => mapAmount(scope, tier, group.key, group.isGross));
  }
  return [
    ...mapAmount(scope, tier, null, isStandardGross),
    ...groups
      .filter(({ isGross }) => isGross !== isStandardGross)
      .flatMap((group) => mapAmount(scope, tier, group.key, group.isGross)),
  ];
}

function mapAmount(
  { input, place, uncovered }: Scope,
  tier: Tier,
  group: string | null,
  isGross: boolean,
): readonly MappedRecord[] {
  const { id, sku, record, context } = input;
  const found = amountFor(tier.amounts, place, context);
  if (found === null) return [];
  const { row, currency, isOther } = found;
  const basis = isGross ? 'gross' : 'net';
  const price = amountOf(row, basis, currency);
  if (price === null) return [];
  const regular = amountOf(object(row.listPrice), basis, currency);
  const missing = [...uncovered, ...(isOther ? ['currency-factor'] : [])];
  const minQuantity = String(tier.minQuantity);
  const fields = told({
    sku,
    channel: place.channel,
    currency: currency.isoCode,
    customerGroup: group ?? undefined,
    minQuantity: tier.minQuantity > 1 ? minQuantity : undefined,
    list: regular ?? price,
    sale: regular === null ? undefined : price,
    lowest30Days: amountOf(object(row.regulationPrice), basis, currency) ?? undefined,
    basis,
    taxRate: rateText(taxRateOf(context, text(inherited(record, 'taxId')))) ?? undefined,
    conditionTypes: [tier.isAdvanced ? 'advanced-price' : 'price'],
    uncoveredConditionTypes: missing.length === 0 ? undefined : missing,
  });
  const parts = [id, place.salesChannelId, currency.isoCode, group ?? '', minQuantity];
  return [{ entity: 'price', type: 'product', externalId: parts.join(':'), fields }];
}

/** The amount in the channel's currency; else the first there is, and that it is another. */
function amountFor(
  amounts: readonly JsonObject[],
  place: VisibleIn,
  context: ShopwareMapContext,
): { readonly row: JsonObject; readonly currency: Currency; readonly isOther: boolean } | null {
  const { currencyId } = salesChannelOf(context, place.salesChannelId);
  const row = amounts.find((amount) => amount.currencyId === currencyId) ?? amounts[0];
  const currency = currencyOf(context, text(row?.currencyId));
  if (row === undefined || currency === null) return null;
  return { row, currency, isOther: row.currencyId !== currencyId };
}

function amountOf(
  row: JsonObject | null,
  basis: 'net' | 'gross',
  currency: Currency,
): Money | null {
  const value = number(row?.[basis]);
  return value === null ? null : unitMoneyOf(value, currency, basis);
}

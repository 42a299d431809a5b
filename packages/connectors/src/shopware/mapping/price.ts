/**
 * Prices of a variant: one for each channel that shows it, in the channel's currency, with or
 * without tax as the channel's customer group sees it; one more for each group that sees it the
 * other way; and advanced prices whose rule says which groups it is for. Whatever else decides a
 * price (a rule about baskets, a currency converted by factor) is named, not guessed.
 */
import type { JsonObject, MappedRecord, Money } from '@headrace/sdk';
import { integer, number, object, objects, text } from '../json.js';
import { rateText, unitMoneyOf } from './numbers.js';
import {
  byId,
  type Currency,
  type CustomerGroup,
  type Reference,
  type RuleGroups,
  referenceOf,
  type SalesChannel,
  type ShopwareMapContext,
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

/** What the prices of one variant in one channel share. */
interface Scope {
  readonly input: PriceInput;
  readonly place: VisibleIn;
  readonly reference: Reference;
  readonly channel: SalesChannel | null;
  readonly taxRate: string | undefined;
  readonly uncovered: readonly string[];
}

export function mapPrices(input: PriceInput): readonly MappedRecord[] {
  const { record, visible, context } = input;
  const reference = referenceOf(context);
  const amounts = objects(inherited(record, 'price'));
  const taxRate = rateText(byId(reference.taxRates, inherited(record, 'taxId'))) ?? undefined;
  const { tiers, unknownRules } = tiersOf(record, reference);
  // A rule for everyone replaces the base price from its first quantity on.
  const isReplaced = tiers.some(
    ({ groups, minQuantity }) => groups.kind === 'all' && minQuantity <= 1,
  );
  const base: readonly Tier[] = isReplaced
    ? []
    : [{ groups: { kind: 'all' }, isAdvanced: false, minQuantity: 1, amounts }];
  return visible.flatMap((place) => {
    const channel = byId(reference.salesChannels, place.salesChannelId);
    const scope = { input, place, reference, channel, taxRate, uncovered: unknownRules };
    const mapped = new Map<string, MappedRecord>();
    for (const tier of [...base, ...tiers]) {
      for (const price of mapTier(scope, tier)) {
        // Of two rules that say something about the same, the first is as good as the second.
        if (!mapped.has(price.externalId)) mapped.set(price.externalId, price);
      }
    }
    return [...mapped.values()];
  });
}

function tiersOf(record: JsonObject, reference: Reference) {
  const tiers: Tier[] = [];
  const unknownRules = new Set<string>();
  for (const row of objects(inherited(record, 'prices'))) {
    const rule = byId(reference.rules, row.ruleId);
    if (rule === null || rule.groups.kind === 'unknown') {
      unknownRules.add(`rule:${rule?.name ?? text(row.ruleId) ?? 'unknown'}`);
      continue;
    }
    tiers.push({
      groups: rule.groups,
      isAdvanced: true,
      minQuantity: Math.max(integer(row.quantityStart) ?? 1, 1),
      amounts: objects(row.price),
    });
  }
  tiers.sort((a, b) => a.minQuantity - b.minQuantity);
  return { tiers, unknownRules: [...unknownRules].sort() };
}

function mapTier(scope: Scope, tier: Tier): readonly MappedRecord[] {
  const { groups } = scope.reference;
  if (tier.groups.kind !== 'all') {
    const wanted = tier.groups;
    const isWanted = ({ id, key }: CustomerGroup) =>
      wanted.kind === 'ids' ? wanted.ids.includes(id) : wanted.kind === 'key' && key === wanted.key;
    return groups
      .filter(isWanted)
      .flatMap((group) => mapAmount(scope, tier, group.key, group.isGross));
  }
  const isChannelGross = scope.channel?.isGross ?? true;
  return [
    ...mapAmount(scope, tier, null, isChannelGross),
    ...groups
      .filter(({ isGross }) => isGross !== isChannelGross)
      .flatMap((group) => mapAmount(scope, tier, group.key, group.isGross)),
  ];
}

function mapAmount(
  scope: Scope,
  tier: Tier,
  group: string | null,
  isGross: boolean,
): readonly MappedRecord[] {
  const { id, sku } = scope.input;
  const { place, uncovered } = scope;
  const found = amountFor(tier.amounts, scope);
  if (found === null) return [];
  const { row, currency, isOther } = found;
  const basis = isGross ? 'gross' : 'net';
  const price = amountOf(row, basis, currency);
  if (price === null) return [];
  const regular = amountOf(object(row.listPrice), basis, currency);
  const missing = isOther ? [...uncovered, 'currency-factor'] : uncovered;
  const minQuantity = String(tier.minQuantity);
  const fields = {
    sku,
    channel: place.channel,
    currency: currency.isoCode,
    customerGroup: group ?? undefined,
    minQuantity: tier.minQuantity > 1 ? minQuantity : undefined,
    list: regular ?? price,
    sale: regular === null ? undefined : price,
    lowest30Days: amountOf(object(row.regulationPrice), basis, currency) ?? undefined,
    basis,
    taxRate: scope.taxRate,
    conditionTypes: [tier.isAdvanced ? 'advanced-price' : 'price'],
    uncoveredConditionTypes: missing.length === 0 ? undefined : missing,
  };
  const parts = [id, place.salesChannelId, currency.isoCode, group ?? '', minQuantity];
  return [{ entity: 'price', type: 'product', externalId: parts.join(':'), fields }];
}

/** The amount in the channel's currency; else the first there is, and that it is another. */
function amountFor(
  amounts: readonly JsonObject[],
  { channel, reference }: Scope,
): { readonly row: JsonObject; readonly currency: Currency; readonly isOther: boolean } | null {
  const wanted = channel?.currencyId ?? null;
  const row = amounts.find(({ currencyId }) => currencyId === wanted) ?? amounts[0];
  const currency = byId(reference.currencies, row?.currencyId);
  if (row === undefined || currency === null) return null;
  return { row, currency, isOther: row.currencyId !== wanted };
}

function amountOf(
  row: JsonObject | null,
  basis: 'net' | 'gross',
  currency: Currency,
): Money | null {
  const value = number(row?.[basis]);
  return value === null ? null : unitMoneyOf(value, currency, basis);
}

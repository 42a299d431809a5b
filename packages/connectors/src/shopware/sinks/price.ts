/**
 * What a variant costs: one amount for each currency, and advanced prices where the settings name
 * the rule they hang on. The shop keeps every amount with and without tax; ours has one of them, the
 * other follows from the tax the shop has for the product. A price without an end that holds since
 * the latest date is the one; which of two dated ones holds today is not a question of a mapping.
 */
import {
  canonicalDecimal,
  currencyDigits,
  type FlowGroup,
  type Json,
  type JsonObject,
  type Sink,
  type SinkItem,
  type SinkResult,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import { z } from 'zod';
import type { ShopwareConfig } from '../config.js';
import { integer, number, object, objects, text } from '../json.js';
import { decimalText } from '../mapping/numbers.js';
import { byId, type Reference } from '../mapping/reference.js';
import type { Question, ShopwareContext } from '../search.js';
import { idOf } from './ids.js';
import { findSold, idIn, shopReference } from './shop.js';
import { type ItemWrite, type Operation, sync } from './sync.js';

const amount = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be a plain amount')
  .overwrite((written) => canonicalDecimal(written) ?? written);
const money = z.strictObject({
  basis: z.enum(['gross', 'net']).describe('Whether the amounts include tax.'),
  amount: amount.describe('What a unit costs.'),
  list: amount.nullable().describe('What it cost before a reduction.'),
});

export const priceFields = z.strictObject({
  price: z.record(z.string(), money).describe('By currency, ISO 4217.'),
  advanced: z
    .record(z.string(), z.record(z.string(), z.record(z.string(), money)))
    .exactOptional()
    .describe('By rule, quantity it holds from, and currency.'),
});

export const price: Sink<ShopwareConfig> = {
  name: 'price',
  title: 'Price',
  description: 'What each variant costs: by currency, and by rule where the settings name rules',
  entities: ['price'],
  delivery: 'idempotent',
  makes: 'state',
  fields: priceFields,
  batchMax: 100,
  canUndo: true,
  guarded: ['price.*.amount', 'advanced.*.*.*.amount'],
  groupsOf: ({ fields }) => [text(fields.sku)].filter((sku) => sku !== null),
  map: mapPriceWanted,
  read,
  write,
};

type Money = z.output<typeof money>;
/** By quantity from which on, then by currency. */
type Steps = Readonly<Record<string, Readonly<Record<string, Money>>>>;

export function mapPriceWanted(
  group: FlowGroup,
  { config }: { readonly config: ShopwareConfig },
): TargetRecord | null {
  const rows = group
    .records('price')
    .map(({ fields }) => fields)
    // Agreed with one customer: nothing everybody may see.
    .filter(({ accountId, customerId }) => isEmpty(accountId) && isEmpty(customerId));
  const sku = text(rows[0]?.sku);
  if (sku === null) return null;
  const { channels, advanced } = config.write.price;
  const named = [...new Set(Object.values(config.salesChannels))];
  const wanted = channels ?? (named.length > 0 ? named : channelsIn(rows));
  const forAll = rows.filter(({ customerGroup }) => isEmpty(customerGroup));
  const base: Record<string, Money> = {};
  for (const channel of [...wanted, null]) {
    const steps = stepsOf(forAll.filter((row) => text(row.channel) === channel));
    for (const [currency, one] of Object.entries(steps['1'] ?? {})) base[currency] ??= one;
  }
  if (Object.keys(base).length === 0) return null;
  const rules = Object.entries(advanced).map(([rule, name]): [string, Steps] => [
    rule,
    stepsOf(rows.filter((row) => isOf(row, name))),
  ]);
  const fields = { price: sorted(base) };
  if (rules.length === 0) return { key: sku, fields };
  return { key: sku, fields: { ...fields, advanced: Object.fromEntries(rules.sort(byKey)) } };
}

const isEmpty = (value: Json | undefined) => value === undefined || value === null;
const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) =>
  a < b ? -1 : 1;
const sorted = <Value>(map: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(map).sort(byKey));

/** A group may be named like a channel; it is then the group that is meant. */
function isOf(row: JsonObject, name: string): boolean {
  const [channel, customerGroup] = [text(row.channel), text(row.customerGroup)];
  return customerGroup === null ? channel === name : customerGroup === name;
}

function channelsIn(rows: readonly JsonObject[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => text(row.channel) ?? []))].sort();
}

/** Of prices that differ in when they began, the one that began last and has no end. */
function stepsOf(rows: readonly JsonObject[]): Steps {
  const latest = new Map<string, { readonly from: string; readonly list: Json; sale: Json }>();
  const basis = new Map<string, 'gross' | 'net'>();
  const open = rows
    .filter(({ validTo }) => isEmpty(validTo))
    .sort((a, b) => ((text(a.validFrom) ?? '') < (text(b.validFrom) ?? '') ? -1 : 1));
  for (const row of open) {
    const [currency, from] = [text(row.currency) ?? '', text(row.minQuantity) ?? '1'];
    const place = `${from} ${currency}`;
    const before = latest.get(place);
    const own = row.basis === 'net' ? 'net' : 'gross';
    const isSame = before !== undefined && basis.get(place) === own;
    basis.set(place, own);
    latest.set(place, {
      from: text(row.validFrom) ?? '',
      list: row.list ?? (isSame ? before.list : null),
      sale: row.sale ?? (isSame && row.list === undefined ? before.sale : null) ?? null,
    });
  }
  const steps: Record<string, Record<string, Money>> = {};
  for (const [place, { list, sale }] of latest) {
    const [from = '1', currency = ''] = place.split(' ');
    const one = moneyOf(list, sale, basis.get(place) ?? 'gross');
    if (one === null) continue;
    steps[from] = { ...steps[from], [currency]: one };
  }
  return sorted(Object.fromEntries(Object.entries(steps).map(([at, each]) => [at, sorted(each)])));
}

function moneyOf(list: Json, sale: Json, basis: 'gross' | 'net'): Money | null {
  const [regular, reduced] = [amountOf(list), amountOf(sale)];
  const charged = reduced ?? regular;
  if (charged === null) return null;
  const isReduced = regular !== null && Number(regular) > Number(charged);
  return { basis, amount: charged, list: isReduced ? regular : null };
}

function amountOf(value: Json): string | null {
  const written = text(object(value)?.amount);
  const decimal = written === null ? null : canonicalDecimal(written);
  return decimal === null || decimal.startsWith('-') ? null : decimal;
}

const question: Question = {
  entity: 'product',
  inherits: true,
  associations: { prices: {} },
  includes: {
    product: [
      ...['id', 'productNumber', 'ean', 'manufacturerNumber', 'childCount', 'taxId', 'price'],
      'prices',
    ],
    product_price: ['id', 'productId', 'ruleId', 'quantityStart', 'price'],
  },
};

async function read(
  context: ShopwareContext,
  records: readonly TargetRecord[],
): Promise<readonly TargetState[]> {
  const reference = await shopReference(context);
  const found = await findSold(
    context,
    question,
    records.map(({ key }) => key),
  );
  return records.flatMap(({ key, fields }): TargetState[] => {
    const row = found.get(key);
    if (row === undefined) return [];
    const wanted = fields as z.output<typeof priceFields>;
    const state = {
      price: pricesIn(row.price, wanted.price, reference),
      ...(wanted.advanced === undefined
        ? {}
        : { advanced: rulesIn(row, wanted.advanced, reference) }),
    };
    return [{ key, id: idIn(row), fields: state, tag: null }];
  });
}

/** What the shop has, on the side of the tax that is asked for; other currencies are not ours. */
function pricesIn(
  value: Json | undefined,
  wanted: Readonly<Record<string, Money>> | undefined,
  reference: Reference,
): JsonObject {
  const prices: Record<string, JsonObject> = {};
  for (const row of objects(value)) {
    const currency = byId(reference.currencies, row.currencyId)?.isoCode;
    if (currency === undefined) continue;
    const basis = wanted?.[currency]?.basis;
    const side = basis ?? 'gross';
    const charged = canonicalOf(row[side]);
    if (charged === null || (wanted !== undefined && basis === undefined)) continue;
    const list = canonicalOf(object(row.listPrice)?.[side]);
    prices[currency] = { basis: side, amount: charged, list };
  }
  return sorted(prices);
}

function canonicalOf(value: Json | undefined): string | null {
  const written = decimalText(number(value));
  return written === null ? null : canonicalDecimal(written);
}

/** Prices of the rules that are asked for, by the quantity they hold from. */
function rulesIn(
  row: JsonObject,
  wanted: Readonly<Record<string, Steps>>,
  reference: Reference,
): JsonObject {
  return Object.fromEntries(
    Object.entries(wanted).map(([rule, steps]) => [
      rule,
      sorted(
        Object.fromEntries(
          objects(row.prices)
            .filter(({ ruleId }) => ruleId === rule)
            .map((one) => {
              const from = String(integer(one.quantityStart) ?? 1);
              // A step nobody asked for is shown as it is, so that it is seen to be there.
              return [from, pricesIn(one.price, steps[from], reference)];
            }),
        ),
      ),
    ]),
  );
}

async function write(
  context: ShopwareContext,
  items: readonly SinkItem[],
): Promise<readonly SinkResult[]> {
  const reference = await shopReference(context);
  const found = await findSold(
    context,
    question,
    items.map(({ key }) => key),
  );
  const writes: ItemWrite[] = [];
  const results: SinkResult[] = [];
  for (const item of items) {
    const row = found.get(item.key);
    if (row === undefined) {
      const message = `The shop sells nothing under ${item.key} yet.`;
      results.push({ key: item.key, kind: 'refused', error: 'transient', message });
      continue;
    }
    const plan = planOf(item, row, reference);
    if (typeof plan === 'string') {
      results.push({ key: item.key, kind: 'refused', error: 'record', message: plan });
    } else writes.push({ item, id: idIn(row), operations: plan });
  }
  return [...results, ...(await sync(context, writes))];
}

/** The operations, or why there can be none. */
function planOf(item: SinkItem, row: JsonObject, reference: Reference): Operation[] | string {
  const rate = byId(reference.taxRates, row.taxId);
  if (rate === null) return `The shop has no tax for ${item.key}.`;
  const { price, advanced } = item.fields as Partial<z.output<typeof priceFields>>;
  const id = idIn(row);
  const operations: Operation[] = [];
  if (price !== undefined && price !== null) {
    const prices = rowsOf(price, rate, reference, objects(row.price));
    if (typeof prices === 'string') return prices;
    operations.push({ action: 'upsert', entity: 'product', payload: [{ id, price: prices }] });
  }
  const upserts: JsonObject[] = [];
  const deletes: JsonObject[] = [];
  for (const [ruleId, steps] of Object.entries(advanced ?? {})) {
    // Prices of the parent are seen by inheritance, and are not this variant's to change.
    const there = objects(row.prices).filter(
      (one) => one.ruleId === ruleId && one.productId === id,
    );
    const starts = Object.keys(steps)
      .map(Number)
      .sort((a, b) => a - b);
    for (const one of there) {
      if (!starts.includes(integer(one.quantityStart) ?? 1)) deletes.push({ id: idIn(one) });
    }
    for (const [index, start] of starts.entries()) {
      const known = there.find((one) => (integer(one.quantityStart) ?? 1) === start);
      const prices = rowsOf(steps[String(start)] ?? {}, rate, reference, objects(known?.price));
      if (typeof prices === 'string') return prices;
      const next = starts[index + 1];
      upserts.push({
        id: known === undefined ? idOf('product_price', id, ruleId, String(start)) : idIn(known),
        ...{ productId: id, ruleId, price: prices, quantityStart: start },
        quantityEnd: next === undefined ? null : next - 1,
      });
    }
  }
  if (upserts.length > 0) {
    operations.push({ action: 'upsert', entity: 'product_price', payload: upserts });
  }
  if (deletes.length > 0) {
    operations.push({ action: 'delete', entity: 'product_price', payload: deletes });
  }
  return operations;
}

/** All amounts of one price, as the shop takes them: those of other currencies stay. */
function rowsOf(
  prices: Readonly<Record<string, Money>>,
  percent: number,
  reference: Reference,
  there: readonly JsonObject[],
): JsonObject[] | string {
  const rows = new Map(there.map((row) => [text(row.currencyId) ?? '', row]));
  for (const [currency, one] of Object.entries(prices)) {
    const id = [...reference.currencies].find(([, { isoCode }]) => isoCode === currency)?.[0];
    if (id === undefined) return `The shop has no currency ${currency}.`;
    rows.set(id, {
      currencyId: id,
      ...sidesOf(one.amount, one.basis, percent, currency),
      linked: false,
      listPrice:
        one.list === null
          ? null
          : { currencyId: id, ...sidesOf(one.list, one.basis, percent, currency), linked: false },
    });
  }
  return [...rows.values()];
}

/** Micros throughout: the other side of the tax is rounded to what the currency has. */
function sidesOf(written: string, basis: 'gross' | 'net', percent: number, currency: string) {
  const micros = BigInt(Math.round(Number(written) * 1_000_000));
  const rate = BigInt(Math.round(percent * 1_000_000));
  const whole = 100_000_000n;
  const [up, down] = basis === 'gross' ? [whole, whole + rate] : [whole + rate, whole];
  const step = 10n ** BigInt(6 - currencyDigits(currency));
  const exact = micros * up;
  const other = ((exact * 2n + down * step) / (down * step * 2n)) * step;
  const [own, opposite] = [Number(written), Number(other) / 1_000_000];
  return basis === 'gross' ? { gross: own, net: opposite } : { net: own, gross: opposite };
}

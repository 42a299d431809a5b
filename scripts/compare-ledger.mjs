#!/usr/bin/env node
/**
 * Holds what the platform serves against the simulated retailer's own ledger, both ways. It knows
 * neither connectors nor mappings: it reads the ledger's flat rows and the platform's HTTP answers,
 * and compares them by the rules written here.
 *
 *   node scripts/compare-ledger.mjs --api URL --token TOKEN --control URL [--source shop]
 *     [--system shopware|inriver|sap] [--plants NL01=dc-nl,DE01=dc-de]
 *
 * Prints one line a ledger and, last, one JSON document. Exit code 2 when anything differs.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { erpComparisons } from './lib/erp-ledgers.mjs';

/** Minor units as the decimal text the platform writes: 12990, 2 → "129.90". */
const decimal = (minor, digits = 2) => {
  const sign = minor < 0 ? '-' : '';
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
};
const money = (minor, currency) => (minor === null ? undefined : `${decimal(minor)} ${currency}`);
const amount = (value) =>
  value === undefined || value === null ? undefined : `${value.amount} ${value.currency}`;
const instant = (text) => (text === undefined || text === null ? null : Date.parse(text));
const gtin14 = (text) => (text === null || text === undefined ? undefined : text.padStart(14, '0'));
const grams = (text) =>
  text === undefined || text === null ? null : Math.round(Number(text) * 1000);

/** What of each ledger is compared: [what, ledger's value, platform's value]. */
const comparisons = {
  orders: {
    entity: 'order',
    stream: 'order',
    ledgerKey: (row) => row.id,
    servedKey: (row) => recordKey(row),
    fields: (row, served) => [
      ['channel', row.channel, served.channel],
      ['orderNo', row.orderNo, served.orderNo],
      ['brand', row.brand, served.brand],
      ['currency', row.currency, served.currency],
      ['totalGross', money(row.grossMinor, row.currency), amount(served.totalGross)],
      ['totalNet', money(row.netMinor, row.currency), amount(served.totalNet)],
      ['totalTax', money(row.taxMinor, row.currency), amount(served.totalTax)],
      [
        'shipping',
        money(row.shippingMinor, row.currency),
        amount(row.basis === 'gross' ? served.shippingGross : served.shippingNet),
      ],
      ['lines', row.lines, served.lineCount],
      ['state', row.state, served.rawState],
      ['deliveryState', row.deliveryState, served.rawDeliveryState],
      ['paymentState', row.paymentState, served.rawPaymentState],
      ['placedAt', row.placedAt, instant(served.placedAt)],
    ],
  },
  'order-lines': {
    entity: 'orderLine',
    stream: 'order',
    ledgerKey: (row) => row.id,
    servedKey: (row) => row.fields.line,
    fields: (row, served) => {
      const isGross = served.unitGross !== undefined;
      const currency = (served.unitGross ?? served.unitNet)?.currency;
      return [
        ['channel', row.channel, served.channel],
        ['orderNo', row.orderNo, served.orderNo],
        ['sku', row.sku ?? undefined, served.sku],
        ['quantity', String(row.quantity), served.quantity?.value],
        [
          'unit',
          money(row.unitMinor, currency),
          amount(isGross ? served.unitGross : served.unitNet),
        ],
        [
          'total',
          money(row.totalMinor, currency),
          amount(isGross ? served.lineGross : served.lineNet),
        ],
      ];
    },
  },
  deliveries: {
    entity: 'shipment',
    stream: 'order',
    ledgerKey: (row) => row.id,
    servedKey: (row) => row.fields.shipmentNo,
    fields: (row, served) => [
      ['channel', row.channel, served.channel],
      ['orderNo', row.orderNo, served.orderNo],
      ['state', row.state, served.rawState],
      ['hasTracking', row.hasTracking, (served.trackingNos ?? []).length > 0],
    ],
  },
  customers: {
    entity: 'customer',
    stream: 'customer',
    ledgerKey: (row) => row.id,
    servedKey: (row) => recordKey(row),
    fields: (row, served) => [
      ['channel', row.channel, served.channel],
      ['guest', row.guest, served.isGuest],
      ['active', row.active, served.isActive],
      ['orders', row.orders, served.orderCount],
      ['spent', decimal(row.spentMinor), served.orderTotal?.amount],
      ['lastOrderAt', row.lastOrderAt, instant(served.lastOrderAt)],
      ['createdAt', row.createdAt, instant(served.createdAt)],
    ],
  },
  products: {
    entity: 'product',
    stream: 'product',
    ledgerRows: (row) => row.brands.map((brand) => ({ ...row, brand })),
    ledgerKey: (row) => `${row.brand}/${row.id}`,
    servedKey: (row) => `${row.fields.brand}/${recordKey(row)}`,
    fields: (row, served) => [
      ['productNo', row.productNo, served.productId],
      ['name', nameIn(row.name, served.name), Object.values(served.name ?? {})[0]],
      ['images', row.images, served.imageCount],
      ['createdAt', row.createdAt, instant(served.createdAt)],
    ],
  },
  variants: {
    entity: 'variant',
    stream: 'product',
    ledgerKey: (row) => row.id,
    servedKey: (row) => recordKey(row),
    fields: (row, served) => [
      ['sku', row.sku, served.sku],
      ['productNo', row.productNo, served.productId],
      ['gtin', gtin14(row.gtin), served.gtin],
      ['weight', row.weightGrams, grams(served.weightKilograms)],
      ['active', row.active, served.state !== 'blocked'],
      ['closeout', row.closeout && row.active, served.state === 'phase-out'],
      ['createdAt', row.createdAt, instant(served.createdAt)],
    ],
  },
  listings: {
    entity: 'listing',
    stream: 'product',
    ledgerKey: (row) => `${row.sku}/${row.channel}`,
    servedKey: (row) => `${row.fields.sku}/${row.fields.channel}`,
    fields: (row, served) => [
      ['brand', row.brand, served.brand],
      ['published', row.published, served.isPublished],
    ],
  },
  stock: {
    entity: 'stock',
    stream: 'stock',
    ledgerKey: (row) => row.sku,
    servedKey: (row) => row.fields.sku,
    fields: (row, served) => [['shown', String(row.shown), served.shown?.value]],
  },
  categories: {
    entity: 'category',
    stream: 'category',
    ledgerKey: (row) => row.id,
    servedKey: (row) => row.fields.categoryId,
    fields: (row, served) => [
      ['parentId', row.parentId, served.parentId ?? null],
      ['name', nameIn(row.name, served.name), Object.values(served.name ?? {})[0]],
      ['active', row.active, served.isActive],
    ],
  },
};

/** Texts by language, whatever order they come in; nothing where there are none. */
const texts = (value) =>
  JSON.stringify(Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
const list = (value) => JSON.stringify(value ?? []);
const sortedList = (value) => list([...(value ?? [])].sort());
/** Words of a list of values in one language or several. */
const word = (value) =>
  value === null || value === undefined
    ? undefined
    : typeof value === 'string'
      ? value
      : texts(value);
const ratio = (percent) => String(percent / 100);
const fileName = (url) => url?.split('/').at(-1);

/**
 * What a PIM holds. Its own fields and what hangs on links come from two streams, so each is held
 * against its part of the ledger. The customer's names of fields are settings of the project.
 */
const pimComparisons = {
  'pim-products': {
    entity: 'product',
    stream: 'product',
    ledgerRows: (row) => row.brands.map((brand) => ({ ...row, brand })),
    ledgerKey: (row) => `${row.brand}/${row.id}`,
    servedKey: (row) => `${row.fields.brand}/${recordKey(row)}`,
    fields: (row, served) => [
      ['productNo', row.productNo, served.productId],
      ['name', texts(row.name), texts(served.name)],
      ['description', texts(row.description), texts(served.description)],
      ['material', texts(row.material), texts(served.material)],
      ['fit', row.fit === null, served.fit === undefined],
      ['care', word(row.care), word(served.attributes?.care)],
      ['season', row.season ?? undefined, served.season],
      ['supplier', row.supplier ?? undefined, served.manufacturer],
      ['launch', row.launch ?? undefined, served.launchDate],
      ['fragile', row.fragile ?? undefined, served.isFragile],
      ['createdAt', row.createdAt, instant(served.createdAt)],
    ],
  },
  'pim-links': {
    ledger: 'pim-products',
    entity: 'product',
    stream: 'assortment',
    ledgerRows: (row) => row.brands.map((brand) => ({ ...row, brand })),
    ledgerKey: (row) => `${row.brand}/${row.id}`,
    servedKey: (row) => `${row.fields.brand}/${recordKey(row)}`,
    fields: (row, served) => [
      ['productNo', row.productNo, served.productId],
      ['categories', sortedList(row.categories), sortedList(served.categoryIds)],
      ['pictures', list(row.pictures), list(served.media?.map(({ url }) => fileName(url)))],
      ['completeness', ratio(row.completeness), served.completenessRatio],
    ],
  },
  'pim-items': {
    entity: 'variant',
    stream: 'variant',
    ledgerKey: (row) => row.id,
    servedKey: (row) => recordKey(row),
    fields: (row, served) => [
      ['sku', row.sku, served.sku],
      ['gtin', gtin14(row.gtin), served.gtin],
      ['colour', word(row.colour), word(served.options?.colour)],
      ['size', word(row.size), word(served.options?.size)],
      ['weight', row.weightGrams, grams(served.weightKilograms)],
      ['completeness', row.completeness, served.traits?.inriver?.completeness],
      ['createdAt', row.createdAt, instant(served.createdAt)],
    ],
  },
  'pim-parents': {
    ledger: 'pim-items',
    entity: 'variant',
    stream: 'assortment',
    ledgerRows: (row) => (row.productNo === null ? [] : [row]),
    ledgerKey: (row) => row.sku,
    servedKey: (row) => row.fields.sku,
    fields: (row, served) => [['productNo', row.productNo, served.productId]],
  },
  'pim-categories': {
    entity: 'category',
    stream: 'category',
    ledgerKey: (row) => row.id,
    servedKey: (row) => row.fields.categoryId,
    fields: (row, served) => [
      ['parentId', row.parentId, served.parentId ?? null],
      ['name', texts(row.name), texts(served.name)],
    ],
  },
};

/** The ledger's text in the language the platform shows. */
function nameIn(texts, served) {
  return texts?.[Object.keys(served ?? {})[0]];
}

function recordKey(row) {
  return row.record.split('/').slice(2).join('/');
}

async function* ledgerRows(control, name) {
  const response = await fetch(`${control}/ledger/${name}`);
  if (!response.ok) throw new Error(`The ledger ${name} answered ${response.status}.`);
  let rest = '';
  const decoder = new TextDecoder();
  for await (const part of response.body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line !== '') yield JSON.parse(line);
  }
  if (rest !== '') yield JSON.parse(rest);
}

async function* servedRows({ api, token, source }, entity, stream) {
  for (let after = ''; after !== null; ) {
    const query = new URLSearchParams({ stream: `${source}/${stream}`, after, limit: '1000' });
    const response = await fetch(`${api}/v1/entities/${entity}?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw new Error(`The platform answered ${response.status} for ${entity}.`);
    const page = await response.json();
    yield* page.records;
    after = page.next;
  }
}

/** Rows of a ledger; where the platform keeps one row for several of them, those together. */
async function* toldRows(control, rule, name) {
  const rows = ledgerRows(control, rule.ledger ?? name);
  if (rule.ledgerGroups === undefined) yield* rows;
  else yield* Object.values(await groupsOf(rows, rule.ledgerGroups));
}

async function groupsOf(rows, groupOf) {
  const groups = {};
  for await (const row of rows) {
    const group = groupOf(row);
    groups[group] ??= [];
    groups[group].push(row);
  }
  return groups;
}

async function compareOne(options, name, rule) {
  const served = new Map();
  let doubled = 0;
  for await (const row of servedRows(options, rule.entity, rule.stream)) {
    for (const part of rule.servedRows?.(row) ?? [row]) {
      const key = rule.servedKey(part);
      if (served.has(key)) doubled += 1;
      served.set(key, part.fields);
    }
  }
  const result = {
    ledger: name,
    compared: 0,
    missing: 0,
    extra: 0,
    differing: 0,
    doubled,
    examples: [],
  };
  const note = (text) => result.examples.length < 5 && result.examples.push(text);
  for await (const told of toldRows(options.control, rule, name)) {
    for (const row of rule.ledgerRows?.(told) ?? [told]) {
      const key = rule.ledgerKey(row);
      const fields = served.get(key);
      served.delete(key);
      result.compared += 1;
      if (fields === undefined) {
        result.missing += 1;
        note(`missing ${key}`);
        continue;
      }
      const wrong = rule.fields(row, fields).filter(([, a, b]) => a !== b);
      if (wrong.length === 0) continue;
      result.differing += 1;
      note(`${key}: ${wrong.map(([what, a, b]) => `${what} ledger ${a} served ${b}`).join(', ')}`);
    }
  }
  result.extra = served.size;
  for (const key of [...served.keys()].slice(0, 2)) note(`extra ${key}`);
  return result;
}

/**
 * Prices are compared by content: each price served must be one the ledger has for that sku,
 * currency and quantity on that side of the tax, and each price of the ledger must be served in
 * every channel that shows the sku in its currency.
 */
async function comparePrices(options) {
  const result = {
    ledger: 'prices',
    compared: 0,
    missing: 0,
    extra: 0,
    differing: 0,
    doubled: 0,
    examples: [],
  };
  const note = (text) => result.examples.length < 5 && result.examples.push(text);
  const told = new Map();
  const replaced = new Set();
  for await (const row of ledgerRows(options.control, 'prices')) {
    told.set(`${row.sku}/${row.currency}/${row.quantityFrom}/${row.kind}`, { ...row, served: 0 });
    if (row.kind === 'tier' && row.quantityFrom <= 1) replaced.add(`${row.sku}/${row.currency}`);
  }
  const currencies = new Map();
  // Prices by quantity may hang on the product, for all its variants.
  const productOf = new Map();
  for await (const row of ledgerRows(options.control, 'variants')) {
    productOf.set(row.sku, row.productNo);
  }
  const toldFor = (fields, kind) => {
    const rest = `${fields.currency}/${fields.minQuantity ?? 1}/${kind}`;
    return told.get(`${fields.sku}/${rest}`) ?? told.get(`${productOf.get(fields.sku)}/${rest}`);
  };
  for await (const { fields } of servedRows(options, 'price', 'product')) {
    result.compared += 1;
    const kind = fields.conditionTypes?.includes('advanced-price') ? 'tier' : 'base';
    const row = toldFor(fields, kind);
    currencies.set(fields.channel, fields.currency);
    if (row === undefined) {
      result.extra += 1;
      note(
        `extra ${fields.sku} ${fields.channel} ${fields.currency} from ${fields.minQuantity ?? 1}`,
      );
      continue;
    }
    row.served += 1;
    const minor = fields.basis === 'gross' ? row.grossMinor : row.netMinor;
    const shown = (fields.sale ?? fields.list)?.amount;
    if (Number(shown) === minor / 100 && Number(shown).toFixed(2) === decimal(minor)) continue;
    result.differing += 1;
    note(`${fields.sku} ${fields.channel}: ledger ${decimal(minor)} served ${shown}`);
  }
  const shown = new Set();
  for await (const row of ledgerRows(options.control, 'listings')) {
    shown.add(`${row.sku}/${currencies.get(row.channel)}`);
  }
  for (const row of told.values()) {
    const place = `${row.sku}/${row.currency}`;
    const isHidden = row.kind === 'base' && replaced.has(place);
    if (row.served > 0 || isHidden || !shown.has(place)) continue;
    result.missing += 1;
    note(`missing ${row.sku} ${row.currency} ${row.kind} from ${row.quantityFrom}`);
  }
  return result;
}

/** What `only` takes to hold a PIM against its ledger. */
export const pimLedgers = Object.keys(pimComparisons);

/** What `only` takes to hold an ERP against its ledger. */
export const erpLedgers = Object.keys(erpComparisons({}));

/** @param options `{ api, token, control, source, only?, plants? }` */
export async function compareLedger(options) {
  const names = options.only ?? [...Object.keys(comparisons), 'prices'];
  const rules = { ...erpComparisons(options.plants ?? {}), ...pimComparisons, ...comparisons };
  const results = [];
  for (const name of names) {
    results.push(
      name === 'prices'
        ? await comparePrices(options)
        : await compareOne(options, name, rules[name]),
    );
  }
  const hidden = [];
  for await (const row of ledgerRows(options.control, 'hidden')) hidden.push(row);
  const wrong = (row) => row.missing + row.extra + row.differing + row.doubled;
  return { ok: results.every((row) => wrong(row) === 0), results, hidden };
}

async function main() {
  const { values } = parseArgs({
    options: {
      api: { type: 'string', default: 'http://127.0.0.1:4800' },
      token: { type: 'string', default: process.env.HEADRACE_TOKEN ?? '' },
      control: { type: 'string', default: 'http://127.0.0.1:4802' },
      source: { type: 'string', default: 'shop' },
      system: { type: 'string', default: 'shopware' },
      plants: { type: 'string', default: '' },
    },
  });
  const only = { inriver: pimLedgers, sap: erpLedgers }[values.system];
  const plants = Object.fromEntries(values.plants.split(',').map((pair) => pair.split('=')));
  const answer = await compareLedger({ ...values, plants, only });
  for (const row of answer.results) {
    const { ledger, compared, missing, extra, differing, doubled } = row;
    process.stderr.write(
      `${ledger.padEnd(24)} ${String(compared).padStart(8)} compared, ${missing} missing, ${extra} extra, ${differing} differing, ${doubled} doubled\n`,
    );
    for (const example of row.examples) process.stderr.write(`    ${example}\n`);
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exitCode = answer.ok ? 0 : 2;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();

#!/usr/bin/env node
/**
 * Says whether emulated systems are level with each other, from the ledgers of both. It knows neither
 * connectors nor mappings, nor the platform: what must hold is written here a second time.
 *
 *   node scripts/compare-flows.mjs --control URL [--only stock,price] [--since MS]
 *
 * Documents are compared from `--since` on; before it they were carried by somebody else, under numbers
 * of their own. Prints one line a flow. Exit code 2 when anything differs.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const ledger = async (control, name) => {
  const response = await fetch(`${control}/ledger/${name}`);
  if (!response.ok) throw new Error(`ledger ${name}: ${await response.text()}`);
  const text = (await response.text()).trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
};

/** When things sold in the shop changed, by its own book. */
const changedAt = async (control) =>
  new Map(
    (await ledger(control, 'variants')).map((row) => [row.sku, row.updatedAt ?? row.createdAt]),
  );

/** What is free in all plants, less what the shop has sold and the warehouse still has. */
const stock = async (control) => {
  const free = new Map();
  for (const { sku, type, quantity } of await ledger(control, 'erp-stock')) {
    if (type === 'unrestricted') free.set(sku, (free.get(sku) ?? 0) + quantity);
  }
  const rows = await ledger(control, 'stock');
  const times = await changedAt(control);
  return rows
    .filter(({ sku }) => free.has(sku))
    .map(({ sku, shown, committed }) => ({
      key: sku,
      source: Math.max(free.get(sku), 0) - committed,
      target: shown,
      at: times.get(sku),
    }));
};

const OPEN_END = Date.UTC(9999, 0, 1);
/** The shop has one price in a currency: that of the first of these channels that has any. */
const CHANNELS = { EUR: ['alpha-nl', 'beta-de'], GBP: ['marketplace'] };

/** The regular price without an end that began last, or the reduced one where there is one. */
const price = async (control) => {
  const latest = new Map();
  for (const row of await ledger(control, 'conditions')) {
    if (row.deleted || row.sku === null || row.to < OPEN_END || row.kind === 'discount') continue;
    const key = `${row.sku} ${row.channel} ${row.kind}`;
    const known = latest.get(key);
    if (known === undefined || known.from <= row.from) latest.set(key, row);
  }
  const rateOf = (sku, channel, kind) => latest.get(`${sku} ${channel} ${kind}`)?.rateMinor;
  const rows = await ledger(control, 'prices');
  const times = await changedAt(control);
  return rows.flatMap(({ kind, sku, currency, grossMinor }) => {
    if (kind !== 'base') return [];
    const channel = (CHANNELS[currency] ?? []).find(
      (name) => rateOf(sku, name, 'base') !== undefined,
    );
    if (channel === undefined) return [];
    const source = rateOf(sku, channel, 'promotion') ?? rateOf(sku, channel, 'base');
    return [{ key: `${sku} ${currency}`, source, target: grossMinor, at: times.get(sku) }];
  });
};

const nameOf = ({ channel, orderNo }) => `${channel}/${orderNo}`;

const groupBy = (rows, keyOf) => {
  const groups = new Map();
  for (const row of rows) {
    const known = groups.get(keyOf(row));
    if (known === undefined) groups.set(keyOf(row), [row]);
    else known.push(row);
  }
  return groups;
};

/** Orders the shop took since, as (channel, number) → row. */
const shopOrders = async (control, since) =>
  new Map(
    (await ledger(control, 'orders'))
      .filter(({ placedAt }) => placedAt >= since)
      .map((row) => [nameOf(row), row]),
  );

const goodsOf = (lines) =>
  lines
    .map(({ sku, quantity }) => `${quantity} ${sku}`)
    .sort()
    .join(', ');

/** Each order of the shop is one sales order with its goods and its total, or rejected as a whole. */
const order = async (control, since) => {
  const lines = groupBy(await ledger(control, 'order-lines'), nameOf);
  const inErp = groupBy(await ledger(control, 'erp-orders'), nameOf);
  const erpLines = groupBy(
    await ledger(control, 'erp-order-lines'),
    ({ salesOrder }) => salesOrder,
  );
  const contents = (netMinor, goods) => `net ${netMinor}: ${goods}`;
  return [...(await shopOrders(control, since))].map(([key, row]) => {
    const goods = (lines.get(key) ?? []).filter(({ sku }) => sku !== null);
    const found = inErp.get(key) ?? [];
    const [only] = found;
    const at = only?.createdAt;
    if (found.length > 1) return { key, source: 'one', target: `${found.length} sales orders`, at };
    if (row.state === 'cancelled') {
      const isGone = only === undefined || only.rejected;
      return { key, source: 'cancelled', target: isGone ? 'cancelled' : 'in force', at };
    }
    const own = only === undefined ? [] : (erpLines.get(only.salesOrder) ?? []);
    return {
      key,
      at,
      source: contents(row.netMinor, goodsOf(goods)),
      target:
        only === undefined
          ? 'none'
          : contents(only.netMinor, goodsOf(own.filter(({ rejected }) => !rejected))),
    };
  });
};

const LEFT = ['shipped', 'shipped_partially', 'returned', 'returned_partially'];

/** What left the ERP's house has left in the shop, under the carrier's number; what arrived is done. */
const tracking = async (control, since) => {
  const orders = await shopOrders(control, since);
  const inShop = groupBy(await ledger(control, 'deliveries'), nameOf);
  const words = (hasLeft, codes, isDone) =>
    `${hasLeft ? 'left' : 'not left'} ${codes.join('+')}${isDone ? ', done' : ''}`;
  return (await ledger(control, 'erp-deliveries'))
    .filter((row) => row.issuedAt !== null && !row.withdrawn && orders.has(nameOf(row)))
    .map((row) => {
      const [shown] = inShop.get(nameOf(row)) ?? [];
      const order = orders.get(nameOf(row));
      const isDone = order.state === 'completed';
      return {
        key: nameOf(row),
        at: isDone ? order.updatedAt : shown?.updatedAt,
        source: words(true, [row.trackingNo], row.arrivedAt !== null),
        target: words(LEFT.includes(shown?.state), shown?.trackingNos ?? [], isDone),
      };
    });
};

/** Each return, announced on either side, stands once on both, with the same goods. */
const returned = async (control, since) => {
  const orders = await shopOrders(control, since);
  const byReturn = async (name) =>
    groupBy(
      (await ledger(control, name)).filter((row) => orders.has(nameOf(row))),
      (row) => `${nameOf(row)}/${row.returnNo}`,
    );
  const [erp, shop] = [await byReturn('erp-returns'), await byReturn('shop-returns')];
  return [...new Set([...erp.keys(), ...shop.keys()])].map((key) => ({
    key,
    source: goodsOf(erp.get(key) ?? []),
    target: goodsOf(shop.get(key) ?? []),
    // On the side it was carried to.
    at: Math.max(
      ...[...(erp.get(key) ?? []), ...(shop.get(key) ?? [])].map(({ createdAt }) => createdAt),
    ),
  }));
};

/** What the PIM says of a product in a language, the shop says in that language. */
const product = async (control) => {
  const inShop = new Map((await ledger(control, 'products')).map((row) => [row.productNo, row]));
  return (await ledger(control, 'pim-products')).flatMap((row) =>
    ['name', 'description'].flatMap((field) =>
      Object.entries(row[field]).map(([language, text]) => ({
        key: `${row.productNo} ${field} ${language}`,
        source: text,
        target: inShop.get(row.productNo)?.[field]?.[language] ?? 'none',
        at: inShop.get(row.productNo)?.updatedAt ?? inShop.get(row.productNo)?.createdAt,
      })),
    ),
  );
};

/** Each item of the PIM is a variant of its product, once, set apart and described as there. */
const variant = async (control) => {
  const inShop = groupBy(await ledger(control, 'variants'), ({ sku }) => sku);
  const options = new Map(
    (await ledger(control, 'shop-options')).map((row) => [row.sku, row.options]),
  );
  return (await ledger(control, 'pim-items'))
    .filter(({ sku, productNo }) => productNo !== null && sku !== productNo)
    .map((row) => {
      const found = inShop.get(row.sku) ?? [];
      const [only] = found;
      // What the PIM leaves open is the shop's own.
      const told = (mine, own) => (mine === null || mine === undefined ? own : mine);
      const apart = [row.colour?.['nl-NL'], row.size].filter((word) => word != null).sort();
      const shown = options.get(row.sku) ?? [];
      return {
        key: row.sku,
        at: only?.updatedAt ?? only?.createdAt,
        source: JSON.stringify([
          row.productNo,
          told(row.gtin, only?.gtin),
          told(row.weightGrams, only?.weightGrams),
          apart.length === 0 ? shown : apart,
        ]),
        target:
          found.length === 1
            ? JSON.stringify([only.productNo, only.gtin, only.weightGrams, shown])
            : `${found.length} variants`,
      };
    });
};

const MAIN_LANGUAGE = 'nl-NL';

/** Names from the root to each category, by its id. */
const pathsOf = (rows) => {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const pathOf = (row) =>
    row === undefined ? [] : [...pathOf(byId.get(row.parentId)), row.name[MAIN_LANGUAGE]];
  return new Map(rows.map((row) => [row.id, pathOf(row).join(' / ')]));
};

/** Each category of the PIM stands in the shop once, below the same names, called the same in each language. */
const category = async (control) => {
  const [mine, shops] = [
    await ledger(control, 'pim-categories'),
    await ledger(control, 'categories'),
  ];
  const [paths, shopPaths] = [pathsOf(mine), pathsOf(shops)];
  const byPath = groupBy(shops, ({ id }) => shopPaths.get(id));
  const words = (path, name) => JSON.stringify([path, Object.entries(name).sort()]);
  return mine.map((row) => {
    const path = paths.get(row.id);
    const found = byPath.get(path) ?? [];
    const [only] = found;
    return {
      key: row.id,
      at: only?.updatedAt ?? only?.createdAt,
      source: words(path, row.name),
      target: found.length === 1 ? words(path, only.name) : `${found.length} categories ${path}`,
    };
  });
};

/** The shop adds a part of its id to a file's name. */
const plainName = (name) => name.replace(/\.\w+$/, '').replace(/-[0-9a-f]{8}$/, '');

/** Pictures the PIM has of a product, in its order, each once; those the shop had before stay. */
const media = async (control) => {
  const inShop = new Map(
    (await ledger(control, 'shop-pictures')).map((row) => [row.productNo, row]),
  );
  return (await ledger(control, 'pim-products')).map((row) => {
    const shown = inShop.get(row.productNo);
    const carried = (shown?.pictures ?? []).filter((name) => name !== plainName(name));
    return {
      key: row.productNo,
      at: shown?.updatedAt,
      source: row.pictures.map(plainName).join(', '),
      target: carried.map(plainName).join(', '),
    };
  });
};

const FLOWS = {
  ...{ stock, price, order, tracking, return: returned },
  ...{ category, product, variant, media },
};

/**
 * What a flow has to carry, as both systems have it: `source`, `target`, and when the target's record
 * was last written by its own book.
 */
export const flowRows = ({ control, flow, since = 0 }) => FLOWS[flow](control, since);

/** What differs, by flow; empty lists when one system says what the other says. */
export const compareFlows = async ({ control, only = Object.keys(FLOWS), since = 0 }) => {
  const results = [];
  for (const flow of only) {
    const rows = await flowRows({ control, flow, since });
    const differing = rows.filter(({ source, target }) => source !== target);
    results.push({ flow, compared: rows.length, differing });
  }
  return results;
};

const isMain = import.meta.url === pathToFileURL(process.argv[1] ?? '').href;
if (isMain) {
  const { values } = parseArgs({
    options: {
      control: { type: 'string' },
      only: { type: 'string' },
      since: { type: 'string', default: '0' },
    },
  });
  if (values.control === undefined) throw new Error('--control URL');
  const only = values.only?.split(',');
  const results = await compareFlows({
    control: values.control,
    since: Number(values.since),
    ...(only === undefined ? {} : { only }),
  });
  for (const { flow, compared, differing } of results) {
    console.log(`${flow}: ${compared} compared, ${differing.length} differ`);
    for (const { key, source, target } of differing.slice(0, 5)) {
      console.log(`  ${key}: should be ${source}, is ${target}`);
    }
  }
  if (results.some(({ differing }) => differing.length > 0)) process.exitCode = 2;
}

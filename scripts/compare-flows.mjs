#!/usr/bin/env node
/**
 * Says whether the emulated shop is level with the emulated ERP, from the ledgers of both. It knows
 * neither connectors nor mappings, nor the platform: what must hold is written here a second time.
 *
 *   node scripts/compare-flows.mjs --control URL [--only stock,price]
 *
 * Prints one line a flow. Exit code 2 when anything differs.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const ledger = async (control, name) => {
  const response = await fetch(`${control}/ledger/${name}`);
  if (!response.ok) throw new Error(`ledger ${name}: ${await response.text()}`);
  const text = (await response.text()).trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
};

/** What is free in all plants, less what the shop has sold and the warehouse still has. */
const stock = async (control) => {
  const free = new Map();
  for (const { sku, type, quantity } of await ledger(control, 'erp-stock')) {
    if (type === 'unrestricted') free.set(sku, (free.get(sku) ?? 0) + quantity);
  }
  const rows = await ledger(control, 'stock');
  return rows
    .filter(({ sku }) => free.has(sku))
    .map(({ sku, shown, committed }) => ({
      key: sku,
      source: Math.max(free.get(sku), 0) - committed,
      target: shown,
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
  return rows.flatMap(({ kind, sku, currency, grossMinor }) => {
    if (kind !== 'base') return [];
    const channel = (CHANNELS[currency] ?? []).find(
      (name) => rateOf(sku, name, 'base') !== undefined,
    );
    if (channel === undefined) return [];
    const source = rateOf(sku, channel, 'promotion') ?? rateOf(sku, channel, 'base');
    return [{ key: `${sku} ${currency}`, source, target: grossMinor }];
  });
};

const FLOWS = { stock, price };

/** What differs, by flow; empty lists when the shop says what the ERP says. */
export const compareFlows = async ({ control, only = Object.keys(FLOWS) }) => {
  const results = [];
  for (const flow of only) {
    const rows = await FLOWS[flow](control);
    const differing = rows.filter(({ source, target }) => source !== target);
    results.push({ flow, compared: rows.length, differing });
  }
  return results;
};

const isMain = import.meta.url === pathToFileURL(process.argv[1] ?? '').href;
if (isMain) {
  const { values } = parseArgs({
    options: { control: { type: 'string' }, only: { type: 'string' } },
  });
  if (values.control === undefined) throw new Error('--control URL');
  const only = values.only?.split(',');
  const results = await compareFlows({
    control: values.control,
    ...(only === undefined ? {} : { only }),
  });
  for (const { flow, compared, differing } of results) {
    console.log(`${flow}: ${compared} compared, ${differing.length} differ`);
    for (const { key, source, target } of differing.slice(0, 5)) {
      console.log(`  ${key}: ERP ${source}, shop ${target}`);
    }
  }
  if (results.some(({ differing }) => differing.length > 0)) process.exitCode = 2;
}

// Holds what `headrace contracts export` writes to the JSON schema of the Open Data Contract Standard.
//
//   node scripts/check-odcs.mjs PATH_TO_odcs-json-schema-v3.1.0.json [DOCUMENT.json ...]
//
// The schema is the standard's own (bitol-io/open-data-contract-standard, folder `schema`); it is no
// part of this repository. Without documents, one with every entity and every kind of contract is made
// and held to it, and so is what comes back of it. Prints each deviation and ends with 1 if there is
// any. Build packages/platform first.
import { readFile } from 'node:fs/promises';
import { entityNames } from '@headrace/sdk';
import Ajv from 'ajv/dist/2019.js';
import { durationMs } from '../packages/platform/dist/app/duration.js';
import { exportContracts, importContracts } from '../packages/platform/dist/quality/index.js';

const [schemaPath, ...documentPaths] = process.argv.slice(2);
if (schemaPath === undefined) {
  console.error(
    'Name the JSON schema of the standard: node scripts/check-odcs.mjs SCHEMA [FILE …]',
  );
  process.exit(1);
}

const json = async (path) => JSON.parse(await readFile(path, 'utf8'));
// The schema describes examples and defaults in ways a strict reader would refuse.
const ajv = new Ajv.default({ strict: false, allErrors: true, validateFormats: false });
const validate = ajv.compile(await json(schemaPath));

const everything = {
  stock: { maxAge: '15m', slo: '5m', complete: 0.99, tolerance: { units: 1, share: 0.01 } },
  'stock.onHand': { maxEventAge: '2d', valid: 0.999 },
  order: { grace: '90s', required: ['currency', 'placedAt'] },
  'erp/stock': {
    maxAge: '1h',
    required: [],
    shape: { Id: 'string', State: ['A', 'B'], 'Lines.*.Sku': 'string?', Price: 'number|null' },
  },
};
const exported = (contracts) =>
  exportContracts({
    ...{ id: 'check', name: 'Check', version: '1', entities: entityNames, durationMs },
    contracts,
  });
const documents =
  documentPaths.length > 0
    ? await Promise.all(documentPaths.map(async (path) => [path, await json(path)]))
    : [
        ['every kind of contract', exported(everything)],
        ['no contract', exported({})],
        ['what came back', exported(importContracts(exported(everything)).contracts)],
      ];

let deviations = 0;
for (const [name, document] of documents) {
  const holds = validate(document);
  deviations += holds ? 0 : validate.errors.length;
  console.log(`${name}: ${holds ? 'holds' : `${validate.errors.length} deviations`}`);
  for (const { instancePath, message } of validate.errors ?? []) {
    console.log(`  ${instancePath === '' ? '/' : instancePath} ${message}`);
  }
}
process.exitCode = deviations === 0 ? 0 : 1;

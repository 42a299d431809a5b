// Compares every answer of the Shopware emulator with Shopware's own OpenAPI description.
//
//   node scripts/check-shopware-spec.mjs PATH_TO_adminapi.json [--commercial FILE] [--fields FILE]
//     [--written FILE] [--json] [--write]
//
// The FILE of --commercial is the same description of Shopware Commercial, which has returns.
// The FILE of --fields is JSON and maps an entity to the paths our connector reads, for example
// { "product": ["productNumber", "price.currencyId"], "order": ["lineItems.quantity"] }.
// It may also be a module of ours that exports `readFields`, lists by entity and type. The FILE of
// --written is a module of ours that exports `writtenFields`, what our sinks set of which entity, and
// `calledActions`: .../shopware/read-fields.js and .../shopware/sinks/write-fields.js in dist.
// Prints each deviation and ends with 1 if there is any; without any, --write notes in the
// connector's tested.ts what was compared with. Build packages/emulators first.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { startEmulators } from '../packages/emulators/dist/index.js';
import { writeSpecification } from './lib/tested.mjs';

// What the description leaves out or says differently from what shops answer. Each entry says
// where (a path, `*` for every entity) and why it is no mistake of ours.
const KNOWN = [
  ['*', '_uniqueIdentifier', 'added by the JSON encoder to every entity, not described'],
  ['*', 'extensions', 'added by the JSON encoder to every entity; described for a few only'],
  ['*', 'apiAlias', 'added by the JSON encoder to every entity and struct, not described'],
  [
    '*',
    'translated',
    'added by the JSON encoder to translatable entities; described for some only',
  ],
  ['*', 'calculatedTaxes', 'described as object, but PHP writes the collection as a list'],
  ['*', 'taxRules', 'described as object, but PHP writes the collection as a list'],
  ['category', 'breadcrumb', 'described as a list of objects, but the names are strings'],
  ['customer', 'company', 'described without a type'],
  ['customer', 'vatIds', 'described without a type'],
  ['customer', 'accountType', 'described without a type'],
  ['order_line_item', 'payload', 'free JSON; an empty map is written as a list by PHP'],
  [
    '*',
    'translations',
    'taken by every entity with texts in several languages; described for none',
  ],
];

// Null stands for "not set" or "not loaded" everywhere; the description marks no field nullable.
const isNullAllowed = true;

const [specPath, ...flags] = process.argv.slice(2);
if (specPath === undefined) {
  console.error(
    'usage: check-shopware-spec.mjs PATH_TO_adminapi.json [--commercial FILE] [--fields FILE] [--written FILE] [--json] [--write]',
  );
  process.exit(2);
}
const fileOf = (flag) => {
  const at = flags.indexOf(flag);
  return at < 0 ? null : flags[at + 1];
};
const specText = await readFile(specPath, 'utf8');
const spec = JSON.parse(specText);
const [commercialFile, fieldsFile, writtenFile] = ['--commercial', '--fields', '--written'].map(
  fileOf,
);
const readFields = fieldsFile === null ? {} : await loadFields(fieldsFile);
const written =
  writtenFile === null
    ? { writtenFields: {}, calledActions: {} }
    : await import(pathToFileURL(writtenFile).href);
const { schemas } = spec.components;
const commercialText = commercialFile === null ? null : await readFile(commercialFile, 'utf8');
// What both describe, the extension describes with its own fields besides.
for (const [name, more] of Object.entries(
  commercialText === null ? {} : JSON.parse(commercialText).components.schemas,
)) {
  const own = schemas[name];
  schemas[name] =
    own === undefined ? more : { ...own, properties: { ...more.properties, ...own.properties } };
}
const deviations = new Map();
let comparisons = 0;

async function loadFields(path) {
  if (!/\.m?js$/.test(path)) return JSON.parse(await readFile(path, 'utf8'));
  const { readFields } = await import(pathToFileURL(path).href);
  const lists = {};
  for (const questions of Object.values(readFields)) {
    for (const types of questions) {
      for (const [type, { business, personal = [] }] of Object.entries(types)) {
        lists[type] = [...new Set([...(lists[type] ?? []), ...business, ...personal])];
      }
    }
  }
  return lists;
}

const report = (where, what, example) => {
  const key = `${where}: ${what}`;
  if (!deviations.has(key)) deviations.set(key, example);
};

const pascal = (entity) =>
  entity
    .split('_')
    .map((part) => part[0].toUpperCase() + part.slice(1))
    .join('');

/** Follows $ref and merges allOf; a choice stays a choice. */
const resolve = (schema) => {
  let found = schema ?? {};
  for (let step = 0; found.$ref !== undefined && step < 10; step++) {
    found = schemas[found.$ref.split('/').at(-1)] ?? {};
  }
  if (found.allOf === undefined) return found;
  const merged = { ...found, properties: { ...found.properties } };
  for (const part of found.allOf) {
    const resolved = resolve(part);
    Object.assign(merged.properties, resolved.properties);
    merged.type ??= resolved.type;
  }
  delete merged.allOf;
  return merged;
};

const isKnown = (entity, path) => {
  const name = path.split('.').at(-1).replace('[]', '');
  return KNOWN.some(([scope, field]) => (scope === '*' || scope === entity) && field === name);
};

const typeOf = (value) => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const compare = (entity, path, value, schema) => {
  comparisons++;
  if (value === null && isNullAllowed) return;
  const wanted = resolve(schema);
  const choices = wanted.oneOf ?? wanted.anyOf;
  if (choices !== undefined) return;
  const types = wanted.type === undefined ? undefined : [wanted.type].flat();
  const actual = typeOf(value);
  if (
    types !== undefined &&
    !types.includes(actual) &&
    !(actual === 'integer' && types.includes('number'))
  ) {
    if (!isKnown(entity, path))
      report(`${entity} ${path}`, `is ${actual}, described as ${types.join('|')}`, value);
    return;
  }
  if (wanted.enum !== undefined && !wanted.enum.includes(value)) {
    if (!isKnown(entity, path))
      report(`${entity} ${path}`, `value outside ${wanted.enum.join('|')}`, value);
  }
  if (
    wanted.pattern !== undefined &&
    typeof value === 'string' &&
    !new RegExp(wanted.pattern).test(value)
  ) {
    report(`${entity} ${path}`, `does not match ${wanted.pattern}`, value);
  }
  if (wanted.format === 'date-time' && Number.isNaN(Date.parse(value))) {
    report(`${entity} ${path}`, 'is no date and time', value);
  }
  if (actual === 'array') {
    for (const entry of value) compare(entity, `${path}[]`, entry, wanted.items);
  } else if (actual === 'object') compareObject(entity, path, value, wanted);
};

const compareObject = (entity, path, value, schema) => {
  // An object without described properties may hold anything, such as customFields.
  if (schema.properties === undefined) return;
  const nested = typeof value._uniqueIdentifier === 'string' ? value.apiAlias : entity;
  const base = nested === entity ? path : '';
  for (const [name, entry] of Object.entries(value)) {
    const at = base === '' ? name : `${base}.${name}`;
    if (schema.properties[name] === undefined) {
      if (!isKnown(nested, at)) report(`${nested} ${at}`, 'is not described', entry);
      continue;
    }
    compare(nested, at, entry, schema.properties[name]);
  }
};

/** Says where a path leaves the description, or null; `onto` sees the schema of its last part. */
const strayedAt = (entity, path, onto = () => null) => {
  let schema = resolve(schemas[pascal(entity)]);
  for (const part of path.replaceAll('[]', '').split('.')) {
    if (schema.type === 'array' || schema.items !== undefined) schema = resolve(schema.items);
    // Below a free object (payload, customFields) any name may stand.
    if (schema.properties === undefined) return null;
    if (schema.properties[part] === undefined) return isKnown(entity, part) ? null : part;
    schema = { ...resolve(schema.properties[part]), ...readOnlyOf(schema.properties[part]) };
  }
  return onto(schema);
};

const readOnlyOf = ({ readOnly }) => (readOnly === undefined ? {} : { readOnly });

const checkReadPaths = () => {
  let count = 0;
  for (const [entity, paths] of Object.entries(readFields)) {
    for (const path of paths) {
      count++;
      const part = strayedAt(entity.replaceAll('-', '_'), path);
      if (part !== null)
        report(`${entity} ${path}`, 'is read by the connector but not described', part);
    }
  }
  return count;
};

const checkWrittenPaths = () => {
  let count = 0;
  for (const [entity, paths] of Object.entries(written.writtenFields)) {
    if (schemas[pascal(entity)] === undefined) {
      report(entity, 'is written by the connector but not described', '');
    }
    for (const path of paths) {
      count++;
      const part = strayedAt(entity, path.replace(/\.\*$/, ''), ({ readOnly }) => {
        if (readOnly === true)
          report(`${entity} ${path}`, 'is written but described as read-only', '');
        return null;
      });
      if (part !== null)
        report(`${entity} ${path}`, 'is written by the connector but not described', part);
    }
  }
  for (const [path, { query = [], body }] of Object.entries(written.calledActions)) {
    count++;
    const action = spec.paths[path]?.post;
    if (action === undefined) {
      report(path, 'is called by the connector but not described', '');
      continue;
    }
    const parameters = (action.parameters ?? []).filter((one) => one.in === 'query');
    for (const name of query) {
      count++;
      if (parameters.some((one) => one.name === name)) continue;
      report(`${path} ${name}`, 'is a parameter that is not described', '');
    }
    for (const { name, required } of parameters) {
      if (required === true && !query.includes(name)) report(`${path} ${name}`, 'is required', '');
    }
    const schema = resolve(action.requestBody?.content?.['application/json']?.schema);
    const fields = resolve(schema.items ?? schema).properties;
    for (const name of body) {
      count++;
      if (fields?.[name] === undefined) report(`${path} ${name}`, 'is sent but not described', '');
    }
  }
  return count;
};

const emulators = await startEmulators({ seed: 7, scale: 0.05, requestsPerSecond: 0 });
const { shopware } = emulators;
const call = async (path, body, headers = {}) => {
  const response = await fetch(`${shopware.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};

const token = await call('/api/oauth/token', {
  grant_type: 'client_credentials',
  client_id: shopware.clientId,
  client_secret: shopware.clientSecret,
});
const granted = spec.paths['/oauth/token'].post.responses[200].content['application/json'].schema;
compareObject('oauth_token', '', token.body, resolve(granted));
const authorization = { authorization: `Bearer ${token.body.access_token}` };

const ENTITIES = [
  'product',
  'product-price',
  'product-visibility',
  'product-media',
  'product-manufacturer',
  'category',
  'media',
  'property-group',
  'property-group-option',
  'order',
  'order-line-item',
  'order-delivery',
  'order-delivery-position',
  'order-transaction',
  'order-customer',
  'order-address',
  'customer',
  'customer-address',
  'customer-group',
  'currency',
  'language',
  'locale',
  'country',
  'salutation',
  'sales-channel',
  'tax',
  'rule',
  'rule-condition',
  'payment-method',
  'shipping-method',
  'custom-field-set',
  'custom-field',
  'custom-field-set-relation',
  'webhook',
  'state-machine',
  'state-machine-state',
];

// A row of each kind of record, and something changed, so that no list is empty.
await fetch(`${emulators.control.url}/commands`, {
  method: 'POST',
  body: JSON.stringify([
    { kind: 'place-order' },
    { kind: 'edit-order' },
    ...emulators.world.catalogue.products
      .filter((product) => product.price !== null)
      .slice(0, 40)
      .map(({ number }) => ({ kind: 'set-price', sku: number, grossMinor: 1995, listMinor: 2995 })),
  ]),
});
await call(
  '/api/webhook',
  { name: 'n', eventName: 'product.written', url: 'http://127.0.0.1:9/' },
  authorization,
).catch(() => undefined);

let answers = 0;
for (const entity of ENTITIES) {
  const alias = entity.replaceAll('-', '_');
  const schema = schemas[pascal(alias)];
  if (schema === undefined || spec.paths[`/search/${entity}`] === undefined) {
    if (!['state-machine'].includes(entity) || schema === undefined) {
      report(entity, 'has no schema or no search path in the description', '');
      continue;
    }
  }
  const table = emulators.shop.tables.get(alias);
  const associations = Object.fromEntries(
    [...Object.keys(table.associations), ...Object.keys(table.emptyAssociations)].map((name) => [
      name,
      {},
    ]),
  );
  for (const name of Object.keys(associations)) {
    if (resolve(schema).properties[name] === undefined && !isKnown(alias, name)) {
      report(`${alias} ${name}`, 'is an association that is not described', '');
    }
  }
  for (const criteria of [
    { limit: 50, 'total-count-mode': 1 },
    { limit: 20, page: 2 },
    { limit: 8, associations },
  ]) {
    for (const headers of [{}, { 'sw-inheritance': '1' }]) {
      const found = await call(`/api/search/${entity}`, criteria, { ...authorization, ...headers });
      if (found.status !== 200) {
        report(entity, `answers ${found.status}`, found.body);
        continue;
      }
      answers++;
      if (!Number.isInteger(found.body.total)) report(entity, 'has no total', found.body.total);
      for (const row of found.body.data) {
        if (row.apiAlias !== alias) report(entity, 'has another apiAlias', row.apiAlias);
        compareObject(alias, '', row, resolve(schema));
      }
    }
  }
}
const config = await call('/api/_info/config', undefined, authorization);
compareObject('info_config', '', config.body, resolve(schemas.infoConfigResponse));
const failed = await call('/api/search/product', { limit: 501 }, authorization);
for (const error of failed.body.errors) compareObject('error', '', error, resolve(schemas.error));
const readPaths = checkReadPaths();
const writtenPaths = checkWrittenPaths();
await emulators.close();

const list = [...deviations].map(([what, example]) => ({
  what,
  example: JSON.stringify(example)?.slice(0, 120),
}));
if (flags.includes('--json')) {
  console.log(JSON.stringify({ answers, comparisons, readPaths, writtenPaths, deviations: list }));
} else {
  for (const { what, example } of list) console.log(`${what}   e.g. ${example}`);
  console.log(
    `${answers} answers, ${comparisons} fields compared, ${readPaths} read paths, ${writtenPaths} written paths: ${list.length} deviations`,
  );
}
if (flags.includes('--write') && list.length === 0) {
  if (readPaths === 0 || writtenPaths === 0)
    throw new Error('--write wants --fields and --written: what is read and written is compared');
  writeSpecification(
    'shopware',
    `${spec.info.title} ${spec.info.version}`,
    [specText, commercialText].filter((text) => text !== null),
  );
}
process.exit(list.length === 0 ? 0 : 1);

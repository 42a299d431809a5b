// Compares what the SAP emulator serves with SAP's own descriptions of its services.
//
//   node scripts/check-sap-spec.mjs FOLDER_OF_EDMX_FILES [--json] [--fields] [--write]
//
// Every property of the served $metadata must stand in the EDMX with the same type, length,
// precision and key, and in sets that take writes be set by callers or not as it is there; every
// field of answered rows must fit it. The second company model is
// checked too. Fields a company adds itself (YY1_) are in no description and are left out, but
// must be marked as such. There is no public description of API_MATERIAL_DOCUMENT_SRV here, so
// that service is reported as unchecked. Prints each deviation and ends with 1 if there is any.
// With --fields only the properties our connector reads and writes are looked up, and no emulator is
// started: what sinks write must be there for callers to set.
// With --write, too, what was compared with is noted in the connector's tested.ts.
// Build packages/emulators first, for --fields packages/connectors.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmulators } from '../packages/emulators/dist/index.js';
import { writeSpecification } from './lib/tested.mjs';

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: check-sap-spec.mjs FOLDER_OF_EDMX_FILES [--json] [--fields] [--write]');
  process.exit(2);
}

const deviations = new Map();
const report = (where, what, example) => {
  const key = `${where}: ${what}`;
  if (!deviations.has(key)) deviations.set(key, example);
};

const attributes = (tag) =>
  Object.fromEntries(
    [...tag.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );

/** Entity sets by name, with key, properties and navigations; enough XML for EDMX files. */
const parseEdmx = (xml) => {
  const types = new Map();
  for (const [, head, body] of xml.matchAll(/<EntityType\b([^>]*)>([\s\S]*?)<\/EntityType>/g)) {
    const key = [...body.matchAll(/<PropertyRef\b([^>]*)>/g)].map(
      ([, tag]) => attributes(tag).Name,
    );
    const properties = new Map(
      [...body.matchAll(/<Property\b([^>]*?)\/?>/g)].map(([, tag]) => {
        const found = attributes(tag);
        return [found.Name, found];
      }),
    );
    const navigations = new Set(
      [...body.matchAll(/<NavigationProperty\b([^>]*)>/g)].map(([, tag]) => attributes(tag).Name),
    );
    types.set(attributes(head).Name, { key, properties, navigations });
  }
  return new Map(
    [...xml.matchAll(/<EntitySet\b([^>]*)>/g)].map(([, tag]) => {
      const { Name, EntityType, ...flags } = attributes(tag);
      const can = (what) => flags[`sap:${what}`] !== 'false';
      const writes = { creatable: can('creatable'), updatable: can('updatable') };
      return [Name, { ...types.get(EntityType.split('.').at(-1)), writes }];
    }),
  );
};

/** What callers may set: of a set as a whole no more than described, of its properties as described. */
const compareWrites = (name, served, described) => {
  for (const what of ['creatable', 'updatable']) {
    if (!served.writes[what]) continue;
    counts.writes++;
    if (!described.writes[what]) report(name, `is ${what}, described as not`, '');
  }
  if (!served.writes.creatable && !served.writes.updatable) return;
  for (const [property, own] of served.properties) {
    const theirs = described.properties.get(property);
    if (theirs === undefined) continue;
    for (const what of ['creatable', 'updatable']) {
      const [ours, told] = [own, theirs].map((one) => one[`sap:${what}`] !== 'false');
      counts.writes++;
      if (ours !== told)
        report(`${name}.${property}`, `${what} is ${ours}, described as ${told}`, '');
    }
  }
};

const FACETS = ['Type', 'MaxLength', 'Precision', 'Scale'];

const compareSet = (name, served, described) => {
  if (served.key.join() !== described.key.join()) {
    report(name, `has the key ${served.key}, described as ${described.key}`, '');
  }
  let compared = 0;
  for (const [property, own] of served.properties) {
    const theirs = described.properties.get(property);
    if (theirs === undefined) {
      if (!property.startsWith('YY1_')) report(`${name}.${property}`, 'is not described', '');
      continue;
    }
    compared++;
    for (const facet of FACETS) {
      if (own[facet] !== theirs[facet]) {
        report(
          `${name}.${property}`,
          `${facet} is ${own[facet]}, described as ${theirs[facet]}`,
          '',
        );
      }
    }
    if ((own.Nullable === 'false') !== (theirs.Nullable === 'false')) {
      report(
        `${name}.${property}`,
        `Nullable is ${own.Nullable}, described as ${theirs.Nullable}`,
        '',
      );
    }
  }
  for (const navigation of served.navigations) {
    if (!described.navigations.has(navigation)) {
      report(`${name}.${navigation}`, 'is a navigation that is not described', '');
    }
  }
  return compared;
};

const PATTERNS = {
  'Edm.DateTime': /^\/Date\(-?\d+\)\/$/,
  'Edm.DateTimeOffset': /^\/Date\(-?\d+([+-]\d{4})?\)\/$/,
  'Edm.Time': /^PT\d{2}H\d{2}M\d{2}S$/,
  'Edm.Decimal': /^-?\d+(\.\d+)?$/,
  'Edm.Guid': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

const compareValue = (where, value, described) => {
  const { Type, MaxLength, Precision, Scale } = described;
  if (value === null) {
    if (described.Nullable === 'false') report(where, 'is null but may not be', value);
    return;
  }
  if (Type === 'Edm.Boolean') {
    if (typeof value !== 'boolean') report(where, 'is no boolean', value);
    return;
  }
  if (Type === 'Edm.String') {
    if (typeof value !== 'string') report(where, 'is no text', value);
    else if (MaxLength !== undefined && value.length > Number(MaxLength)) {
      report(where, `is longer than ${MaxLength}`, value);
    }
    return;
  }
  const pattern = PATTERNS[Type];
  if (pattern !== undefined && !(typeof value === 'string' && pattern.test(value))) {
    report(where, `does not look like ${Type}`, value);
    return;
  }
  if (Type !== 'Edm.Decimal') return;
  const [whole, fraction = ''] = value.replace('-', '').split('.');
  if (fraction.length > Number(Scale)) report(where, `has more than ${Scale} decimals`, value);
  if (whole.length > Number(Precision) - Number(Scale)) {
    report(where, `has more than ${Precision} digits`, value);
  }
};

const described = new Map();
for (const file of await readdir(folder)) {
  if (!file.endsWith('.edmx')) continue;
  described.set(file.replace('.edmx', ''), parseEdmx(await readFile(join(folder, file), 'utf8')));
}

const unchecked = new Set();
const counts = { properties: 0, writes: 0, answers: 0, fields: 0, sets: 0 };

const checkModel = async (model) => {
  const emulators = await startEmulators({ seed: 7, scale: 0.05, systems: ['sap'], model });
  const { sap } = emulators;
  const authorization = `Basic ${Buffer.from(`${sap.user}:${sap.password}`).toString('base64')}`;
  const call = async (path, accept = '*/*') => {
    const response = await fetch(`${sap.url}/sap/opu/odata/sap/${path}`, {
      headers: { authorization, accept },
    });
    return { status: response.status, text: await response.text() };
  };
  await fetch(`${emulators.control.url}/commands`, {
    method: 'POST',
    body: JSON.stringify(
      [
        ...['place-order', 'post-goods-receipt', 'adjust-stock', 'change-cost'],
        ...['change-condition', 'create-purchase-order', 'change-purchase-order'],
        ...['change-delivery', 'create-return', 'block-product', 'edit-partner'],
      ].map((kind) => ({ kind })),
    ),
  });
  for (const { name: service, entitySets } of emulators.sapSystem.services) {
    const sets = described.get(service);
    const served = parseEdmx((await call(`${service}/$metadata`)).text);
    if (sets === undefined) unchecked.add(service);
    for (const set of entitySets) {
      const own = served.get(set.name);
      if (own === undefined) {
        report(set.name, 'is served but not in $metadata', '');
        continue;
      }
      const theirs = sets?.get(set.name);
      if (sets !== undefined && theirs === undefined) {
        report(set.name, 'is no set of the described service', '');
        continue;
      }
      counts.sets++;
      if (theirs !== undefined) {
        counts.properties += compareSet(set.name, own, theirs);
        compareWrites(set.name, own, theirs);
      }
      await checkAnswers(call, service, set.name, own, theirs);
    }
  }
  await emulators.close();
};

const checkAnswers = async (call, service, name, own, theirs) => {
  const expand = [...own.navigations];
  const last = Math.max(
    0,
    Number((await call(`${service}/${name}/$count`, 'application/json')).text) - 200,
  );
  for (const query of [
    '$top=300',
    `$skip=${last}&$top=200`,
    ...(expand.length === 0 ? [] : [`$top=20&$expand=${expand.join(',')}`]),
  ]) {
    const answer = await call(`${service}/${name}?$format=json&${query}`);
    if (answer.status !== 200) {
      report(name, `answers ${answer.status} to ${query}`, answer.text);
      continue;
    }
    counts.answers++;
    for (const row of JSON.parse(answer.text).d.results) {
      for (const [field, value] of Object.entries(row)) {
        if (field === '__metadata' || own.navigations.has(field)) continue;
        // Where there is no description, $metadata of ours has to be kept at least.
        const property = theirs?.properties.get(field) ?? own.properties.get(field);
        if (property === undefined)
          report(`${name}.${field}`, 'is answered but not declared', value);
        else {
          counts.fields++;
          compareValue(`${name}.${field}`, value, property);
        }
      }
      for (const field of own.properties.keys()) {
        if (!(field in row)) report(`${name}.${field}`, 'is declared but not answered', '');
      }
    }
  }
};

/** What sinks send: each set takes it, directly or below its parent, and each property is the caller's. */
const checkWrittenFields = async () => {
  const { sapWrittenFields } = await import('../packages/connectors/dist/index.js');
  for (const [service, sets] of Object.entries(sapWrittenFields())) {
    const described = parseEdmx(await readFile(join(folder, `${service}.edmx`), 'utf8'));
    for (const [set, { create = [], update = [] }] of Object.entries(sets)) {
      const theirs = described.get(set);
      if (update.length > 0 && theirs?.writes.updatable !== true) {
        report(set, 'is changed but described as not updatable', service);
      }
      for (const [what, names] of [
        ['creatable', create],
        ['updatable', update],
      ]) {
        for (const name of names) {
          counts.writes++;
          const property = theirs?.properties.get(name);
          const isThere = name.startsWith('to_')
            ? theirs?.navigations.has(name)
            : property !== undefined;
          if (!isThere) report(`${set}.${name}`, 'is written but not described', service);
          else if (property?.[`sap:${what}`] === 'false') {
            report(`${set}.${name}`, `is written but described as not ${what}`, service);
          }
        }
      }
    }
  }
};

const checkReadFields = async () => {
  const { sapReadFields, sapSinkReadFields } = await import('../packages/connectors/dist/index.js');
  const all = [...Object.entries(sapReadFields()), ...Object.entries(sapSinkReadFields())];
  for (const [service, sets] of all) {
    const xml = await readFile(join(folder, `${service}.edmx`), 'utf8').catch(() => null);
    if (xml === null) {
      unchecked.add(service);
      continue;
    }
    const described = parseEdmx(xml);
    for (const [set, fields] of Object.entries(sets)) {
      counts.sets++;
      for (const field of fields) {
        counts.properties++;
        const isThere = described.get(set)?.properties.has(field) ?? false;
        if (!isThere) report(`${set}.${field}`, 'is read but not described', service);
      }
    }
  }
};

if (flags.includes('--fields')) {
  await checkReadFields();
  await checkWrittenFields();
} else for (const model of ['default', 'second']) await checkModel(model);

const list = [...deviations].map(([what, example]) => ({
  what,
  example: JSON.stringify(example)?.slice(0, 120),
}));
if (flags.includes('--json')) {
  console.log(JSON.stringify({ ...counts, unchecked: [...unchecked], deviations: list }));
} else {
  for (const { what, example } of list) console.log(`${what}   e.g. ${example}`);
  for (const service of unchecked) console.log(`${service}: no description to compare with`);
  console.log(
    `${counts.sets} sets, ${counts.properties} properties, ${counts.writes} permissions to write, ${counts.answers} answers, ${counts.fields} fields compared: ${list.length} deviations`,
  );
}
if (flags.includes('--write') && list.length === 0) {
  if (!flags.includes('--fields'))
    throw new Error('--write wants --fields: what the connector reads');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.edmx')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const left = [...unchecked].sort().join(', ');
  const without = left === '' ? '' : `; none for ${left}`;
  writeSpecification('sap', `metadata of ${names.length} OData V2 services${without}`, texts);
}
process.exit(list.length === 0 ? 0 : 1);

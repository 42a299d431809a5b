// Holds exported events against OpenLineage's own schemas.
//
//   node scripts/check-openlineage.mjs SPEC EVENTS.jsonl
//
// SPEC is the folder `spec` of a checkout of github.com/OpenLineage/OpenLineage: OpenLineage.json and
// facets/*.json. EVENTS.jsonl is what `headrace export openlineage --to EVENTS.jsonl` writes. Each
// event is checked against the definition its schemaURL names, and each facet against its own. A facet
// whose schema is there in another version is checked against that one, and said to be.
// Prints each deviation and ends with 1 if there is any.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';

const core = /^https:\/\/openlineage\.io\/spec\/[\d-]+\/OpenLineage\.json/;
const facet = /^https:\/\/openlineage\.io\/spec\/(?:facets\/)?[\d-]+\/(\w+)\.json/;

/** @returns {{ ajv: Ajv2020, coreId: string, facetIds: Map<string, string> }} */
export function readSchemas(folder) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)) && text.includes('T'));
  ajv.addFormat('uri', (text) => URL.canParse(text));
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
  const main = JSON.parse(readFileSync(join(folder, 'OpenLineage.json'), 'utf8'));
  ajv.addSchema(main);
  const facetIds = new Map();
  for (const file of readdirSync(join(folder, 'facets')).filter((name) => name.endsWith('.json'))) {
    const text = readFileSync(join(folder, 'facets', file), 'utf8');
    // A facet names the core it was made with; there is one here, and it is the newer.
    const schema = JSON.parse(text, (_name, value) =>
      typeof value === 'string' && core.test(value) ? value.replace(core, main.$id) : value,
    );
    ajv.addSchema(schema);
    facetIds.set(file.slice(0, -'.json'.length), schema.$id);
  }
  return { ajv, coreId: main.$id, facetIds };
}

/** What of one event is not as the schemas say; `notes` gets what could not be asked. */
export function eventFaults({ ajv, coreId, facetIds }, event, notes) {
  const faults = [];
  const check = (url, value, where) => {
    const validate = ajv.getSchema(url);
    if (validate === undefined) faults.push(`${where}: there is no ${url}`);
    else if (!validate(value)) {
      for (const { instancePath, message } of validate.errors ?? []) {
        faults.push(`${where}${instancePath} ${message}`);
      }
    }
  };
  if (!core.test(event.schemaURL ?? '')) return ['the event names no schema'];
  if (!event.schemaURL.startsWith(coreId)) notes.add(`events name ${event.schemaURL}`);
  check(event.schemaURL.replace(core, coreId), event, 'event');
  const walk = (value, where) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const here = `${where}/${name}`;
      const url = inner?._schemaURL;
      if (typeof url === 'string') {
        const [, kind = ''] = facet.exec(url) ?? [];
        const id = core.test(url) ? coreId : facetIds.get(kind);
        if (id === undefined) notes.add(`there is no schema of ${url}`);
        else {
          const at = url.indexOf('#');
          if (!core.test(url) && url.slice(0, at) !== id)
            notes.add(`${url} was held against ${id}`);
          check(`${id}${url.slice(at)}`, inner, here);
        }
      }
      walk(inner, here);
    }
  };
  walk(event, 'event');
  return faults;
}

function main([folder, file]) {
  if (folder === undefined || file === undefined) {
    console.error('usage: check-openlineage.mjs SPEC EVENTS.jsonl');
    return 2;
  }
  const schemas = readSchemas(folder);
  const notes = new Set();
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  let faulty = 0;
  for (const [index, line] of lines.entries()) {
    const faults = eventFaults(schemas, JSON.parse(line), notes);
    if (faults.length > 0) faulty += 1;
    for (const fault of faults.slice(0, 5)) console.log(`event ${index + 1}: ${fault}`);
  }
  for (const note of notes) console.log(`note: ${note}`);
  console.log(`${lines.length - faulty} of ${lines.length} events are as ${schemas.coreId} says`);
  return faulty === 0 && lines.length > 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = main(process.argv.slice(2));
}

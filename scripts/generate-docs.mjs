// Writes the reference pages that come from code, and the code that comes from a page:
// `npm run build && node scripts/generate-docs.mjs`.
// The tidy tests compare the files with the same functions run from source.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typesOf } from './lib/openapi-types.mjs';
import { proofVectors } from './lib/proof-vectors.mjs';

const MARK = '<!-- Written by scripts/generate-docs.mjs; edits here are lost. -->\n\n';

/**
 * Every generated page as path and text. Takes the modules, so that the caller chooses whether
 * they come from source or from dist.
 */
export function generatedPages(sdk, connectors, api, features, audit) {
  const pages = [];
  const add = (path, text) => pages.push({ path, text: `${MARK}${text.trimEnd()}\n` });
  if (typeof sdk.describeModel === 'function') add('docs/reference/model.md', sdk.describeModel());
  if (typeof sdk.describeConnector === 'function') {
    const specs = Object.values(connectors).flatMap((value) => value?.spec ?? []);
    for (const spec of specs) {
      add(`docs/reference/connectors/${spec.name}.md`, sdk.describeConnector(spec));
    }
  }
  add('docs/reference/features.md', catalogue(connectors, features));
  pages.push({ path: 'packages/platform/src/api/error-rows.ts', text: errorRows() });
  const document = openApi(api);
  pages.push({
    path: 'docs/reference/openapi.json',
    text: `${JSON.stringify(document, null, 2)}\n`,
  });
  pages.push({ path: 'packages/console/src/client/schema.ts', text: typesOf(document) });
  pages.push({
    path: 'docs/reference/proof-vectors.json',
    text: `${JSON.stringify(proofVectors(audit), null, 2)}\n`,
  });
  return pages;
}

/** What `GET /v1/openapi.json` answers; nobody listens, the routes are only put up. */
function openApi(api) {
  const manifest = new URL('../packages/platform/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const { described } = api.registerRoutes({ route() {} }, { version });
  return api.openApiOf(described, version);
}

/** The ready-made views, with the systems whose connectors tell of their entities. */
function catalogue(connectors, features) {
  const specs = Object.values(connectors).flatMap((value) => value?.spec ?? []);
  const systemsOf = (entity) =>
    specs
      .filter((spec) => spec.name !== 'example')
      .filter((spec) =>
        spec
          .streams(spec.config.parse(spec.example))
          .some((stream) => stream.entities.includes(entity)),
      )
      .map((spec) => spec.name);
  const options = { currency: 'EUR', priceSources: ['erp', 'shop'] };
  return features.describeFeatures(features.commerceFeatures(options), systemsOf);
}

/** The table of error codes as the platform serves it: docs/ is no part of its package. */
function errorRows() {
  const page = readFileSync(new URL('../docs/reference/errors.md', import.meta.url), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `E_'))
    .map((line) => line.slice(2, -2).replace(/^`(\w+)`/, '$1'));
  return [
    '// Written by scripts/generate-docs.mjs from docs/reference/errors.md; edits here are lost.',
    '',
    '/** Every error, as `code | kind | when | what to do`; the cells are Markdown. */',
    'export const errorRows: readonly string[] = [',
    ...rows.map((row) => `  ${quoted(row)},`),
    '];',
    '',
  ].join('\n');
}

/** As the formatter writes it: the quotes that need fewer escapes. */
function quoted(text) {
  const count = (quote) => text.split(quote).length;
  const quote = count("'") > count('"') ? '"' : "'";
  return quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sdk = await import('../packages/sdk/dist/index.js');
  const connectors = await import('../packages/connectors/dist/index.js');
  const api = await import('../packages/platform/dist/api/index.js');
  const features = await import('../packages/platform/dist/features/index.js');
  const audit = await import('../packages/platform/dist/audit/index.js');
  for (const { path, text } of generatedPages(sdk, connectors, api, features, audit)) {
    const target = fileURLToPath(new URL(`../${path}`, import.meta.url));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    process.stdout.write(`${path}\n`);
  }
}

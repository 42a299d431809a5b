// Writes the reference pages that come from code: `npm run build && node scripts/generate-docs.mjs`.
// The tidy tests compare the files with the same functions run from source.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const MARK = '<!-- Written by scripts/generate-docs.mjs; edits here are lost. -->\n\n';

/**
 * Every generated page as path and text. Takes the modules, so that the caller chooses whether
 * they come from source or from dist.
 */
export function generatedPages(sdk, connectors) {
  const pages = [];
  const add = (path, text) => pages.push({ path, text: `${MARK}${text.trimEnd()}\n` });
  if (typeof sdk.describeModel === 'function') add('docs/reference/model.md', sdk.describeModel());
  if (typeof sdk.describeConnector === 'function') {
    const specs = Object.values(connectors).flatMap((value) => value?.spec ?? []);
    for (const spec of specs) {
      add(`docs/reference/connectors/${spec.name}.md`, sdk.describeConnector(spec));
    }
  }
  return pages;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sdk = await import('../packages/sdk/dist/index.js');
  const connectors = await import('../packages/connectors/dist/index.js');
  for (const { path, text } of generatedPages(sdk, connectors)) {
    const target = fileURLToPath(new URL(`../${path}`, import.meta.url));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    process.stdout.write(`${path}\n`);
  }
}

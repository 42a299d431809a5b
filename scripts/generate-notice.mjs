// Writes NOTICE: the production dependencies of all packages with their licences, read from the
// lockfile, so it works offline and gives the same text on every machine.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => new URL(`../${path}`, import.meta.url);

/** Everything a production install of our packages brings, directly or not. */
export function productionDependencies() {
  const { packages } = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'));
  const seen = new Map();
  const waiting = Object.keys(packages).filter((key) => /^packages\/[^/]+$/.test(key));
  while (waiting.length > 0) {
    const from = waiting.pop();
    const { dependencies = {}, optionalDependencies = {} } = packages[from];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const key = resolve(packages, from, name);
      if (key === null || seen.has(key) || packages[key].link === true) continue;
      const { version, license = 'unknown' } = packages[key];
      seen.set(key, { name, version, licence: license });
      waiting.push(key);
    }
  }
  return [...seen.values()].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version),
  );
}

/** What is bundled into the page in a browser, and so comes with it and not beside it. */
const BUNDLED = ['react', 'react-dom', 'scheduler'];

export function notice() {
  const line = ({ name, version, licence }) => `  ${name} ${version} (${licence})`;
  const { packages } = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'));
  const bundled = BUNDLED.map((name) => {
    const { version, license } = packages[`node_modules/${name}`];
    return line({ name, version, licence: license });
  });
  const lines = productionDependencies().map(line);
  return [
    'Headrace',
    'Copyright The Headrace Authors',
    '',
    'This product is licensed under the Apache License, Version 2.0; see LICENSE.',
    '',
    'An installation includes the following packages, each under its own licence, the text of',
    'which is in its folder under node_modules:',
    '',
    ...lines,
    '',
    'The page in a browser holds code of these; the text of their licences is in',
    'node_modules/@headrace/console/dist/licences.txt and served as /licences.txt:',
    '',
    ...bundled,
    '',
  ].join('\n');
}

/** Node's own way up the folders, over the lockfile's keys. */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const key = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[key] !== undefined) return key;
    if (folder === '') return null;
  }
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(at('NOTICE'), notice());

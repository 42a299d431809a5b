// Builds the page in a browser: one script and one style sheet into packages/console/dist, with the
// licences of what is bundled. Fails when it grows too large for a first look over a slow line. Its
// types are checked with all others, by `tsc -b`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { root } from './lib/steps.mjs';

const BYTES_MAX = 120_000;
const folder = join(root, 'packages', 'console');
const dist = join(folder, 'dist');

const bundled = new Set();
await build({
  configFile: join(folder, 'vite.config.ts'),
  logLevel: 'warn',
  plugins: [
    {
      name: 'bundled packages',
      generateBundle(_options, bundle) {
        for (const chunk of Object.values(bundle)) {
          for (const id of Object.keys(chunk.modules ?? {})) {
            const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
            if (name !== undefined) bundled.add(name);
          }
        }
      },
    },
  ],
});
writeFileSync(join(dist, 'licences.txt'), licences([...bundled].sort()));

let sum = 0;
for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' }).sort()) {
  if (!/\.(html|js|css)$/.test(name)) continue;
  const size = gzipSync(readFileSync(join(dist, name)), { level: 9 }).byteLength;
  sum += size;
  process.stdout.write(`${relative(root, join(dist, name))}  ${size} bytes gzipped\n`);
}
process.stdout.write(`${sum} bytes gzipped in all, of ${BYTES_MAX}\n`);
if (sum > BYTES_MAX) process.exitCode = 1;

/** The text of each licence: the code is in our file, so its licence must be, too. */
function licences(names) {
  const require = createRequire(join(folder, 'package.json'));
  const parts = names.map((name) => {
    const manifest = require.resolve(`${name}/package.json`);
    const { version, license } = JSON.parse(readFileSync(manifest, 'utf8'));
    const file = readdirSync(dirname(manifest)).find((one) => /^licen[cs]e/i.test(one));
    const terms = file === undefined ? '' : readFileSync(join(dirname(manifest), file), 'utf8');
    return `${name} ${version} (${license})\n\n${terms.trim()}\n`;
  });
  return `The page holds code of these packages.\n\n${parts.join('\n\n')}`;
}

if (process.argv[1] !== fileURLToPath(import.meta.url))
  throw new Error('Run it, do not import it.');

// Writes what a check compared with into a connector's tested.ts, for its reference page.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @param connector Folder below packages/connectors/src.
 * @param version As the description names itself.
 * @param texts The files compared with, in an order that does not change.
 */
export function writeSpecification(connector, version, texts) {
  const path = fileURLToPath(
    new URL(`../../packages/connectors/src/${connector}/tested.ts`, import.meta.url),
  );
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  const lines = [
    '  specification: {',
    `    version: '${version.replaceAll(/[\\\\']/g, '')}',`,
    `    date: '${new Date().toISOString().slice(0, 10)}',`,
    `    digest: '${hash.digest('hex').slice(0, 12)}',`,
    '  },',
  ];
  const before = readFileSync(path, 'utf8');
  const place = /^ {2}specification: (?:null|\{[^}]*\}),$/m;
  if (!place.test(before)) throw new Error(`${path} has no specification to replace`);
  writeFileSync(path, before.replace(place, lines.join('\n')));
  console.log(`wrote ${path}`);
}

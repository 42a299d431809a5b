import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { ROOMS } from '../../scripts/lib/rooms.mjs';
import { files, read } from './tree.js';

// The second guard of the room order: biome.json says it to the editor, this graph says it again
// from the files themselves, across packages and whatever the import is written like.

const modules = files.filter((path) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path));
const STATIC = /^\s*(?:import|export)\s(?!type\s)(?:[^;'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm;
const ANY =
  /^\s*(?:import|export)\s(?:[^;'"]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** Why `from` may not import `to` (a path in the tree or a package name), or null. */
function refusal(from: string, to: string): string | null {
  const [, pack = '', , room = '', ...rest] = from.split('/');
  const isDoor = rest.length === 0;
  if (!to.startsWith('packages/')) {
    const name = /^(@headrace\/[^/]+|headrace)(\/|$)/.exec(to)?.[1];
    if (name === undefined) return null;
    if (pack === 'connectors' && name === '@headrace/sdk') return null;
    if (pack !== 'platform') return `${pack} does not import ${name}`;
    if (name === '@headrace/sdk' || room === 'app' || isDoor) return null;
    return 'only app and the public doors name connectors and emulators';
  }
  const [, otherPack = '', , otherRoom = '', ...otherRest] = to.split('/');
  if (pack !== otherPack) return 'a relative import leaves its package';
  if (room === otherRoom || isDoor) return null;
  if (pack === 'sdk' && room === 'model')
    return /^connector\/errors\.ts$/.test([otherRoom, ...otherRest].join('/'))
      ? null
      : 'the model shares only connector/errors.ts';
  if (pack === 'connectors') return 'a connector does not import another';
  if (pack !== 'platform') return null;
  const order = ROOMS.indexOf(room) - ROOMS.indexOf(otherRoom);
  if (!ROOMS.includes(room) || !ROOMS.includes(otherRoom)) return 'not a room';
  if (order < 0) return `${room} comes before ${otherRoom}`;
  return otherRest.join('/') === 'index.ts' ? null : `enter ${otherRoom} through its index.ts`;
}

const resolve = (from: string, to: string) =>
  to.startsWith('.') ? posix.join(posix.dirname(from), to).replace(/\.js$/, '.ts') : to;
const importsOf = (path: string, pattern: RegExp) =>
  [...read(path).matchAll(pattern)].map((match) => resolve(path, match[1] ?? match[2] ?? ''));

test('imports follow the order of the rooms', () => {
  const refused = modules.flatMap((from) =>
    importsOf(from, ANY).flatMap((to) => refusal(from, to)?.concat(` (${from} → ${to})`) ?? []),
  );
  expect(refused).toEqual([]);
});

test('no module imports itself over others', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path) || !modules.includes(path)) return;
    for (const next of importsOf(path, STATIC)) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of modules) visit(path, []);
  expect(cycles).toEqual([]);
});

const p = 'packages/platform/src';
test.each([
  [`${p}/storage/a.ts`, `${p}/engine/index.ts`],
  [`${p}/engine/a.ts`, `${p}/storage/inner.ts`],
  [`${p}/engine/a.ts`, '@headrace/connectors'],
  ['packages/sdk/src/model/a.ts', 'packages/sdk/src/connector/index.ts'],
  ['packages/sdk/src/model/a.ts', 'packages/platform/src/ports/index.ts'],
  ['packages/connectors/src/shopware/a.ts', 'packages/connectors/src/example/index.ts'],
  ['packages/connectors/src/shopware/a.ts', '@headrace/emulators'],
  ['packages/emulators/src/a.ts', '@headrace/sdk'],
])('%s may not import %s', (from, to) => {
  expect(refusal(from, to)).not.toBeNull();
});

test('biome.json forbids each room the rooms after it', () => {
  const { overrides } = JSON.parse(read('biome.json'));
  for (const [at, room] of ROOMS.entries()) {
    const rules = overrides.find((one: { includes: string[] }) =>
      one.includes.includes(`packages/platform/src/${room}/**`),
    );
    const groups: string[] =
      rules?.linter.rules.style.noRestrictedImports.options.patterns.flatMap(
        (pattern: { group: string[] }) => pattern.group,
      ) ?? [];
    const after = ROOMS.slice(at + 1).join(',');
    const before = ROOMS.slice(0, at).join(',');
    if (after !== '') expect(groups, room).toContain(`**/../{${after}}/**`);
    if (before !== '') expect(groups, room).toContain(`!**/../{${before}}/index.js`);
  }
});

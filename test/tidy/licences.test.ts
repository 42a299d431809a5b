import { expect, test } from 'vitest';
import { notice, productionDependencies } from '../../scripts/generate-notice.mjs';
import { files, read } from './tree.js';

const ALLOWED = new Set([
  ...['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'],
  ...['CC0-1.0', 'Unlicense'],
]);

const manifests = files.filter((path) => /^(packages\/[^/]+\/)?package\.json$/.test(path));

/** A choice (`A OR B`) is fine when one of it is. */
const isAllowed = (licence: string) =>
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((one) => ALLOWED.has(one));

test('production dependencies have licences we may ship', () => {
  expect(productionDependencies().filter(({ licence }) => !isAllowed(licence))).toEqual([]);
  expect(isAllowed('(MIT OR GPL-3.0)')).toBe(true);
  expect(isAllowed('EPL-2.0')).toBe(false);
});

test('our packages say Apache-2.0 and the oldest Node they run on', () => {
  for (const path of manifests) {
    const { license, engines } = JSON.parse(read(path));
    expect({ path, license, node: engines?.node }).toEqual({
      path,
      license: 'Apache-2.0',
      node: '>=20.19',
    });
  }
});

test('NOTICE is what scripts/generate-notice.mjs writes', () => {
  expect(read('NOTICE')).toBe(notice());
});

test('docs/dependencies.md has a line for each direct dependency', () => {
  const direct = manifests.flatMap((path) => {
    const { dependencies, optionalDependencies, peerDependencies, devDependencies } = JSON.parse(
      read(path),
    );
    return Object.keys({
      ...dependencies,
      ...optionalDependencies,
      ...peerDependencies,
      ...devDependencies,
    });
  });
  const expected = new Set(direct.filter((name) => !/^(@headrace\/|headrace$)/.test(name)));
  const listed = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
    (match) => match[1],
  );
  expect(listed.toSorted()).toEqual([...expected].sort());
});

test('versions are exact, so that an install today and next year is the same', () => {
  const loose = manifests.flatMap((path) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(read(path));
    return Object.entries<string>({ ...dependencies, ...devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
      .map(([name, version]) => `${path}: ${name} ${version}`);
  });
  expect(loose).toEqual([]);
});

test('the lockfile has an entry for each platform of an optional package', () => {
  // npm leaves out what it could not fetch when the lockfile was made, and `npm ci` then refuses
  // the whole lockfile. See docs/dependencies.md.
  const { packages } = JSON.parse(read('package-lock.json'));
  const missing = Object.entries<{ optionalDependencies?: object }>(packages).flatMap(
    ([key, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => packages[`node_modules/${name}`] === undefined)
        .filter((name) => packages[`${key}/node_modules/${name}`] === undefined),
  );
  expect(missing).toEqual([]);
});

import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { writeProject } from './init.js';
import { loadProject } from './load-project.js';
import { writeSkeleton } from './skeleton.js';

const newFolder = () => mkdtempSync(join(tmpdir(), 'headrace-init-'));
const options = { systems: ['shopware'], force: false, dryRun: false };

test('what init writes loads as soon as its secrets are there', async () => {
  const dir = newFolder();
  writeProject({ ...options, dir });
  const config = join(dir, 'headrace.config.ts');
  await expect(loadProject(config, {})).rejects.toThrow('SHOP_URL, SHOP are not set.');
  const set = { SHOP_URL: 'https://shop.example', SHOP: 'id:key' };
  const { sources, folder } = await loadProject(config, set);
  expect(sources.map((source) => source.name)).toEqual(['shop']);
  expect(folder).toBe(dir);
  expect(statSync(join(dir, '.env')).mode & 0o077).toBe(0);
});

test('a shop and a PIM stand in one project', async () => {
  const dir = newFolder();
  writeProject({ ...options, systems: ['shopware', 'inriver'], dir });
  const set = { SHOP_URL: 'https://shop.example', SHOP: 'id:key' };
  const config = join(dir, 'headrace.config.ts');
  await expect(loadProject(config, set)).rejects.toThrow('PIM_URL, PIM are not set.');
  const all = { ...set, PIM_URL: 'https://pim.example', PIM: 'key' };
  const { sources } = await loadProject(config, all);
  expect(sources.map((source) => source.name)).toEqual(['shop', 'pim']);
});

test('an ERP, a PIM and a shop stand in one project', async () => {
  const dir = newFolder();
  writeProject({ ...options, systems: ['sap', 'inriver', 'shopware'], dir });
  const set = { SHOP_URL: 'https://shop.example', SHOP: 'id:key' };
  const pim = { PIM_URL: 'https://pim.example', PIM: 'key' };
  const config = join(dir, 'headrace.config.ts');
  await expect(loadProject(config, { ...set, ...pim })).rejects.toThrow(
    'SAP_URL, SAP are not set.',
  );
  const all = { ...set, ...pim, SAP_URL: 'https://sap.example', SAP: 'user:password' };
  const { sources, project } = await loadProject(config, all);
  expect(sources.map((source) => source.name)).toEqual(['erp', 'pim', 'shop']);
  expect(project.leading).toMatchObject({ 'product.*': ['pim', 'shop', 'erp'] });
  expect(project.links).toEqual([{ entity: 'customer', by: 'order', from: 'shop', to: 'erp' }]);
  expect(project.predict).toEqual({ demand: { horizonDays: 30 } });
});

test('a change under maps/ is a change of the definitions', async () => {
  const dir = newFolder();
  writeProject({ ...options, dir });
  const set = { SHOP_URL: 'https://shop.example', SHOP: 'id:key' };
  const load = () => loadProject(join(dir, 'headrace.config.ts'), set);
  const before = (await load()).definitions;
  expect((await load()).definitions).toEqual(before);
  const maps = join(dir, 'maps/shopware.ts');
  writeFileSync(maps, `${readFileSync(maps, 'utf8')}export const more = 1;\n`);
  expect((await load()).definitions).not.toEqual(before);
});

test('what a user wrote is left alone', () => {
  const dir = newFolder();
  writeFileSync(join(dir, 'package.json'), '{"name":"mine"}');
  writeFileSync(join(dir, '.gitignore'), 'dist/\nnode_modules/\n');
  const { kept } = writeProject({ ...options, dir });
  expect(kept).toEqual(['package.json']);
  expect(readFileSync(join(dir, 'package.json'), 'utf8')).toBe('{"name":"mine"}');
  expect(readFileSync(join(dir, '.gitignore'), 'utf8')).toMatch(/^dist\/\nnode_modules\/\n\.head/);
  expect(() => writeProject({ ...options, dir })).toThrow('There is a project here already');
  expect(() => writeProject({ ...options, dir, force: true })).not.toThrow();
});

test('a dry run writes nothing', () => {
  const dir = newFolder();
  const { files } = writeProject({ ...options, dir, dryRun: true });
  expect(files).toContain('headrace.config.ts');
  expect(existsSync(join(dir, 'headrace.config.ts'))).toBe(false);
});

test('an unknown system is answered with those there are', () => {
  const dir = newFolder();
  expect(() => writeProject({ ...options, dir, systems: ['acme'] })).toThrow(
    'no connector for acme',
  );
});

test('a connector of your own begins as the example and loads', async () => {
  const dir = newFolder();
  const example = fileURLToPath(new URL('../../../connectors/src/example', import.meta.url));
  const skeleton = { dir, dryRun: false, example };
  const { files } = writeSkeleton('my-erp', skeleton);
  expect(files).toEqual([
    'connectors/my-erp/index.ts',
    'connectors/my-erp/my-erp.test.ts',
    'headrace.config.ts',
  ]);
  const set = { MY_ERP_URL: 'https://erp.example', MY_ERP_KEY: 'k' };
  const { sources } = await loadProject(join(dir, 'headrace.config.ts'), set);
  expect(sources[0]?.spec).toMatchObject({ name: 'my-erp', title: 'My-erp' });
  expect(readFileSync(join(dir, 'connectors/my-erp/my-erp.test.ts'), 'utf8')).not.toMatch(
    /vitest|afterAll|\bexample\(/,
  );
  expect(() => writeSkeleton('my-erp', skeleton)).toThrow('is there already');
  expect(() => writeSkeleton('../x', skeleton)).toThrow('cannot be the name');
});

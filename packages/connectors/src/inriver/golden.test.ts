import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject, MapContext, Stream } from '@headrace/sdk';
import { checkFields, compilePersonal, entityDefinitions, splitPersonal } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config, type InriverConfig } from './config.js';
import { fieldKinds } from './fields.js';
import { streams } from './streams.js';

interface Fixture {
  readonly stream: string;
  readonly model: string;
  readonly record: JsonObject;
}

const folder = new URL('./fixtures/', import.meta.url);
const load = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !name.endsWith('.mapped.json'))
  .filter((name) => !name.startsWith('context-') && !name.startsWith('settings-'))
  .map((name) => name.replace('.json', ''))
  .sort();

/** Two companies: the same code, other settings. */
const settings = Object.fromEntries(
  ['standard', 'second'].map((model) => [model, z.parse(config, load(`settings-${model}.json`))]),
);

function mapFixture({ stream: name, model, record }: Fixture) {
  const config = settings[model] as InriverConfig;
  const stream = streams(config).find((each) => each.name === name) as Stream<InriverConfig>;
  const source = load(`context-${model}.json`) as JsonObject;
  const context: MapContext<InriverConfig> = { config, source, subject: 'person-handle' };
  const { business, personal } = splitPersonal(
    record,
    compilePersonal(stream.personal?.paths ?? []),
  );
  return {
    key: stream.key(record),
    version: stream.version(record),
    touches: stream.touches?.(record) ?? [],
    sealed: personal,
    mapped: stream.map(business, context),
  };
}

describe('what inRiver says, in our words', () => {
  it.each(names)('%s', async (name) => {
    const result = mapFixture(load(`${name}.json`) as Fixture);
    for (const { entity, fields } of result.mapped) checkFields(entity, fields);
    const text = `${JSON.stringify(result, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`./fixtures/${name}.mapped.json`);
  });
});

it('fills only fields the model has', () => {
  const canonical = { ...entityDefinitions, channel: entityDefinitions.category };
  for (const [type, kinds] of Object.entries(fieldKinds)) {
    const known = Object.keys(canonical[type as keyof typeof fieldKinds].schema.shape);
    expect(
      Object.keys(kinds).filter((name) => !known.includes(name)),
      type,
    ).toEqual([]);
  }
});

describe('settings', () => {
  const problems = (fields: object) =>
    z.safeParse(config, { key: 'key', fields }).error?.message ?? '';

  it('take free names where they belong, and refuse the others by name', () => {
    expect(problems({ product: { 'attributes.care': 'Care', 'traits.pim.x': 'X' } })).toBe('');
    expect(problems({ variant: { 'options.size': 'Size' } })).toBe('');
    expect(problems({ product: { 'options.size': 'Size' } })).toContain('options.size');
    expect(problems({ product: { titel: 'Name' } })).toContain('titel');
    expect(problems({ product: { name: { field: 'Name', einheit: 'kg' } } })).toContain('einheit');
    expect(problems({ product: { 'traits.pim': 'X' } })).toContain('traits.pim');
  });

  it('find the PIM by its region, or by its address', () => {
    const at = (given: object) => z.parse(config, { key: 'key', ...given });
    expect(at({}).region).toBe('euw');
    expect(z.safeParse(config, { key: 'key', region: 'a.example/' }).success).toBe(false);
    expect(z.safeParse(config, { key: 'key', languages: { en: 'not a tag' } }).success).toBe(false);
    expect(at({ url: 'https://pim.example' }).url).toBe('https://pim.example');
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject, Stream } from '@headrace/sdk';
import { checkFields, compilePersonal, splitPersonal } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config, type IdocConfig } from './config.js';
import { receive } from './receive.js';
import { streams } from './streams.js';

const folder = new URL('./fixtures/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.xml'))
  .map((name) => name.replace('.xml', ''))
  .sort();

const settings = z.parse(config, {
  secret: 'secret',
  timeZone: 'Europe/Amsterdam',
  plants: { NL01: 'dc-nl', DE01: 'dc-de', '0000000S01': 'store-1' },
  salesAreas: { '1000/10/00': 'alpha-nl' },
  storeChannels: { 'store-1': 'alpha-store' },
  languages: { EN: 'en-GB' },
  sales: { movements: true },
});

function mapRecord(name: string, record: JsonObject) {
  const stream = streams(settings).find((each) => each.name === name) as Stream<IdocConfig>;
  const { business, personal } = splitPersonal(
    record,
    compilePersonal(stream.personal?.paths ?? []),
  );
  const isPerson = stream.personal?.subject(record) != null;
  const subject = isPerson ? 'person-handle' : null;
  return {
    stream: name,
    key: stream.key(record),
    version: stream.version(record),
    eventAt: stream.eventAt(record),
    sealed: personal,
    mapped: stream.map(business, { config: settings, source: {}, subject }),
  };
}

describe('what IDocs say, in our words', () => {
  it.each(names)('%s', async (name) => {
    const body = readFileSync(new URL(`${name}.xml`, folder));
    const result = receive.parse(body, settings).map(({ stream, bytes, refused }) => {
      if (refused !== undefined) return { stream, refused, begins: bytes.toString().slice(0, 16) };
      const mapped = mapRecord(stream, JSON.parse(bytes.toString()) as JsonObject);
      for (const { entity, fields } of mapped.mapped) checkFields(entity, fields);
      return mapped;
    });
    const written = `${JSON.stringify(result, null, 2)}\n`;
    await expect(written).toMatchFileSnapshot(`./fixtures/${name}.mapped.json`);
  });
});

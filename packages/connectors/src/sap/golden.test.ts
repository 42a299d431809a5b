import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject, Stream } from '@headrace/sdk';
import { checkFields, compilePersonal, splitPersonal } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config, type SapConfig } from './config.js';
import { streams } from './streams.js';

interface Fixture {
  readonly stream: string;
  readonly record: JsonObject;
}

const folder = new URL('./fixtures/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !name.endsWith('.mapped.json'))
  .map((name) => name.replace('.json', ''))
  .sort();

const settings = z.parse(config, {
  url: 'https://sap.example',
  auth: { kind: 'basic', secret: 'user:password' },
  timeZone: 'Europe/Amsterdam',
  plants: { NL01: 'dc-nl', NL02: 'dc-nl', DE01: 'dc-de', 'NL01/0002': 'returns-nl' },
  salesAreas: { '1000/10/00': 'alpha-nl', '1000/20/00': 'alpha-b2b' },
  businessChannels: ['alpha-b2b'],
  collectiveCustomers: ['99999'],
  brandOf: { ALPH: 'alpha' },
  priceConditions: { PPR0: 'list', VKP0: { as: 'sale', basis: 'gross' }, MWST: 'ignore' },
  returnReasons: { '001': 'too-small' },
  inspectionCodes: { '0001': 'resell' },
  languages: { EN: 'en-GB' },
  extend: {
    variant: {
      'traits.fit': 'A_Product.YY1_Fit_PRD',
      'traits.pim.launch': 'A_Product.YY1_Launch_PRD',
    },
    order: { 'traits.isGift': 'A_SalesOrder.YY1_Gift_SDH' },
  },
});

function mapFixture({ stream: name, record }: Fixture) {
  const stream = streams(settings).find((each) => each.name === name) as Stream<SapConfig>;
  const { business, personal } = splitPersonal(
    record,
    compilePersonal(stream.personal?.paths ?? []),
  );
  const mapped = stream.map(business, {
    config: settings,
    source: { conditionTypes: ['K004', 'MWST', 'PPR0'] },
    subject: stream.personal?.subject(record) == null ? null : 'person-handle',
  });
  return {
    key: stream.key(record),
    version: stream.version(record),
    eventAt: stream.eventAt(record),
    touches: stream.touches?.(record) ?? [],
    sealed: personal,
    mapped,
  };
}

describe('what SAP says, in our words', () => {
  it.each(names)('%s', async (name) => {
    const text = readFileSync(new URL(`${name}.json`, folder), 'utf8');
    const result = mapFixture(JSON.parse(text) as Fixture);
    for (const { entity, fields } of result.mapped) checkFields(entity, fields);
    const written = `${JSON.stringify(result, null, 2)}\n`;
    await expect(written).toMatchFileSnapshot(`./fixtures/${name}.mapped.json`);
  });
});

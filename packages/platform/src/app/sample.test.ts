import { example } from '@headrace/connectors';
import { expect, test } from 'vitest';
import { mapSample, parseSampleFile } from './sample.js';

const source = example({ url: 'https://prices.example', key: 'k', channels: { '7': 'web' } });
const config = source.connector.config.parse(source.settings);
const stream = source.connector.streams(config)[0] as never;
const record = { id: '1', sku: 's', shop: '7', amount: 2, currency: 'EUR' };

test('a sample shows what the mapping gives', () => {
  const sample = mapSample(stream, config, record, {}, { reveal: false });
  expect(sample).toMatchObject({ key: '1', problems: [] });
  expect(sample.mapped[0]).toMatchObject({ entity: 'price', fields: { sku: 's' } });
});

test('what is wrong is told where it is, and the rest goes on', () => {
  const sample = mapSample(stream, config, { ...record, currency: 'XXQ' }, {}, { reveal: false });
  expect(sample.problems[0]).toMatchObject({ record: '1', code: 'E_MONEY_CURRENCY' });
  const keyless = mapSample(stream, config, { ...record, id: null }, {}, { reveal: false });
  expect(keyless.problems[0]).toMatchObject({ code: 'E_RECORD_KEY' });
});

test('samples come in any of the shapes they are made in', () => {
  const records = [record];
  const read = { source: 'prices', reference: { a: 1 }, samples: [{ key: '1', record }] };
  expect(parseSampleFile(JSON.stringify(read))).toEqual({ reference: { a: 1 }, records });
  expect(parseSampleFile(JSON.stringify([record]))).toEqual({ reference: null, records });
  expect(parseSampleFile(JSON.stringify({ data: [record] }))).toEqual({ reference: null, records });
  expect(parseSampleFile(JSON.stringify(record))).toEqual({ reference: null, records });
  expect(() => parseSampleFile('{')).toThrow('not JSON');
});

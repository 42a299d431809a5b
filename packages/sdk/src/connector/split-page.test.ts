import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitPage } from './split-page.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describe('splitPage', () => {
  it('cuts every record out byte for byte, whatever the JSON', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.integer(),
        fc.integer({ min: 0, max: 3 }),
        (data, total, space) => {
          const body = JSON.stringify({ before: { data: [1] }, data, total }, null, space);
          const page = splitPage(Buffer.from(body), ['data']);
          expect(page.records.map((record) => JSON.parse(text(record.bytes)))).toEqual(
            JSON.parse(JSON.stringify(data)),
          );
          expect(JSON.parse(page.frame)).toMatchObject({ data: [], total });
        },
      ),
    );
  });

  it('keeps a broken record to itself', () => {
    const body = Buffer.concat([
      Buffer.from('{"data":[{"id":"a","price":NaN},{"id":"b","name":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"},{"id":"c"}],"total":3}'),
    ]);
    const page = splitPage(body, ['data']);
    expect(page.records).toHaveLength(3);
    expect(JSON.parse(text(page.records[2]?.bytes as Uint8Array))).toEqual({ id: 'c' });
  });

  it('measures depth without recursion', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const page = splitPage(Buffer.from(`[${deep},{"id":1}]`), []);
    expect(page.records.map((record) => record.depth)).toEqual([100_000, 1]);
  });

  it('tells a body that ended early from one without records', () => {
    const whole = '{"total":2,"data":[{"id":"a"},{"id":"b"}]}';
    for (let size = 19; size < whole.length; size += 1) {
      expect(() => splitPage(Buffer.from(whole.slice(0, size)), ['data'])).toThrow(/ended before/);
    }
    expect(() => splitPage(Buffer.from('{"errors":[]}'), ['data'])).toThrow(/no list of records/);
  });
});

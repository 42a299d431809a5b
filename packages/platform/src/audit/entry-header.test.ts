import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeader, type EntryHeader, encodeHeader, entryKinds } from './entry-header.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fill = (value: number) => Buffer.alloc(16, value);

/** Every field present, none of them equal. */
const full: EntryHeader = {
  kind: 'record',
  gone: false,
  snapshot: true,
  imputed: false,
  unreadable: false,
  unnamed: false,
  unmapped: false,
  replayed: false,
  offset: 7,
  previous: 3,
  knownAt: 1_700_000_000_000,
  eventAt: 1_699_999_999_999,
  noticedAt: 1_700_000_000_001,
  readAt: 1_700_000_000_002,
  receivedAt: 1_700_000_000_003,
  readSeq: 42,
  id: fill(0x11),
  hash: fill(0x22),
  subject: fill(0x33),
  source: 'shop',
  stream: 'order',
  key: 'a/1',
  version: '5',
};

/** -1 stands for none, so intake drops it; see `prepare`. */
const instant = fc.integer({ min: -8.64e15, max: 8.64e15 }).filter((at) => at !== -1);
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
const text = (max: number) => fc.string({ unit: 'grapheme', maxLength: max });
const headers: fc.Arbitrary<EntryHeader> = fc.record({
  kind: fc.constantFrom(...entryKinds),
  gone: fc.boolean(),
  snapshot: fc.boolean(),
  imputed: fc.boolean(),
  unreadable: fc.boolean(),
  unnamed: fc.boolean(),
  unmapped: fc.boolean(),
  replayed: fc.boolean(),
  offset: fc.nat(),
  previous: fc.option(fc.nat()),
  knownAt: instant,
  eventAt: fc.option(fc.oneof(instant, fc.constantFrom(-2, 0, 1))),
  noticedAt: fc.option(instant),
  readAt: fc.option(instant),
  receivedAt: fc.option(instant),
  readSeq: fc.nat(),
  id: sixteen,
  hash: sixteen,
  subject: fc.option(sixteen),
  source: text(20),
  stream: text(20),
  key: text(512),
  version: fc.option(text(40)),
});

/** Byte fields as hex: a decoded header holds views into its buffer. */
const plain = (header: EntryHeader) => ({
  ...header,
  id: hex(header.id),
  hash: hex(header.hash),
  subject: header.subject === null ? null : hex(header.subject),
});

describe('entry header', () => {
  it('comes back from its bytes, whatever it holds', () => {
    fc.assert(
      fc.property(headers, (header) => {
        expect(plain(decodeHeader(encodeHeader(header)))).toEqual(plain(header));
      }),
    );
  });

  it('comes back from a view into a larger buffer', () => {
    const bytes = encodeHeader(full);
    const larger = Buffer.concat([Buffer.alloc(5, 9), bytes, Buffer.alloc(3, 9)]);
    expect(plain(decodeHeader(larger.subarray(5, 5 + bytes.length)))).toEqual(plain(full));
  });

  it('refuses a layout it does not know', () => {
    const bytes = encodeHeader(full);
    bytes[0] = 2;
    expect(() => decodeHeader(bytes)).toThrow('Unknown entry layout 2');
  });
});

/** Documents nobody should send, and the promise that nothing but a refusal comes of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { HeadraceError } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config } from './config.js';
import { readIdocs } from './read-idocs.js';
import { receive } from './receive.js';

const settings = z.parse(config, { secret: 'secret', partners: ['S4HCLNT100', '0000000S01'] });
const parse = (text: string | Uint8Array) => receive.parse(Buffer.from(text as string), settings);
const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}.xml`, import.meta.url));
const material = fixture('material').toString();

const control =
  '<EDI_DC40 SEGMENT="1"><DOCNUM>1</DOCNUM><MESTYP>MATMAS</MESTYP><SNDPRN>S4HCLNT100</SNDPRN><CREDAT>20260301</CREDAT><CRETIM>093000</CRETIM></EDI_DC40>';
const idoc = (inner: string, head = control) =>
  `<MATMAS05><IDOC BEGIN="1">${head}${inner}</IDOC></MATMAS05>`;
const named = '<E1MARAM SEGMENT="1"><MATNR>A</MATNR></E1MARAM>';
const inProlog = (prolog: string) => `<?xml version="1.0"?>${prolog}${idoc(named)}`;

const laughs = Array.from(
  { length: 10 },
  (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`,
).join('');

describe('a document', () => {
  it.each([
    ['with a bomb of entities', inProlog(`<!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]>`)],
    [
      'with an entity of a file',
      inProlog('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'),
    ],
    ['with a type from elsewhere', inProlog('<!DOCTYPE x SYSTEM "http://example.test/x.dtd">')],
    ['with parameter entities', inProlog('<!DOCTYPE x [<!ENTITY % p "q"> %p;]>')],
    ['that uses an entity nobody declared', idoc('<E1MARAM><MATNR>&f;</MATNR></E1MARAM>')],
    ['with an instruction', inProlog('<?php system("ls") ?>')],
    ['with a million attributes', idoc(`<E1MARAM ${'a="" '.repeat(1_000_000)}/>`)],
    ['with names without end', idoc(`<${'A'.repeat(100_000)}/>`)],
    ['that nests', idoc('<A>'.repeat(100_000))],
    ['that ends early', material.slice(0, material.length - 30)],
    ['in two halves', `${material}${material.slice(39)}`],
    ['in UTF-16', Buffer.from(`\ufeff${material}`, 'utf16le')],
    ['in an encoding nobody reads', material.replace('UTF-8', 'EBCDIC-CP-US')],
    [
      'that is not what it says',
      Buffer.from(idoc('<E1MARAM><MATNR>é</MATNR></E1MARAM>'), 'latin1'),
    ],
    ['with a zero in it', idoc('<E1MARAM><MATNR>\0</MATNR></E1MARAM>')],
  ])('%s is refused as XML', (_, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'E_XML', kind: 'contract' }));
  });

  it('larger than may be is refused before it is decoded', () => {
    const large = Buffer.alloc(receive.bytesMax + 1, ' ');
    expect(() => receive.parse(large, settings)).toThrow('too large');
  });

  it.each([
    ['without IDocs', '<MATMAS05/>'],
    ['of something else', '<feed><entry>x</entry></feed>'],
    ['of text', '<MATMAS05>x</MATMAS05>'],
    ['of too many', `<MATMAS05>${'<IDOC/>'.repeat(10_001)}</MATMAS05>`],
  ])('%s is refused as no IDoc', (_, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'E_IDOC' }));
  });

  it('in ISO-8859-1 is read as that', () => {
    const text = `<?xml version="1.0" encoding="ISO-8859-1"?>${idoc('<E1MARAM><MATNR>é</MATNR></E1MARAM>')}`;
    const [record] = receive.parse(Buffer.from(text, 'latin1'), settings);
    expect(JSON.parse(record?.bytes.toString() ?? '')).toMatchObject({ E1MARAM: [{ MATNR: 'é' }] });
  });

  it('with a mark of its byte order is read', () => {
    expect(parse(`\ufeff${material}`)[0]?.refused).toBeUndefined();
  });
});

describe('an IDoc', () => {
  it.each([
    ['without control record', idoc(named, ''), 'control record'],
    ['without number', idoc(named, control.replace('<DOCNUM>1</DOCNUM>', '')), 'number'],
    ['without time', idoc(named, control.replace('20260301', '')), 'when it was made'],
    ['that is a test', idoc(named, control.replace('<DOC', '<TEST>X</TEST><DOC')), 'test'],
    ['of a stranger', idoc(named, control.replace('S4HCLNT100', 'OTHER')), 'sender'],
    ['of another type', idoc(named, control.replace('MATMAS', 'INVOIC')), 'message type'],
    ['without what names it', idoc('<E1MARAM><MTART>X</MTART></E1MARAM>'), 'lacks'],
    ['with a field twice', idoc('<E1MARAM><MATNR>A</MATNR><MATNR>B</MATNR></E1MARAM>'), 'twice'],
    ['with text between', idoc(`<E1MARAM>x<MATNR>A</MATNR></E1MARAM>`), 'beside'],
    ['with two heads', idoc(named, control + control), 'twice'],
    [
      'larger than a record',
      idoc(`<E1MARAM><MATNR>${'A'.repeat(1 << 20)}</MATNR><MTART>B</MTART></E1MARAM>`),
      'larger',
    ],
  ])('%s is handed over with its text and the reason', (_, text, reason) => {
    const [record, ...others] = parse(text);
    expect(others).toEqual([]);
    expect(record?.refused?.message).toContain(reason);
    expect(record?.bytes.toString()).toBe(text.slice('<MATMAS05>'.length, -'</MATMAS05>'.length));
  });

  it('keeps names that mean something to programs as names', () => {
    const [record] = parse(
      idoc(`${named}<__proto__ SEGMENT="1"><constructor>x</constructor></__proto__>`),
    );
    const read = JSON.parse(record?.bytes.toString() ?? '');
    expect(Object.hasOwn(read, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).constructor).toBe(Object);
  });

  /** A tree of segments: fields are texts, segments come in lists. */
  const text = fc.string({ unit: fc.constantFrom(...'aB9 &<>"\'é€-'), maxLength: 8 });
  const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
    tree: fc
      .tuple(
        fc.dictionary(
          fc.constantFrom('F1', 'F_2', 'f-3'),
          text.map((value) => value.trimEnd()),
        ),
        fc.oneof(
          { maxDepth: 2, depthIdentifier: 'segments' },
          fc.constant({}),
          fc.dictionary(
            fc.constantFrom('E1A', 'Z1B'),
            fc.array(tie('tree'), { minLength: 1, maxLength: 2 }),
          ),
        ),
      )
      .map(([fields, below]) => ({ ...fields, ...below })),
  }));
  const escaped = (value: string) =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&#62;');
  const written = (content: Record<string, unknown>): string =>
    Object.entries(content)
      .map(([name, value]) =>
        typeof value === 'string'
          ? `<${name}>${escaped(value)}</${name}>`
          : (value as Record<string, unknown>[])
              .map((one) => `<${name} SEGMENT="1">${written(one)}</${name}>`)
              .join('\n'),
      )
      .join('');

  it('is the tree that was written, whatever it holds', () => {
    fc.assert(
      fc.property(tree, (content) => {
        const found: unknown[] = [];
        readIdocs(Buffer.from(`<R><IDOC>${written(content)}</IDOC></R>`), (one) =>
          found.push(one.ok ? JSON.parse(JSON.stringify(one.record)) : one.refusal),
        );
        expect(found).toEqual([JSON.parse(JSON.stringify(content))]);
      }),
      { numRuns: 100 },
    );
  });

  it('never ends in anything but a refusal, however its bytes are changed', () => {
    const samples = readdirSync(new URL('./fixtures/', import.meta.url))
      .filter((name) => name.endsWith('.xml'))
      .map((name) => fixture(name.replace('.xml', '')));
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(40) });
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (sample, changes) => {
          let bytes = Buffer.from(sample);
          for (const { at, byte, cut } of changes) {
            const place = at % bytes.length;
            bytes = Buffer.concat([
              bytes.subarray(0, place),
              Buffer.of(byte),
              bytes.subarray(place + cut),
            ]);
          }
          try {
            for (const { bytes: record, refused } of receive.parse(bytes, settings)) {
              if (refused === undefined) JSON.parse(record.toString());
            }
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(HeadraceError);
            expect((thrown as HeadraceError).code).toMatch(/^E_(XML|IDOC)$/);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

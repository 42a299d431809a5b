import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readXml } from './xml.js';

function read(text: string): readonly string[] {
  const seen: string[] = [];
  readXml(Buffer.from(text), {
    open: (name, attributes) => seen.push(`<${name} ${JSON.stringify(attributes)}`),
    close: (name) => seen.push(`>${name}`),
    text: (content) => seen.push(content),
  });
  return seen;
}

describe('XML', () => {
  it('is read as it stands', () => {
    const text = `<?xml version="1.0"?><!-- c --><a x='1' y="&lt;&#x41;&#66;"> t &amp; <![CDATA[<b>]]><e/></a>\n`;
    expect(read(text)).toEqual([
      ...['<a {"x":"1","y":"<AB"}', ' t & ', '<b>', '<e {}', '>e', '>a'],
    ]);
  });

  it.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['an entity of its own', '<a>&x;</a>'],
    ['a reference to no character', '<a>&#0;</a>'],
    ['half a character', '<a>&#xD800;</a>'],
    ['an open element', '<a><b></a>'],
    ['an early end', '<a>'],
    ['two roots', '<a/><b/>'],
    ['an attribute twice', '<a x="1" x="2"/>'],
    ['attributes without space', '<a x="1"y="2"/>'],
    ['a value without quotes', '<a x=1/>'],
    ['text outside', '<a/>text'],
    ['nothing', ''],
    ['depth', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`],
  ])('%s is refused', (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'E_XML', kind: 'contract' }));
  });

  it('is bounded in size, and in UTF-8', () => {
    const bounds = { bytesMax: 10, depthMax: 4 };
    const handler = { open() {}, close() {} };
    expect(() => readXml(Buffer.from('<a>12345</a>'), handler, bounds)).toThrow('too large');
    expect(() => readXml(Uint8Array.of(0xff, 0xfe), handler)).toThrow('UTF-8');
  });

  it('never fails in another way, whatever comes', () => {
    const piece = fc.constantFrom(
      ...[
        '<',
        '>',
        '/',
        '<a',
        '</a>',
        '&',
        ';',
        '"',
        '=',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<?',
        ' ',
        'x',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          read(pieces.join(''));
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'E_XML' });
        }
      }),
    );
  });
});

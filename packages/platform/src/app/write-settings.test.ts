import type { DiscoveredSetting } from '@headrace/sdk';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { templates } from './templates.js';
import { writeSettings } from './write-settings.js';

const file = `// mine
export const other = {
  plants: { X: 'x' },
};

export const model = {
  // Which is where.
  plants: {
    NL01: 'dc-nl', // Tilburg
    // DE01: 'DE01',
  },
  areas: {},
  types: {
    product: 'Product',
    variant: { field: 'Item' },
  },
  short: { a: 'b' },
};
`;
const setting = (
  path: string,
  value: string,
  as: DiscoveredSetting['as'] = 'add',
  label: string | null = null,
): DiscoveredSetting => ({ path: path.split('|'), value, label, as });

describe('settings found in a system', () => {
  it('are added where nothing is named, at the end of their block', () => {
    const { text, added } = writeSettings(file, [
      setting('plants|ST01', 'ST01', 'add', 'a\nshop'),
      setting('areas|1000/10/00', '1000-10-00'),
    ]);
    expect(added).toEqual(['plants.ST01', 'areas.1000/10/00']);
    expect(text).toContain("    // DE01: 'DE01',\n    ST01: 'ST01', // a shop\n  },");
    expect(text).toContain("  areas: {\n    '1000/10/00': '1000-10-00',\n  },");
  });

  it('leave what a person wrote, also what they took out by a comment', () => {
    const found = [setting('plants|NL01', 'NL01'), setting('plants|DE01', 'DE01')];
    expect(writeSettings(file, found)).toEqual({ text: file, added: [], replaced: [], left: [] });
  });

  it('take the place of what the system does not have', () => {
    const { text, replaced } = writeSettings(file, [
      setting('types|product', 'Artikel', 'replace'),
      setting('types|variant', 'Variante', 'replace'),
    ]);
    expect(replaced).toEqual(['types.product']);
    expect(text).toContain("    product: 'Artikel',\n    variant: { field: 'Item' },");
  });

  it('are comments where a person has to say so', () => {
    const { text } = writeSettings(file, [setting('new|inner|a-b', "it's", 'ask', 'what it is')]);
    expect(text).toContain(
      "  new: {\n    inner: {\n      // 'a-b': 'it\\'s', // what it is\n    },\n  },\n};\n",
    );
  });

  it('are told where the text is laid out otherwise', () => {
    const { text, left } = writeSettings(file, [setting('short|c', 'd')]);
    expect(text).toBe(file);
    expect(left).toHaveLength(1);
    expect(writeSettings('export default {}', [setting('a|b', 'c')]).left).toHaveLength(1);
  });

  it('leave a text that compiles, twice the same, whatever the system calls its things', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom("'", '*/', '\\'),
    );
    const found = fc.array(
      fc.record({
        path: fc.tuple(fc.constantFrom('plants', 'salesAreas', 'extend', 'odd name'), name),
        value: name,
        label: fc.option(name),
        as: fc.constantFrom('add' as const, 'replace' as const, 'ask' as const),
      }),
    );
    const before = templates['sap']?.maps ?? '';
    fc.assert(
      fc.property(found, (settings) => {
        const once = writeSettings(before, settings);
        expect(once.left).toEqual([]);
        const { diagnostics } = ts.transpileModule(once.text, { reportDiagnostics: true });
        expect(diagnostics).toEqual([]);
        expect(writeSettings(once.text, settings).added).toEqual([]);
      }),
      { numRuns: process.env['CI'] === 'true' ? 15 : 5 },
    );
  });
});

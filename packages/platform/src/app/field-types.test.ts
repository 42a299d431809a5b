import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { fieldTypesText, ownFieldsText } from './field-types.js';

const fields = [
  { stream: 'product', path: 'A_Product.Product', type: 'Edm.String', label: 'Product' },
  {
    stream: 'product',
    path: 'A_Product.YY1_Fit_PRD',
    type: 'Edm.String',
    label: 'Fit',
    isOwn: true,
  },
  { stream: 'product', path: 'A_Product.GrossWeight', type: 'Edm.Decimal', label: null },
  {
    stream: 'product',
    path: "A_Product.YY1_is sold'*/_PRD",
    type: 'bool',
    label: 'a */ b\n c',
    isOwn: true,
  },
  {
    stream: 'sales-order',
    path: 'customFields.custom_gift_wrap',
    type: 'select',
    label: null,
    isOwn: true,
  },
];

/** What TypeScript says of modules beside the written ones, each with its name. */
function errorsOf(modules: Readonly<Record<string, string>>): string[] {
  const files: Record<string, string> = {
    '/maps/erp.fields.ts': fieldTypesText('erp', fields),
    '/maps/erp.own.ts': ownFieldsText('erp', fields),
    ...modules,
  };
  const options = {
    strict: true,
    noEmit: true,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const own = (name: string) => files[name];
  host.directoryExists = () => true;
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => own(name) !== undefined || fileExists(name);
  host.getSourceFile = (name, target) => {
    const found = own(name);
    return found === undefined
      ? getSourceFile(name, target)
      : ts.createSourceFile(name, found, target);
  };
  const program = ts.createProgram(Object.keys(files), options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file !== undefined)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
}

describe('the written model', () => {
  it('knows the fields there are, and no others', () => {
    const right = `import type { Field, Fields } from './erp.fields.js';
      export const a: Field<'product'> = 'A_Product.YY1_Fit_PRD';
      export const b: Fields['product']['A_Product.GrossWeight'] = '1.5';`;
    const wrong = `import type { Field } from './erp.fields.js';
      export const a: Field<'product'> = 'A_Product.YY1_Fti_PRD';`;
    const errors = errorsOf({ '/maps/right.ts': right, '/maps/wrong.ts': wrong });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^\/maps\/wrong\.ts: .*YY1_Fti_PRD/);
  });

  it('proposes a place for each field the customer added', () => {
    const text = ownFieldsText('erp', fields);
    expect(text).toContain("// 'traits.erp.fit': 'A_Product.YY1_Fit_PRD',  // Fit");
    expect(text).toContain("// 'traits.erp.giftWrap': 'customFields.custom_gift_wrap',");
    expect(text).not.toContain('GrossWeight');
  });

  it('lets no text of the system out of its comment', () => {
    expect(fieldTypesText('erp', fields)).toContain('/** a * / b c: bool */');
  });
});

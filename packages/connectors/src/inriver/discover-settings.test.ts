import type { HttpRequest } from '@headrace/sdk';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inriver } from './index.js';
import type { InriverContext } from './rest.js';

const field = (fieldTypeId: string, fieldDataType: string, more: object = {}) => ({
  ...{ fieldTypeId, fieldDataType, fieldTypeDisplayName: `Label of ${fieldTypeId}` },
  ...{ isUnique: false, isMultiValue: false, cvlId: null, ...more },
});
const type = (id: string, out: readonly string[], into: readonly string[], fields: object[]) => ({
  ...{ id, name: id, outboundLinkTypes: out, inboundLinkTypes: into, fieldTypes: fields },
  displayNameFieldTypeId: `${id}Name`,
});
/** Modelled in German, with pictures. */
const model: Readonly<Record<string, unknown>> = {
  entitytypes: [
    type('Katalog', ['KR'], [], [field('KatalogName', 'LocaleString')]),
    type('Rubrik', ['RR', 'RA'], ['KR', 'RR'], [field('RubrikName', 'LocaleString')]),
    type(
      'Artikel',
      ['AV', 'AB'],
      ['RA'],
      [
        field('ArtikelName', 'LocaleString'),
        field('ArtNummer', 'String', { isUnique: true }),
        field('ArtMarke', 'CVL', { cvlId: 'Marken' }),
        field('ArtWerkstoff', 'CVL', { cvlId: 'Werkstoffe' }),
      ],
    ),
    type(
      'Variante',
      [],
      ['AV'],
      [
        field('VarEan', 'String', { isUnique: true }),
        field('VarNummer', 'String', { isUnique: true }),
      ],
    ),
    type('Bild', [], ['AB'], [field('BildDatei', 'File')]),
  ],
  languages: [
    { name: 'de', displayName: 'Deutsch' },
    { name: 'nl-NL', displayName: 'Niederländisch' },
    { name: 'fr', displayName: 'Französisch' },
  ],
  'cvls/Marken/values': [{ key: 'A', value: 'Alpha' }],
};

it('puts what the PIM has in place of what it does not have', async () => {
  const request = async ({ path }: HttpRequest) => ({
    ...{ status: 200, headers: {} },
    body: Buffer.from(JSON.stringify(model[path.split('/model/')[1] ?? ''] ?? null)),
  });
  const config = z.parse(inriver.spec.config, { key: 'key' });
  const context = { config, http: { request } } as unknown as InriverContext;
  const project = { languages: ['nl-NL', 'de-DE'] };
  const found = await inriver.spec.discoverSettings?.(context as never, project);
  expect(found?.map(({ path, value, as }) => `${as} ${path.join('.')} ${value}`)).toEqual([
    'replace types.product Artikel',
    'replace types.variant Variante',
    'replace types.category Rubrik',
    'replace types.channel Katalog',
    'replace links.productVariant AV',
    'replace links.productResource AB',
    'replace links.categoryProduct RA',
    'replace links.categoryCategory RR',
    'replace links.channelCategory KR',
    'replace fields.product.productId ArtNummer',
    'replace fields.product.name ArtikelName',
    'replace fields.product.brand ArtMarke',
    'ask fields.product.material ArtWerkstoff',
    'replace fields.variant.sku VarNummer',
    'replace fields.variant.gtin VarEan',
    'replace fields.category.name RubrikName',
    'replace fields.channel.name KatalogName',
    'add brands.A A',
    'add languages.de de-DE',
  ]);
});

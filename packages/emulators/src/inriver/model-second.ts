import { type CompanyModel, field } from './company-model.js';
import { plainCvl, sizeCvl, wordsCvl } from './model-values.js';

/**
 * Another customer, who models the same business in German: other types, fields, lists, languages
 * and links, weights in grams, status as a yes or no, care as free text, times with their zone.
 */

const languages: CompanyModel['languages'] = [
  { name: 'de-DE', displayName: 'Deutsch', of: 'de-DE' },
  { name: 'nl-NL', displayName: 'Niederländisch', of: 'nl-NL' },
  { name: 'fr-FR', displayName: 'Französisch', of: null },
];

const numbered = (_: string, index: number): string => String(100 + index);

export const secondModel: CompanyModel = {
  name: 'second',
  languages,
  hasZone: true,
  firstEntityId: 50_001,
  cvls: [
    plainCvl('Marken', 'brand', [
      ['A', 'Alpha'],
      ['B', 'Beta'],
    ]),
    wordsCvl('Werkstoffe', 'material', languages, numbered),
    wordsCvl('Passformen', 'fit', languages, numbered),
    wordsCvl('Farben', 'colour', languages, numbered),
    sizeCvl('Groessen'),
    plainCvl('Freigaben', 'own', [
      ['0', 'offen'],
      ['1', 'freigegeben'],
    ]),
  ],
  entityTypes: [
    {
      id: 'Artikel',
      name: 'Artikel',
      role: 'product',
      displayName: 'ArtBezeichnung',
      displayDescription: 'ArtText',
      fieldSets: [
        { id: 'Textil', name: 'Textil' },
        { id: 'Sonstige', name: 'Sonstige' },
      ],
      fields: [
        field('ArtNummer', 'Artikelnummer', 'String', 'number', {
          isMandatory: true,
          isUnique: true,
          isExpected: true,
        }),
        field('ArtBezeichnung', 'Bezeichnung', 'LocaleString', 'name', {
          isMandatory: true,
          isExpected: true,
        }),
        field('ArtText', 'Langtext', 'LocaleString', 'description'),
        field('ArtMarken', 'Marken', 'CVL', 'brands', {
          cvlId: 'Marken',
          isMulti: true,
          isExpected: true,
        }),
        field('ArtWerkstoff', 'Werkstoff', 'CVL', 'material', {
          cvlId: 'Werkstoffe',
          isExpected: true,
        }),
        field('ArtPassform', 'Passform', 'CVL', 'fit', {
          cvlId: 'Passformen',
          fieldSets: ['Textil'],
        }),
        field('ArtPflege', 'Pflege', 'String', 'care'),
        field('ArtLieferant', 'Lieferant', 'String', 'supplier'),
        field('ArtSaison', 'Saison', 'String', 'season'),
        field('ArtStart', 'Verkauf ab', 'DateTime', 'launch'),
        field('ArtAktiv', 'Aktiv', 'Boolean', 'isActive'),
        field('ArtZerbrechlich', 'Zerbrechlich', 'Boolean', 'isFragile'),
        field('ArtFreigabe', 'Freigabe', 'CVL', 'own', { cvlId: 'Freigaben' }),
      ],
    },
    {
      id: 'Variante',
      name: 'Variante',
      role: 'item',
      displayName: 'VarNummer',
      fields: [
        field('VarNummer', 'Variantennummer', 'String', 'number', {
          isMandatory: true,
          isUnique: true,
          isExpected: true,
        }),
        field('VarEan', 'EAN', 'String', 'gtin', { isExpected: true }),
        field('VarFarbe', 'Farbe', 'CVL', 'colour', { cvlId: 'Farben' }),
        field('VarGroesse', 'Größe', 'CVL', 'size', { cvlId: 'Groessen' }),
        field('VarGewicht', 'Gewicht, g', 'Integer', 'weight', { isExpected: true, unit: 'g' }),
      ],
    },
    {
      id: 'Bild',
      name: 'Bild',
      role: 'resource',
      displayName: 'BildDatei',
      fields: [
        field('BildDatei', 'Datei', 'String', 'fileName'),
        field('BildDateiId', 'Datei-Id', 'File', 'file'),
      ],
    },
    {
      id: 'Rubrik',
      name: 'Rubrik',
      role: 'node',
      displayName: 'RubName',
      fields: [
        field('RubSchluessel', 'Schlüssel', 'String', 'number'),
        field('RubName', 'Name', 'LocaleString', 'name', { isExpected: true }),
      ],
    },
    {
      id: 'Katalog',
      name: 'Katalog',
      role: 'channel',
      displayName: 'KatName',
      fields: [
        field('KatSchluessel', 'Schlüssel', 'String', 'number'),
        field('KatName', 'Name', 'LocaleString', 'name'),
      ],
    },
  ],
  linkTypes: [
    { id: 'ArtikelVarianten', role: 'product-item', source: 'product', target: 'item' },
    { id: 'ArtikelBilder', role: 'product-resource', source: 'product', target: 'resource' },
    { id: 'RubrikArtikel', role: 'node-product', source: 'node', target: 'product' },
    { id: 'RubrikRubriken', role: 'node-node', source: 'node', target: 'node' },
    { id: 'KatalogRubriken', role: 'channel-node', source: 'channel', target: 'node' },
  ],
};

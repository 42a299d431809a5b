import type { LanguageCode } from '../retailer/channels.js';
import type { Texts } from '../retailer/vocabulary.js';
import { CARE_CODES, COLOURS, FITS, MATERIALS, SIZE_SYSTEMS } from '../retailer/vocabulary.js';
import type { CompanyModel, CvlModel, CvlRole } from './company-model.js';

/** The retailer's words as lists of values, under the languages and keys of a model. */

type Languages = CompanyModel['languages'];

const localizedValue = (words: Texts, languages: Languages): Record<string, string> => {
  const value: Record<string, string> = {};
  for (const { name, of } of languages) if (of !== null) value[name] = words[of as LanguageCode];
  return value;
};

export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** Every size of every system, in the order `sizeIndex` counts them. */
export const SIZES: readonly string[] = [...new Set(Object.values(SIZE_SYSTEMS).flat())];

export const wordsCvl = (
  id: string,
  role: 'material' | 'fit' | 'colour',
  languages: Languages,
  keyOf: (english: string, index: number) => string,
): CvlModel => {
  const words: readonly Texts[] =
    role === 'material' ? MATERIALS : role === 'fit' ? FITS : COLOURS.map(({ name }) => name);
  return {
    id,
    role,
    dataType: 'LocaleString',
    values: words.map((entry, index) => ({
      key: keyOf(entry['en-GB'], index),
      value: localizedValue(entry, languages),
    })),
  };
};

export const plainCvl = (
  id: string,
  role: CvlRole,
  values: readonly (readonly [key: string, value: string])[],
): CvlModel => ({
  id,
  role,
  dataType: 'String',
  values: values.map(([key, value]) => ({ key, value })),
});

export const sizeCvl = (id: string): CvlModel =>
  plainCvl(
    id,
    'size',
    SIZES.map((size) => [size, size]),
  );

export const careCvl = (id: string): CvlModel =>
  plainCvl(
    id,
    'care',
    CARE_CODES.map((code) => [code, code]),
  );

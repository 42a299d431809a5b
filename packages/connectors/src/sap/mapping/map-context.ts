import type { JsonObject, MapContext } from '@headrace/sdk';
import type { SapConfig } from '../config.js';
import { lookUp, text } from '../json.js';

export type SapMapContext = MapContext<SapConfig>;

/** SAP's language keys that BCP 47 writes in another way; the others are ISO 639-1 in capitals. */
const languageKeys: Readonly<Record<string, string>> = {
  ...{ E: 'en', D: 'de', F: 'fr', N: 'nl', S: 'es', I: 'it', P: 'pt', '1': 'zh', ZH: 'zh' },
  ...{ ZF: 'zh-Hant', SH: 'sr-Latn', '6Z': 'en', Z1: 'x-custom' },
};

/** BCP 47 of a language of SAP, or null. */
export function languageOf(
  config: Pick<SapConfig, 'languages'>,
  key: string | null,
): string | null {
  if (key === null) return null;
  const known = lookUp(config.languages, key) ?? lookUp(languageKeys, key);
  if (known !== undefined) return known;
  return /^[A-Z]{2}$/.test(key) ? key.toLowerCase() : null;
}

/** The number an order is known by in its channel. */
export function orderNoOf(record: JsonObject, config: SapConfig): string | null {
  const sapNo = text(record.SalesOrder);
  const own = config.orderNoFrom === 'SalesOrder' ? null : text(record[config.orderNoFrom]);
  return own?.trim() || sapNo;
}

/** Numbers of items have no zeros in front in one service and some in another. */
export function itemNo(value: JsonObject[string] | undefined): string | null {
  const item = text(value);
  return item === null || /^0+$/.test(item) ? null : item.replace(/^0+(?=\d)/, '');
}

/** ISO 3166, or undefined where a system keeps codes of its own. */
export function countryOf(value: JsonObject[string] | undefined): string | undefined {
  const code = text(value);
  return code !== null && /^[A-Z]{2}$/.test(code) ? code : undefined;
}

/** Numbers of persons and companies as they are compared: ABAP fills them up with zeros. */
export function partnerNo(value: JsonObject[string] | undefined): string | null {
  const number = text(value);
  return number === null ? null : number.replace(/^0+(?=\d+$)/, '');
}

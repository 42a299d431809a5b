import type { LanguageCode } from './channels.js';
/** Words the world is written in. */
export type Texts = Readonly<Record<LanguageCode, string>>;
export declare const texts: (nl: string, de: string, en: string) => Texts;
export interface CategoryWords {
  readonly key: string;
  readonly name: Texts;
  readonly sizeSystem: SizeSystemKey;
  /** Day of the year on which demand peaks, and how strongly it swings around its mean. */
  readonly peakDay: number;
  readonly amplitude: number;
  readonly priceFromMinor: number;
  readonly priceToMinor: number;
  readonly weightGrams: number;
  readonly returnRate: number;
  readonly taxClass: number;
}
export type SizeSystemKey = 'letters' | 'waist' | 'shoe' | 'single';
export declare const SIZE_SYSTEMS: Readonly<Record<SizeSystemKey, readonly string[]>>;
export declare const CATEGORY_WORDS: readonly CategoryWords[];
export declare const NOUNS: Readonly<Record<string, readonly Texts[]>>;
export declare const MODEL_NAMES: readonly string[];
export declare const MATERIALS: readonly Texts[];
export declare const FITS: readonly Texts[];
export declare const COLOURS: readonly {
  readonly name: Texts;
  readonly hex: string;
}[];
export declare const CARE_CODES: readonly string[];
export declare const FIRST_NAMES: readonly string[];
export declare const LAST_NAMES: readonly string[];
export declare const COMPANY_WORDS: readonly string[];
export declare const STREETS: Readonly<Record<string, readonly string[]>>;
export declare const CITIES: Readonly<Record<string, readonly string[]>>;
export declare const SUPPLIER_WORDS: readonly string[];

import { type BrandKey } from '../retailer/channels.js';
import { SIZE_SYSTEMS, type Texts } from '../retailer/vocabulary.js';
import { type IdCodec } from './ids.js';
import { type Table } from './table.js';
/** What an installation sets up once: languages, currencies, taxes, channels, states, options. */
export interface Reference {
  readonly ids: IdCodec;
  readonly installedAtMs: number;
  readonly id: {
    readonly language: (index: number) => string;
    readonly currency: (index: number) => string;
    readonly tax: (index: number) => string;
    readonly channel: (index: number) => string;
    readonly group: (index: number) => string;
    readonly country: (code: string) => string;
    readonly salutation: string;
    readonly rule: string;
    readonly payment: (index: number) => string;
    readonly shipping: (index: number) => string;
    readonly state: (machine: MachineKey, index: number) => string;
    readonly option: (row: number) => string;
  };
  readonly options: OptionRows;
  readonly tables: readonly Table[];
}
export type MachineKey = 'order' | 'order_delivery' | 'order_transaction';
export interface OptionRow {
  readonly group: number;
  readonly name: Texts;
  readonly hex: string | null;
  readonly position: number;
}
export interface OptionRows {
  readonly rows: readonly OptionRow[];
  readonly colour: (index: number) => number;
  readonly size: (system: keyof typeof SIZE_SYSTEMS, index: number) => number;
  readonly material: (index: number) => number;
  readonly fit: (index: number) => number;
}
export declare const inLanguage: (name: Texts, language: number) => string;
export interface NavigationEntry {
  readonly row: number;
  readonly id: string;
}
export declare const makeReference: (
  ids: IdCodec,
  installedAtMs: number,
  navigationOf: (brand: BrandKey) => NavigationEntry,
) => Reference;

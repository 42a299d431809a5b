import { type ShopwareErrorEntry } from './errors.js';
/** Constraint violations, with the codes Symfony's validator gives them. */
export declare const notBlank: (pointer: string) => ShopwareErrorEntry;
export declare const wrongType: (pointer: string, type: string) => ShopwareErrorEntry;
export declare const duplicateNumber: (number: string) => ShopwareErrorEntry;
export declare const noSuchReference: (pointer: string) => ShopwareErrorEntry;
export declare const notWritable: (entity: string) => ShopwareErrorEntry;

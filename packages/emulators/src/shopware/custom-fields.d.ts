import type { Reference } from './reference.js';
import { type Table } from './table.js';
export declare const customFieldTables: (reference: Reference) => Table[];

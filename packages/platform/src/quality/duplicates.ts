/** One number for two things: a GTIN that two variants carry joins what is not the same. */
import { parseEntityKey } from '@headrace/sdk';
import type { FoldInput } from '../engine/index.js';
import { type Part, rowOf } from './part.js';

interface GtinRow {
  /** Variants that carry it, with how many rows say so. */
  skus: Record<string, number>;
}

export interface DuplicateFacts {
  /** GTINs in use, and those of more than one variant. */
  numbers: number;
  shared: number;
  last: string[];
  /** Who made the last one of more than one variant. */
  by: string | null;
}

export const gtinTable = { name: 'quality_gtin', kind: 'keyed' } as const;
export const duplicateTable = { name: 'quality_duplicates', kind: 'keyed' } as const;
export const duplicateKey = 'gtin';
const lastKept = 5;

export function duplicatesPart(): Part {
  return {
    tables: [gtinTable, duplicateTable],
    declareKeys(input, need) {
      if (input.header.kind === 'tick') need(duplicateTable.name, duplicateKey);
      for (const { gtin } of movesOf(input)) {
        need(gtinTable.name, gtin);
        need(duplicateTable.name, duplicateKey);
      }
    },
    plan(input, state) {
      for (const { gtin, sku, by } of movesOf(input)) {
        const row = rowOf<GtinRow>(state, gtinTable.name, gtin, () => ({ skus: {} }));
        const facts = rowOf<DuplicateFacts>(state, duplicateTable.name, duplicateKey, () => ({
          ...{ numbers: 0, shared: 0, last: [], by: null },
        }));
        const before = Object.keys(row.skus).length;
        const times = (row.skus[sku] ?? 0) + by;
        if (times > 0) row.skus[sku] = times;
        else delete row.skus[sku];
        const after = Object.keys(row.skus).length;
        facts.numbers += Number(after > 0) - Number(before > 0);
        facts.shared += Number(after > 1) - Number(before > 1);
        if (before <= 1 && after > 1) {
          facts.last = [...facts.last, gtin].slice(-lastKept);
          facts.by = input.header.source;
        }
        state.set(gtinTable.name, gtin, row as never);
        state.set(duplicateTable.name, duplicateKey, facts as never);
      }
    },
  };
}

function movesOf({ change }: FoldInput): { gtin: string; sku: string; by: 1 | -1 }[] {
  if (change === null || change.before === change.after) return [];
  const carried = (rows: typeof change.before) =>
    new Map(
      rows.flatMap(({ entity, key, fields }): [string, { gtin: string; sku: string }][] => {
        const { gtin } = fields;
        if (entity !== 'variant' || typeof gtin !== 'string') return [];
        const sku = parseEntityKey('variant', key)['sku'] ?? key;
        return [[`${gtin} ${sku}`, { gtin, sku }]];
      }),
    );
  const [before, after] = [carried(change.before), carried(change.after)];
  return [
    ...[...before].filter(([id]) => !after.has(id)).map(([, one]) => ({ ...one, by: -1 as const })),
    ...[...after].filter(([id]) => !before.has(id)).map(([, one]) => ({ ...one, by: 1 as const })),
  ];
}

/**
 * How much of each entity there is: one walk over the rows as they stand, in slices. Nothing else
 * ever asks for it, so no fold keeps it.
 */
import { type EntityName, epochMs, isInstant, type Json } from '@headrace/sdk';
import { type RecordState, recordTable, visibleRows } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';

export interface EntityFacts {
  readonly entity: EntityName;
  readonly source: string;
  readonly rows: number;
  /** Rows in which each field, or one of `a|b`, is filled. */
  readonly filled: Readonly<Record<string, number>>;
  /** The day from which on there is something, by each date, ms: a few wrong dates are no history. */
  readonly first: Readonly<Record<string, number>>;
  /** The last day of each date, ms. */
  readonly last: Readonly<Record<string, number>>;
}

interface Counts {
  readonly entity: EntityName;
  readonly source: string;
  rows: number;
  readonly filled: Record<string, number>;
  /** Date → day since 1970 → rows. */
  readonly days: Record<string, Map<number, number>>;
}

const dayMs = 86_400_000;
/** Share of rows whose dates are earlier than what counts as the beginning. */
const strayShare = 0.005;

const rowsPerSlice = 500;

/** @param needed Fields and dates to look at, by entity; others are passed over. */
export async function entityFacts(
  reader: StoreReader,
  needed: ReadonlyMap<
    EntityName,
    { readonly fields: ReadonlySet<string>; readonly dates: ReadonlySet<string> }
  >,
  pause: () => Promise<void>,
): Promise<EntityFacts[]> {
  const found = new Map<string, Counts>();
  for (let after = ''; ; ) {
    const records = reader.range(recordTable.name, '', after, rowsPerSlice);
    for (const { key, value } of records) {
      const source = key.slice(0, key.indexOf('/'));
      for (const { entity, fields } of visibleRows(JSON.parse(value) as RecordState)) {
        const wanted = needed.get(entity as EntityName);
        if (wanted === undefined) continue;
        const name = `${entity}/${source}`;
        const facts = found.get(name) ?? emptyCounts(entity as EntityName, source);
        found.set(name, facts);
        facts.rows += 1;
        for (const field of wanted.fields) {
          if (!field.split('|').some((one) => isSaid(fields[one]))) continue;
          facts.filled[field] = (facts.filled[field] ?? 0) + 1;
        }
        for (const date of wanted.dates) noteDate(facts, date, fields[date]);
      }
    }
    if (records.length < rowsPerSlice) return [...found.values()].map(factsOf);
    after = records.at(-1)?.key ?? '';
    await pause();
  }
}

function emptyCounts(entity: EntityName, source: string): Counts {
  return { entity, source, rows: 0, filled: {}, days: {} };
}

function noteDate({ days }: Counts, name: string, value: Json | undefined): void {
  if (typeof value !== 'string' || !isInstant(value)) return;
  const counts = days[name] ?? new Map<number, number>();
  days[name] = counts;
  const day = Math.floor(epochMs(value) / dayMs);
  counts.set(day, (counts.get(day) ?? 0) + 1);
}

function factsOf({ days, ...counts }: Counts): EntityFacts {
  const first: Record<string, number> = {};
  const last: Record<string, number> = {};
  for (const [name, byDay] of Object.entries(days)) {
    const sorted = [...byDay].sort(([a], [b]) => a - b);
    const total = sorted.reduce((sum, [, count]) => sum + count, 0);
    let passed = 0;
    for (const [day, count] of sorted) {
      passed += count;
      if (passed <= total * strayShare) continue;
      first[name] = day * dayMs;
      break;
    }
    last[name] = (sorted.at(-1)?.[0] ?? 0) * dayMs;
  }
  return { ...counts, first, last };
}

function isSaid(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

/**
 * What people do today, for comparison: one latest value joined by event time alone, in DuckDB. It is
 * no dependency; without `npm install --no-save @duckdb/node-api` the comparison is left out.
 */
import type { SpineRow } from '../../../packages/platform/dist/features/index.js';
import { round } from '../shared/statistics.js';
import type { FactStore } from './fact-store.js';

interface Appender {
  appendVarchar(value: string): void;
  appendBigInt(value: bigint): void;
  appendInteger(value: number): void;
  endRow(): void;
  closeSync(): void;
}

interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRows(): readonly (readonly unknown[])[] }>;
  createAppender(table: string): Promise<Appender>;
}

interface Duck {
  readonly DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<Connection> }>;
  };
}

const moduleName: string = '@duckdb/node-api';

export async function duckAsOf(
  store: FactStore,
  spine: readonly SpineRow[],
  say: (text: string) => void,
): Promise<{ readonly seconds: number; readonly rows: number; readonly values: 1 } | null> {
  let duck: Duck;
  try {
    duck = (await import(moduleName)) as Duck;
  } catch {
    say(`${moduleName} is not installed: no comparison.`);
    return null;
  }
  const connection = await (await duck.DuckDBInstance.create(':memory:')).connect();
  await connection.run('SET threads = 2');
  await connection.run('CREATE TABLE fact (sku VARCHAR, happened BIGINT, units INTEGER)');
  await connection.run('CREATE TABLE spine (sku VARCHAR, t BIGINT)');
  const facts = await connection.createAppender('fact');
  for (const { sku, at, units } of store.facts()) {
    facts.appendVarchar(sku);
    facts.appendBigInt(BigInt(at));
    facts.appendInteger(units);
    facts.endRow();
  }
  facts.closeSync();
  const rows = await connection.createAppender('spine');
  for (const { key, t } of spine) {
    rows.appendVarchar(key);
    rows.appendBigInt(BigInt(t));
    rows.endRow();
  }
  rows.closeSync();
  const begun = performance.now();
  const answer = await connection.runAndReadAll(
    `SELECT count(*), sum(units) FROM (SELECT f.units FROM spine s
     ASOF LEFT JOIN fact f ON s.sku = f.sku AND s.t >= f.happened)`,
  );
  const seconds = round((performance.now() - begun) / 1000, 2);
  return { seconds, rows: Number(answer.getRows()[0]?.[0] ?? 0), values: 1 };
}

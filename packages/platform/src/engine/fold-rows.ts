import type { JsonObject } from '@headrace/sdk';
import { decodeHeader, type EntryHeader } from '../audit/index.js';
import type { JournalRow } from '../storage/index.js';
import type { FoldRunner } from './fold-runner.js';
import { isStatement, stateKeyOf } from './record-fold.js';

/** Folds entries as they are journaled, in order, as one batch. */
export function foldRows(runner: FoldRunner, rows: readonly JournalRow[], batch: number): void {
  const decoded = rows.map((row) => ({ header: decodeHeader(row.header), body: bodyOf(row) }));
  const records = decoded.filter(({ header }) => isStatement(header));
  const stateKey = ({ header }: { readonly header: EntryHeader }) =>
    stateKeyOf(header.source, header.stream, header.key);
  runner.prefetchReferences(new Set(decoded.map(({ header }) => header.source)), batch);
  runner.prefetchRecords(new Set(records.map(stateKey)), batch);
  runner.foldLater(
    decoded.map(({ header, body }) => runner.foldFirst(header, body)),
    batch,
  );
}

function bodyOf(row: JournalRow): JsonObject | null {
  if (row.body.byteLength === 0) return null;
  return JSON.parse(Buffer.from(row.body).toString('utf8')) as JsonObject;
}

/** What entries of the journal stated: source records with their versions and ages. */
import { decodeHeader } from '../audit/index.js';
import type { StoreReader } from '../storage/index.js';

/** The statement an entry made, as its header has it. */
export interface StatementSource {
  /** Journal offset. */
  readonly journal: number;
  readonly source: string;
  readonly stream: string;
  readonly key: string;
  readonly version: string | null;
  readonly eventAt: string | null;
  readonly knownAt: string;
  /** From when it became true, else was known, until the moment asked for. */
  readonly ageMs: number;
  readonly gone: boolean;
}

/** Statements at these offsets as of the moment `t`, the newest first, in one read. */
export function statementsAt(
  reader: Pick<StoreReader, 'headersAt'>,
  offsets: Iterable<number>,
  t: number,
): StatementSource[] {
  const newestFirst = [...new Set(offsets)].sort((a, b) => b - a);
  return reader.headersAt(newestFirst).map(({ offset, header }) => {
    const { source, stream, key, version, eventAt, knownAt, gone } = decodeHeader(header);
    return {
      ...{ journal: offset, source, stream, key, version },
      eventAt: eventAt === null ? null : new Date(eventAt).toISOString(),
      knownAt: new Date(knownAt).toISOString(),
      ageMs: Math.max(0, t - (eventAt ?? knownAt)),
      gone,
    };
  });
}

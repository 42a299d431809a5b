/** Who did what and when: every act in the journal that a person or a rule is responsible for. */
import type { JsonObject } from '@headrace/sdk';
import { decodeHeader } from '../audit/index.js';
import type { StoreReader } from '../storage/index.js';

export interface Act {
  /** Journal offset, which is the index of its leaf. */
  readonly offset: number;
  readonly at: string;
  /** Name of the token or rule, `system`, or the user of the operating system. */
  readonly principal: string;
  readonly action: string;
  readonly details: JsonObject;
  /** Hex; what a proof of the act is about. */
  readonly leaf: string;
}

const batch = 2000;
/** Second byte of a header: the kind of the entry. */
const control = 4;

export function* actsOf(reader: StoreReader): Iterable<Act> {
  const end = reader.journalEnd();
  for (let from = 0; from < end; from += batch) {
    for (const row of reader.journalRange(from, batch)) {
      if (row.header[1] !== control) continue;
      const header = decodeHeader(row.header);
      const { principal, action, ...details } = JSON.parse(
        Buffer.from(row.body).toString('utf8'),
      ) as JsonObject;
      yield {
        offset: row.offset,
        at: new Date(header.knownAt).toISOString(),
        principal: String(principal ?? ''),
        action: String(action ?? ''),
        details,
        leaf: Buffer.from(row.leaf).toString('hex'),
      };
    }
  }
}

export const actColumns = ['offset', 'at', 'principal', 'action', 'details', 'leaf'] as const;

/** One line of CSV (RFC 4180). */
export function actLine(act: Act): string {
  const cells = actColumns.map((name) => {
    const value = act[name];
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  });
  return cells.map(cellOf).join(',');
}

/** A spreadsheet runs what begins like a formula; an apostrophe makes it text. */
function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The journaled statements about one source record, newest first, by their backward links. */
import type { JsonObject } from '@headrace/sdk';
import { decodeHeader, type EntryHeader, type KeyRing, unseal } from '../audit/index.js';
import type { StoreReader } from '../storage/index.js';
import { type RecordState, recordTable } from './record-fold.js';
import { sealedFor } from './sealed-part.js';

/** The personal part of an entry, as far as it can be had. */
export type PersonalPart =
  | { readonly kind: 'none' }
  /** There is one; the reader of this answer may not see it. */
  | { readonly kind: 'sealed' }
  | { readonly kind: 'erased' }
  | { readonly kind: 'open'; readonly value: JsonObject | string };

export interface Statement {
  readonly header: EntryHeader;
  readonly body: JsonObject | null;
  readonly personal: PersonalPart;
  readonly durableAt: number | null;
}

export class History {
  readonly #reader: StoreReader;
  readonly #ring: KeyRing;

  constructor(reader: StoreReader, ring: KeyRing) {
    this.#reader = reader;
    this.#ring = ring;
  }

  state(stateKey: string): RecordState | null {
    const row = this.#reader.row(recordTable.name, stateKey);
    return row === undefined ? null : (JSON.parse(row.value) as RecordState);
  }

  /** At most `limit` statements about a record; `reveal` opens personal parts. */
  statements(stateKey: string, limit: number, reveal: boolean): Statement[] {
    const list: Statement[] = [];
    let offset = this.state(stateKey)?.last ?? null;
    while (offset !== null && list.length < limit) {
      const statement = this.entry(offset, reveal);
      if (statement === null) break;
      list.push(statement);
      offset = statement.header.previous;
    }
    return list;
  }

  entry(offset: number, reveal: boolean): Statement | null {
    const row = this.#reader.journal(offset);
    if (row === undefined) return null;
    const header = decodeHeader(row.header);
    const body =
      row.body.byteLength === 0
        ? null
        : (JSON.parse(Buffer.from(row.body).toString('utf8')) as JsonObject);
    return {
      header,
      body,
      personal: this.#personal(header, row.sealed, reveal),
      durableAt: this.#reader.committedAt(offset)?.writtenAt ?? null,
    };
  }

  #personal(header: EntryHeader, sealed: Uint8Array | null, reveal: boolean): PersonalPart {
    if (header.subject === null) return { kind: 'none' };
    const wrapped = this.#reader.subjectKey(header.subject);
    if (wrapped === undefined) return { kind: 'erased' };
    if (sealed === null) return { kind: 'none' };
    if (!reveal) return { kind: 'sealed' };
    const plain = unseal(this.#ring.unwrap(wrapped), sealed, sealedFor(header));
    const value = header.unreadable
      ? plain.toString('base64')
      : (JSON.parse(plain.toString('utf8')) as JsonObject);
    return { kind: 'open', value };
  }
}

/** Reads of canonical records: rows of all sources under a key, joined field by field. */
import { anchorOf, type EntityName, isEntityName } from '@headrace/sdk';
import {
  anchorTable,
  type RecordState,
  recordTable,
  type StoredRow,
  visibleRows,
} from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';
import { Identity, type Link } from './identity.js';
import { rowId } from './row-id.js';
import { type CanonicalRecord, type Leading, type SourceRow, survive } from './survivorship.js';

export interface EntityAnswer extends CanonicalRecord {
  readonly entity: string;
  readonly key: string;
  /** Every source row of the group, also those that won no field. */
  readonly rows: readonly SourceRow[];
  /** Why rows of other keys are among them. */
  readonly links: readonly Link[];
  /** Rows under these keys that someone took out of the group; each is an entity of its own. */
  readonly apart: readonly { readonly id: string; readonly source: string }[];
}

export interface EntityRef {
  readonly entity: string;
  readonly key: string;
}

const searchMax = 50;

export class Entities {
  readonly identity: Identity;
  readonly #reader: StoreReader;
  readonly #leading: Leading;
  readonly #tenant: string;

  constructor(reader: StoreReader, options: { tenant: string; leading: Leading }) {
    this.#reader = reader;
    this.#leading = options.leading;
    this.#tenant = options.tenant;
    this.identity = new Identity(reader);
  }

  /** Our id of a row of the record with this state key. */
  idOf(stateKey: string, row: StoredRow): string {
    return rowId(this.#tenant, stateKey.slice(0, stateKey.indexOf('/')), row);
  }

  /**
   * The canonical record of a key, or null when no source states it. With the id of a row that was
   * taken out of the group, that row alone.
   */
  get(entity: EntityName, key: string, apartId?: string): EntityAnswer | null {
    const keys = this.identity.keysOf(entity, key);
    const all = keys.flatMap((member) => this.rowsAt(entity, member));
    const apart = all.filter((row) => this.identity.isApart(row.id));
    const rows =
      apartId === undefined
        ? all.filter((row) => !apart.includes(row))
        : apart.filter(({ id }) => id === apartId);
    const canonical = survive(entity, rows, this.#leading);
    if (canonical === null) return null;
    const links = this.identity.linksOf(entity, keys);
    const others = apart.map(({ id, source }) => ({ id, source }));
    return { entity, key: keys[0] ?? key, rows, links, apart: others, ...canonical };
  }

  /**
   * Everything a person may mean by `text`: an entity and key, a key whose first part it is (an
   * order number in every channel), or a source's own id.
   */
  search(text: string): EntityRef[] {
    const found = new Map<string, EntityRef>();
    const add = (ref: EntityRef) => found.set(`${ref.entity}/${ref.key}`, ref);
    for (const stateKey of this.recordsOf(text)) for (const ref of this.#refsOf(stateKey)) add(ref);
    return [...found.values()].slice(0, searchMax);
  }

  /** State keys of source records that `text` may mean. */
  recordsOf(text: string): string[] {
    const part = encodeURIComponent(text);
    const members = new Set<string>();
    if (this.#reader.row(recordTable.name, text) !== undefined) members.add(text);
    for (const kind of ['order', 'variant', 'product', 'customer', 'category']) {
      for (const prefix of [`${kind}/${part}`, `${kind}/${part}/`]) {
        const exact = prefix.endsWith('/')
          ? this.#reader.indexPrefix(anchorTable.name, prefix, searchMax)
          : this.#reader.members(anchorTable.name, [prefix]);
        for (const row of exact) members.add(row.member);
      }
    }
    const [entity, ...rest] = text.split('/');
    if (entity !== undefined && isEntityName(entity) && rest.length > 0) {
      const anchor = anchorOf(entity, rest.join('/'));
      for (const row of this.#reader.members(anchorTable.name, [anchor])) members.add(row.member);
    }
    for (const stream of this.streams()) {
      const stateKey = `${stream}/${text}`;
      if (this.#reader.row(recordTable.name, stateKey) !== undefined) members.add(stateKey);
    }
    return [...members].slice(0, searchMax);
  }

  /** Keys of an entity in the records of `source/stream`, in pages; `after` is `next` of the last. */
  keysIn(stream: string, entity: EntityName, after: string, limit: number) {
    const rows = this.#reader.range(recordTable.name, `${stream}/`, after, limit);
    const keys = rows.flatMap((row) =>
      visibleRows(JSON.parse(row.value) as RecordState)
        .filter((stored) => stored.entity === entity)
        .map(({ key }) => key),
    );
    return { keys, next: rows.length < limit ? null : (rows.at(-1)?.key ?? null) };
  }

  /** `source/stream` names that have records. */
  streams(): string[] {
    const names: string[] = [];
    for (let after = ''; ; ) {
      const next = this.#reader.range(recordTable.name, '', after, 1)[0];
      if (next === undefined) return names;
      const name = next.key.split('/').slice(0, 2).join('/');
      names.push(name);
      after = `${name}/\u{10FFFF}`;
    }
  }

  /** What each source states under this very key, links aside. */
  rowsAt(entity: EntityName, key: string): SourceRow[] {
    const members = this.#reader
      .members(anchorTable.name, [anchorOf(entity, key)])
      .map((row) => row.member);
    return this.#reader.rows(recordTable.name, members).flatMap((row) => {
      const state = JSON.parse(row.value) as RecordState;
      const [source = '', stream = '', ...record] = row.key.split('/');
      return visibleRows(state)
        .filter((stored) => stored.entity === entity && stored.key === key)
        .map((stored) => ({
          source,
          stream,
          recordKey: record.join('/'),
          version: state.version,
          eventAt: state.eventAt,
          knownAt: state.knownAt,
          offset: state.offset,
          id: this.idOf(row.key, stored),
          fields: stored.fields,
        }));
    });
  }

  #refsOf(stateKey: string): EntityRef[] {
    const row = this.#reader.row(recordTable.name, stateKey);
    if (row === undefined) return [];
    const rows = visibleRows(JSON.parse(row.value) as RecordState);
    return rows.map((stored) => ({ entity: stored.entity, key: stored.key }));
  }
}

/**
 * A journal of one's own for tests and the detection benchmark: entries go through the quality fold
 * over a state in memory, in virtual time.
 */
import type { EntityName, JsonObject } from '@headrace/sdk';
import type { Fold, FoldInput, FoldState, StoredRow } from '../engine/index.js';
import type { MemberBounds, StoreReader } from '../storage/index.js';

const zeros = new Uint8Array(16);

export interface RecordOptions {
  readonly eventAt?: number | null;
  readonly snapshot?: boolean;
  readonly fault?: string | null;
  /** Read in the first pass over the stream. */
  readonly imputed?: boolean;
}

export class FoldHarness {
  readonly tables = new Map<string, Map<string, JsonObject>>();
  readonly #members = new Map<string, Map<string, Set<string>>>();
  readonly #fold: Fold;
  readonly #rows = new Map<
    string,
    { rows: readonly StoredRow[]; eventAt: number | null; fault: string | null }
  >();
  readonly #declared = new Set<string>();
  #offset = 0;
  now: number;

  constructor(fold: Fold, now: number) {
    this.#fold = fold;
    this.now = now;
  }

  /** A record states these rows; none says that it is gone. */
  record(
    source: string,
    stream: string,
    key: string,
    rows: readonly StoredRow[],
    options: RecordOptions = {},
  ): void {
    const stateKey = `${source}/${stream}/${key}`;
    const before = this.#rows.get(stateKey);
    const eventAt = options.eventAt === undefined ? this.now : options.eventAt;
    const fault = options.fault ?? null;
    // As the record fold: what cannot be used leaves what stood before.
    const after = fault === null ? rows : (before?.rows ?? []);
    this.#rows.set(stateKey, { rows: after, eventAt, fault });
    this.#take({
      header: this.#header('record', source, stream, key, {
        ...{ eventAt, snapshot: options.snapshot ?? false, imputed: options.imputed ?? false },
        previous: before === undefined ? null : this.#offset - 1,
      }),
      body: {},
      change: {
        ...{
          stateKey,
          before: before?.rows ?? [],
          after,
          eventAtBefore: before?.eventAt ?? null,
          eventAtAfter: eventAt,
        },
        ...{ fault, faultBefore: before?.fault ?? null },
      },
    });
  }

  /** A poll begun at `through` came to its end. */
  poll(source: string, stream: string, through: number = this.now): void {
    const body = { read: 'changes', through };
    this.#take({ header: this.#header('heartbeat', source, stream, ''), body, change: null });
  }

  /** What else a stream of the shop's orders journals. */
  entry(kind: 'pass' | 'heartbeat', body: JsonObject, source = 'shop', stream = 'order'): void {
    this.#take({ header: this.#header(kind, source, stream, ''), body, change: null });
  }

  control(body: JsonObject): void {
    this.#take({ header: this.#header('control', '', '', ''), body, change: null });
  }

  /** A minute is over. */
  tick(): void {
    this.#take({ header: this.#header('tick', '', '', ''), body: { now: this.now }, change: null });
  }

  row<Row>(table: string, key: string): Row | undefined {
    return this.tables.get(table)?.get(key) as Row | undefined;
  }

  members(index: string, key: string): string[] {
    return [...(this.#members.get(index)?.get(key) ?? [])].sort();
  }

  /** What evaluators read, over this state. */
  get reader(): StoreReader {
    const keyed = (table: string, key: string) => {
      const value = this.row<JsonObject>(table, key);
      return value === undefined ? [] : [{ id: 1, key, value: JSON.stringify(value) }];
    };
    return {
      row: (table: string, key: string) => keyed(table, key)[0],
      rows: (table: string, keys: readonly string[]) => keys.flatMap((key) => keyed(table, key)),
      members: (index: string, keys: readonly string[]) =>
        keys.flatMap((key) => this.members(index, key).map((member) => ({ key, member }))),
      memberPage: (index: string, key: string, { from = '', to, limit }: MemberBounds) =>
        this.members(index, key)
          .filter((member) => member >= from && (to === undefined || member < to))
          .slice(0, limit),
      tableAll: (table: string) =>
        [...(this.tables.get(table)?.keys() ?? [])].sort().flatMap((key) => keyed(table, key)),
    } as unknown as StoreReader;
  }

  #header(
    kind: FoldInput['header']['kind'],
    source: string,
    stream: string,
    key: string,
    more: Partial<FoldInput['header']> = {},
  ): FoldInput['header'] {
    const times = {
      knownAt: this.now,
      eventAt: null,
      noticedAt: null,
      readAt: this.now,
      receivedAt: this.now,
    };
    return {
      ...{ kind, source, stream, key, offset: this.#offset++, previous: null, ...times },
      ...{ readSeq: this.#offset, id: zeros, hash: zeros, subject: null, version: null },
      ...{
        gone: false,
        snapshot: false,
        imputed: false,
        unreadable: false,
        unnamed: false,
        unmapped: false,
        replayed: false,
        ...more,
      },
    };
  }

  #take(input: FoldInput): void {
    this.#declared.clear();
    this.#fold.declareKeys(input, (table, key) => this.#declared.add(`${table} ${key}`));
    this.#fold.plan(input, this.#state);
  }

  readonly #state: FoldState = {
    get: (table, key) => {
      if (!this.#declared.has(`${table} ${key}`))
        throw new Error(`${table} ${key} was not declared`);
      // A row that is changed in place and not set is as it was for the next entry.
      return structuredClone(this.tables.get(table)?.get(key));
    },
    set: (table, key, value) => {
      if (!this.#declared.has(`${table} ${key}`))
        throw new Error(`${table} ${key} was not declared`);
      const rows = this.tables.get(table) ?? new Map<string, JsonObject>();
      this.tables.set(table, rows);
      rows.set(key, value);
    },
    addMember: (index, key, member) => this.#index(index, key).add(member),
    dropMember: (index, key, member) => this.#index(index, key).delete(member),
    append: (table) => noLog(table),
    prune: (table) => noLog(table),
  };

  #index(index: string, key: string): Set<string> {
    const keys = this.#members.get(index) ?? new Map<string, Set<string>>();
    this.#members.set(index, keys);
    const members = keys.get(key) ?? new Set<string>();
    keys.set(key, members);
    return members;
  }
}

function noLog(table: string): never {
  throw new Error(`Quality keeps no log, such as ${table}`);
}

export function row(entity: EntityName, key: string, fields: JsonObject): StoredRow {
  return { entity, key, type: entity, externalId: key, fields };
}

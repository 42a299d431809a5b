/** Puts the records of groups together from what the systems state, in bulk. */
import {
  type ContactFields,
  type EntityName,
  type FlowGroup,
  type FlowRecord,
  type JsonObject,
  joinPersonal,
  type LookupTables,
  lookupIn,
  type Stream,
} from '@headrace/sdk';
import { type Engine, type RecordState, recordTable, visibleRows } from '../engine/index.js';
import { type Entities, type Leading, type SourceRow, survive } from '../entities/index.js';
import { type Flow, groupsOf } from './flow.js';
import { groupKey, memberIndex } from './flow-fold.js';

export interface AssembleOptions {
  readonly engine: Pick<Engine, 'reader' | 'history' | 'runners'>;
  readonly entities: Pick<Entities, 'idOf' | 'identity'>;
  readonly leading: Leading;
}

interface OwnedRow extends SourceRow {
  readonly entity: EntityName;
  readonly key: string;
}

export class AssembledGroup implements FlowGroup {
  readonly key: string;
  readonly #rows: readonly OwnedRow[];
  readonly #target: string;
  readonly #leading: Leading;
  readonly #lookups: LookupTables;

  constructor(flow: Flow, key: string, rows: readonly OwnedRow[], leading: Leading) {
    this.key = key;
    this.#rows = rows;
    this.#target = flow.target;
    this.#leading = leading;
    this.#lookups = flow.lookups;
  }

  records(entity: EntityName): readonly FlowRecord[] {
    return this.#joined(entity, (row) => row.source !== this.#target);
  }

  own(entity: EntityName): readonly FlowRecord[] {
    return this.#joined(entity, (row) => row.source === this.#target);
  }

  lookup(table: string, key: string) {
    return lookupIn(this.#lookups, table, key);
  }

  /** Rows of other systems, of the sink's first entity first: whose personal part may be needed. */
  statements(entities: readonly EntityName[]): readonly OwnedRow[] {
    return entities.flatMap((entity) =>
      this.#rows
        .filter((row) => row.entity === entity && row.source !== this.#target)
        .sort((a, b) => this.#rank(entity, a.source) - this.#rank(entity, b.source)),
    );
  }

  /** Entries that state what is here, the target's own among them, which mappings see too. */
  offsets(): readonly number[] {
    return [...new Set(this.#rows.map(({ offset }) => offset))].sort((a, b) => a - b);
  }

  /** All that is stated of these entities, the target's own statements after those of others. */
  stated(entities: readonly EntityName[]) {
    return [false, true].flatMap((isOwn) =>
      entities.flatMap((entity) =>
        (isOwn ? this.own(entity) : this.records(entity)).map((record) => ({
          ...record,
          isOwn,
          sources: this.#sourcesOf(record, isOwn),
        })),
      ),
    );
  }

  #sourcesOf({ entity, key }: FlowRecord, isOwn: boolean): readonly string[] {
    const rows = this.#rows.filter(
      (row) => row.entity === entity && row.key === key && (row.source === this.#target) === isOwn,
    );
    return [...new Set(rows.map(({ source }) => source))].sort();
  }

  #rank(entity: string, source: string): number {
    const order = this.#leading[`${entity}.*`] ?? this.#leading[entity] ?? [];
    const at = order.indexOf(source);
    return at === -1 ? order.length : at;
  }

  #joined(entity: EntityName, isTaken: (row: OwnedRow) => boolean): FlowRecord[] {
    const byKey = new Map<string, OwnedRow[]>();
    for (const row of this.#rows) {
      if (row.entity !== entity || !isTaken(row)) continue;
      const rows = byKey.get(row.key);
      if (rows === undefined) byKey.set(row.key, [row]);
      else rows.push(row);
    }
    return [...byKey.keys()].sort().flatMap((key) => {
      const canonical = survive(entity, byKey.get(key) as OwnedRow[], this.#leading);
      return canonical === null ? [] : [{ entity, key, fields: canonical.fields }];
    });
  }
}

/** One answer for each group, also for those whose records are all gone. */
export function assemble(
  options: AssembleOptions,
  flow: Flow,
  groups: readonly string[],
): Map<string, AssembledGroup> {
  const { reader } = options.engine;
  const prefix = groupKey(flow.name, '');
  const members = reader.members(
    memberIndex.name,
    groups.map((group) => groupKey(flow.name, group)),
  );
  const stateKeys = [...new Set(members.map(({ member }) => member))];
  const rowsOf = new Map(
    reader
      .rows(recordTable.name, stateKeys)
      .map((row) => [row.key, rowsIn(options, row.key, JSON.parse(row.value) as RecordState)]),
  );
  const byGroup = new Map<string, OwnedRow[]>(groups.map((group) => [group, []]));
  for (const { key, member } of members) {
    const group = key.slice(prefix.length);
    for (const row of rowsOf.get(member) ?? []) {
      if (groupsOf(flow.sink, row).includes(group)) byGroup.get(group)?.push(row);
    }
  }
  return new Map(
    [...byGroup].map(([group, rows]) => [
      group,
      new AssembledGroup(flow, group, rows, options.leading),
    ]),
  );
}

function rowsIn({ entities }: AssembleOptions, stateKey: string, state: RecordState): OwnedRow[] {
  const [source = '', stream = '', ...record] = stateKey.split('/');
  return visibleRows(state).map((stored) => ({
    entity: stored.entity as EntityName,
    key: stored.key,
    source,
    stream,
    recordKey: record.join('/'),
    version: state.version,
    eventAt: state.eventAt,
    knownAt: state.knownAt,
    offset: state.offset,
    id: entities.idOf(stateKey, stored),
    fields: stored.fields,
  }));
}

/** A record whose names and addresses a sink needs, or why they cannot be had. */
export type Contact =
  | { readonly kind: 'open'; readonly offset: number; readonly fields: ContactFields }
  | { readonly kind: 'none' | 'erased' };

/** Opens the personal part of the record that leads the group. Not to be stored or logged. */
export function contactOf({ engine }: AssembleOptions, flow: Flow, group: AssembledGroup): Contact {
  for (const row of group.statements(flow.sink.entities)) {
    const spec: Stream<never> | undefined = engine.runners.get(`${row.source}/${row.stream}`)
      ?.runtime.spec;
    if (spec?.personalFields === undefined) continue;
    const statement = engine.history.entry(row.offset, true);
    if (statement === null || statement.body === null) continue;
    const { personal, body } = statement;
    if (personal.kind === 'erased') return { kind: 'erased' };
    const part = personal.kind === 'open' ? (personal.value as JsonObject) : null;
    const fields = spec.personalFields(joinPersonal(body, part));
    return { kind: 'open', offset: row.offset, fields };
  }
  return { kind: 'none' };
}

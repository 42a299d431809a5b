/** From a name to the journal entries it stands on, and from them to a bundle others can check. */
import { type EntityName, HeadraceError, isEntityName } from '@headrace/sdk';
import {
  type Bundle,
  bundleFormat,
  type Checkpoint,
  emptyHash,
  type LogReader,
  sha256,
} from '../audit/index.js';
import type { History } from '../engine/index.js';
import type { Entities } from '../entities/index.js';
import type { OutcomeBody } from '../flows/index.js';
import type { StoreReader } from '../storage/index.js';

export interface LineageStore {
  readonly reader: StoreReader;
  readonly history: History;
  readonly entities: Entities;
}

/** Where one canonical field comes from. */
export interface FieldLineage {
  readonly field: string;
  readonly source: string;
  readonly record: string;
  readonly version: string | null;
  /** Journal offset, which is the index of the leaf. */
  readonly journal: number;
  readonly eventAt: string | null;
  readonly knownAt: string;
  /** Since the source's own time of it, else since we knew it. */
  readonly ageMs: number;
  /** Whether the bytes of the source record are still in the journal. */
  readonly isHeld: boolean;
}

export interface Grounds {
  readonly id: string;
  readonly fields: readonly FieldLineage[];
  /** Of a feature vector: its values, (T, K, V), and what was counted. */
  readonly vector?: object;
  /** Every entry it stands on, each once, in order. */
  readonly offsets: readonly number[];
}

/**
 * What `id` stands on: of ENTITY/KEY the entry of each field's winning statement, of `entry/N` that
 * entry and, when it tells of deliveries, what they answered, of anything else the standing statement
 * of each record it may mean. Null: nothing is known.
 */
export function groundsOf(
  { reader, history, entities }: LineageStore,
  id: string,
  now: number,
): Grounds | null {
  const entry = /^entry\/(\d{1,15})(?:\/(.+))?$/.exec(id);
  if (entry !== null) return groundsOfEntry(history, id, Number(entry[1]), entry[2]);
  const [entity = '', ...rest] = id.split('/');
  const answer =
    isEntityName(entity) && rest.length > 0
      ? entities.get(entity as EntityName, rest.join('/'))
      : null;
  if (answer !== null) {
    const fields = Object.entries(answer.provenance).map(([field, from]): FieldLineage => {
      const { source, record, version, journal, eventAt, knownAt } = from;
      return {
        ...{ field, source, record, version, journal },
        eventAt: eventAt === null ? null : new Date(eventAt).toISOString(),
        knownAt: new Date(knownAt).toISOString(),
        ageMs: now - (eventAt ?? knownAt),
        isHeld: reader.journal(journal) !== undefined,
      };
    });
    return { id, fields, offsets: inOrder(fields.map((field) => field.journal)) };
  }
  const offsets = entities
    .recordsOf(id)
    .map((stateKey) => history.state(stateKey)?.offset)
    .filter((offset) => offset !== undefined);
  return offsets.length === 0 ? null : { id, fields: [], offsets: inOrder(offsets) };
}

/**
 * An entry of deliveries stands on what caused each of them and on the entry that said what was about
 * to be written. It may tell of many; with a group, only of that one.
 */
function groundsOfEntry(
  history: History,
  id: string,
  offset: number,
  group: string | undefined,
): Grounds | null {
  const statement = history.entry(offset, false);
  if (statement === null) return null;
  const { items = [] } = (statement.body ?? {}) as Partial<OutcomeBody>;
  const told = statement.header.kind === 'outcome' ? items : [];
  const own = told.filter((item) => group === undefined || item.group === group);
  if (group !== undefined && own.length === 0) return null;
  const causes = own.flatMap((item) => [item.cause, 'begun' in item ? item.begun : undefined]);
  const known = causes.filter((one) => typeof one === 'number');
  return { id, fields: [], offsets: inOrder([offset, ...known]) };
}

/** Proofs of entries under a checkpoint that covers them, with what is said of them. */
export function bundleOf(
  reader: StoreReader,
  proofs: LogReader,
  checkpoint: Checkpoint,
  grounds: Grounds,
): Bundle {
  const entries = grounds.offsets.map((offset) => {
    const row = reader.journal(offset);
    if (row === undefined) throw noEntry(offset);
    return {
      offset,
      header: base64(row.header),
      body: base64(row.body),
      bodyHash: base64(sha256(row.body)),
      sealedHash: base64(row.sealed === null ? emptyHash : sha256(row.sealed)),
      path: proofs.inclusion(offset, checkpoint.size).map(base64),
    };
  });
  const { id, fields, vector } = grounds;
  const about = { id, fields, ...(vector === undefined ? {} : { vector }) };
  return { format: bundleFormat, about, checkpoint: checkpoint.note, entries };
}

function inOrder(offsets: readonly number[]): number[] {
  return [...new Set(offsets)].sort((a, b) => a - b);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function noEntry(offset: number): HeadraceError {
  return new HeadraceError('config', `There is no entry ${offset}.`, {
    code: 'E_NO_ENTITY',
    hint: '`headrace status` says how many entries the journal has.',
  });
}

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
import { type StatementSource, statementsAt } from './statements.js';

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
  /**
   * The source records among what it stands on, with their versions and ages: of a vector at its T, of
   * a delivery when it was told of.
   */
  readonly sources?: readonly StatementSource[];
  /** Of a feature vector: its values, (T, K, V), and what was counted. */
  readonly vector?: object;
  /** Of a prediction: what was said, and whether its vector came out the same again. */
  readonly prediction?: object;
  /** Every entry it stands on, each once, in order. */
  readonly offsets: readonly number[];
}

/**
 * What `id` stands on: of ENTITY/KEY the entry of each field's winning statement, of `entry/N` that
 * entry and, when it tells of deliveries, what they answered and were put together from, of anything
 * else the standing statement of each record it may mean. Null: nothing is known.
 */
export function groundsOf(
  { reader, history, entities }: LineageStore,
  id: string,
  now: number,
): Grounds | null {
  const entry = /^entry\/(\d{1,15})(?:\/(.+))?$/.exec(id);
  if (entry !== null) return groundsOfEntry(reader, history, id, Number(entry[1]), entry[2]);
  const [entity = '', ...rest] = id.split('/');
  const answer =
    isEntityName(entity) && rest.length > 0
      ? entities.get(entity as EntityName, rest.join('/'))
      : null;
  if (answer !== null) {
    const offsets = inOrder(Object.values(answer.provenance).map(({ journal }) => journal));
    const held = new Set(reader.headersAt(offsets).map(({ offset }) => offset));
    const fields = Object.entries(answer.provenance).map(([field, from]): FieldLineage => {
      const { source, record, version, journal, eventAt, knownAt } = from;
      return {
        ...{ field, source, record, version, journal },
        eventAt: eventAt === null ? null : new Date(eventAt).toISOString(),
        knownAt: new Date(knownAt).toISOString(),
        ageMs: now - (eventAt ?? knownAt),
        isHeld: held.has(journal),
      };
    });
    return { id, fields, offsets };
  }
  const offsets = entities
    .recordsOf(id)
    .map((stateKey) => history.state(stateKey)?.offset)
    .filter((offset) => offset !== undefined);
  return offsets.length === 0 ? null : { id, fields: [], offsets: inOrder(offsets) };
}

/**
 * An entry of deliveries stands on what caused each of them, on the entry that said what was about to
 * be written, and on the statements that was put together from. It may tell of many; with a group, only
 * of that one.
 */
function groundsOfEntry(
  reader: StoreReader,
  history: History,
  id: string,
  offset: number,
  group: string | undefined,
): Grounds | null {
  const statement = history.entry(offset, false);
  if (statement === null) return null;
  const { items = [] } = (statement.body ?? {}) as Partial<OutcomeBody>;
  const told: readonly Delivery[] = statement.header.kind === 'outcome' ? items : [];
  const own = told.filter((item) => group === undefined || item.group === group);
  if (group !== undefined && own.length === 0) return null;
  const begun = inOrder(own.map((item) => item.begun).filter(isOffset));
  const groups = new Set(own.map((item) => `${item.begun} ${item.group}`));
  const announced = reader.journalAt(begun).flatMap((row) => {
    const body = JSON.parse(Buffer.from(row.body).toString('utf8')) as Partial<OutcomeBody>;
    const list: readonly Delivery[] = body.items ?? [];
    return list.filter((item) => groups.has(`${row.offset} ${item.group}`));
  });
  const from = [...own, ...announced].flatMap((item) => [item.cause, ...(item.from ?? [])]);
  const offsets = inOrder([offset, ...begun, ...from.filter(isOffset)]);
  const sources = statementsAt(reader, offsets, statement.header.knownAt);
  // Outcomes and acts are named after the system they are about, too, and have no key.
  return { id, fields: [], sources: sources.filter(({ key }) => key !== ''), offsets };
}

/** What is told of a delivery before and after it. */
interface Delivery {
  readonly group: string;
  readonly cause?: number | null;
  readonly begun?: number;
  readonly from?: readonly number[];
}

function isOffset(value: number | null | undefined): value is number {
  return typeof value === 'number';
}

/** Proofs of entries under a checkpoint that covers them, with what is said of them. */
export function bundleOf(
  reader: StoreReader,
  proofs: LogReader,
  checkpoint: Checkpoint,
  grounds: Grounds,
): Bundle {
  const rows = reader.journalAt(grounds.offsets);
  const found = new Set(rows.map(({ offset }) => offset));
  const lost = grounds.offsets.find((offset) => !found.has(offset));
  if (lost !== undefined) throw noEntry(lost);
  const entries = rows.map((row) => {
    const { offset } = row;
    return {
      offset,
      header: base64(row.header),
      body: base64(row.body),
      bodyHash: base64(sha256(row.body)),
      sealedHash: base64(row.sealed === null ? emptyHash : sha256(row.sealed)),
      path: proofs.inclusion(offset, checkpoint.size).map(base64),
    };
  });
  const { id, fields, sources, vector, prediction } = grounds;
  const about = {
    ...{ id, fields },
    ...(sources === undefined ? {} : { sources }),
    ...(vector === undefined ? {} : { vector }),
    ...(prediction === undefined ? {} : { prediction }),
  };
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

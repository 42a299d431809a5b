/**
 * Erases a person from all sources that know them. Who that is follows from identity: the records
 * sealed under a handle name customers, links name other customers, and their records have handles of
 * their own; until nothing new is found.
 *
 *   handles, closed over links → unreadable bytes that name the person → one commit: every key
 *   destroyed, an entry for each handle
 *
 * What is folded holds no personal part and stays as it is, so nothing of others changes.
 */
import { type Json, type JsonObject, parseEntityKey } from '@headrace/sdk';
import { subjectHandle } from '../audit/index.js';
import {
  type Arrival,
  correctionTexts,
  type Engine,
  quarantineTable,
  type RecordState,
  recordTable,
} from '../engine/index.js';
import type { Entities } from '../entities/index.js';
import { type ExportNote, exportsOf, mayNamePersons } from './exports.js';

/** A person, by the id one source has of them. */
export interface PersonRef {
  readonly source: string;
  readonly person: string;
}

export interface ErasureReport {
  /** Keys destroyed. */
  readonly erased: number;
  /** Folded rows that had to be computed again: none, because none holds a personal part. */
  readonly recomputed: number;
  /** Pseudonym under which the person was named. */
  readonly handle: string;
  /** Everyone the person is known as. */
  readonly subjects: readonly { readonly source: string; readonly handle: string }[];
  readonly records: number;
  /** Groups of unreadable bytes that named the person and were destroyed as a whole. */
  readonly quarantined: number;
  /** What left the data directory before and may hold something of the person: nobody here can erase it. */
  readonly exports: readonly ExportNote[];
}

export interface Found {
  readonly subjects: ReadonlyMap<string, string>;
  readonly records: readonly string[];
  /** Handles of groups of unreadable bytes. */
  readonly groups: ReadonlySet<string>;
}

type ErasureEngine = Pick<Engine, 'reader' | 'ring' | 'history'>;

const rowsPerSlice = 500;
/** A shorter text is found in too many records that are about somebody else. */
const needleMin = 4;

/** Who a person is, without erasing anybody. */
export async function findPerson(
  engine: ErasureEngine,
  entities: Entities,
  ref: PersonRef,
  pause: () => Promise<void>,
): Promise<Found> {
  const { ring } = engine;
  const first = subjectHandle(ring.storeKey, ref.source, ref.person).toString('hex');
  const bySubject = await recordsBySubject(engine, pause);
  const subjects = new Map([[first, ref.source]]);
  const records = new Set<string>();
  const customers = new Set<string>();
  // A map goes on with what is added to it meanwhile.
  for (const [handle] of subjects) {
    for (const [stateKey, state] of bySubject.get(handle) ?? []) {
      records.add(stateKey);
      for (const row of state.rows) if (row.entity === 'customer') customers.add(row.key);
    }
    for (const key of customers) {
      for (const member of entities.identity.keysOf('customer', key)) {
        if (member !== key && customers.has(member)) continue;
        customers.add(member);
        for (const { source, stream, recordKey } of entities.rowsAt('customer', member)) {
          const state = engine.history.state(`${source}/${stream}/${recordKey}`);
          if (state?.subject != null && !subjects.has(state.subject)) {
            subjects.set(state.subject, source);
          }
        }
      }
    }
  }
  const needles = needlesOf(engine, ref, customers, records);
  const groups = groupsNaming(engine, needles);
  for (const handle of correctionsNaming(engine, needles)) {
    if (!subjects.has(handle)) groups.add(handle);
  }
  return { subjects, records: [...records], groups };
}

export async function erasePerson(
  engine: Engine,
  entities: Entities,
  ref: PersonRef,
  options: {
    readonly principal: string;
    readonly now: number;
    readonly pause: () => Promise<void>;
  },
): Promise<ErasureReport> {
  const { principal, now, pause } = options;
  const found = await findPerson(engine, entities, ref, pause);
  const handles = [...found.subjects.keys()];
  const [handle = ''] = handles;
  const held = [...handles, ...found.groups].filter(
    (one) => engine.reader.subjectKey(Buffer.from(one, 'hex')) !== undefined,
  );
  const entry = (body: JsonObject): Arrival => ({
    kind: 'entry',
    entry: 'control',
    source: '',
    stream: '',
    body: { ...body, action: 'erasure', principal },
  });
  await engine.loop.submit([
    {
      kind: 'effects',
      apply: (_main, keys) => {
        for (const one of [...handles, ...found.groups])
          keys.eraseKey(Buffer.from(one, 'hex'), now);
      },
    },
    ...[...found.subjects].map(([subject, source]) => entry({ source, subject, of: handle })),
    ...[...found.groups].map((subject) => entry({ subject, of: handle, quarantine: true })),
  ]);
  engine.planner.forgetKeys();
  await engine.publisher.noteErased([...handles, ...found.groups]);
  return {
    erased: held.length,
    recomputed: 0,
    handle,
    subjects: [...found.subjects].map(([subject, source]) => ({ source, handle: subject })),
    records: found.records.length,
    quarantined: found.groups.size,
    exports: exportsOf(engine.folder).filter(mayNamePersons),
  };
}

/** One look at every record: nobody else ever asks by person, so no index is kept for it. */
async function recordsBySubject(
  { reader }: ErasureEngine,
  pause: () => Promise<void>,
): Promise<Map<string, [string, RecordState][]>> {
  const found = new Map<string, [string, RecordState][]>();
  let after = '';
  for (;;) {
    const rows = reader.range(recordTable.name, '', after, rowsPerSlice);
    for (const row of rows) {
      if (!row.value.includes('"subject":"')) continue;
      const state = JSON.parse(row.value) as RecordState;
      if (state.subject === null) continue;
      const list = found.get(state.subject);
      if (list === undefined) found.set(state.subject, [[row.key, state]]);
      else list.push([row.key, state]);
    }
    if (rows.length < rowsPerSlice) return found;
    after = rows.at(-1)?.key ?? '';
    await pause();
  }
}

/** What names the person in bytes nobody could read: their ids, and all that is sealed of them. */
function needlesOf(
  { history }: ErasureEngine,
  ref: PersonRef,
  customers: ReadonlySet<string>,
  records: ReadonlySet<string>,
): string[] {
  const needles = new Set([ref.person]);
  for (const key of customers) {
    for (const part of Object.values(parseEntityKey('customer', key))) if (part) needles.add(part);
  }
  for (const stateKey of records) {
    for (const { personal } of history.statements(stateKey, 50, true)) {
      if (personal.kind === 'open') collect(personal.value, needles);
    }
  }
  return [...needles].filter((needle) => needle.length >= needleMin);
}

function collect(value: Json, into: Set<string>): void {
  if (typeof value === 'string') into.add(value);
  else if (Array.isArray(value)) for (const one of value as readonly Json[]) collect(one, into);
  else if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value as JsonObject)) collect(one, into);
  }
}

/** Groups of unreadable bytes with any of the texts in them: a group has one key, and goes whole. */
function groupsNaming({ reader, history }: ErasureEngine, needles: readonly string[]): Set<string> {
  const groups = new Set<string>();
  for (const { member } of reader.indexAll(quarantineTable.name)) {
    for (const { header, body, personal } of history.statements(member, 50, true)) {
      if (!header.unreadable || header.subject === null || personal.kind !== 'open') continue;
      const text = Buffer.from(String(personal.value), 'base64').toString('utf8');
      // Of an oversized record the journal has only the ends, so what lies between may name anybody.
      const isCut = typeof body?.['spill'] === 'string';
      if (isCut || needles.some((needle) => text.includes(needle))) {
        groups.add(Buffer.from(header.subject).toString('hex'));
      }
    }
  }
  return groups;
}

/**
 * Handles of corrections with any of the texts in them. One that says whose it is is sealed as theirs;
 * any other goes with the unreadable bytes of its day.
 */
export function correctionsNaming(
  { reader, ring }: Pick<ErasureEngine, 'reader' | 'ring'>,
  needles: readonly string[],
): string[] {
  return [...correctionTexts(reader, ring)]
    .filter(({ text }) => needles.some((needle) => text.includes(needle)))
    .map(({ handle }) => handle);
}

/**
 * What waits in quarantine, read: groups of one cause, the statements of a group in the order they
 * came in, corrections that were prepared, and a trial of all of it that writes nothing.
 *
 * A correction is a record to be read instead of one that cannot be used. It lies beside the source
 * copy, which stays in the journal, until its replay has succeeded; sealed as the record it becomes,
 * so that an erasure of that person takes it along.
 */
import { compilePersonal, type JsonObject, type Stream } from '@headrace/sdk';
import {
  decodeHeader,
  type EntryHeader,
  type KeyRing,
  plainHash,
  subjectHandle,
  unseal,
} from '../audit/index.js';
import type { StoreReader } from '../storage/index.js';
import type { StreamRuntime, WaitingEntry } from './arrival.js';
import type { StoredRow } from './fold.js';
import { type Preparation, prepare } from './prepare.js';
import {
  mapRecord,
  type Normalizer,
  quarantineTable,
  type RecordState,
  recordTable,
  referenceTable,
} from './record-fold.js';
import { attempt, replayedRecord } from './replay-waiting.js';
import { sealedFor } from './sealed-part.js';

export interface QuarantinePlace {
  readonly reader: StoreReader;
  readonly ring: KeyRing;
  readonly normalizer: Normalizer;
  streamOf(source: string, stream: string): StreamRuntime | undefined;
}

export interface QuarantineSample {
  readonly record: string;
  readonly message: string;
  /** Offset of the entry that cannot be used, and when it was known. */
  readonly journal: number;
  readonly knownAt: number;
}

export interface QuarantineGroup {
  /** `source/stream/code`. */
  readonly group: string;
  readonly source: string;
  readonly stream: string;
  readonly code: string;
  /** Records that wait. */
  readonly count: number;
  /** Of these, records with a correction. */
  readonly corrected: number;
  readonly samples: readonly QuarantineSample[];
}

/** One statement that waits. */
export interface WaitingStatement {
  readonly record: string;
  readonly offset: number;
}

export interface Trial {
  readonly record: string;
  readonly journal: number;
  readonly knownAt: number;
  readonly corrected: boolean;
  /** The business part that was tried; null of bytes that cannot be read. */
  readonly in: JsonObject | null;
  /** What would come of it; null where nothing would. */
  readonly out: readonly StoredRow[] | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const samplesMax = 5;
const statesAtOnce = 500;

/** Streams as a step knows them, for whoever reads a store without an engine. */
export function runtimeOf(source: string, spec: Stream<never>): StreamRuntime {
  const personal = spec.personal === undefined ? null : compilePersonal(spec.personal.paths);
  return { source, stream: spec.name, spec, personal };
}

export function correctionName(offset: number | ''): string {
  return `correction/${offset}`;
}

export class Quarantine {
  readonly #place: QuarantinePlace;

  constructor(place: QuarantinePlace) {
    this.#place = place;
  }

  groups(): QuarantineGroup[] {
    const { reader } = this.#place;
    const members = new Map<string, string[]>();
    for (const { key, member } of reader.indexAll(quarantineTable.name)) {
      const list = members.get(key);
      if (list === undefined) members.set(key, [member]);
      else list.push(member);
    }
    const corrections = this.#correctedRecords();
    return [...members].map(([group, records]) => {
      const [source = '', stream = '', code = ''] = group.split('/');
      const corrected = records.filter((record) => corrections.has(record)).length;
      const samples = this.#samples(records.slice(0, samplesMax));
      return { group, source, stream, code, count: records.length, corrected, samples };
    });
  }

  /** The statements of a group, in the order they came in. */
  waiting(group: string): WaitingStatement[] {
    const { reader } = this.#place;
    const records = reader.members(quarantineTable.name, [group]).map(({ member }) => member);
    const statements: WaitingStatement[] = [];
    for (let at = 0; at < records.length; at += statesAtOnce) {
      const rows = reader.rows(recordTable.name, records.slice(at, at + statesAtOnce));
      for (const { key, value } of rows) {
        for (const { offset } of (JSON.parse(value) as RecordState).waits ?? []) {
          statements.push({ record: key, offset });
        }
      }
    }
    return statements.sort((a, b) => a.offset - b.offset);
  }

  /** The statement of a record that a correction is for: the last that came; null if none waits. */
  lastWaiting(record: string): WaitingStatement | null {
    const state = this.#state(record);
    const last = state?.waits?.at(-1);
    return last === undefined ? null : { record, offset: last.offset };
  }

  /** The source copy of a statement, and what is to be read instead of it. */
  entry(offset: number): WaitingEntry | null {
    const { reader } = this.#place;
    const row = reader.journal(offset);
    if (row === undefined) return null;
    const header = decodeHeader(row.header);
    const correction = this.#correction(offset);
    const copy =
      header.unreadable && correction === null ? this.#unreadable(header, row.sealed) : null;
    return {
      header,
      body: row.body,
      sealed: row.sealed,
      bytes: correction ?? copy,
      isCorrected: correction !== null,
    };
  }

  /** What a replay would make of a statement by the mapping at hand. Writes nothing. */
  trial(statement: WaitingStatement): Trial | null {
    const waiting = this.entry(statement.offset);
    return waiting === null ? null : this.try(statement.record, waiting);
  }

  try(record: string, waiting: WaitingEntry): Trial {
    const { header } = waiting;
    const said = {
      ...{ record, journal: header.offset, knownAt: header.knownAt },
      corrected: waiting.isCorrected,
    };
    const stream = this.#place.streamOf(header.source, header.stream);
    if (stream === undefined) return { ...said, in: null, out: null, error: noStream };
    const anew = replayedRecord({ stream, waiting });
    const preparation = anew === null ? null : prepare(anew);
    const subject = this.subjectOf(stream, preparation);
    let tried: JsonObject | null = null;
    const result = attempt({ stream, waiting }, preparation, subject, (as, body) => {
      tried = body;
      return mapRecord(as, body, this.#place.normalizer, this.#reference(header.source));
    });
    if (result.ok) return { ...said, in: result.business, out: result.rows, error: null };
    return { ...said, in: tried, out: null, error: { code: result.code, message: result.message } };
  }

  /** The handle of whom a record that was read anew is about; null where nobody is. */
  subjectOf(stream: StreamRuntime, preparation: Preparation | null): Uint8Array | null {
    if (stream.personal === null || preparation === null || !preparation.ok) return null;
    const { person, key } = preparation.value;
    const { storeKey } = this.#place.ring;
    return subjectHandle(storeKey, stream.source, person ?? `record:${stream.stream}/${key}`);
  }

  #samples(records: readonly string[]): QuarantineSample[] {
    return records.flatMap((record) => {
      const state = this.#state(record);
      if (state?.fault == null) return [];
      const { offset, knownAt, fault } = state;
      return [{ record, message: fault.message, journal: offset, knownAt }];
    });
  }

  #state(record: string): RecordState | null {
    const row = this.#place.reader.row(recordTable.name, record);
    return row === undefined ? null : (JSON.parse(row.value) as RecordState);
  }

  #reference(source: string): JsonObject {
    const row = this.#place.reader.row(referenceTable.name, source);
    return row === undefined ? {} : (JSON.parse(row.value) as JsonObject);
  }

  #correctedRecords(): ReadonlySet<string> {
    const names = this.#place.reader.metaPrefix(correctionName(''));
    return new Set(names.map(({ value }) => String((parse(value) as { record?: string }).record)));
  }

  #correction(offset: number): Uint8Array | null {
    const { reader, ring } = this.#place;
    const stored = reader.meta(correctionName(offset));
    if (stored === undefined) return null;
    const { handle, sealed } = parse(stored) as { handle: string; sealed: string };
    const wrapped = reader.subjectKey(Buffer.from(handle, 'hex'));
    // Erased, with the person it is about.
    if (wrapped === undefined) return null;
    const bound = plainHash(correctionName(offset));
    return unseal(ring.unwrap(wrapped), Buffer.from(sealed, 'base64'), bound);
  }

  #unreadable(header: EntryHeader, sealed: Uint8Array | null): Uint8Array | null {
    const { reader, ring } = this.#place;
    if (sealed === null || header.subject === null) return null;
    const wrapped = reader.subjectKey(header.subject);
    return wrapped === undefined ? null : unseal(ring.unwrap(wrapped), sealed, sealedFor(header));
  }
}

/** What prepared corrections say, and the handle each is sealed under; without what was erased. */
export function* correctionTexts(
  reader: Pick<StoreReader, 'metaPrefix' | 'subjectKey'>,
  ring: Pick<KeyRing, 'unwrap'>,
): Iterable<{ readonly handle: string; readonly text: string }> {
  for (const { name, value } of reader.metaPrefix(correctionName(''))) {
    const { handle, sealed } = parse(value) as { handle: string; sealed: string };
    const wrapped = reader.subjectKey(Buffer.from(handle, 'hex'));
    if (wrapped === undefined) continue;
    const bytes = unseal(ring.unwrap(wrapped), Buffer.from(sealed, 'base64'), plainHash(name));
    yield { handle, text: bytes.toString('utf8') };
  }
}

const noStream = {
  code: 'E_NO_MAPPING',
  message: 'The stream of this record is not configured any more.',
};

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}

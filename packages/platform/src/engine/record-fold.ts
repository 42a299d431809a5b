/**
 * The first fold: which statement about each source record stands, and the canonical rows it maps
 * to. Its state doubles as what intake compares arrivals with.
 *
 * A record is used, or waits:
 *
 *   used ──a statement that cannot be mapped or read──▶ waits ──a later one that can──▶ used
 *                                     (each such statement waits in order)
 *                                                       waits ──its replay──▶ used, once none is left
 *
 * Invariants: while it waits, the rows of the last statement that could be used stand; a statement
 * that could not be mapped when it came waits until it is replayed, whatever a later mapping makes
 * of it, so that nothing is known before it was known; a replay takes a statement that waits, has
 * its rank and so fences nothing, and a second one of the same statement changes nothing.
 */
import { HeadraceError, type Json, type JsonObject } from '@headrace/sdk';
import type { EntryHeader } from '../audit/index.js';
import type { TableSpec } from '../storage/index.js';
import { advance, type FenceState, isDeleted, type VersionOrder } from './fence.js';
import type { RowChange, StoredRow } from './fold.js';

/** Raised when what is stored of a record changes; a start over older state folds it anew. */
export const recordFoldVersion = 3;

/** State of one source record, as stored. */
export interface RecordState extends FenceState {
  /** Offset of the entry that stands. */
  readonly offset: number;
  /** Offset of the newest entry of this key; entries link backwards from it. */
  readonly last: number;
  /** The standing row says of itself that the record is gone. */
  readonly withdrawn: boolean;
  readonly eventAt: number | null;
  readonly knownAt: number;
  readonly subject: string | null;
  readonly rows: readonly StoredRow[];
  /** Why the standing row could not be mapped; `rows` are then those of the last that could. */
  readonly fault: { readonly code: string; readonly message: string } | null;
  /** Statements that could not be used since the last that could, oldest first; the last stands. */
  readonly waits?: readonly Waiting[];
  /** Of what stood for unreadable bytes: the key of the record that was made of them. */
  readonly into?: string;
}

/** A statement in quarantine: where its source copy is, and what its replay is known by. */
export interface Waiting {
  readonly offset: number;
  readonly readSeq: number;
  /** Hex. */
  readonly hash: string;
}

/** States of one record kept for a replay; of one sent in vain for weeks, the last are enough. */
export const waitsMax = 100;

/** Rows that one source record maps to. */
export interface Normalized {
  readonly rows: readonly StoredRow[];
}

/** Supplied by `entities`: the mapping of a stream, with the source's reference data at hand. */
export interface Normalizer {
  /** Undefined for streams that are no longer configured: their records stay, unmapped. */
  orderOf(source: string, stream: string): VersionOrder | undefined;
  normalize(header: EntryHeader, body: JsonObject, reference: JsonObject): Normalized;
  /** The index key under which a row's entity is found. */
  anchorOf(entity: string, key: string): string;
}

export const recordTable: TableSpec = { name: 'record', kind: 'keyed' };
/** Anchor of an entity → the source records that state it. */
export const anchorTable: TableSpec = { name: 'anchor', kind: 'index' };
/** `source/stream/code` → the records that wait there. */
export const quarantineTable: TableSpec = { name: 'quarantine', kind: 'index' };
/** Reference data of each source, by source name. */
export const referenceTable: TableSpec = { name: 'reference', kind: 'keyed' };

export const recordFoldTables = [
  recordTable,
  anchorTable,
  quarantineTable,
  referenceTable,
] as const;

export function stateKeyOf(source: string, stream: string, key: string): string {
  return `${source}/${stream}/${key}`;
}

/** Entries that state something of a key: what a source says, and what was decided here. */
export function isStatement({ kind }: Pick<EntryHeader, 'kind'>): boolean {
  return kind === 'record' || kind === 'decision';
}

export interface IndexWrites {
  add(table: TableSpec, key: string, member: string): void;
  drop(table: TableSpec, key: string, member: string): void;
}

/** Folds one record entry; returns the new state and what changed. Pure but for `index`. */
export function foldRecord(
  header: EntryHeader,
  body: JsonObject | null,
  before: RecordState | undefined,
  normalizer: Normalizer,
  reference: JsonObject,
  index: IndexWrites,
): { readonly state: RecordState; readonly change: RowChange } {
  const stateKey = stateKeyOf(header.source, header.stream, header.key);
  const order = normalizer.orderOf(header.source, header.stream) ?? 'text';
  const hash = Buffer.from(header.hash).toString('hex');
  const place = header.replayed ? placeOf(before, header.readSeq, hash) : -1;
  if (before !== undefined && place >= 0) {
    return foldReplay(header, body, before, place, { normalizer, reference, index });
  }
  const missing = header.gone && body === null;
  const { state: fence, wins } = advance(
    before,
    { version: header.version, readSeq: header.readSeq, hash, missing },
    order,
  );
  const standing = wins || before === undefined ? fresh(header) : before;
  let rows: readonly StoredRow[] = before?.rows ?? [];
  let fault = before?.fault ?? null;
  let waits = before?.waits ?? [];
  if (wins) {
    const result = mapRecord(header, body, normalizer, reference);
    fault = result.fault;
    if (result.rows !== null) rows = result.rows;
    const own = { offset: header.offset, readSeq: header.readSeq, hash };
    waits = fault === null ? [] : [...waits, own].slice(-waitsMax);
    moveQuarantine(header, stateKey, before?.fault?.code ?? null, fault?.code ?? null, index);
    moveAnchors(stateKey, before?.rows ?? [], rows, normalizer, index);
  }
  const state: RecordState = {
    version: fence.version,
    readSeq: fence.readSeq,
    hash: fence.hash,
    seen: fence.seen,
    gone: fence.gone,
    offset: standing.offset,
    last: header.offset,
    withdrawn: standing.withdrawn,
    eventAt: standing.eventAt,
    knownAt: standing.knownAt,
    subject: standing.subject,
    rows,
    fault,
    ...(waits.length === 0 ? {} : { waits }),
  };
  return {
    state,
    change: {
      stateKey,
      before: before === undefined ? [] : visibleRows(before),
      after: visibleRows(state),
      eventAtBefore: before?.eventAt ?? null,
      eventAtAfter: state.eventAt,
      fault: state.fault?.code ?? null,
      faultBefore: before?.fault?.code ?? null,
    },
  };
}

/** Whether a key stands for bytes that had none to be read. */
export function isStandIn(key: string): boolean {
  return key.startsWith('~');
}

/** Where a statement that is replayed waits; -1 when it does not wait any more. */
export function placeOf(state: RecordState | undefined, readSeq: number, hash: string): number {
  return state?.waits?.findIndex((one) => one.readSeq === readSeq && one.hash === hash) ?? -1;
}

/** Takes a statement out of quarantine, and those before it that were not replayed. */
function foldReplay(
  header: EntryHeader,
  body: JsonObject | null,
  before: RecordState,
  place: number,
  {
    normalizer,
    reference,
    index,
  }: { normalizer: Normalizer; reference: JsonObject; index: IndexWrites },
): ReturnType<typeof foldRecord> {
  const stateKey = stateKeyOf(header.source, header.stream, header.key);
  const into = isStandIn(header.key) && typeof body?.['into'] === 'string' ? body['into'] : null;
  const result =
    into === null ? mapRecord(header, body, normalizer, reference) : { rows: [], fault: null };
  const after = before.waits?.slice(place + 1) ?? [];
  const isLast = after.length === 0;
  const rows = result.rows ?? before.rows;
  // A replay that other definitions cannot map waits in the place of what it replayed: it holds the
  // correction, where there was one.
  const own = { ...(before.waits?.[place] as Waiting), offset: header.offset };
  const waits = result.fault === null ? after : [own, ...after];
  const fault = result.fault === null ? (isLast ? null : before.fault) : result.fault;
  moveQuarantine(header, stateKey, before.fault?.code ?? null, fault?.code ?? null, index);
  moveAnchors(stateKey, before.rows, rows, normalizer, index);
  const { waits: _waits, ...rest } = before;
  const state: RecordState = {
    ...rest,
    ...(isLast ? fresh(header) : {}),
    last: header.offset,
    rows,
    fault,
    ...(waits.length === 0 ? {} : { waits }),
    ...(into === null ? {} : { into }),
  };
  return {
    state,
    change: {
      stateKey,
      before: visibleRows(before),
      after: visibleRows(state),
      eventAtBefore: before.eventAt,
      eventAtAfter: header.eventAt,
      fault: fault?.code ?? null,
      faultBefore: before.fault?.code ?? null,
    },
  };
}

/** The rows that count: none while the record is deleted. */
export function visibleRows(state: RecordState): readonly StoredRow[] {
  return isDeleted(state) || state.withdrawn ? [] : state.rows;
}

function fresh(header: EntryHeader) {
  return {
    offset: header.offset,
    withdrawn: header.gone,
    eventAt: header.eventAt,
    knownAt: header.knownAt,
    subject: header.subject === null ? null : Buffer.from(header.subject).toString('hex'),
  };
}

/** What the mapping makes of a record, or why it makes nothing. Pure. */
export function mapRecord(
  header: EntryHeader,
  body: JsonObject | null,
  normalizer: Normalizer,
  reference: JsonObject,
): { readonly rows: readonly StoredRow[] | null; readonly fault: RecordState['fault'] } {
  if (header.unreadable) {
    const { code, message } = (body ?? {}) as { code?: Json; message?: Json };
    return { rows: null, fault: { code: String(code), message: String(message) } };
  }
  if (body === null || header.gone) return { rows: [], fault: null };
  try {
    const { rows } = normalizer.normalize(header, body, reference);
    return header.unmapped ? { rows: null, fault: mappedSince } : { rows, fault: null };
  } catch (thrown) {
    // A mapping that throws is about this record, whatever it threw: the rest goes on.
    const known = thrown instanceof HeadraceError;
    return {
      rows: null,
      fault: {
        code: known ? thrown.code : 'E_MAPPING',
        message: known ? thrown.message : 'The mapping failed on this record.',
      },
    };
  }
}

const mappedSince = {
  code: 'E_MAPPED_SINCE',
  message: 'The mapping failed on this record when it came, and works on it now.',
};

// Only what differs: looking up an entry that is there already costs the writer a page of an index
// that is far larger than memory.
function moveAnchors(
  stateKey: string,
  before: readonly StoredRow[],
  after: readonly StoredRow[],
  normalizer: Normalizer,
  index: IndexWrites,
): void {
  const had = anchorsOf(before, normalizer);
  const has = anchorsOf(after, normalizer);
  for (const anchor of has) if (!had.has(anchor)) index.add(anchorTable, anchor, stateKey);
  for (const anchor of had) if (!has.has(anchor)) index.drop(anchorTable, anchor, stateKey);
}

function anchorsOf(rows: readonly StoredRow[], normalizer: Normalizer): Set<string> {
  const anchors = new Set<string>();
  for (const row of rows) anchors.add(normalizer.anchorOf(row.entity, row.key));
  return anchors;
}

function moveQuarantine(
  header: EntryHeader,
  stateKey: string,
  from: string | null,
  to: string | null,
  index: IndexWrites,
): void {
  if (from === to) return;
  const group = `${header.source}/${header.stream}/`;
  if (from !== null) index.drop(quarantineTable, group + from, stateKey);
  if (to !== null) index.add(quarantineTable, group + to, stateKey);
}

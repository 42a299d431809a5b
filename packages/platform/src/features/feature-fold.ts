/**
 * Folds entries into contributions. A line of the log asserts or retracts one contribution; what a
 * value is made of at any moment are the lines asserted and not yet retracted then.
 *
 * For `state` views the rows of all sources under a key are kept beside each other. Each change of
 * them may change the row that wins, and with it the contribution: the old one is retracted and the
 * new one asserted, when they differ, at the offset of the entry that made the difference.
 *
 *   fact of a `state` view: absent → standing (asserted) → corrected (retracted and asserted) → absent
 *                           absent → refused (told for the first time too late), until a correction
 *                           dates it within `acceptLate`
 *   fact of a `changes` view: absent → standing, for good
 *
 * Invariants: at each offset the lines of a fact add up to none or one contribution; a line's
 * `seq` is the offset of the entry that caused it; everything is a whole number or text; the lines
 * follow from the entries alone, so folding again gives the same.
 */
import type { JsonObject } from '@headrace/sdk';
import type { Fold, FoldInput, FoldState, StoredRow } from '../engine/index.js';
import { toldAt } from '../engine/index.js';
import { type Leading, type SourceRow, survive } from '../entities/index.js';
import type { LogSpec } from '../storage/index.js';
import {
  type Contribution,
  type contributionOf,
  isSameContribution,
  rememberedContributions,
} from './contribution.js';
import type { FeatureView } from './definition.js';

/** Rows of all sources under an entity's key, for views of what stands. */
export const rowTable = { name: 'feature_row', kind: 'keyed' } as const;
/** A row for each key of each view that ever had a contribution; it has its id, and nothing else. */
export const seriesTable = { name: 'feature_series', kind: 'keyed', isSmall: true } as const;
export const lineLog: LogSpec = {
  ...{ name: 'feature_line', kind: 'log', of: seriesTable.name },
  integers: ['known_at', 'kind', 'feed', 'event_lead'],
};
/** Streams that were heard of, and when: the age of a value is that of its streams. */
export const feedTable = { name: 'feature_feed', kind: 'keyed' } as const;
export const clockLog: LogSpec = {
  ...{ name: 'feature_clock', kind: 'log', of: feedTable.name },
  integers: ['known_at'],
};
/** Facts that were not used, counted by view. */
export const statsTable = { name: 'feature_stats', kind: 'keyed' } as const;
/** Links that ever held between keys, with when. */
export const linkTable = { name: 'feature_link', kind: 'keyed' } as const;
export const linkedTable = { name: 'feature_linked', kind: 'index' } as const;
/** Which pseudonyms a customer's records have, and which of them were erased. */
export const subjectTable = { name: 'feature_subject', kind: 'keyed' } as const;
export const erasedTable = { name: 'feature_erased', kind: 'keyed' } as const;

export const featureTables = [
  ...[rowTable, seriesTable, lineLog, feedTable, clockLog],
  ...[statsTable, linkTable, linkedTable, subjectTable, erasedTable],
];

/** Bits of a line's `kind`. */
export const retracts = 1;
export const imports = 2;

/** A stream is noted as heard of at most this often: values' ages are as fine as that. */
export const clockGrainMs = 30_000;

export interface FeatureFoldOptions {
  readonly views: readonly FeatureView[];
  readonly leading: Leading;
  /** Told which keys an entry has changed, so that what is kept of them in memory is let go. */
  readonly touched?: (seq: number, series: string) => void;
}

interface KeptRow {
  /** State key of the record that states it. */
  readonly s: string;
  readonly e: number | null;
  readonly k: number;
  readonly f: JsonObject;
}

interface KeptKey {
  readonly rows: readonly KeptRow[];
  /** Views that refused the fact as it stands. */
  readonly refused: readonly string[];
  /** Views of whose fact, as it stands, nothing but imports has told. */
  readonly imported: readonly string[];
}

export interface KeptLink {
  readonly to: string;
  readonly since: number;
  readonly sinceAt: number;
  readonly until: number | null;
  readonly untilAt: number | null;
}

export function seriesKey(view: string, key: string): string {
  return `${view}/${key}`;
}

export function feedName(source: string, stream: string): string {
  return `${source}/${stream}`;
}

/** A stream as a line names it: 32 bits of a hash (FNV-1a), a few bytes instead of its name. */
export function feedId(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

export function createFeatureFold(options: FeatureFoldOptions): Fold {
  const byEntity = new Map<string, { state: FeatureView[]; changes: FeatureView[] }>();
  for (const view of options.views) {
    const of = byEntity.get(view.from.entity) ?? { state: [], changes: [] };
    of[view.from.kind].push(view);
    byEntity.set(view.from.entity, of);
  }
  const identities = new Set(options.views.flatMap(({ of }) => of.identity ?? []));
  const contribution = rememberedContributions();
  const stateKeys = (input: FoldInput): Set<string> => {
    const keys = new Set<string>();
    const { before = [], after = [] } = input.change ?? {};
    for (const row of before) addStateKey(keys, row);
    if (after !== before) for (const row of after) addStateKey(keys, row);
    return keys;
  };
  const addStateKey = (keys: Set<string>, row: StoredRow) => {
    if ((byEntity.get(row.entity)?.state.length ?? 0) > 0) keys.add(`${row.entity}/${row.key}`);
  };

  return {
    name: 'features',
    version: 1,
    tables: featureTables,
    declareKeys(input, need) {
      const { header, body, change } = input;
      if (isHeard(input)) need(feedTable.name, feedName(header.source, header.stream));
      if (header.kind === 'control') return declareControl(body, identities, need);
      if (change === null || change.before === change.after) return;
      for (const key of stateKeys(input)) need(rowTable.name, key);
      for (const row of [...change.before, ...change.after]) {
        if (header.subject !== null && row.entity === 'customer') need(subjectTable.name, row.key);
        const of = byEntity.get(row.entity);
        for (const view of of === undefined ? [] : [...of.state, ...of.changes]) {
          // As they are for one source alone, which most are; a rarer key is looked up by itself.
          const changedAt = header.eventAt ?? toldAt(header);
          const one = contribution(view, row.fields, changedAt, header.source);
          if (typeof one === 'object' && one !== null) {
            need(seriesTable.name, seriesKey(view.name, one.key));
          }
          need(statsTable.name, view.name);
        }
      }
    },
    plan(input, state) {
      const { header, change } = input;
      if (isHeard(input)) noteHeard(input, state);
      if (header.kind === 'control') return planControl(input, identities, state);
      if (change === null || change.before === change.after) return;
      noteSubjects(input, state);
      const write = lineWriter(input, state, options.touched);
      for (const row of change.after) {
        const views = byEntity.get(row.entity)?.changes ?? [];
        if (views.length === 0 || isTold(row, change.before)) continue;
        const changedAt = change.eventAtAfter ?? toldAt(header);
        for (const view of views) {
          const told = { fields: row.fields, changedAt, source: header.source };
          const made = accepted(contribution, view, told, null, input, state);
          if (made !== null) write(view, made, false, header.imputed);
        }
      }
      for (const name of stateKeys(input)) {
        const views = byEntity.get(name.slice(0, name.indexOf('/')))?.state ?? [];
        planKey(contribution, name, views, input, state, options.leading, write);
      }
    },
  };
}

/** `isImported`: what is asserted or retracted was imported. */
type WriteLine = (
  view: FeatureView,
  made: Contribution,
  isGone: boolean,
  isImported: boolean,
) => void;

function lineWriter(
  { header }: FoldInput,
  state: FoldState,
  touched: FeatureFoldOptions['touched'],
): WriteLine {
  const feed = feedId(feedName(header.source, header.stream));
  let place = 0;
  return (view, made, isGone, isImported) => {
    // What one import says instead of another was never known to stand before: its assertion and
    // its retraction have the same imputed time.
    const kind = (isGone ? retracts : 0) | (header.imputed && isImported ? imports : 0);
    const series = seriesKey(view.name, made.key);
    state.append(lineLog.name, series, {
      at: made.at,
      seq: header.offset,
      place,
      integers: [header.knownAt, kind, feed, made.at - made.eventAt],
      value: made.value,
    });
    place += 1;
    touched?.(header.offset, series);
  };
}

/** Brings what a key's winning row adds to each view in line with what the entry says. */
function planKey(
  contribution: typeof contributionOf,
  name: string,
  views: readonly FeatureView[],
  input: FoldInput,
  state: FoldState,
  leading: Leading,
  write: WriteLine,
): void {
  const { header, change } = input;
  const entity = name.slice(0, name.indexOf('/'));
  const key = name.slice(entity.length + 1);
  const kept = state.get(rowTable.name, name) as KeptKey | undefined;
  const before = kept ?? { rows: [], refused: [], imported: [] };
  const stateKey = change?.stateKey ?? '';
  const told = (change?.after ?? [])
    .filter((row) => row.entity === entity && row.key === key)
    .map((row) => ({
      ...{ s: stateKey, e: change?.eventAtAfter ?? null, k: toldAt(header) },
      f: row.fields,
    }));
  const rows = [...before.rows.filter((row) => row.s !== stateKey), ...told];
  const old = winnerOf(entity, before.rows, leading);
  const now = winnerOf(entity, rows, leading);
  const refused: string[] = [];
  const imported: string[] = [];
  for (const view of views) {
    const stood =
      old === null || before.refused.includes(view.name)
        ? null
        : plain(contribution(view, old.fields, old.changedAt, old.source));
    const wasImported = before.imported.includes(view.name);
    const made = now === null ? null : accepted(contribution, view, now, stood, input, state);
    const isRefused =
      made === null &&
      now !== null &&
      plain(contribution(view, now.fields, now.changedAt, now.source)) !== null;
    if (isRefused) refused.push(view.name);
    const isSame = isSameContribution(stood, made);
    // Only what imports alone have told of is taken to have been known before they ran.
    const onlyImported = header.imputed && (stood === null || wasImported);
    if (made !== null && onlyImported) imported.push(view.name);
    if (isSame) continue;
    if (stood !== null) write(view, stood, true, wasImported);
    if (made !== null) write(view, made, false, onlyImported);
  }
  if (rows.length > 0 || before.rows.length > 0) {
    state.set(rowTable.name, name, { rows, refused, imported } as unknown as JsonObject);
  }
}

interface Winner {
  readonly fields: JsonObject;
  readonly changedAt: number;
  /** Null where several sources tell of the key. */
  readonly source: string | null;
}

function winnerOf(entity: string, rows: readonly KeptRow[], leading: Leading): Winner | null {
  const first = rows[0];
  if (first === undefined) return null;
  const changedAt = Math.max(...rows.map((row) => row.e ?? row.k));
  if (rows.length === 1) {
    return { fields: first.f, changedAt, source: first.s.slice(0, first.s.indexOf('/')) };
  }
  const won = survive(entity, rows.map(sourceRow), leading);
  return won === null ? null : { fields: won.fields, changedAt, source: null };
}

function sourceRow({ s, e, k, f }: KeptRow): SourceRow {
  const [source = '', stream = '', ...record] = s.split('/');
  return {
    ...{ source, stream, recordKey: record.join('/'), version: null },
    ...{ eventAt: e, knownAt: k, offset: 0, id: s, fields: f },
  };
}

function plain(made: ReturnType<typeof contributionOf>): Contribution | null {
  return typeof made === 'object' ? made : null;
}

/** What the row adds, unless it is told for the first time and too late; what is not used counts. */
function accepted(
  contribution: typeof contributionOf,
  view: FeatureView,
  { fields, changedAt, source }: Winner,
  stood: Contribution | null,
  { header }: FoldInput,
  state: FoldState,
): Contribution | null {
  const made = contribution(view, fields, changedAt, source);
  if (made === null) return null;
  if (typeof made === 'string') {
    countIn(state, view.name, made);
    return null;
  }
  const isFirst = stood === null && !header.imputed;
  const lateMs = toldAt(header) - made.eventAt;
  if (!isFirst || view.acceptLateMs === null || lateMs <= view.acceptLateMs) return made;
  countIn(state, view.name, 'late');
  return null;
}

function countIn(state: FoldState, view: string, what: string): void {
  const stats = state.get(statsTable.name, view) ?? {};
  state.set(statsTable.name, view, { ...stats, [what]: Number(stats[what] ?? 0) + 1 });
}

/** Whether the record said the very same of this key before. */
function isTold(row: StoredRow, before: readonly StoredRow[]): boolean {
  const same = before.filter((one) => one.entity === row.entity && one.key === row.key);
  if (same.length === 0) return false;
  const text = JSON.stringify(row.fields);
  return same.some((one) => JSON.stringify(one.fields) === text);
}

/** Entries that show a stream to be alive: its records, its polls, the ends of its passes. */
function isHeard({ header, body }: FoldInput): boolean {
  // A replay from quarantine is an act of ours; the source has said nothing.
  if (header.stream === '' || header.replayed) return false;
  if (header.kind === 'record' || header.kind === 'heartbeat') return true;
  return header.kind === 'pass' && body?.['pass'] === 'end';
}

function noteHeard({ header }: FoldInput, state: FoldState): void {
  const feed = feedName(header.source, header.stream);
  const at = header.readAt ?? header.knownAt;
  const noted = state.get(feedTable.name, feed);
  if (noted !== undefined && at - Number(noted['at']) < clockGrainMs) return;
  state.set(feedTable.name, feed, { at });
  const line = { at, seq: header.offset, place: 0, integers: [header.knownAt], value: '' };
  state.append(clockLog.name, feed, line);
}

/** Remembers which pseudonyms a customer's records have, so that an erasure finds the customer. */
function noteSubjects({ header, change }: FoldInput, state: FoldState): void {
  if (header.subject === null) return;
  const subject = Buffer.from(header.subject).toString('hex');
  for (const row of change?.after ?? []) {
    if (row.entity !== 'customer') continue;
    const known = (state.get(subjectTable.name, row.key)?.['subjects'] ?? []) as readonly string[];
    if (known.includes(subject)) continue;
    state.set(subjectTable.name, row.key, { subjects: [...known, subject] });
  }
}

function declareControl(
  body: JsonObject | null,
  identities: ReadonlySet<string>,
  need: (table: string, key: string) => void,
): void {
  const action = body?.['action'];
  if (action === 'erasure') need(erasedTable.name, String(body?.['subject']));
  const isLink = action === 'link' || action === 'unlink';
  if (isLink && identities.has(String(body?.['entity']))) {
    need(linkTable.name, `${body?.['entity']}/${body?.['from']}`);
  }
}

function planControl(
  { header, body }: FoldInput,
  identities: ReadonlySet<string>,
  state: FoldState,
): void {
  const action = body?.['action'];
  if (action === 'erasure') {
    state.set(erasedTable.name, String(body?.['subject']), { since: header.offset });
    return;
  }
  if (action !== 'link' && action !== 'unlink') return;
  const entity = String(body?.['entity']);
  if (!identities.has(entity)) return;
  const name = `${entity}/${body?.['from']}`;
  const kept = (state.get(linkTable.name, name)?.['links'] ?? []) as unknown as KeptLink[];
  const closed = kept.map((link) =>
    link.until === null ? { ...link, until: header.offset, untilAt: header.knownAt } : link,
  );
  if (action === 'link') {
    const to = String(body?.['to']);
    const since = { since: header.offset, sinceAt: header.knownAt };
    closed.push({ to, ...since, until: null, untilAt: null });
    // Never dropped: a cluster of last year is found by the links of last year.
    state.addMember(linkedTable.name, `${entity}/${to}`, String(body?.['from']));
  }
  state.set(linkTable.name, name, { links: closed } as unknown as JsonObject);
}

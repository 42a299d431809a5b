/**
 * What values must be, the slow way: keep every statement, work out which facts stood when, filter,
 * add up. It knows no contribution, no tile and no line of a log, shares no code with the room, and
 * is what the room is held against.
 *
 * A fact stands from the statement that made it until the statement that ended it. A value at (T, K)
 * is over the facts that stood after the first K statements of the journal, that had become true by
 * T, and whose date lies in the window.
 */
type Fields = Readonly<Record<string, unknown>>;

/** What one source record says from journal offset `seq` on; `rows` is empty when it is gone. */
export interface Statement {
  readonly seq: number;
  readonly knownAt: number;
  readonly record: string;
  readonly source: string;
  readonly eventAt: number | null;
  readonly imported: boolean;
  readonly rows: readonly { readonly entityKey: string; readonly fields: Fields }[];
}

export interface OracleView {
  readonly kind: 'state' | 'changes';
  /** Sources, the one that is believed first. */
  readonly leading: readonly string[];
  readonly key: (fields: Fields) => string | null;
  readonly where: (fields: Fields) => boolean;
  /** Null where the source's own time of the change counts; a row without a date makes no fact. */
  readonly at: ((fields: Fields) => number | null) | null;
  /** Date the windows lie over, when that is not `at`. */
  readonly over: ((fields: Fields) => number | null) | null;
  readonly acceptLateMs: number | null;
  readonly importLagMs: number;
}

export interface Fact {
  readonly key: string;
  readonly eventAt: number;
  /** Date it lies at in windows. */
  readonly at: number;
  readonly fields: Fields;
  readonly from: Moment;
  readonly until: Moment | null;
  /** When an imported fact is taken to have been known. */
  readonly imputedAt: number | null;
  /** When one that a later import has undone is taken to have been known to be wrong. */
  readonly undoneAt: number | null;
}

interface Moment {
  readonly seq: number;
  readonly knownAt: number;
}

/** A link between two keys, from one offset on and until another. */
export interface OracleLink {
  readonly from: string;
  readonly to: string;
  readonly since: Moment;
  readonly until: Moment | null;
}

/** After so many statements, or with what was known by a moment of the wall clock. */
export type Known = { readonly k: number } | { readonly by: number };

/** `onlyImported`: nothing but imports has told of it so far. */
type Open = Omit<Fact, 'until' | 'undoneAt'> & { readonly onlyImported: boolean };

/** What one import says instead of another was known to be wrong as soon as it was known. */
function ended(fact: Open, statement: Statement): Fact {
  const isUndone = statement.imported && fact.onlyImported;
  return { ...fact, undoneAt: isUndone ? fact.imputedAt : null, until: momentOf(statement) };
}

/** Every fact there ever was, with when it stood. */
export function factsOf(statements: readonly Statement[], view: OracleView): Fact[] {
  const latest = new Map<string, Statement>();
  const open = new Map<string, Open>();
  const facts: Fact[] = [];
  for (const statement of statements) {
    const before = latest.get(statement.record);
    latest.set(statement.record, statement);
    if (view.kind === 'changes') {
      const had = before?.rows.map((row) => JSON.stringify(row)) ?? [];
      for (const row of statement.rows) {
        if (had.includes(JSON.stringify(row))) continue;
        const fact = factOf(view, row.fields, statement.eventAt ?? statement.knownAt, statement);
        if (fact !== null && !isLate(view, fact, statement))
          facts.push({ ...fact, until: null, undoneAt: null });
      }
      continue;
    }
    const keys = [...(before?.rows ?? []), ...statement.rows].map((row) => row.entityKey);
    for (const entityKey of new Set(keys)) {
      const told = [...latest.values()].filter((one) =>
        one.rows.some((row) => row.entityKey === entityKey),
      );
      const made = winner(view, told, entityKey, statement);
      const stood = open.get(entityKey);
      // Only what imports alone have told of is taken to have been known before they ran.
      const onlyImported = statement.imported && (stood === undefined || stood.onlyImported);
      const fact =
        made === null
          ? null
          : { ...made, onlyImported, imputedAt: onlyImported ? made.imputedAt : null };
      if (stood !== undefined && fact !== null && isSame(stood, fact)) {
        open.set(entityKey, { ...stood, onlyImported });
        continue;
      }
      if (stood !== undefined) facts.push(ended(stood, statement));
      open.delete(entityKey);
      if (fact === null) continue;
      if (stood !== undefined || !isLate(view, fact, statement)) open.set(entityKey, fact);
    }
  }
  for (const fact of open.values()) facts.push({ ...fact, until: null, undoneAt: null });
  return facts;
}

/** The facts behind a value of `key`, the earliest date first. */
export function standing(
  facts: readonly Fact[],
  keys: readonly string[],
  span: { readonly t: number; readonly from: number; readonly before: number },
  known: Known,
): Fact[] {
  return facts
    .filter((fact) => keys.includes(fact.key))
    .filter((fact) => fact.eventAt <= span.t && fact.at >= span.from && fact.at < span.before)
    .filter((fact) => began(fact, known) && !hasEnded(fact, known))
    .sort((a, b) => a.at - b.at);
}

/** The keys that one thing has at a moment. */
export function clusterOf(links: readonly OracleLink[], key: string, known: Known): string[] {
  const held = links.filter(
    (link) => happened(link.since, known) && !(link.until !== null && happened(link.until, known)),
  );
  const keys = new Set([key]);
  for (let size = 0; size !== keys.size; ) {
    size = keys.size;
    for (const { from, to } of held) {
      if (keys.has(from)) keys.add(to);
      else if (keys.has(to)) keys.add(from);
    }
  }
  return [...keys];
}

function began(fact: Fact, known: Known): boolean {
  if ('by' in known && fact.imputedAt !== null && fact.imputedAt <= known.by) return true;
  return happened(fact.from, known);
}

function hasEnded({ until, undoneAt }: Fact, known: Known): boolean {
  if ('by' in known && undoneAt !== null && undoneAt <= known.by) return true;
  return until !== null && happened(until, known);
}

function happened(moment: Moment, known: Known): boolean {
  return 'k' in known ? moment.seq < known.k : moment.knownAt <= known.by;
}

function winner(
  view: OracleView,
  told: readonly Statement[],
  entityKey: string,
  statement: Statement,
): Open | null {
  const place = (one: Statement) => {
    const at = view.leading.indexOf(one.source);
    return at === -1 ? view.leading.length : at;
  };
  const rows = told.map((one) => ({
    one,
    fields: one.rows.find((row) => row.entityKey === entityKey)?.fields ?? {},
  }));
  rows.sort(
    (a, b) =>
      place(a.one) - place(b.one) ||
      (b.one.eventAt ?? 0) - (a.one.eventAt ?? 0) ||
      filled(b.fields) - filled(a.fields) ||
      (a.one.record < b.one.record ? -1 : 1),
  );
  const fields: Record<string, unknown> = {};
  for (const row of [...rows].reverse()) Object.assign(fields, row.fields);
  if (rows.length === 0) return null;
  const eventAt = Math.max(...rows.map(({ one }) => one.eventAt ?? one.knownAt));
  return factOf(view, fields, eventAt, statement);
}

function filled(fields: Fields): number {
  return Object.values(fields).filter((value) => value !== null).length;
}

function factOf(
  view: OracleView,
  fields: Fields,
  changedAt: number,
  statement: Statement,
): Open | null {
  const key = view.key(fields);
  const eventAt = view.at === null ? changedAt : view.at(fields);
  const at = view.over === null ? eventAt : view.over(fields);
  if (key === null || eventAt === null || at === null || !view.where(fields)) return null;
  const imputedAt = statement.imported ? eventAt + view.importLagMs : null;
  const onlyImported = statement.imported;
  return { key, eventAt, at, fields, from: momentOf(statement), imputedAt, onlyImported };
}

function isLate(view: OracleView, fact: Open, statement: Statement): boolean {
  if (view.acceptLateMs === null || statement.imported) return false;
  return statement.knownAt - fact.eventAt > view.acceptLateMs;
}

function isSame(left: Open, right: Open): boolean {
  const texts = [left, right].map(({ key, eventAt, at, fields }) =>
    JSON.stringify([
      key,
      eventAt,
      at,
      Object.keys(fields)
        .sort()
        .map((name) => [name, fields[name]]),
    ]),
  );
  return texts[0] === texts[1];
}

function momentOf({ seq, knownAt }: Statement): Moment {
  return { seq, knownAt };
}

/** The calendar date clocks of the zone show. */
export function localDate(at: number, zone: string): string {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
    formats.set(zone, format);
  }
  return format.format(at);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const midnights = new Map<string, number>();
const quarterMs = 900_000;

/** The first quarter of an hour at which the zone's clocks show the date `days` from that of `at`. */
export function midnight(at: number, zone: string, days: number): number {
  const [year = 0, month = 1, day = 1] = localDate(at, zone).split('-').map(Number);
  const noon = Date.UTC(year, month - 1, day + days);
  const date = new Date(noon).toISOString().slice(0, 10);
  const found = midnights.get(`${zone} ${date}`);
  if (found !== undefined) return found;
  let start = noon - 16 * 3_600_000;
  while (localDate(start, zone) < date) start += quarterMs;
  midnights.set(`${zone} ${date}`, start);
  return start;
}

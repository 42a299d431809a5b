/**
 * A trace as lanes: one per system, in it one row per record, in it one mark per statement. A mark
 * spans from when something became true at its source to when it could be read here. Pure.
 */
import type { Hop, Trace, TraceAnswer, TraceSource } from '../client/schema.js';

export interface Mark {
  readonly statement: TraceSource;
  /** When it became true, or when it was known where the source gives no time. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly hops: readonly Hop[];
  /** The statement before it of the same record. */
  readonly before: TraceSource | null;
  /** Read because everything was, so its delay says when that was and not how late news comes. */
  readonly isPass: boolean;
}

const passText = 'read within a pass';

export interface Row {
  readonly record: string;
  readonly label: string;
  readonly answer: TraceAnswer;
  /** Oldest first. */
  readonly marks: readonly Mark[];
}

/** What a flow did about a record at the system whose lane it is in. */
export interface Act {
  readonly hop: Hop;
  readonly record: string;
  readonly atMs: number;
}

export interface Lane {
  readonly source: string;
  readonly rows: readonly Row[];
  /** In time order. */
  readonly acts: readonly Act[];
}

export function lanesOf(trace: Trace): Lane[] {
  const lanes = new Map<string, Row[]>();
  for (const answer of trace.answers) {
    const [source = '', ...rest] = answer.record.split('/');
    const row = { record: answer.record, label: rest.join('/'), answer, marks: marksOf(answer) };
    const rows = lanes.get(source);
    if (rows === undefined) lanes.set(source, [row]);
    else rows.push(row);
  }
  const acts = trace.answers.flatMap(actsOf);
  // A system may be written to and have said nothing of it yet.
  const systems = new Set([...lanes.keys(), ...acts.flatMap(({ hop }) => hop.target ?? [])]);
  return [...systems].map((source) => ({
    source,
    rows: lanes.get(source) ?? [],
    acts: once(acts.filter(({ hop }) => hop.target === source)),
  }));
}

export function actsOf({ record, hops }: TraceAnswer): Act[] {
  return hops
    .filter(({ target }) => target !== undefined)
    .map((hop) => ({ hop, record, atMs: Date.parse(hop.at) }));
}

/** Several records of one group tell of the same delivery. */
function once(acts: readonly Act[]): Act[] {
  const byText = new Map(acts.map((act) => [`${act.hop.journal} ${act.hop.what}`, act]));
  return [...byText.values()].toSorted((a, b) => a.atMs - b.atMs);
}

function marksOf({ sources, hops }: TraceAnswer): Mark[] {
  const ofStatement = new Map<number, Hop[]>();
  for (const hop of hops) {
    const list = ofStatement.get(hop.journal);
    if (list === undefined) ofStatement.set(hop.journal, [hop]);
    else list.push(hop);
  }
  return sources
    .map((statement, index): Mark => {
      const toMs = Date.parse(statement.durableAt ?? statement.knownAt);
      return {
        statement,
        fromMs: statement.eventAt === null ? toMs : Date.parse(statement.eventAt),
        toMs,
        hops: ofStatement.get(statement.journal) ?? [],
        before: sources[index + 1] ?? null,
        isPass: ofStatement.get(statement.journal)?.some(({ what }) => what === passText) === true,
      };
    })
    .toSorted((a, b) => a.statement.journal - b.statement.journal);
}

/** What the id may be: the same number in two brands is two orders. */
export function meaningsOf({ answers }: Trace): TraceAnswer['entities'] {
  const refs = answers.flatMap(({ entities }) =>
    entities.filter(({ entity }) => ['order', 'variant', 'product', 'customer'].includes(entity)),
  );
  return [...new Map(refs.map((ref) => [`${ref.entity}/${ref.key}`, ref])).values()];
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From the first to the last moment, with room at both ends. */
export function spanOf(lanes: readonly Lane[]): Span {
  const times = lanes.flatMap(({ rows, acts }) => [
    ...rows.flatMap((row) => row.marks.flatMap((mark) => [mark.fromMs, mark.toMs])),
    ...acts.map(({ atMs }) => atMs),
  ]);
  if (times.length === 0) return { fromMs: 0, toMs: 1000 };
  return roomy({ fromMs: Math.min(...times), toMs: Math.max(...times) });
}

export function roomy({ fromMs, toMs }: Span): Span {
  const room = Math.max((toMs - fromMs) * 0.04, 25);
  return { fromMs: fromMs - room, toMs: toMs + room };
}

export interface Cluster {
  readonly marks: readonly Mark[];
  readonly from: number;
  readonly to: number;
}

/** Marks of a row that would cover each other on the screen are drawn as one. Positions in px. */
export function clustersOf(
  marks: readonly Mark[],
  place: (ms: number) => number,
  apart: number,
): Cluster[] {
  const placed = marks
    .map((mark) => ({
      mark,
      from: place(Math.min(mark.fromMs, mark.toMs)),
      to: place(Math.max(mark.fromMs, mark.toMs)),
    }))
    .toSorted((a, b) => a.from - b.from);
  const clusters: { marks: Mark[]; from: number; to: number }[] = [];
  for (const { mark, from, to } of placed) {
    const last = clusters.at(-1);
    if (last !== undefined && from - last.to < apart) {
      last.marks.push(mark);
      last.to = Math.max(last.to, to);
    } else clusters.push({ marks: [mark], from, to });
  }
  return clusters;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minuteMs),
  ...[1, 2, 3, 6, 12].map((n) => n * hourMs),
  ...[1, 2, 7, 14, 30, 91, 182, 365, 730, 3650].map((n) => n * dayMs),
];

export interface Tick {
  readonly ms: number;
  readonly text: string;
}

/** Round moments along the axis, at most `countMax` of them, said as finely as they lie apart. */
export function ticksOf({ fromMs, toMs }: Span, countMax: number, offsetMs: number): Tick[] {
  const step = steps.find((one) => (toMs - fromMs) / one <= countMax) ?? toMs - fromMs;
  const first = Math.ceil((fromMs + offsetMs) / step) * step - offsetMs;
  const ticks: Tick[] = [];
  for (let ms = first; ms <= toMs; ms += step) ticks.push({ ms, text: tickText(ms, step) });
  return ticks;
}

function tickText(ms: number, step: number): string {
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  if (step >= dayMs) return day;
  const minute = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (step >= minuteMs) return minute === '00:00' ? day : minute;
  const second = `${minute}:${two(at.getSeconds())}`;
  return step >= secondMs ? second : `.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** A hop with where its bar begins and ends, as shares of the whole. */
export interface Bar {
  readonly hop: Hop;
  readonly from: number;
  readonly to: number;
}

/**
 * Hops as a waterfall. What became true long before anyone read it would leave no room for the
 * rest, so then that wait is named and not drawn.
 */
export function waterfallOf(hops: readonly Hop[]): {
  readonly bars: readonly Bar[];
  readonly isCut: boolean;
} {
  const times = hops.map(({ at }) => Date.parse(at));
  const start = times[0] ?? 0;
  const end = times.at(-1) ?? start;
  const second = times[1] ?? start;
  const isCut = hops.length > 2 && second - start > 20 * Math.max(1, end - second);
  const base = isCut ? second : start;
  const whole = Math.max(1, end - base);
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - base) / whole));
  return {
    isCut,
    bars: hops.map((hop, index) => ({
      hop,
      from: share(times[index - 1] ?? start),
      to: share(times[index] ?? start),
    })),
  };
}

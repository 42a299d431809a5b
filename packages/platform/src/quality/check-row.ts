/**
 * The row that makes a time series of the readings of one check of one target.
 *
 *   learning ─▶ ok ─(bad)─▶ watch ─(bad again)─▶ alarm ─(good)─▶ ok
 *                 ▲            └──(good)──▶ ok
 *
 * Two rules against false alarms: *two strikes*, a reading must be bad at two looks in a row
 * (`strikes` says how many; what cannot be by chance needs one); and *closed buckets*, shares and
 * volumes are judged on hours that are over. A quiet hour of the system turns nothing red.
 */
import type { EntityName, FeedClass, QuietWindow } from '@headrace/sdk';
import { quietAt, quietEndedAt, quietText } from '../engine/index.js';
import type { Contract } from './contracts.js';

export const checkNames = [
  'watermark-lag',
  'transit-lag',
  'silence',
  'count',
  'sequence',
  'structure',
  'coverage',
  'volume',
  'drift',
  'schema',
  'references',
  'duplicates',
  'stock',
  'price',
  'orders',
  'returns',
  'refunds',
  'clock',
  'quarantine',
] as const;
export type CheckName = (typeof checkNames)[number];

export interface WatchedStream {
  readonly source: string;
  readonly stream: string;
  readonly entities: readonly EntityName[];
  readonly feed: FeedClass;
  readonly everyMs: number;
  readonly quiet: readonly QuietWindow[];
  readonly contract: Contract;
}

export type CheckState = 'learning' | 'ok' | 'watch' | 'alarm' | 'quiet';

/** What one look says. Values are whole numbers of the unit. */
export interface Reading {
  readonly verdict: 'ok' | 'bad' | 'learning';
  readonly value: number;
  readonly limit: number;
  readonly unit: 'ms' | 'count' | 'share' | 'sigma';
  readonly why: string | null;
  readonly evidence?: readonly string[];
  /** How many bad looks in a row make an alarm; 2 unless said. */
  readonly strikes?: 1 | 2;
}

export interface CheckRow {
  readonly check: CheckName;
  readonly target: string;
  /** System whose fault it most likely is. */
  readonly culprit: string;
  state: CheckState;
  value: number;
  limit: number;
  unit: Reading['unit'];
  why: string | null;
  evidence: readonly string[];
  bad: number;
  /** Since when it is in this state, and when it was last looked at. */
  since: number;
  at: number;
  /** The last readings: time, value, state; at most `pointsMax`. */
  points: [number, number, CheckState][];
}

const pointsMax = 96;
const pointEveryMs = 15 * 60_000;

/** Moves a row by a reading; returns whether what is stored of it changed. */
export function advanceCheck(
  row: CheckRow,
  reading: Reading,
  now: number,
  isQuiet: boolean,
): boolean {
  const bad = reading.verdict === 'bad' && !isQuiet ? row.bad + 1 : 0;
  const next: CheckState =
    reading.verdict === 'learning'
      ? 'learning'
      : reading.verdict === 'ok'
        ? 'ok'
        : isQuiet
          ? 'quiet'
          : bad >= (reading.strikes ?? 2)
            ? 'alarm'
            : row.state === 'alarm'
              ? 'alarm'
              : 'watch';
  const isTurn = next !== row.state;
  const last = row.points.at(-1);
  const isPoint = isTurn || last === undefined || now - last[0] >= pointEveryMs;
  const evidence = reading.evidence ?? [];
  const isOther = reading.why !== row.why || evidence.join('\n') !== row.evidence.join('\n');
  const isNews = isPoint || isOther || bad !== row.bad;
  row.bad = Math.min(bad, 1000);
  if (isTurn) row.since = now;
  row.state = next;
  Object.assign(row, { value: reading.value, limit: reading.limit, unit: reading.unit, at: now });
  Object.assign(row, { why: reading.why, evidence });
  if (isPoint)
    row.points = [...row.points, [now, reading.value, next] as const].slice(
      -pointsMax,
    ) as CheckRow['points'];
  return isNews;
}

export function emptyCheck(
  check: CheckName,
  target: string,
  culprit: string,
  now: number,
): CheckRow {
  return {
    ...{ check, target, culprit, state: 'learning', value: 0, limit: 0, unit: 'count', why: null },
    ...{ evidence: [], bad: 0, since: now, at: now, points: [] },
  };
}

/** The quiet window now, also for as long after it as a stream is given to catch up. */
export function isQuietAt(stream: WatchedStream, now: number): boolean {
  if (quietAt(stream.quiet, now) !== null) return true;
  const ended = quietEndedAt(stream.quiet, now);
  return ended !== null && now - ended <= stream.contract.sloMs;
}

export function quietReason(stream: WatchedStream, now: number): string | null {
  const window = quietAt(stream.quiet, now);
  return window === null ? null : `Expected to be silent, ${quietText(window)}.`;
}

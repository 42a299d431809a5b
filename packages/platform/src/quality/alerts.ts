/**
 * What has to be told: one alert for each thing that is wrong, by a stable id, one more when it is over,
 * and again while it stands and comes to concern other keys. Pure but for the fold that remembers which
 * alerts stand.
 *
 *   quiet ─(wrong)─▶ raised ─(still wrong)─▶ raised ─(well for a minute)─▶ recovered ─▶ quiet
 *                      ▲ └(of other keys, too: told again, at most once an hour)┘
 *
 * A pair of systems may differ for weeks on one key that nobody minds; what differs beside it is news.
 */
import type { HeadraceError } from '@headrace/sdk';
import type { Alarm } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';
import type { CheckName, CheckRow } from './check-row.js';
import { type Part, rowOf } from './part.js';
import { commonestCulprit, type DifferingKey } from './reconcile.js';

export type AlertKind =
  | 'lag'
  | 'silence'
  | 'errors'
  | 'volume'
  | 'drift'
  | 'disagreement'
  | 'quarantine'
  | 'completeness'
  | 'disk'
  | 'test';

export interface Alert {
  readonly id: string;
  readonly state: 'raised' | 'recovered';
  readonly kind: AlertKind;
  readonly target: string;
  readonly culprit: string;
  readonly message: string;
  /** Since when it is wrong, ms. */
  readonly since: number;
  readonly at: number;
  /** Keys two systems differ on that were told of so far, the latest first; at most `keysMax`. */
  readonly keys: readonly string[];
}

/** An alert as it was last told, and when it was last seen to be so. */
export interface Standing {
  readonly alert: Alert;
  readonly seenAt: number;
}

/** A key two systems are settled in disagreement about. */
export type Differing = Pick<DifferingKey, 'key' | 'culprit'>;

/** A channel alerts go out by; it retries by itself. */
export interface AlertSink {
  readonly name: string;
  send(alert: Alert): Promise<void>;
}

export interface AlertFacts {
  readonly now: number;
  readonly checks: readonly Pick<CheckRow, 'check' | 'target' | 'culprit' | 'why' | 'since'>[];
  readonly streams: readonly { readonly name: string; readonly alarms: readonly Alarm[] }[];
  /** By the name of their pair, the latest first. */
  readonly differing: ReadonlyMap<string, readonly Differing[]>;
  readonly freeBytes: number | null;
  readonly trouble: HeadraceError | null;
}

export const alertTable = { name: 'quality_alert', kind: 'keyed' } as const;

/** Below this a commit may soon be refused. */
export const freeBytesMin = 1 << 30;
/** Well for so long before it is said to be over: what flaps is told once. */
const recoverAfterMs = 60_000;
/** A fault that spreads from key to key is told again this seldom. */
const toldAgainMs = 3_600_000;
/** How many keys an alert remembers: those that come and go are told once. */
export const keysMax = 200;
const namedMax = 3;

const kinds: Readonly<Record<CheckName, AlertKind>> = {
  'watermark-lag': 'lag',
  'transit-lag': 'lag',
  silence: 'silence',
  count: 'completeness',
  sequence: 'completeness',
  structure: 'drift',
  coverage: 'completeness',
  volume: 'volume',
  drift: 'drift',
  schema: 'drift',
  references: 'completeness',
  duplicates: 'drift',
  stock: 'disagreement',
  price: 'disagreement',
  orders: 'disagreement',
  returns: 'disagreement',
  refunds: 'disagreement',
  clock: 'drift',
  quarantine: 'quarantine',
};

/** Remembers what stands, from the journaled alerts. */
export function alertsPart(): Part {
  return {
    tables: [alertTable],
    declareKeys({ header, body }, need) {
      if (header.kind === 'control' && body?.['action'] === 'alert') {
        need(alertTable.name, String(body['id']));
      }
    },
    plan({ header, body }, state) {
      if (header.kind !== 'control' || body?.['action'] !== 'alert') return;
      const id = String(body['id']);
      const row = rowOf<Record<string, unknown>>(state, alertTable.name, id, () => ({}));
      const { action: _action, principal: _principal, ...alert } = body;
      state.set(alertTable.name, id, { ...row, ...alert } as never);
    },
  };
}

export function alertsIn(reader: StoreReader): Alert[] {
  return [...reader.tableAll(alertTable.name)].map(({ value }) => ({
    // What older versions journaled names no keys.
    ...{ keys: [] },
    ...(JSON.parse(value) as Alert),
  }));
}

/** Alerts that were raised and are not over, as journaled. */
export function standingOf(reader: StoreReader): Map<string, Standing> {
  const raised = alertsIn(reader).filter(({ state }) => state === 'raised');
  return new Map(raised.map((alert) => [alert.id, { alert, seenAt: alert.at }]));
}

/** What is to be told: what is new or has come to be wrong of other keys, and what is over. */
export function nextAlerts(
  before: ReadonlyMap<string, Standing>,
  facts: AlertFacts,
): {
  readonly raised: readonly Alert[];
  readonly recovered: readonly Alert[];
  readonly standing: Map<string, Standing>;
} {
  const { now, differing } = facts;
  const standing = new Map<string, Standing>();
  const raised: Alert[] = [];
  const recovered: Alert[] = [];
  for (const found of wrongNow(facts)) {
    const keys = found.kind === 'disagreement' ? (differing.get(found.target) ?? []) : [];
    const known = before.get(found.id)?.alert;
    const told = known === undefined ? asFirst(found, keys) : asAgain(found, keys, known);
    if (told !== null) raised.push(told);
    const alert = told ?? known;
    if (alert !== undefined) standing.set(found.id, { alert, seenAt: now });
  }
  for (const [id, one] of before) {
    if (standing.has(id)) continue;
    if (now - one.seenAt < recoverAfterMs) standing.set(id, one);
    else recovered.push({ ...one.alert, state: 'recovered', at: now });
  }
  return { raised, recovered, standing };
}

function asFirst(found: Found, differing: readonly Differing[]): Alert {
  return { ...found, state: 'raised', keys: differing.slice(0, keysMax).map(({ key }) => key) };
}

/** The same alert of keys it did not name yet; null where there are none, or it was just told. */
function asAgain(found: Found, differing: readonly Differing[], known: Alert): Alert | null {
  if (found.at - known.at < toldAgainMs) return null;
  const named = new Set(known.keys);
  // Of more keys than it remembers only those later than any it named: the others differed before.
  const last = differing.findLastIndex(({ key }) => named.has(key));
  const isFull = known.keys.length === keysMax && last >= 0;
  const later = isFull ? differing.slice(0, last + 1) : differing;
  const others = later.filter(({ key }) => !named.has(key));
  if (others.length === 0) return null;
  const names = others.slice(0, namedMax).map(({ key }) => key);
  const more = others.length > namedMax ? ` and ${others.length - namedMax} more` : '';
  return {
    ...{ ...found, state: 'raised', since: known.since, culprit: commonestCulprit(others) },
    message: `${found.message} New among them: ${names.join(', ')}${more}.`,
    keys: [...others.map(({ key }) => key), ...known.keys].slice(0, keysMax),
  };
}

type Found = Omit<Alert, 'state' | 'keys'>;

function wrongNow({ now, checks, streams, freeBytes, trouble }: AlertFacts): Found[] {
  const found = new Map<string, Found>();
  const add = (alert: Omit<Found, 'at'>) => found.set(alert.id, { ...alert, at: now });
  for (const { check, target, culprit, why, since } of checks) {
    const message = why ?? `${check} of ${target} is in alarm.`;
    add({ id: `${check} ${target}`, kind: kinds[check], target, culprit, message, since });
  }
  for (const { name, alarms } of streams) {
    for (const { code, message, since } of alarms) {
      const culprit = name.split('/')[0] ?? name;
      add({ id: `${code} ${name}`, kind: 'errors', target: name, culprit, message, since });
    }
  }
  if (freeBytes !== null && freeBytes < freeBytesMin) {
    const message = `Only ${Math.round(freeBytes / (1 << 20))} MiB are free where the data lies.`;
    add({ id: 'disk', kind: 'disk', target: 'data', culprit: 'headrace', message, since: now });
  }
  if (trouble !== null) {
    const { message } = trouble;
    add({ id: 'store', kind: 'disk', target: 'data', culprit: 'headrace', message, since: now });
  }
  return [...found.values()];
}

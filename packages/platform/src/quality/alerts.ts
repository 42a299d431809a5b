/**
 * What has to be told: one alert for each thing that is wrong, by a stable id, and one more when it
 * is over. Pure but for the fold that remembers which alerts stand.
 *
 *   quiet ─(wrong)─▶ raised ─(still wrong)─▶ raised ─(well for a minute)─▶ recovered ─▶ quiet
 */
import type { HeadraceError } from '@headrace/sdk';
import type { Alarm } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';
import type { CheckName, CheckRow } from './check-row.js';
import { type Part, rowOf } from './part.js';

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
}

/** A channel alerts go out by; it retries by itself. */
export interface AlertSink {
  readonly name: string;
  send(alert: Alert): Promise<void>;
}

export interface AlertFacts {
  readonly now: number;
  readonly checks: readonly Pick<CheckRow, 'check' | 'target' | 'culprit' | 'why' | 'since'>[];
  readonly streams: readonly { readonly name: string; readonly alarms: readonly Alarm[] }[];
  readonly freeBytes: number | null;
  readonly trouble: HeadraceError | null;
}

export const alertTable = { name: 'quality_alert', kind: 'keyed' } as const;

/** Below this a commit may soon be refused. */
export const freeBytesMin = 1 << 30;
/** Well for so long before it is said to be over: what flaps is told once. */
const recoverAfterMs = 60_000;

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
  return [...reader.tableAll(alertTable.name)].map(({ value }) => JSON.parse(value) as Alert);
}

/** Alerts that were raised and are not over, as journaled. */
export function standingOf(reader: StoreReader): Map<string, Alert> {
  const raised = alertsIn(reader).filter(({ state }) => state === 'raised');
  return new Map(raised.map((alert) => [alert.id, alert]));
}

/** What is new and what is over; `standing` remembers in `at` when each was last seen wrong. */
export function nextAlerts(
  before: ReadonlyMap<string, Alert>,
  facts: AlertFacts,
): {
  readonly raised: readonly Alert[];
  readonly recovered: readonly Alert[];
  readonly standing: Map<string, Alert>;
} {
  const wrong = wrongNow(facts);
  const standing = new Map<string, Alert>();
  const raised: Alert[] = [];
  const recovered: Alert[] = [];
  for (const alert of wrong) {
    const known = before.get(alert.id);
    standing.set(alert.id, { ...alert, since: known?.since ?? alert.since });
    if (known === undefined) raised.push(alert);
  }
  for (const [id, alert] of before) {
    if (standing.has(id)) continue;
    if (facts.now - alert.at < recoverAfterMs) standing.set(id, alert);
    else recovered.push({ ...alert, state: 'recovered', at: facts.now });
  }
  return { raised, recovered, standing };
}

function wrongNow({ now, checks, streams, freeBytes, trouble }: AlertFacts): Alert[] {
  const found = new Map<string, Alert>();
  const add = (alert: Omit<Alert, 'state' | 'at'>) =>
    found.set(alert.id, { ...alert, state: 'raised', at: now });
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

/**
 * The live side of quality: looks at the pairs of systems, journals what it found when that changed,
 * and turns what is wrong into alerts: each told once, again when other keys differ, and when it is over.
 *
 *   every second ─▶ alarms of checks, streams, inputs, disk ─▶ alerts: raised │ recovered
 *   every minute ─▶ pairs reconciled ─▶ journaled when other than before ─▶ their checks move
 *
 * What was raised is journaled, so a restart neither forgets an alert nor tells it twice.
 */
import type { JsonObject, Logger, Timers } from '@headrace/sdk';
import { ensureError } from '@headrace/sdk';
import type { Engine } from '../engine/index.js';
import { repeat } from '../ports/index.js';
import type { AlertSink, Differing, Standing } from './alerts.js';
import { keysMax, nextAlerts, standingOf } from './alerts.js';
import type { Quality } from './quality.js';
import { commonestCulprit, lookMax, type Reconciliation } from './reconcile.js';

export interface MonitorOptions {
  readonly engine: Engine;
  readonly quality: Quality;
  readonly timers: Timers;
  readonly log: Logger;
  readonly sinks: readonly AlertSink[];
  /** Bytes free where the data lies; null where that cannot be told. */
  readonly freeBytes: () => number | null;
}

const lookEveryMs = 1000;
const reconcileEveryMs = 60_000;
/** Unchanged findings are journaled again this seldom, so that the series of a pair has points. */
const saidAgainMs = 3_600_000;

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #abort = new AbortController();
  readonly #said = new Map<string, { readonly text: string; readonly at: number }>();
  /** Settled differences of each pair as last reconciled, the latest first. */
  readonly #differing = new Map<string, readonly Differing[]>();
  #standing: Map<string, Standing> = new Map();
  #reconciledAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#standing = standingOf(this.#options.engine.reader);
    const { signal } = this.#abort;
    const shared = { ...this.#options, everyMs: lookEveryMs, what: 'quality', signal };
    this.#running = repeat(() => this.look(), shared);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** One look; called every second. */
  async look(): Promise<void> {
    const { quality } = this.#options;
    const now = quality.now();
    if (now - this.#reconciledAt >= reconcileEveryMs) {
      this.#reconciledAt = now;
      for (const pair of quality.watch.pairs) {
        const found = quality.reconcile(pair, lookMax);
        this.#differing.set(pair.name, latestOf(found).slice(0, keysMax));
        await this.#say(found, now);
      }
    }
    await this.#alert(now);
  }

  async #say(found: Reconciliation, now: number): Promise<void> {
    const body = reconciledBody(found);
    const text = JSON.stringify(body);
    const before = this.#said.get(found.pair);
    if (before?.text === text && now - before.at < saidAgainMs) return;
    this.#said.set(found.pair, { text, at: now });
    await this.#options.engine.control('system', 'reconciled', body);
  }

  async #alert(now: number): Promise<void> {
    const { engine, quality, sinks, freeBytes, log } = this.#options;
    const { raised, recovered, standing } = nextAlerts(this.#standing, {
      ...{ now, checks: quality.checks({ state: 'alarm' }), freeBytes: freeBytes() },
      differing: this.#differing,
      streams: [...engine.runners].map(([name, runner]) => ({
        name,
        alarms: runner.health.alarms(),
      })),
      trouble: engine.trouble(),
    });
    this.#standing = standing;
    for (const alert of [...raised, ...recovered]) {
      if (engine.trouble() === null) {
        await engine.control('system', 'alert', { ...alert } as unknown as JsonObject);
      }
      for (const sink of sinks) {
        // A channel that is down must not hold up the next look.
        void sink.send(alert).catch((thrown) => {
          log.warn(ensureError(thrown).message, { what: 'alert', channel: sink.name });
        });
      }
    }
  }
}

function reconciledBody(found: Reconciliation): JsonObject {
  const { pair, compared, differing } = found;
  const settled = latestOf(found);
  return {
    ...{ pair, compared, settled: differing },
    keys: settled.slice(0, 20).map(({ key }) => key),
    ...(settled.length === 0 ? {} : { culprit: commonestCulprit(settled) }),
  };
}

/** What is settled, the latest difference first. */
function latestOf({ keys }: Reconciliation): Differing[] {
  return keys
    .filter(({ state }) => state === 'differs')
    .reverse()
    .map(({ key, culprit }) => ({ key, culprit }));
}

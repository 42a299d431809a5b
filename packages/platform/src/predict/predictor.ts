/**
 * Keeps the predictions of a use case current, and answers them.
 *
 *   every second ─▶ gate judged ─▶ turned? journaled
 *                        │
 *             serve or flagged ─▶ keys due? ─▶ run ─▶ journaled ─▶ checkpoint ─▶ released
 *
 *   keys due: all of them at the start, on a new day and under other definitions; else those whose facts
 *   an entry has changed since the last run, at most every `everyMs`
 *
 * A run pins K at the durable end and T at the clock, reads all of its keys at that (T, K), and journals
 * what differs from what is kept, so a start that finds nothing new writes nothing. A crash forgets which
 * keys are due, and the start after it looks at all of them; what was journaled stays the last good value.
 *
 * Cost of a run: one bulk read of owners and one of rows for each `chunkMax` keys, two short reads of the
 * log for each key, one submit for the whole run. No promise is awaited for a single key; after each slice
 * of `sliceMs` others have their turn.
 *
 * Invariants: nothing is predicted while the gate says fallback or hold; nothing is answered before a
 * signed checkpoint covers the entry that holds it; a prediction uses no entry at or after its K.
 */
import {
  addDays,
  businessDate,
  type Clock,
  type JsonObject,
  type Logger,
  type Timers,
} from '@headrace/sdk';
import type { Arrival, Engine, FoldInput } from '../engine/index.js';
import { type FeatureReader, featureKey } from '../features/index.js';
import { repeat } from '../ports/index.js';
import type { Quality, WatchedStream } from '../quality/index.js';
import { demandInputs } from './demand/contract.js';
import { decisionsOn } from './demand/decide.js';
import { DemandHistories, type DemandHistory } from './demand/history.js';
import { demandModel, forecastDemand } from './demand/model.js';
import { type Gated, isSameTurn, policyVersion } from './gate.js';
import { chunkMax, chunksOf, type Slice, storedOf } from './keys.js';
import {
  type JudgedBody,
  keptInputs,
  type PredictedBody,
  type PredictedRow,
  type StoredPrediction,
  type Versions,
} from './prediction.js';
import { Predictions, useCase } from './predictions.js';

export interface DemandOptions {
  /** How many days of demand are added up. */
  readonly horizonDays: number;
  /** How often keys whose facts changed are predicted again, ms. */
  readonly everyMs: number;
  /** Where what is short is bought for; null where nothing is decided on it. */
  readonly purchaseFor: string | null;
}

export interface PredictorOptions {
  readonly engine: Pick<
    Engine,
    'reader' | 'loop' | 'durableEnd' | 'onDurable' | 'checkpointAt' | 'trouble'
  >;
  readonly quality: Pick<Quality, 'inputs' | 'watch'>;
  readonly features: FeatureReader;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Lets other work of the thread run. */
  readonly pause: () => Promise<void>;
  readonly demand: DemandOptions;
}

/** Entities that change what is short without changing demand. */
const supplyEntities: ReadonlySet<string> = new Set(['stock', 'purchaseOrderLine']);
const lookEveryMs = 1000;
const sliceMs = 2;

export class Predictor {
  readonly predictions: Predictions;
  readonly #options: PredictorOptions;
  readonly #histories: DemandHistories;
  readonly #needed: readonly WatchedStream[];
  readonly #abort = new AbortController();
  /** Keys whose facts changed since the last run. */
  #due = new Set<string>();
  /** Day and definitions of the last run over all keys; null before there was one. */
  #whole: string | null = null;
  #ranAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();
  #stopListening: () => void = () => undefined;

  constructor(options: PredictorOptions) {
    this.#options = options;
    this.#histories = new DemandHistories(options.features);
    this.#needed = demandInputs(options.quality.watch);
    const shared = { histories: this.#histories, needed: this.#needed };
    this.predictions = new Predictions({ ...options, ...shared });
  }

  start(): void {
    this.#stopListening = this.#options.engine.onDurable((inputs) => this.note(inputs));
    const { signal } = this.#abort;
    const shared = { ...this.#options, everyMs: lookEveryMs, what: 'predictions', signal };
    this.#running = repeat(() => this.look(), shared);
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#abort.abort();
    await this.#running;
  }

  /** One look; called every second. */
  async look(): Promise<void> {
    const { engine, clock, demand } = this.#options;
    if (engine.trouble() !== null) return;
    const gated = this.predictions.gate();
    await this.#tell(gated);
    const { gate } = gated.verdict;
    if (gate !== 'serve' && gate !== 'serve-flagged') return;
    const whole = this.#wholeName(clock.now());
    const isWhole = whole !== this.#whole;
    if (!isWhole && (this.#due.size === 0 || clock.now() - this.#ranAt < demand.everyMs)) return;
    const due = this.#due;
    this.#due = new Set();
    this.#ranAt = clock.now();
    try {
      const keys = isWhole ? [...this.#histories.keys()] : [...due];
      await this.#predict(gated, keys);
      await this.#decide(gated, keys);
      this.#whole = whole;
    } catch (thrown) {
      for (const key of due) this.#due.add(key);
      throw thrown;
    }
  }

  /** What makes every key due when it changes. */
  #wholeName(now: number): string {
    return `${businessDate(now, this.#options.timeZone)} ${JSON.stringify(this.#versions())}`;
  }

  #versions(): Versions {
    return {
      features: this.#options.features.version,
      view: this.#histories.view.version,
      model: `${demandModel}/${this.#options.demand.horizonDays}d`,
      policy: policyVersion,
    };
  }

  /** Journals a turn of the gate and of what is worst, so that since when it says so outlives a restart. */
  async #tell(gated: Gated): Promise<void> {
    const { verdict, inputs } = gated;
    if (isSameTurn(this.predictions.kept(), verdict)) return;
    const { gate, score, policy, worstInput } = verdict;
    const body: JudgedBody = {
      ...{ action: 'judged', useCase, gate, score, policy, worstInput },
      inputs: keptInputs(inputs),
      since: this.predictions.since(gated, this.#options.clock.now()),
    };
    await this.#submit([body]);
  }

  async #predict(gated: Gated, keys: Iterable<string>): Promise<void> {
    const { engine, clock, demand, timeZone } = this.#options;
    const t = clock.now();
    const k = engine.durableEnd();
    const { gate, score } = gated.verdict;
    const common = {
      ...{ action: 'predicted' as const, useCase, t, k, v: this.#versions() },
      date: addDays(businessDate(t, timeZone), 1),
      horizonDays: demand.horizonDays,
      ...{ gate, score, inputs: keptInputs(gated.inputs) },
    };
    const bodies: PredictedBody[] = [];
    let rows: PredictedRow[] = [];
    const slice = this.#slicer();
    for (const chunk of chunksOf(keys)) {
      const kept = storedOf(engine.reader, useCase, chunk);
      for (const history of this.#histories.of(chunk, { t, known: { k } })) {
        const row = rowOf(history, demand.horizonDays);
        if (row !== null && !isKept(kept.get(row.key), row, common)) rows.push(row);
        if (rows.length === chunkMax) {
          bodies.push({ ...common, rows });
          rows = [];
        }
        if (slice.isOver()) await slice.pause();
      }
    }
    if (rows.length > 0) bodies.push({ ...common, rows });
    if (bodies.length === 0) return;
    await this.#submit(bodies);
    await engine.checkpointAt(engine.durableEnd() - 1);
  }

  async #decide(gated: Gated, keys: readonly string[]): Promise<void> {
    const { engine, demand } = this.#options;
    const location = demand.purchaseFor;
    if (location === null) return;
    const shared = { location, needed: this.#needed, slice: this.#slicer() };
    const arrivals = await decisionsOn({ ...this.#options, ...shared }, useCase, gated, keys);
    if (arrivals.length > 0) await engine.loop.submit(arrivals);
  }

  #slicer(): Slice {
    const { clock, pause } = this.#options;
    let begun = clock.monotonicMs();
    return {
      isOver: () => clock.monotonicMs() - begun >= sliceMs,
      async pause() {
        await pause();
        begun = clock.monotonicMs();
      },
    };
  }

  async #submit(bodies: readonly (PredictedBody | JudgedBody)[]): Promise<void> {
    const arrivals = bodies.map(
      (body): Arrival => ({
        ...{ kind: 'entry', entry: 'prediction', source: '', stream: useCase },
        body: body as unknown as JsonObject,
      }),
    );
    await this.#options.engine.loop.submit(arrivals);
  }

  /** Told of what became durable: keys whose facts changed are due. */
  note(inputs: readonly FoldInput[]): void {
    const { view } = this.#histories;
    for (const { change } of inputs) {
      if (change === null || change.before === change.after) continue;
      for (const row of [...change.before, ...change.after]) {
        if (this.#options.demand.purchaseFor !== null && supplyEntities.has(row.entity)) {
          const { sku } = row.fields;
          if (isPart(sku)) this.#due.add(encodeURIComponent(String(sku)));
        }
        if (row.entity !== view.from.entity) continue;
        const parts = view.key === null ? row.fields : view.key(row.fields as never);
        if (view.of.parts.every((part) => isPart(parts[part])))
          this.#due.add(featureKey(view.of, parts));
      }
    }
  }
}

function isPart(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

function rowOf(history: DemandHistory, horizonDays: number): PredictedRow | null {
  const { key, daysMicros } = history;
  const forecast = forecastDemand(daysMicros, horizonDays);
  if (forecast === null) return null;
  const { valueMicros, served, flagged, horizonMicros } = forecast;
  return { key, vector: daysMicros, valueMicros, served, flagged, horizonMicros };
}

/** Whether the same was said of the same day from the same whole days under the same definitions. */
function isKept(
  stored: StoredPrediction | undefined,
  row: PredictedRow,
  { date, v }: Pick<PredictedBody, 'date' | 'v'>,
): boolean {
  if (stored === undefined || stored.date !== date) return false;
  if (JSON.stringify(stored.v) !== JSON.stringify(v)) return false;
  const { key: _key, ...told } = row;
  return JSON.stringify(stored.row) === JSON.stringify(told);
}

/** Runs the streams of one source, with what they share: contexts, reference data, subscription. */
import {
  type Authenticator,
  type ConnectorContext,
  ensureError,
  type HeadraceError,
  type Notification,
  type SubscriptionState,
} from '@headrace/sdk';
import { createHttpClient } from '../ports/index.js';
import type { StoreReader } from '../storage/index.js';
import type { EngineSource } from './engine.js';
import type { EnginePorts } from './engine-ports.js';
import type { FoldInput } from './fold.js';
import { PullLoop } from './pull-loop.js';
import { type Priority, priorities, RateBudget } from './rate-budget.js';
import { referenceTable } from './record-fold.js';
import type { StepLoop } from './step-loop.js';
import type { StreamRunner } from './stream-runner.js';

const minuteMs = 60_000;

export interface SourceRunnerOptions {
  readonly source: EngineSource;
  readonly contexts: SourceContexts;
  readonly budget: RateBudget;
  readonly runners: readonly StreamRunner[];
  readonly loop: StepLoop;
  readonly reader: StoreReader;
  readonly ports: EnginePorts;
  /** Keeps a notice that was fetched; see `WebhookIntake.keep`. */
  readonly keepNotice: (notice: Notification) => Promise<void>;
  readonly crash: (error: HeadraceError) => void;
}

/** Contexts of the streams by priority, and the one for a queue of notices. */
export interface SourceContexts extends Readonly<Record<Priority, ConnectorContext<never>>> {
  readonly pull: ConnectorContext<never>;
  readonly pullBudget: RateBudget;
}

/** The way to a system that is written to: within the budget and under the token of its reads. */
export interface EngineTarget {
  readonly config: never;
  readonly context: ConnectorContext<never>;
  /** The system said stop: all that shares its budget waits. */
  limited(retryAtMs: number | undefined): void;
}

export class SourceRunner {
  readonly #options: SourceRunnerOptions;
  /** As last asked; null before the first answer. */
  subscription: SubscriptionState | null = null;

  constructor(options: SourceRunnerOptions) {
    this.#options = options;
  }

  get source(): EngineSource {
    return this.#options.source;
  }

  get runners(): readonly StreamRunner[] {
    return this.#options.runners;
  }

  get context(): ConnectorContext<never> {
    return this.#options.contexts.changes;
  }

  get target(): EngineTarget {
    const { source, contexts, budget } = this.#options;
    return {
      config: source.config as never,
      context: contexts.fetch,
      limited: (retryAtMs) => budget.limited(retryAtMs),
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { runners, ports, source } = this.#options;
    if (!(await this.#firstReference(signal))) return;
    const { notify } = source.spec;
    const takesNotices = notify !== undefined && notify.secrets(source.config as never).length > 0;
    // Without a secret nothing can be pushed, and polling is what was meant: no cause for alarm.
    if (!takesNotices) this.subscription = { kind: 'missing', hint: 'No secret is configured.' };
    const watch = takesNotices ? notify.state : undefined;
    const pull = this.#pullLoop();
    await Promise.all([
      ...runners.map((runner) => runner.run(signal)),
      pull?.run(signal),
      repeat(10 * minuteMs, signal, ports, () => this.#refreshReference()),
      // A queue that is asked all the time says more of itself than a subscription would.
      ...(watch === undefined || pull !== null
        ? []
        : [
            repeat(minuteMs, signal, ports, async () => {
              this.subscription = await watch(this.context);
              this.#noteSubscription(this.subscription);
            }),
          ]),
    ]);
  }

  /** Present where the settings name a queue of notices. */
  #pullLoop(): PullLoop | null {
    const { source, contexts, ports, keepNotice, crash } = this.#options;
    const { notify } = source.spec;
    const queue = notify?.pull?.(contexts.pull) ?? null;
    if (notify === undefined || queue === null) return null;
    this.subscription = { kind: 'missing', hint: 'The queue was not asked yet.' };
    return new PullLoop({
      ...{ source: source.name, queue, keep: keepNotice, ports, crash },
      parse: (request) => notify.parse(request, source.config as never),
      budget: contexts.pullBudget,
      noteState: (state, isAlarming) => {
        this.subscription = state;
        if (state.kind === 'active' || isAlarming) this.#noteSubscription(state);
      },
    });
  }

  /** Mapping needs the reference data, so nothing is read before it is there. */
  async #firstReference(signal: AbortSignal): Promise<boolean> {
    const { runners, source } = this.#options;
    const { clock, timers, log } = this.#options.ports;
    while (!signal.aborted) {
      try {
        await this.#refreshReference();
        for (const runner of runners) runner.health.succeeded('changes');
        return true;
      } catch (thrown) {
        const error = ensureError(thrown);
        if (error.kind === 'cancelled') return false;
        const text = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
        for (const runner of runners) runner.health.failed('changes', text, clock.now(), false);
        log.warn(error.message, { source: source.name, code: error.code });
        const waitMs = (error.retryAtMs ?? 0) - clock.now();
        await timers.sleep(Math.max(waitMs, 2000), signal).catch(() => undefined);
      }
    }
    return false;
  }

  /** Journals the reference data the mapping reads, when it is new. */
  async #refreshReference(): Promise<void> {
    const { source, reader, loop } = this.#options;
    if (source.spec.context === undefined) return;
    const reference = await source.spec.context(this.context);
    const stored = reader.row(referenceTable.name, source.name)?.value;
    if (stored === JSON.stringify(reference)) return;
    const body = { action: 'reference', principal: 'system', reference };
    await loop.submit([{ kind: 'entry', entry: 'control', source: source.name, stream: '', body }]);
  }

  #noteSubscription(state: SubscriptionState): void {
    for (const runner of this.#options.runners) {
      if (runner.feed !== 'push') continue;
      if (state.kind === 'active') runner.health.clear('E_SUBSCRIPTION');
      else {
        const now = this.#options.ports.clock.now();
        runner.health.raise('E_SUBSCRIPTION', `Polling only. ${state.hint}`, now);
      }
    }
  }
}

/** Does work at intervals until the signal aborts; a failure waits for the next turn. */
export async function repeat(
  everyMs: number,
  signal: AbortSignal,
  ports: EnginePorts,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (thrown) {
      const error = ensureError(thrown);
      if (error.kind === 'cancelled') return;
      ports.log.warn(error.message, { code: error.code });
    }
    await ports.timers.sleep(everyMs, signal).catch(() => undefined);
  }
}

/** Contexts by priority over one budget and one token; a queue has a budget of its own. */
export function contextsOf(
  source: EngineSource,
  budget: RateBudget,
  ports: EnginePorts,
  signal: AbortSignal,
): SourceContexts {
  let authenticator: Authenticator | undefined;
  const contextFor = (priority: Priority, budget: RateBudget): ConnectorContext<never> => {
    const http = createHttpClient({
      baseUrl: source.spec.baseUrl(source.config as never),
      origins: source.spec.origins?.(source.config as never) ?? [],
      clock: ports.clock,
      signal,
      ...(source.fetch === undefined ? {} : { fetch: source.fetch }),
      reasonOf: (status, body) => source.spec.reasonOf?.(status, body) ?? null,
      around: (call) => budget.use(priority, call),
      authenticator: {
        headers: async () => (await authenticator?.headers()) ?? {},
        invalidate: (refused) => authenticator?.invalidate(refused),
      },
    });
    const { clock, random, timers, log } = ports;
    return { config: source.config as never, http, clock, random, timers, log, signal };
  };
  const contexts = Object.fromEntries(
    priorities.map((priority) => [priority, contextFor(priority, budget)]),
  ) as Record<Priority, ConnectorContext<never>>;
  // One authenticator for all three, so that one token serves them all.
  authenticator = source.spec.authenticate(contexts.fetch);
  // A broker is another system: what one of the two can bear must not hold up the other.
  const pullBudget = new RateBudget(source.spec.budget, ports.clock, ports.timers);
  return { ...contexts, pull: contextFor('fetch', pullBudget), pullBudget };
}

/** Lag and watermark of the stream a durable entry belongs to. */
export function noteHealth(
  runners: ReadonlyMap<string, Pick<StreamRunner, 'health'>>,
  { header, change }: Pick<FoldInput, 'header' | 'change'>,
  now: number,
): void {
  if (header.kind !== 'record' || header.replayed) return;
  const health = runners.get(`${header.source}/${header.stream}`)?.health;
  if (health === undefined) return;
  health.journaled += 1;
  if (header.eventAt !== null) {
    health.watermark = Math.max(health.watermark ?? 0, header.eventAt);
  }
  if (header.snapshot) return;
  // A source without times of change is measured from the notice instead, and so is a record that
  // changed with another and kept its own time; its lag would be the age of its last edit.
  const { eventAt, noticedAt } = header;
  const isNews = eventAt !== null && eventAt > (change?.eventAtBefore ?? Number.NEGATIVE_INFINITY);
  const since = isNews && health.couldTell(eventAt) ? eventAt : noticedAt;
  if (since !== null) health.noteLag(now - since);
}

/**
 * The engine over one data directory: opens the store, runs the step and the sources, answers reads
 * of records and their history. What is done with records (mapping, folds) is handed in.
 */
import {
  type Authenticator,
  type RateBudget as BudgetSpec,
  type Clock,
  type ConnectorContext,
  type ConnectorSpec,
  compilePersonal,
  ensureError,
  HeadraceError,
  type InboundRequest,
  type JsonObject,
  type Logger,
  type Random,
  type Stream,
  type SubscriptionState,
  type Timers,
  verifyWebhook,
} from '@headrace/sdk';
import {
  type EntryKind,
  type KeyRing,
  keyedHash,
  openKeyRing,
  plainHash,
  seal,
} from '../audit/index.js';
import { createHttpClient } from '../ports/index.js';
import {
  type BatchEncoder,
  createReader,
  lockStore,
  openStore,
  type StoreReader,
  writeSpill,
} from '../storage/index.js';
import type { Arrival, StreamRuntime } from './arrival.js';
import { DataKeys } from './data-keys.js';
import type { Fold, FoldInput } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { History } from './history.js';
import { Planner, quarantineHandle } from './planner.js';
import { type Priority, priorities, RateBudget } from './rate-budget.js';
import { ReadsUnderWay } from './reads-under-way.js';
import { type Normalizer, referenceTable } from './record-fold.js';
import { StepLoop } from './step-loop.js';
import { StreamRunner } from './stream-runner.js';
import { type StepWriter, startWorkerWriter, type WorkerWriterOptions } from './writer.js';

export interface EngineSource {
  readonly name: string;
  readonly spec: ConnectorSpec<never>;
  /** Parsed by the connector's schema; secrets are `Secret`s. */
  readonly config: unknown;
  readonly budget?: BudgetSpec;
  /** Poll and pass intervals by stream, where the user set them. */
  readonly everyMs?: Readonly<Record<string, number>>;
  readonly passEveryMs?: Readonly<Record<string, number>>;
  /** Streams the user switched off. */
  readonly without?: readonly string[];
}

export interface EnginePorts {
  readonly clock: Clock & { readonly rate: number };
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  /** Lets other work of the thread run. */
  readonly yieldNow: () => Promise<void>;
  /** Real milliseconds, also under a simulated clock. */
  readonly sleepReal: (ms: number) => Promise<void>;
}

export interface EngineOptions {
  readonly folder: string;
  readonly ports: EnginePorts;
  readonly clockOptions: WorkerWriterOptions['clock'];
  readonly masterKey: Uint8Array;
  readonly sources: readonly EngineSource[];
  readonly folds: readonly Fold[];
  readonly normalizer: Normalizer;
  /** Names the mappings, policies and identity rules in force; journaled when it changes. */
  readonly definitions: JsonObject;
  readonly coalesceMs?: number;
  readonly cacheKib?: number;
  readonly slotsMax?: number;
  readonly crashAt?: WorkerWriterOptions['crashAt'];
  readonly at?: (point: string) => void;
  /** Called when the process must end: an invariant was broken. */
  readonly crash: (error: HeadraceError) => void;
}

export interface SourceStatus {
  readonly source: string;
  readonly subscription: SubscriptionState | null;
}

export interface Engine {
  readonly reader: StoreReader;
  readonly history: History;
  readonly ring: KeyRing;
  readonly planner: Planner;
  readonly loop: StepLoop;
  readonly runners: ReadonlyMap<string, StreamRunner>;
  /** Entries made durable so far. */
  durableEnd(): number;
  subscriptions(): readonly SourceStatus[];
  trouble(): HeadraceError | null;
  start(): void;
  receiveWebhook(source: string, request: InboundRequest): Promise<WebhookOutcome>;
  ingest(
    source: string,
    stream: string,
    records: readonly Uint8Array[],
    depths: readonly number[],
  ): Promise<number>;
  control(principal: string, action: string, body: JsonObject, effects?: Effects): Promise<void>;
  context(source: string): ConnectorContext<never>;
  /** Calls back with the entries of each durable commit, in order; returns how to stop. */
  onDurable(listener: DurableListener): () => void;
  close(): Promise<void>;
}

export type DurableListener = (inputs: readonly FoldInput[], endOffset: number) => void;

export type Effects = (encoder: BatchEncoder, keys: BatchEncoder) => void;

export type WebhookOutcome =
  | { readonly status: 202; readonly duplicate: boolean }
  | { readonly status: 401 | 404 | 503; readonly reason: string };

const minuteMs = 60_000;
const dayMs = 86_400_000;
const eventIdsForMs = 7 * dayMs;
const recentIdsMax = 20_000;

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { folder, ports, folds, normalizer } = options;
  const { clock, timers, random, log } = ports;
  const lock = lockStore(folder);
  const tables = tablesOf(folds);
  const setup = openStore(folder, { tables });
  const ring = openKeyRing(setup, options.masterKey, random);
  setup.close();
  const cacheKib = options.cacheKib ?? 32_768;
  const writer: StepWriter = await startWorkerWriter({
    folder,
    tables,
    cacheKib,
    clock: options.clockOptions,
    ...(options.crashAt === undefined ? {} : { crashAt: options.crashAt }),
  });
  const store = openStore(folder, { readOnly: true, tables, cacheKib: cacheKib / 2 });
  const reader = createReader(store, tables);

  const runners = new Map<string, StreamRunner>();
  const planner = new Planner({
    reader,
    ring,
    clock,
    random,
    folds,
    normalizer,
    pause: ports.yieldNow,
    ...(options.slotsMax === undefined ? {} : { slotsMax: options.slotsMax }),
    touched: (source, change, seq, noticedAt) =>
      runners.get(`${source}/${change.stream}`)?.dirty.mark(change.key, { seq, noticedAt }),
  });
  const listeners = new Set<DurableListener>();
  let durableEnd = planner.nextOffset;
  let trouble: HeadraceError | null = null;
  const loop = new StepLoop({
    planner,
    writer,
    log,
    wait: ports.sleepReal,
    trouble(error) {
      if (error !== null && trouble === null) log.error(error.message, { code: error.code });
      trouble = error;
      if (error?.code === 'E_WRITER_STOPPED') options.crash(error);
    },
    durable(inputs, endOffset) {
      durableEnd = endOffset;
      const now = clock.now();
      for (const { header } of inputs) noteHealth(runners, header, now);
      for (const listener of listeners) listener(inputs, endOffset);
    },
  });

  const abort = new AbortController();
  const reads = new ReadsUnderWay();
  const quarantineKeys = new DataKeys(reader, ring, random);
  const spill = async (source: string, stream: string, bytes: Uint8Array): Promise<string> => {
    const name = keyedHash(ring.storeKey, bytes).toString('hex');
    const handle = quarantineHandle(ring, source, stream, Math.floor(clock.now() / dayMs));
    let key: Uint8Array | null = null;
    await loop.submitNow([
      {
        kind: 'effects',
        apply: (_main, keys) => (key = quarantineKeys.forSealing(handle, keys, 0)),
      },
    ]);
    quarantineKeys.durable(0);
    if (key !== null) await writeSpill(folder, name, seal(key, bytes, plainHash(name), random));
    return name;
  };

  const sources = options.sources.map((source) => {
    const budget = new RateBudget(source.budget ?? source.spec.budget, clock, timers);
    const contexts = contextsOf(source, budget, ports, abort.signal);
    const streams = (
      source.spec.streams(source.config as never) as readonly Stream<never>[]
    ).filter((stream) => !(source.without ?? []).includes(stream.name));
    for (const spec of streams) {
      const runtime: StreamRuntime = {
        source: source.name,
        stream: spec.name,
        spec,
        personal: spec.personal === undefined ? null : compilePersonal(spec.personal.paths),
      };
      const runner = new StreamRunner({
        runtime,
        contexts,
        everyMs: source.everyMs?.[spec.name] ?? spec.everyMs,
        passEveryMs: source.passEveryMs?.[spec.name] ?? spec.passEveryMs ?? dayMs,
        coalesceMs: options.coalesceMs ?? 20,
        planner,
        loop,
        reader,
        budget,
        clock,
        timers,
        random,
        log,
        pause: ports.yieldNow,
        reads,
        spill,
        crash: options.crash,
        ...(options.at === undefined ? {} : { at: options.at }),
      });
      runners.set(runner.name, runner);
    }
    return { source, contexts, subscription: null as SubscriptionState | null };
  });
  const byName = new Map(sources.map((entry) => [entry.source.name, entry]));
  for (const row of reader.dirty()) {
    runners.get(row.stream)?.dirty.mark(row.key, { seq: row.seq, noticedAt: row.noticedAt });
  }

  const submitEntry = (entry: Exclude<EntryKind, 'record'>, source: string, body: JsonObject) =>
    loop.submit([{ kind: 'entry', entry, source, stream: '', body }]);

  /** Journals the reference data the mapping reads, when it is new. */
  const refreshReference = async (name: string): Promise<void> => {
    const entry = byName.get(name);
    if (entry?.source.spec.context === undefined) return;
    const reference = await entry.source.spec.context(entry.contexts.changes);
    const stored = reader.row(referenceTable.name, name)?.value;
    if (stored === JSON.stringify(reference)) return;
    await submitEntry('control', name, { action: 'reference', principal: 'system', reference });
  };

  const background = async (everyMs: number, work: () => Promise<void>): Promise<void> => {
    while (!abort.signal.aborted) {
      try {
        await work();
      } catch (thrown) {
        const error = ensureError(thrown);
        if (error.kind === 'cancelled') return;
        log.warn(error.message, { code: error.code });
      }
      await timers.sleep(everyMs, abort.signal).catch(() => undefined);
    }
  };

  const runSource = async (name: string): Promise<void> => {
    const entry = byName.get(name);
    if (entry === undefined) return;
    const own = [...runners.values()].filter((runner) => runner.name.startsWith(`${name}/`));
    // Mapping needs the reference data, so nothing is read before it is there.
    for (let ready = false; !ready && !abort.signal.aborted; ) {
      try {
        await refreshReference(name);
        ready = true;
      } catch (thrown) {
        const error = ensureError(thrown);
        if (error.kind === 'cancelled') return;
        const text = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
        for (const runner of own) runner.health.raise('E_READ', text, clock.now());
        log.warn(error.message, { source: name, code: error.code });
        const waitMs = (error.retryAtMs ?? 0) - clock.now();
        await timers.sleep(Math.max(waitMs, 2000), abort.signal).catch(() => undefined);
      }
    }
    for (const runner of own) runner.health.clear('E_READ');
    const watch = entry.source.spec.notify?.state;
    await Promise.all([
      ...own.map((runner) => runner.run(abort.signal)),
      background(10 * minuteMs, () => refreshReference(name)),
      ...(watch === undefined
        ? []
        : [
            background(minuteMs, async () => {
              entry.subscription = await watch(entry.contexts.changes);
              noteSubscription(own, entry.subscription, clock.now());
            }),
          ]),
    ]);
  };

  let lastMinute = Math.floor(clock.now() / minuteMs);
  const tick = async (): Promise<void> => {
    planner.sightings.forgetBefore(reads.oldest(planner.takeSeq()));
    const minute = Math.floor(clock.now() / minuteMs);
    if (minute === lastMinute) return;
    lastMinute = minute;
    await submitEntry('tick', '', { minute: minute * minuteMs, now: clock.now() });
    await rotateEventIds();
  };

  const rotateEventIds = async (): Promise<void> => {
    const since = reader.meta('event-ids-since');
    const started = since === undefined ? null : Number(Buffer.from(since).toString());
    const now = clock.now();
    if (started !== null && now - started < eventIdsForMs) return;
    await loop.submit([
      {
        kind: 'effects',
        apply(encoder) {
          if (started !== null) {
            encoder.run('DROP TABLE event_id_previous', []);
            encoder.run('ALTER TABLE event_id_current RENAME TO event_id_previous', []);
            encoder.run('CREATE TABLE event_id_current (id TEXT PRIMARY KEY) WITHOUT ROWID', []);
          }
          encoder.meta('event-ids-since', Buffer.from(String(now)));
        },
      },
    ]);
  };

  let running: Promise<unknown> = Promise.resolve();
  let recentIds = new Set<string>();
  let olderIds = new Set<string>();

  return {
    reader,
    history: new History(reader, ring),
    ring,
    planner,
    loop,
    runners,
    durableEnd: () => durableEnd,
    trouble: () => trouble,
    subscriptions: () =>
      sources.map((entry) => ({ source: entry.source.name, subscription: entry.subscription })),
    start() {
      const definitions = JSON.stringify(options.definitions);
      const stored = reader.meta('definitions');
      const starting: Arrival[] = [];
      if (stored === undefined || Buffer.from(stored).toString() !== definitions) {
        starting.push({
          kind: 'entry',
          entry: 'control',
          source: '',
          stream: '',
          body: { action: 'definitions', principal: 'system', definitions: options.definitions },
        });
        starting.push({
          kind: 'effects',
          apply: (encoder) => encoder.meta('definitions', Buffer.from(definitions)),
        });
      }
      running = Promise.all([
        loop.submit(starting),
        ...sources.map((entry) => runSource(entry.source.name)),
        background(1000, tick),
      ]).catch((thrown) => options.crash(ensureError(thrown)));
    },
    async receiveWebhook(name, request) {
      const entry = byName.get(name);
      const notify = entry?.source.spec.notify;
      if (entry === undefined || notify === undefined) {
        return { status: 404, reason: 'No source of this name takes webhooks.' };
      }
      const now = clock.now();
      const secrets = notify.secrets(entry.source.config as never);
      const verified = verifyWebhook(notify.signature, secrets, request, now);
      if (!verified.ok) return { status: 401, reason: verified.reason };
      if (loop.isFull || trouble !== null) {
        return { status: 503, reason: 'The platform cannot store more right now.' };
      }
      const notification = notify.parse(request);
      const eventId = notification.eventId ?? verified.eventId;
      const id = eventId === null ? null : `${name}/${eventId}`;
      let duplicate = id !== null && (recentIds.has(id) || olderIds.has(id));
      const marks: { stream: string; key: string; seq: number }[] = [];
      if (!duplicate) {
        if (id !== null) recentIds.add(id);
        if (recentIds.size > recentIdsMax) [olderIds, recentIds] = [recentIds, new Set()];
        for (const change of notification.changes) {
          const runner = runners.get(`${name}/${change.stream}`);
          if (runner === undefined) continue;
          const seq = planner.takeSeq();
          runner.dirty.mark(change.key, { seq, noticedAt: now });
          marks.push({ stream: runner.name, key: change.key, seq });
        }
      }
      await loop.submitNow([
        {
          kind: 'effects',
          apply(encoder) {
            for (const mark of marks) encoder.dirty(mark.stream, mark.key, mark.seq, now);
            if (id !== null) encoder.eventId(id);
          },
          eventIds: id === null ? 0 : 1,
          duplicates: (positions) => {
            duplicate ||= positions.length > 0;
          },
        },
      ]);
      return { status: 202, duplicate };
    },
    async ingest(source, stream, records, depths) {
      const runner = runners.get(`${source}/${stream}`);
      if (runner === undefined) {
        throw new HeadraceError('config', `There is no stream ${source}/${stream}.`, {
          code: 'E_NO_STREAM',
          hint: 'GET /v1/streams lists the streams there are.',
        });
      }
      const now = clock.now();
      const readSeq = planner.takeSeq();
      await loop.submit(
        records.map((bytes, index) => ({
          kind: 'record',
          stream: runner.runtime,
          bytes,
          depth: depths[index] ?? 1,
          readSeq,
          snapshot: false,
          times: { noticedAt: now, readAt: null, receivedAt: now },
        })),
      );
      return records.length;
    },
    async control(principal, action, body, effects) {
      const arrivals: Arrival[] = [
        {
          kind: 'entry',
          entry: 'control',
          source: '',
          stream: '',
          body: { ...body, action, principal },
        },
      ];
      if (effects !== undefined) arrivals.unshift({ kind: 'effects', apply: effects });
      await loop.submit(arrivals);
      planner.forgetKeys();
    },
    context(name) {
      const entry = byName.get(name);
      if (entry === undefined) {
        throw new HeadraceError('config', `There is no source ${name}.`, {
          code: 'E_NO_SOURCE',
          hint: 'The sources are the names under `sources` in the project.',
        });
      }
      return entry.contexts.changes;
    },
    onDurable(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      abort.abort();
      await running;
      await loop.close();
      store.close();
      lock.release();
    },
  };
}

function contextsOf(
  source: EngineSource,
  budget: RateBudget,
  ports: EnginePorts,
  signal: AbortSignal,
): Readonly<Record<Priority, ConnectorContext<never>>> {
  let authenticator: Authenticator | undefined;
  const contextFor = (priority: Priority): ConnectorContext<never> => {
    const http = createHttpClient({
      baseUrl: source.spec.baseUrl(source.config as never),
      clock: ports.clock,
      signal,
      around: (call) => budget.use(priority, call),
      authenticator: {
        headers: async () => (await authenticator?.headers()) ?? {},
        invalidate: () => authenticator?.invalidate(),
      },
    });
    const { clock, random, timers, log } = ports;
    return { config: source.config as never, http, clock, random, timers, log, signal };
  };
  const contexts = Object.fromEntries(
    priorities.map((priority) => [priority, contextFor(priority)]),
  ) as Record<Priority, ConnectorContext<never>>;
  // One authenticator for all three, so that one token serves them all.
  authenticator = source.spec.authenticate(contexts.fetch);
  return contexts;
}

function noteHealth(
  runners: ReadonlyMap<string, StreamRunner>,
  header: FoldInput['header'],
  now: number,
): void {
  if (header.kind !== 'record') return;
  const health = runners.get(`${header.source}/${header.stream}`)?.health;
  if (health === undefined) return;
  health.journaled += 1;
  if (header.eventAt === null) return;
  health.watermark = Math.max(health.watermark ?? 0, header.eventAt);
  if (!header.snapshot) health.noteLag(now - header.eventAt);
}

function noteSubscription(
  runners: readonly StreamRunner[],
  state: SubscriptionState,
  now: number,
): void {
  for (const runner of runners) {
    if (runner.feed !== 'push') continue;
    if (state.kind === 'active') runner.health.clear('E_SUBSCRIPTION');
    else runner.health.raise('E_SUBSCRIPTION', `Polling only. ${state.hint}`, now);
  }
}

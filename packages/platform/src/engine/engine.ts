/**
 * The engine over one data directory: opens the store, runs the step and the sources, answers reads
 * of records and their history. What is done with records (mapping, folds) is handed in.
 */
import { setMaxListeners } from 'node:events';
import {
  type RateBudget as BudgetSpec,
  type ConnectorContext,
  type ConnectorSpec,
  compilePersonal,
  ensureError,
  HeadraceError,
  type InboundRequest,
  type JsonObject,
  type Random,
  type Stream,
  type SubscriptionState,
} from '@headrace/sdk';
import type { Anchor, Checkpoint, KeyRing } from '../audit/index.js';
import { type Fetch, openDropFolder } from '../ports/index.js';
import { createReader, lockStore, type StoreReader } from '../storage/index.js';
import type { Arrival, StreamRuntime } from './arrival.js';
import { DeliveryIntake, type DeliveryOutcome } from './delivery-intake.js';
import type { EnginePorts } from './engine-ports.js';
import type { Fold, FoldInput } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { FolderIntake } from './folder-intake.js';
import { History } from './history.js';
import { ingest } from './ingest.js';
import { sweepLeftOver } from './left-over.js';
import { type LogPublisher, openPublisher } from './log-publisher.js';
import { openParts } from './open-parts.js';
import { Planner } from './planner.js';
import { createPreReader, timedReader } from './pre-reader.js';
import { expireQuarantine } from './quarantine-expiry.js';
import { RateBudget } from './rate-budget.js';
import { ReadsUnderWay } from './reads-under-way.js';
import type { Normalizer } from './record-fold.js';
import {
  contextsOf,
  type EngineTarget,
  noteHealth,
  repeat,
  SourceRunner,
} from './source-runner.js';
import { spillRecord } from './spill-record.js';
import { definitionArrivals, eraseAgain, rollbackArrivals } from './start-arrivals.js';
import { StepLoop } from './step-loop.js';
import { StreamRunner } from './stream-runner.js';
import { rotateEventIds, WebhookIntake, type WebhookOutcome } from './webhook-intake.js';
import type { WorkerWriterOptions } from './writer.js';

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
  /** The way to the system, where it is not the direct one. */
  readonly fetch?: Fetch;
  /** By stream: throws when a record is not what was promised of it. */
  readonly checks?: Readonly<Record<string, (record: JsonObject) => void>>;
  /** Absolute path of the folder deliveries are dropped into. */
  readonly dropFolder?: string;
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
  /** Leaves folded state as it is: whoever opens the store knows no mapping. */
  readonly asFolded?: true;
  /** Remembers the log outside the data directory; a rolled-back store is refused by it. */
  readonly anchor?: Anchor;
  /** Who takes the store as it is although the anchor says it was rolled back; journaled. */
  readonly acceptRollback?: string;
  /** Commits on the calling thread: for simulations whose time waits for every commit. */
  readonly inThread?: true;
  readonly coalesceMs?: number;
  readonly cacheKib?: number;
  readonly slotsMax?: number;
  readonly crashAt?: WorkerWriterOptions['crashAt'];
  /** Told of each labelled point, and where more than one passes it, by whom. */
  readonly at?: (point: string, by?: string) => void;
  /** Called when the process must end: an invariant was broken. */
  readonly crash: (error: HeadraceError) => void;
}

export interface SourceStatus {
  readonly source: string;
  readonly subscription: SubscriptionState | null;
}

export interface Engine {
  /** The data directory. */
  readonly folder: string;
  readonly reader: StoreReader;
  readonly history: History;
  readonly ring: KeyRing;
  readonly planner: Planner;
  readonly normalizer: Normalizer;
  readonly random: Random;
  readonly loop: StepLoop;
  readonly runners: ReadonlyMap<string, StreamRunner>;
  /** Entries made durable so far. */
  durableEnd(): number;
  readonly publisher: LogPublisher;
  /** Persons whose keys the store had again when it was opened, though they were erased. */
  readonly erasedAgain: number;
  /** A signed checkpoint over the durable entry at this offset; awaited before anything is released. */
  checkpointAt(offset: number): Promise<Checkpoint>;
  subscriptions(): readonly SourceStatus[];
  trouble(): HeadraceError | null;
  /** A labelled point where a crash test may stop the process. */
  at(point: string): void;
  start(): void;
  receiveWebhook(source: string, request: InboundRequest): Promise<WebhookOutcome>;
  /** @param principal Whose token of ours the caller showed; null where the signature decides. */
  receiveDelivery(
    source: string,
    request: InboundRequest,
    principal: string | null,
  ): Promise<DeliveryOutcome>;
  /** Whether webhooks can pass; false without a secret, null where no such source takes any. */
  permitsWebhooks(source: string): boolean | null;
  /** @param principal Who sends them. */
  ingest(
    principal: string,
    source: string,
    stream: string,
    records: readonly Uint8Array[],
    depths: readonly number[],
  ): Promise<number>;
  control(principal: string, action: string, body: JsonObject, effects?: Effects): Promise<void>;
  context(source: string): ConnectorContext<never>;
  /** The way to a system that is written to: within the same budget and under the same token. */
  target(source: string): EngineTarget;
  /** Calls back with the entries of each durable commit, in order; returns how to stop. */
  onDurable(listener: DurableListener): () => void;
  /** Ends calls and waits; what is journaled until `close` still becomes durable. */
  abort(): void;
  close(): Promise<void>;
}

export type DurableListener = (inputs: readonly FoldInput[], endOffset: number) => void;

export type Effects = (Arrival & { kind: 'effects' })['apply'];

/** Real time between checkpoints while entries arrive. */
const publishEveryMs = 5000;
const minuteMs = 60_000;
const dayMs = 86_400_000;

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { folder, ports, folds, normalizer } = options;
  const { clock, timers, random, log } = ports;
  const lock = lockStore(folder);
  const tables = tablesOf(folds);
  const { ring, writer, store } = await openParts(options, tables);
  const reader = createReader(store, tables);
  const { publisher, verdict } = await openPublisher({ ...options, ring, writer }, () => {
    store.close();
    lock.release();
  });

  const runners = new Map<string, StreamRunner>();
  const preReader = createPreReader({ folder, tables, log, storeBytes: reader.bytes });
  const planner = new Planner({
    reader: timedReader(reader, preReader, clock),
    ring,
    clock,
    random,
    folds,
    normalizer,
    pause: ports.yieldNow,
    ...(options.slotsMax === undefined ? {} : { slotsMax: options.slotsMax }),
    isAsked: (source, stream) => runners.get(`${source}/${stream}`)?.isAsked ?? false,
    touched: (source, change, seq, noticedAt) =>
      runners.get(`${source}/${change.stream}`)?.dirty.mark(change.key, { seq, noticedAt }),
  });
  const listeners = new Set<DurableListener>();
  let durableEnd = planner.nextOffset;
  let trouble: HeadraceError | null = null;
  const loop = new StepLoop({
    planner,
    writer,
    preReader,
    log,
    wait: ports.sleepReal,
    turn: ports.yieldNow,
    stopped: options.crash,
    trouble(error) {
      if (error !== null && trouble === null) log.error(error.message, { code: error.code });
      trouble = error;
    },
    durable(inputs, endOffset) {
      durableEnd = endOffset;
      for (const input of inputs) noteHealth(runners, input, clock.now());
      for (const listener of listeners) listener(inputs, endOffset);
    },
  });

  // Before anything is served: whoever puts a backup in place by hand must not bring them back.
  const erasedAgain = await eraseAgain(options, { reader, ring, loop }, clock.now());

  const abort = new AbortController();
  // Every wait of every stream listens to it; that is meant.
  setMaxListeners(0, abort.signal);
  const reads = new ReadsUnderWay();
  const spill = (source: string, stream: string, bytes: Uint8Array) =>
    spillRecord(
      { folder, ring, random, loop, day: Math.floor(clock.now() / dayMs) },
      source,
      stream,
      bytes,
    );

  const sources = options.sources.map((source) => {
    const budget = new RateBudget(source.budget ?? source.spec.budget, clock, timers);
    const contexts = contextsOf(source, budget, ports, abort.signal);
    const streams = (
      source.spec.streams(source.config as never) as readonly Stream<never>[]
    ).filter((stream) => !(source.without ?? []).includes(stream.name));
    const own: StreamRunner[] = [];
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
        quiet: source.spec.quietOf?.(source.config as never) ?? [],
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
      own.push(runner);
    }
    return new SourceRunner({
      ...{ source, contexts, budget, runners: own, loop, reader, ports },
      keepNotice: (notice) => webhooks.keep(source.name, notice),
      crash: options.crash,
    });
  });
  const byName = new Map(sources.map((runner) => [runner.source.name, runner]));
  const sourceOf = (name: string): SourceRunner => {
    const runner = byName.get(name);
    if (runner !== undefined) return runner;
    throw new HeadraceError('config', `There is no source ${name}.`, {
      code: 'E_NO_SOURCE',
      hint: 'The sources are the names under `sources` in the project.',
    });
  };
  for (const row of reader.dirty()) {
    const runner = runners.get(row.stream);
    if (runner?.isAsked !== true) continue;
    runner.dirty.mark(row.key, { seq: row.seq, noticedAt: row.noticedAt });
  }

  let running: Promise<unknown> = Promise.resolve();
  let lastMinute = Math.floor(clock.now() / minuteMs);
  const tick = async (): Promise<void> => {
    planner.sightings.forgetBefore(reads.oldest(planner.takeSeq()));
    const minute = Math.floor(clock.now() / minuteMs);
    if (minute === lastMinute) return;
    lastMinute = minute;
    const body = { minute: minute * minuteMs, now: clock.now() };
    await loop.submit([{ kind: 'entry', entry: 'tick', source: '', stream: '', body }]);
    await rotateEventIds(loop, reader, clock.now());
    if (minute % (dayMs / minuteMs) === 0) {
      const streams = [...runners.values()].map((runner) => runner.runtime);
      await expireQuarantine({ folder, ring, loop, reader }, streams, clock.now());
    }
  };

  const webhooks = new WebhookIntake({
    ...{ planner, loop, runners },
    now: () => clock.now(),
    isRefusing: () => trouble !== null,
  });
  const atOption = options.at === undefined ? {} : { at: options.at };
  const deliveries = new DeliveryIntake({
    ...{ planner, loop, runners, reads, spill },
    now: () => clock.now(),
    isRefusing: () => trouble !== null,
    ...atOption,
  });
  const folders = sources.flatMap(({ source, runners: own }) =>
    source.dropFolder === undefined
      ? []
      : new FolderIntake({
          ...{ source, ports, runners: own, folder: openDropFolder(source.dropFolder) },
          take: (from, body) => deliveries.take(from, body),
          ...atOption,
        }),
  );

  return {
    folder,
    reader,
    history: new History(reader, ring),
    ring,
    planner,
    normalizer,
    random,
    at: options.at ?? (() => undefined),
    loop,
    runners,
    durableEnd: () => durableEnd,
    publisher,
    erasedAgain,
    checkpointAt: (offset) => publisher.checkpointAt(offset),
    trouble: () => trouble,
    subscriptions: () =>
      sources.map(({ source, subscription }) => ({ source: source.name, subscription })),
    start() {
      running = Promise.all([
        loop.submit([
          ...rollbackArrivals(options.acceptRollback, verdict),
          ...definitionArrivals(reader, options.definitions),
        ]),
        ...sources.map((runner) => runner.run(abort.signal)),
        ...folders.map((folder) => folder.run(abort.signal)),
        repeat(1000, abort.signal, ports, tick),
        sweepLeftOver(store, loop, ports, abort.signal),
        repeat(publishEveryMs * clock.rate, abort.signal, ports, () =>
          publisher.keepUp(durableEnd),
        ),
      ]).catch((thrown) => options.crash(ensureError(thrown)));
    },
    receiveWebhook: (name, request) => webhooks.receive(byName.get(name)?.source, request),
    receiveDelivery: (name, request, principal) =>
      deliveries.receive(byName.get(name)?.source, request, principal),
    permitsWebhooks: (name) => webhooks.permits(byName.get(name)?.source),
    ingest: (...given) => ingest({ runners, planner, reads, loop, clock }, ...given),
    async control(principal, action, body, effects) {
      const said = { ...body, action, principal };
      const arrivals: Arrival[] = [
        { kind: 'entry', entry: 'control', source: '', stream: '', body: said },
      ];
      if (effects !== undefined) arrivals.unshift({ kind: 'effects', apply: effects });
      await loop.submit(arrivals);
      planner.forgetKeys();
    },
    context: (name) => sourceOf(name).context,
    target: (name) => sourceOf(name).target,
    onDurable(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    abort: () => abort.abort(),
    async close() {
      abort.abort();
      await running;
      await loop.close(() => publisher.close());
      store.close();
      lock.release();
    },
  };
}

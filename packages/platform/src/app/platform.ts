/**
 * The composition root: one platform over one data directory, from its master key to its address.
 *
 *   key → normalizer → engine (opens and locks the store) → tokens → HTTP → thread for reads
 *       → sources start → flows
 *
 * Sources start after HTTP, so that the address a source may push to answers before the first notice.
 */
import { mkdirSync } from 'node:fs';
import type { Clock, HeadraceError, Logger, Timers } from '@headrace/sdk';
import { createApi, createSessions, createTokenStore, type Role } from '../api/index.js';
import { Anchor, anchorHome, readMasterKey } from '../audit/index.js';
import { type Engine, type EngineOptions, openEngine } from '../engine/index.js';
import { createNormalizer, Entities, SameOrderLinks } from '../entities/index.js';
import {
  FeatureReader,
  OnlineFeatures,
  Parity,
  type ThreadOpener,
  TileCache,
} from '../features/index.js';
import { Flows } from '../flows/index.js';
import {
  type ClockOptions,
  freeBytesOf,
  sleepReal,
  smtpMailer,
  systemClock,
  systemRandom,
  systemTimers,
  Turns,
  yieldNow,
} from '../ports/index.js';
import { Predictor } from '../predict/index.js';
import { alertSinks, doubtsOf, Healer, Monitor, Quality } from '../quality/index.js';
import { durationMs } from './duration.js';
import { foldsOf } from './folds.js';
import { type ListenAddress, listenAt } from './listen.js';
import type { LoadedProject } from './load-project.js';
import { readPageFiles } from './page-files.js';
import { ReadThread } from './read-thread.js';
import { version } from './version.js';

export interface PlatformOptions {
  readonly project: LoadedProject;
  /** The data directory. */
  readonly folder: string;
  /** How threads come to a reader of their own over project and data; without, there are none. */
  readonly threads?: ThreadOpener;
  readonly log: Logger;
  readonly listen: ListenAddress;
  /** Where a thread of its own answers what is asked of features now; nowhere else when absent. */
  readonly reads?: ListenAddress;
  /** Who takes the store as it is although it was rolled back; journaled. */
  readonly acceptRollback?: string;
  /** Nothing is written to any system, whatever the flows say, and nobody is alerted. */
  readonly readsOnly?: true;
  /** A moved or sped-up clock; the real one when absent. */
  readonly clock?: ClockOptions;
  /** Time that somebody else passes, instead of a clock that runs: for simulations in one process. */
  readonly time?: PassedTime;
  /** Crash tests: told of each labelled point that is passed, and where the writer stops. */
  readonly boundaries?: Pick<EngineOptions, 'at' | 'crashAt'>;
  /** Called when an invariant was broken and the process must end. */
  readonly crash: (error: HeadraceError) => void;
}

export interface PassedTime {
  readonly clock: Clock & { readonly rate: number };
  readonly timers: Timers;
}

export interface Platform {
  readonly url: string;
  /** Of the thread for reads of features; null where there is none. */
  readonly readsUrl: string | null;
  readonly engine: Engine;
  readonly entities: Entities;
  readonly features: OnlineFeatures;
  readonly flows: Flows;
  readonly quality: Quality;
  readonly clock: PassedTime['clock'];
  /** The first token, at the first start only. */
  readonly token: string | null;
  /** Where the master key was written, when this start made it. */
  readonly masterKeyFile: string | null;
  /** Address of the page, good for one visitor of this role and 15 minutes; null without a page. */
  consoleLink(role: Role): string | null;
  close(): Promise<void>;
}

export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { project, folder, log, listen } = options;
  const clock = options.time?.clock ?? systemClock(options.clock);
  const timers = options.time?.timers ?? systemTimers(clock.rate);
  const random = systemRandom();
  const turns = new Turns(clock, yieldNow);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const master = readMasterKey(folder, project.variables, random);
  const anchors = anchorHome(project.variables);
  const realStartMs = options.clock?.realStartMs ?? systemClock().now();
  // Views are folded from the start on; nobody reads them before there is somebody to read.
  let tiles: TileCache | null = null;
  let reads: ReadThread | null = null;
  let api: ReturnType<typeof createApi> | null = null;
  const engine = await openEngine({
    folder,
    ports: { clock, timers, random, log, yieldNow: turns.standAside, sleepReal },
    clockOptions: {
      epochMs: options.clock?.epochMs ?? realStartMs,
      realStartMs,
      rate: clock.rate,
    },
    masterKey: master.key,
    sources: project.sources,
    folds: foldsOf(project, (seq, series) => {
      tiles?.note(seq, series);
      reads?.note(seq, series);
    }),
    normalizer: createNormalizer(project.sources),
    definitions: project.definitions,
    ...(anchors === null ? {} : { anchor: new Anchor(anchors, folder) }),
    ...(options.acceptRollback === undefined ? {} : { acceptRollback: options.acceptRollback }),
    ...(options.time === undefined ? {} : { inThread: true }),
    ...options.boundaries,
    crash: options.crash,
  });
  try {
    const entities = new Entities(engine.reader, project.project);
    const tokens = createTokenStore(engine, { random, now: () => clock.now() });
    const { features: definitions, timeZone } = project.project;
    const reader = new FeatureReader({ reader: engine.reader, definitions, timeZone });
    const kept = new TileCache(reader);
    tiles = kept;
    const parity = new Parity({ reader, random, log, pause: yieldNow });
    const features = new OnlineFeatures({
      ...{ reader, clock, tiles: kept, parity, turns },
      durableEnd: () => engine.durableEnd(),
    });
    engine.onDurable((_inputs, end) => {
      kept.durable(end);
      void features.refresh().catch((thrown: Error) => log.warn(thrown.message));
    });
    const quality = new Quality({ engine, clock, watch: project.watch });
    const predictor = predictorOf(project, {
      engine,
      quality,
      features: reader,
      clock,
      timers,
      log,
    });
    const flows = new Flows({
      ...{ flows: project.flows, engine, entities, clock, random, log },
      ...{ leading: project.project.leading, tenant: project.project.tenant },
      timers,
      folder: project.folder,
      holdOf: ({ sink, target }) =>
        quality.writeHold(sink.entities, target) ??
        // What was decided on predictions is not carried out while they are held.
        (sink.entities.includes('decision') ? (predictor?.predictions.hold() ?? null) : null),
      doubtsOf: (statements) => doubtsOf(engine.reader, statements, clock.now()),
      at: options.boundaries?.at,
      crash: options.crash,
    });
    const { reconciler } = quality;
    const healer = new Healer({ engine, reconciler, flows, clock, timers });
    const sessions = createSessions(engine, { random, clock });
    const page = readPageFiles();
    api = createApi({
      ...{ engine, entities, features, flows, quality, healer, tokens, sessions, page },
      // One thread, so that a set leaves the other core to those who are served.
      ...(options.threads === undefined
        ? {}
        : { trainingThreads: { opener: options.threads, count: 1 } }),
      ...{ clock, log, predictions: predictor?.predictions ?? null },
      reads: () => reads?.status() ?? null,
      version: version(),
    });
    const token = await tokens.ensureFirst();
    if (options.reads !== undefined && options.threads !== undefined) {
      // Before anything can be sent to us: it hears of every entry that is planned.
      reads = new ReadThread({
        ...{ engine, parity, reader, timers: systemTimers(1), log },
        order: {
          ...{ ...options.threads, version: reader.version, timeZone, listen: options.reads },
          ...(options.clock === undefined ? {} : { clock: options.clock }),
        },
      });
    }
    const url = await listenAt(api, listen);
    const readsUrl = (await reads?.start()) ?? null;
    const links = new SameOrderLinks({
      ...{ rules: project.project.links, entities, log, pause: yieldNow },
      link: (body) => engine.control('rule same-order', 'link', { ...body }),
    });
    if (project.project.links.length > 0) {
      engine.onDurable((inputs) => links.note(inputs));
      void links.scan().catch((thrown: Error) => log.error(thrown.message, { what: 'links' }));
    }
    const monitor = new Monitor({
      ...{ engine, quality, timers, log },
      freeBytes: () => freeBytesOf(folder),
      sinks: alertSinks(options.readsOnly === true ? {} : project.project.alerts, {
        ...{ fetch: project.way, mailer: smtpMailer },
        ...{ timers: systemTimers(1), now: () => systemClock().now() },
      }),
    });
    engine.start();
    if (options.readsOnly !== true) flows.start();
    monitor.start();
    if (options.readsOnly !== true) predictor?.start();
    return {
      url,
      readsUrl,
      engine,
      entities,
      features,
      flows,
      quality,
      clock,
      token,
      masterKeyFile: master.created,
      consoleLink: (role) => (page.size === 0 ? null : `${url}/#once=${sessions.invite(role)}`),
      async close() {
        await api?.close();
        await reads?.close();
        await predictor?.close();
        await monitor.close();
        await links.close();
        features.close();
        await parity.close();
        engine.abort();
        await flows.close();
        await engine.close();
      },
    };
  } catch (thrown) {
    await api?.close();
    await reads?.close();
    await engine.close();
    throw thrown;
  }
}

function predictorOf(
  { project }: LoadedProject,
  rooms: Pick<
    ConstructorParameters<typeof Predictor>[0],
    'engine' | 'quality' | 'features' | 'timers' | 'log'
  > & { readonly clock: PassedTime['clock'] },
): Predictor | null {
  const { demand } = project.predict;
  if (demand === undefined) return null;
  return new Predictor({
    ...rooms,
    timeZone: project.timeZone,
    pause: yieldNow,
    demand: {
      horizonDays: demand.horizonDays ?? 30,
      everyMs: durationMs(demand.every ?? '1m') ?? 60_000,
      purchaseFor: demand.purchase?.location ?? null,
    },
  });
}

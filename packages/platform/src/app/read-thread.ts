/**
 * A thread that answers what is asked of features now, at an address of its own. It has a heap and a
 * reader of its own, so no read waits for what the main thread is at: planning, collecting, taking in.
 *
 *   started ─(listens)─▶ serving ─(close)─▶ closed
 *      ▲                    └─(ends by itself)─┐
 *      └──(a second later, and later each time)┘
 *
 * Invariants: it shows what the main thread knows to be durable and nothing beyond, for it is told of the
 * end and of what was touched in one message, and asks at that end; samples of its answers are checked by
 * the main thread, with another reader.
 */
import { Worker } from 'node:worker_threads';
import {
  ensureError,
  HeadraceError,
  type LogFields,
  type Logger,
  type Timers,
} from '@headrace/sdk';
import { changesTokens, type ReadsStatus } from '../api/index.js';
import type { Engine } from '../engine/index.js';
import {
  type FeatureReader,
  type FeatureVector,
  type Parity,
  type ThreadOpener,
  TouchedSeries,
} from '../features/index.js';
import type { ClockOptions } from '../ports/index.js';
import type { ListenAddress } from './listen.js';

/** What the thread is started with. */
export interface ReadOrder extends ThreadOpener {
  readonly listen: ListenAddress;
  /** Of the definitions: others would give other values. */
  readonly version: string;
  /** Of days where a view names none. */
  readonly timeZone: string;
  readonly clock?: ClockOptions;
  /** Entries that are durable at the start. */
  readonly end: number;
}

export type ToReads =
  /** Entries before `end` are durable; series that those since the last message touched. */
  | { readonly end: number; readonly touched: readonly string[] }
  | { readonly tokens: 'changed' }
  | { readonly close: true };

export type FromReads =
  | { readonly url: string }
  | { readonly failed: Failure }
  | { readonly log: Said }
  /** To be read again, of so many answers. */
  | { readonly sample: SentSample; readonly offered: number };

export interface SentSample {
  readonly views: readonly string[];
  readonly vector: FeatureVector;
}

interface Failure {
  readonly message: string;
  readonly code: string | undefined;
  readonly hint: string | undefined;
}

interface Said {
  readonly level: keyof Logger;
  readonly text: string;
  readonly fields: LogFields | undefined;
}

export interface ReadThreadOptions {
  readonly engine: Engine;
  readonly parity: Parity;
  readonly reader: FeatureReader;
  readonly timers: Timers;
  readonly log: Logger;
  readonly order: Omit<ReadOrder, 'end'>;
}

const restartAfterMs = 1000;
const restartAfterMsMax = 60_000;

export class ReadThread {
  readonly #options: ReadThreadOptions;
  readonly #closing = new AbortController();
  readonly #touched = new TouchedSeries();
  /** Once it listened, the same again. */
  #listen: ListenAddress;
  #worker: Worker | null = null;
  #status: ReadsStatus | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ReadThreadOptions) {
    this.#options = options;
    this.#listen = options.order.listen;
    const stop = options.engine.onDurable((inputs, end) => {
      this.#durable(end);
      const isChanged = inputs.some(({ header, body }) => {
        return header.kind === 'control' && changesTokens(body);
      });
      if (isChanged) this.#tell({ tokens: 'changed' });
    });
    this.#closing.signal.addEventListener('abort', stop);
  }

  /** Resolves with its address once it listens; throws what keeps it from that. */
  async start(): Promise<string> {
    const { order, engine } = this.#options;
    const worker = new Worker(new URL('./read-worker.js', import.meta.url), {
      workerData: {
        ...{ ...order, listen: this.#listen, end: engine.durableEnd() },
      } satisfies ReadOrder,
      name: 'headrace-reads',
    });
    this.#worker = worker;
    const ended = new Promise<void>((done) => worker.once('exit', () => done()));
    let thrown: Error | null = null;
    worker.on('error', (error) => {
      thrown = ensureError(error);
    });
    const url = await new Promise<string>((resolve, reject) => {
      worker.on('message', (said: FromReads) => {
        if ('url' in said) resolve(said.url);
        else if ('failed' in said) reject(errorOf(said.failed));
        else this.#hear(said);
      });
      void ended.then(() => reject(thrown ?? endedError()));
    });
    this.#listen = { ...this.#listen, port: Number(new URL(url).port) };
    this.#status = { url, why: null };
    this.#ended = ended.then(() => this.#again(thrown ?? endedError(), url));
    return url;
  }

  /** Null before it first listened. */
  status(): ReadsStatus | null {
    return this.#status;
  }

  /** An entry that is being planned changes this series. */
  note(seq: number, series: string): void {
    if (!this.#closing.signal.aborted) this.#touched.note(seq, series);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#tell({ close: true });
    for (let ended: unknown = null; ended !== this.#ended; ) {
      ended = this.#ended;
      await ended;
    }
  }

  #durable(end: number): void {
    this.#tell({ end, touched: this.#touched.until(end) });
  }

  #tell(message: ToReads): void {
    this.#worker?.postMessage(message);
  }

  #hear(said: Exclude<FromReads, { url: string } | { failed: Failure }>): void {
    const { log, parity, reader } = this.#options;
    if ('log' in said) {
      log[said.log.level](said.log.text, said.log.fields);
      return;
    }
    const { views, vector } = said.sample;
    parity.take({ definitions: reader.select(views), vector }, said.offered);
  }

  /** It ended by itself: who asks is refused until there is another, at the same address. */
  async #again(why: Error, url: string): Promise<void> {
    this.#worker = null;
    const { signal } = this.#closing;
    let error = why;
    for (
      let waitMs = restartAfterMs;
      !signal.aborted;
      waitMs = Math.min(2 * waitMs, restartAfterMsMax)
    ) {
      this.#status = { url, why: error.message };
      this.#options.log.error(error.message, { code: 'E_READS_THREAD', url });
      await this.#options.timers.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.start();
        return;
      } catch (thrown) {
        error = ensureError(thrown);
      }
    }
  }
}

function endedError(): HeadraceError {
  return new HeadraceError('transient', 'The thread for reads of features ended.', {
    code: 'E_READS_THREAD',
  });
}

function errorOf({ message, code, hint }: Failure): HeadraceError {
  return new HeadraceError('config', message, {
    code: code ?? 'E_READS_THREAD',
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Entry of the thread for reads of features. See `read-thread.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { ensureError, HeadraceError, type LogFields, type Logger } from '@headrace/sdk';
import { createReadsApi, KnownTokens } from '../api/index.js';
import {
  OnlineFeatures,
  openedBy,
  type Sampler,
  shareDefault,
  TileCache,
} from '../features/index.js';
import { systemClock, systemRandom, Turns, yieldNow } from '../ports/index.js';
import { listenAt } from './listen.js';
import type { FromReads, ReadOrder, ToReads } from './read-thread.js';

/** Nothing but reads is done here, so giving way costs next to nothing. */
const sliceMs = 0.5;

const port = parentPort;
if (port === null) throw new Error('Features are read here by a worker only.');
const order = workerData as ReadOrder;
const say = (message: FromReads) => port.postMessage(message);

const log: Logger = {
  debug: (text, fields) => sayLine('debug', text, fields),
  info: (text, fields) => sayLine('info', text, fields),
  warn: (text, fields) => sayLine('warn', text, fields),
  error: (text, fields) => sayLine('error', text, fields),
};

function sayLine(level: keyof Logger, text: string, fields: LogFields | undefined): void {
  say({ log: { level, text, fields } });
}

try {
  await serve();
} catch (thrown) {
  const error = ensureError(thrown);
  const { code, hint } =
    error instanceof HeadraceError ? error : { code: undefined, hint: undefined };
  say({ failed: { message: error.message, code, hint } });
  leave();
}

/** Whatever the code of the project goes on waiting for. */
function leave(): void {
  process.exit();
}

async function serve(): Promise<void> {
  const opened = await openedBy(order);
  const { features: reader, store } = opened;
  try {
    if (reader.version !== order.version || reader.timeZone !== order.timeZone) {
      throw new HeadraceError('config', 'The project has changed since the platform started.', {
        code: 'E_READS_THREAD',
        hint: 'Start the platform with the project as it is now.',
      });
    }
    const clock = systemClock(order.clock);
    const tiles = new TileCache(reader);
    let { end } = order;
    const features = new OnlineFeatures({
      ...{ reader, clock, tiles, sampler: sampler(), turns: new Turns(clock, yieldNow) },
      durableEnd: () => end,
      sliceMs,
    });
    const tokens = new KnownTokens(store);
    const app = createReadsApi({ features, tokens, log });
    const url = await listenAt(app, order.listen);
    port?.on('message', (told: ToReads) => {
      if ('tokens' in told) tokens.reload();
      else if ('close' in told) {
        void app.close().then(() => {
          opened.close();
          leave();
        });
      } else {
        for (const series of told.touched) tiles.note(told.end - 1, series);
        tiles.durable(told.end);
        end = told.end;
        void features.refresh().catch((thrown: Error) => log.warn(thrown.message));
      }
    });
    say({ url });
  } catch (thrown) {
    opened.close();
    throw thrown;
  }
}

/** Sends a share of the answers to be read again where reads do not wait for it. */
function sampler(): Sampler {
  const random = systemRandom();
  let offered = 0;
  return {
    offer(definitions, vector) {
      offered += 1;
      if (random.next() >= shareDefault) return;
      say({ sample: { views: definitions.map(({ name }) => name), vector: vector() }, offered });
      offered = 0;
    },
  };
}

/** What a connector is handed, over the real network but without the platform. */
import { z } from 'zod';
import type {
  Authenticator,
  Clock,
  ConfiguredSource,
  ConnectorContext,
  HttpClient,
  Json,
  Logger,
  Page,
  Random,
  Timers,
} from '../connector/index.js';
import { HeadraceError, splitPage } from '../connector/index.js';
import { countingClient, createTestHttpClient, type TestHttpClient } from './http-client.js';

export interface TestContextOptions {
  /** In tests: `{ now: Date.now, monotonicMs: () => performance.now() }`, or one that is set. */
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
  /** Instead of a client over the network, such as that of a recording; it asks for no credentials. */
  readonly http?: HttpClient;
  readonly log?: Logger;
  readonly timers?: Timers;
  readonly signal?: AbortSignal;
}

export interface TestContext<Config> extends ConnectorContext<Config> {
  readonly http: TestHttpClient;
}

/**
 * Gives a connector's functions their context in a test.
 *
 * ```ts
 * const context = createTestContext(shopware({ … }), { clock });
 * const results = await shopware.spec.check(context);
 * ```
 */
export function createTestContext<Config>(
  source: ConfiguredSource<Config>,
  options: TestContextOptions,
): TestContext<Config> {
  const { connector } = source;
  const config = z.parse(connector.config, source.settings) as Config;
  let authenticator: Authenticator | null = null;
  const context: TestContext<Config> = {
    config,
    http:
      options.http !== undefined
        ? countingClient(options.http)
        : createTestHttpClient({
            baseUrl: connector.baseUrl(config),
            origins: connector.origins?.(config) ?? [],
            clock: options.clock,
            authenticator() {
              authenticator ??= connector.authenticate(context);
              return authenticator;
            },
            reasonOf: (status, body) => connector.reasonOf?.(status, body) ?? null,
            ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
          }),
    clock: options.clock,
    random: seededRandom(1),
    timers: options.timers ?? { sleep: sleepNot },
    log: options.log ?? silentLogger,
    signal: options.signal ?? new AbortController().signal,
  };
  return context;
}

/** The records of a page, as the platform would find them. */
export function recordsOf(page: Page): readonly Json[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return splitPage(page.body, page.items).records.map(
    (slice) => JSON.parse(decoder.decode(slice.bytes)) as Json,
  );
}

/** Waiting is the platform's business in a test as well; a connector that waits goes on at once. */
async function sleepNot(_ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted !== true) return;
  throw new HeadraceError('cancelled', 'The operation was cancelled.', { code: 'E_CANCELLED' });
}

const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** mulberry32: small, and the same in every run. */
function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, bytes: (size) => Uint8Array.from({ length: size }, () => next() * 256) };
}

/** What a connector needs to be called without the platform: for `headrace connect`. */
import type { Authenticator, ConnectorContext, Logger } from '@headrace/sdk';
import { type EngineSource, RateBudget } from '../engine/index.js';
import { createHttpClient, systemClock, systemRandom, systemTimers } from '../ports/index.js';

/** The source's budget holds here too: a check must not push a shop over its limits. */
export function connectorContext(
  source: EngineSource,
  log: Logger,
  signal: AbortSignal = new AbortController().signal,
): ConnectorContext<never> {
  const clock = systemClock();
  const timers = systemTimers();
  const budget = new RateBudget(source.budget ?? source.spec.budget, clock, timers);
  let authenticator: Authenticator | undefined;
  const http = createHttpClient({
    baseUrl: source.spec.baseUrl(source.config as never),
    origins: source.spec.origins?.(source.config as never) ?? [],
    clock,
    signal,
    ...(source.fetch === undefined ? {} : { fetch: source.fetch }),
    reasonOf: (status, body) => source.spec.reasonOf?.(status, body) ?? null,
    around: (call) => budget.use('fetch', call),
    authenticator: {
      headers: async () => (await authenticator?.headers()) ?? {},
      invalidate: () => authenticator?.invalidate(),
    },
  });
  const config = source.config as never;
  const context = { config, http, clock, random: systemRandom(), timers, log, signal };
  authenticator = source.spec.authenticate(context);
  return context;
}

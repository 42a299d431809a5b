import type { Clock } from '../clock.js';
import { listen } from '../http.js';
import { HOUR_MS } from '../retailer/parameters.js';
import { createRandom, type Random } from '../retailer/random.js';
import type { World } from '../retailer/world.js';
import type { FaultPort, RequestTarget } from '../shopware/fault-port.js';
import type { CompanyModel } from './company-model.js';
import { fillPim } from './content.js';
import { createPimEdits, type PimCommand, type PimResult } from './edits.js';
import { PIM_LEDGERS, type PimLedgerRow } from './ledger.js';
import { secondModel } from './model-second.js';
import { standardModel } from './model-standard.js';
import { createRelay, type Relay } from './relay.js';
import { type ApiKey, createInriverListener } from './server.js';
import type { PimStore } from './store.js';

/** A PIM of the retailer: its data, its API over HTTP, its relay, and what a control port needs. */

export const PIM_MODELS: Readonly<Record<string, CompanyModel>> = {
  standard: standardModel,
  second: secondModel,
};

export interface InriverOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly keys: readonly ApiKey[];
  readonly relaySecret: string;
  /** Where the relay sends; nowhere when left out. */
  readonly relayUrl?: string;
  /** `standard` (default) or `second`. */
  readonly model?: string;
  readonly hasChannelEvents?: boolean;
  readonly host?: string;
  readonly port?: number;
  /** 0 lifts the limit. */
  readonly requestsPerSecond?: number;
  readonly onCall?: (target: RequestTarget) => void;
}

export interface Inriver {
  readonly url: string;
  readonly store: PimStore;
  readonly relay: Relay;
  readonly ledgerNames: readonly string[];
  readonly ledger: (name: string) => Generator<PimLedgerRow> | undefined;
  /** Runs a command whose kind begins with `pim-`; undefined for others. */
  readonly command: (command: PimCommand, atMs: number) => PimResult | undefined;
  /** People at work in the PIM: edits an hour, 0 for none. */
  readonly setEditsPerHour: (editsPerHour: number) => void;
  readonly editCount: () => number;
  readonly counts: () => { readonly entities: number; readonly links: number };
  readonly close: () => Promise<void>;
}

export const createInriver = async (options: InriverOptions): Promise<Inriver> => {
  const { world, clock, faults } = options;
  const { seed } = world.parameters;
  const model = PIM_MODELS[options.model ?? 'standard'];
  if (model === undefined) {
    throw new RangeError(
      `model: "${options.model}" is none of ${Object.keys(PIM_MODELS).join(', ')}`,
    );
  }
  const store = fillPim(world, model);
  const edits = createPimEdits(store, createRandom(seed, 'inriver-commands'));
  const relay = createRelay({
    store,
    clock,
    faults,
    secret: options.relaySecret,
    hasChannelEvents: options.hasChannelEvents ?? false,
  });
  relay.url = options.relayUrl;
  const traffic = createTraffic(
    clock,
    createRandom(seed, 'inriver-live-times'),
    createPimEdits(store, createRandom(seed, 'inriver-live')).random,
  );
  const server = await listen(
    createInriverListener({
      store,
      clock,
      faults,
      keys: options.keys,
      requestsPerSecond: options.requestsPerSecond ?? 0,
      onCall: options.onCall ?? (() => undefined),
    }),
    options.host ?? '127.0.0.1',
    options.port ?? 0,
  );
  return {
    url: server.url,
    store,
    relay,
    ledgerNames: Object.keys(PIM_LEDGERS),
    ledger: (name) => PIM_LEDGERS[name]?.(store),
    command: edits.run,
    setEditsPerHour: traffic.set,
    editCount: traffic.count,
    counts: store.counts,
    close: async () => {
      traffic.set(0);
      relay.close();
      await server.close();
    },
  };
};

interface Traffic {
  readonly count: () => number;
  readonly set: (editsPerHour: number) => void;
}

const createTraffic = (clock: Clock, random: Random, edit: (atMs: number) => void): Traffic => {
  let cancel: (() => void) | undefined;
  let nextMs = 0;
  let perHour = 0;
  let done = 0;
  const arm = (): void => {
    cancel = clock.after(Math.max(0, nextMs - clock.now()), () => {
      edit(clock.now());
      done++;
      nextMs += random.exponential(HOUR_MS / perHour);
      arm();
    });
  };
  return {
    count: () => done,
    set: (editsPerHour: number) => {
      cancel?.();
      cancel = undefined;
      perHour = editsPerHour;
      if (perHour <= 0) return;
      nextMs = clock.now() + random.exponential(HOUR_MS / perHour);
      arm();
    },
  };
};

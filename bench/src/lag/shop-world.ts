/** The emulated shop of a benchmark: started by the measuring process, so that it outlives the platform. */
import {
  type EmulatorOptions,
  type RunningEmulator,
  startEmulator,
} from '../../../packages/platform/dist/app/emulator-process.js';
import type { WorldClock } from './platform-process.js';
import { freePort } from './platform-process.js';

export interface ShopWorld {
  readonly emulator: RunningEmulator;
  readonly clock: WorldClock;
  /** Where the shop sends its webhooks, so where the platform has to listen. */
  readonly port: number;
}

export interface WorldOptions {
  readonly days: number;
  readonly scale: number;
  /** Clock seconds per real second. */
  readonly rate: number;
  readonly systems?: NonNullable<EmulatorOptions['systems']>;
  readonly variants?: number;
  readonly orderLines?: number;
}

/** A fixed moment, so that one seed is one history. */
const epochMs = Date.UTC(2026, 4, 4, 8, 0, 0);

export async function startShopWorld({ rate, ...options }: WorldOptions): Promise<ShopWorld> {
  const clock = { epochMs, realStartMs: Date.now(), rate };
  const port = await freePort();
  const emulator = await startEmulator({
    ...{ ...options, seed: 1, clock },
    webhookUrl: `http://127.0.0.1:${port}/v1/webhooks/shop`,
  });
  return { emulator, clock, port };
}

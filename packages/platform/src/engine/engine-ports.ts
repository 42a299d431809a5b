import type { Clock, Logger, Random, Timers } from '@headrace/sdk';

/** What the engine has of the world outside. */
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

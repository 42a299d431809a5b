import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { DeliveryShares } from './deliveries.js';

export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  /** Null: as fast as answers come back, for `forMs`. */
  readonly perSecond: number | null;
  readonly forMs: number;
  readonly count: number;
  readonly firstEvent: number;
  readonly shares: DeliveryShares;
  readonly seed: number;
}

export interface LoadResult {
  readonly sent: number;
  /** Different events among those acknowledged. */
  readonly distinct: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly cpuSeconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly events: readonly number[];
}

export interface Load {
  run(order: LoadOrder): Promise<LoadResult>;
  close(): void;
}

export async function startLoad(): Promise<Load> {
  const child = fork(new URL('./load-main.js', import.meta.url));
  await once(child, 'message');
  return {
    async run(order) {
      const answer = once(child, 'message');
      child.send(order);
      return (await answer)[0] as LoadResult;
    },
    close: () => child.disconnect(),
  };
}

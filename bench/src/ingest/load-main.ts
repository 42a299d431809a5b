/** The senders, as a process of their own: takes orders over IPC and answers each with what it saw. */
import { seeded } from '../shared/seeded.js';
import { quantile } from '../shared/statistics.js';
import { type Connection, openConnection } from './connection.js';
import { type Delivery, makeDeliveries } from './deliveries.js';
import type { LoadOrder, LoadResult } from './load.js';

process.on('message', (message) => {
  run(message as LoadOrder).then(
    (result) => process.send?.(result),
    (thrown: unknown) => {
      process.stderr.write(`${String(thrown)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function run(order: LoadOrder): Promise<LoadResult> {
  const { port, shares, seed, firstEvent, count } = order;
  const deliveries = makeDeliveries(count, firstEvent, shares, seeded(seed), Date.now());
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => openConnection(port)),
  );
  const statuses: Record<string, number> = {};
  const seen = { latencies: [] as number[], statuses, events: new Set<number>() };
  const cpu = process.cpuUsage();
  const begun = performance.now();
  if (order.perSecond === null) await closedLoop(connections, deliveries, order.forMs, seen);
  else await openLoop(connections, deliveries, order.perSecond, seen);
  const seconds = (performance.now() - begun) / 1000;
  const used = process.cpuUsage(cpu);
  for (const connection of connections) connection.close();
  return {
    sent: seen.latencies.length,
    distinct: seen.events.size,
    seconds,
    perSecond: seen.latencies.length / seconds,
    p50Ms: quantile(seen.latencies, 0.5),
    p99Ms: quantile(seen.latencies, 0.99),
    maxMs: quantile(seen.latencies, 1),
    cpuSeconds: (used.user + used.system) / 1e6,
    statuses: seen.statuses,
    events: [...seen.events],
  };
}

interface Seen {
  readonly latencies: number[];
  readonly statuses: Record<string, number>;
  readonly events: Set<number>;
}

function note(seen: Seen, delivery: Delivery, status: number, ms: number): void {
  seen.latencies.push(ms);
  seen.statuses[status] = (seen.statuses[status] ?? 0) + 1;
  if (status === 202) seen.events.add(delivery.event);
}

/** Each connection sends its next request when the last is answered. */
async function closedLoop(
  connections: readonly Connection[],
  deliveries: readonly Delivery[],
  forMs: number,
  seen: Seen,
): Promise<void> {
  const until = performance.now() + forMs;
  let next = 0;
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          const again = (): void => {
            const delivery = deliveries[next];
            const sentAt = performance.now();
            if (delivery === undefined || sentAt >= until) {
              resolve();
              return;
            }
            next += 1;
            connection.send(delivery.request, (status) => {
              note(seen, delivery, status, performance.now() - sentAt);
              again();
            });
          };
          again();
        }),
    ),
  );
  if (next === deliveries.length) throw new Error('The deliveries were used up.');
}

/** Requests are due by the clock; one that finds no free connection waits, and that counts. */
async function openLoop(
  connections: readonly Connection[],
  deliveries: readonly Delivery[],
  perSecond: number,
  seen: Seen,
): Promise<void> {
  const idle = [...connections];
  const waiting: { readonly delivery: Delivery; readonly dueAt: number }[] = [];
  const begun = performance.now();
  let next = 0;
  await new Promise<void>((resolve) => {
    const pump = (): void => {
      while (waiting.length > 0 && idle.length > 0) {
        const { delivery, dueAt } = waiting.shift() as (typeof waiting)[number];
        const connection = idle.pop() as Connection;
        connection.send(delivery.request, (status) => {
          note(seen, delivery, status, performance.now() - dueAt);
          idle.push(connection);
          if (seen.latencies.length === deliveries.length) {
            clearInterval(timer);
            resolve();
          } else pump();
        });
      }
    };
    const timer = setInterval(() => {
      const now = performance.now();
      for (; next < deliveries.length; next += 1) {
        const dueAt = begun + (next * 1000) / perSecond;
        if (dueAt > now) break;
        waiting.push({ delivery: deliveries[next] as Delivery, dueAt });
      }
      pump();
    }, 1);
  });
}

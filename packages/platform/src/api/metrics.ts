/** Metrics in the Prometheus text format, written by hand: there are a dozen of them. */
import type { RawRoute, Routes } from './route.js';
import type { ApiOptions } from './server.js';
import { statusOf } from './status.js';

const readMetrics: RawRoute = {
  name: 'readMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'status',
  summary: 'Metrics for Prometheus.',
  role: 'viewer',
  gives: { media: 'text/plain', text: 'The Prometheus text format.' },
};

export function registerMetrics(routes: Routes, { engine, clock }: ApiOptions): void {
  routes.raw(readMetrics, {}, (request, reply) => {
    routes.demand(request, 'viewer');
    const status = statusOf(engine, clock);
    const { counts } = engine.planner;
    const lines: string[] = [];
    const metric = (name: string, help: string, type: string, samples: readonly string[]) =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples);
    metric('headrace_journal_entries', 'Entries in the journal.', 'gauge', [
      `headrace_journal_entries ${status.journal.entries}`,
    ]);
    metric('headrace_store_bytes', 'Size of the store.', 'gauge', [
      `headrace_store_bytes ${status.journal.bytes}`,
    ]);
    metric('headrace_arrivals_total', 'Arrivals by verdict since start.', 'counter', [
      ...Object.entries(counts).map(
        ([verdict, count]) => `headrace_arrivals_total{verdict="${verdict}"} ${count}`,
      ),
    ]);
    metric('headrace_queued', 'Arrivals waiting for the step.', 'gauge', [
      `headrace_queued ${engine.loop.queued}`,
    ]);
    const labels = (stream: (typeof status.streams)[number]) =>
      `source="${stream.source}",stream="${stream.stream}"`;
    metric('headrace_stream_records', 'Source records known.', 'gauge', [
      ...status.streams.map((s) => `headrace_stream_records{${labels(s)}} ${s.records}`),
    ]);
    metric('headrace_stream_waiting', 'Keys marked as changed and not read yet.', 'gauge', [
      ...status.streams.map((s) => `headrace_stream_waiting{${labels(s)}} ${s.waiting}`),
    ]);
    metric('headrace_stream_lag_ms', 'Source time to durable, last changes.', 'gauge', [
      ...status.streams.flatMap((s) =>
        s.lagMs === null
          ? []
          : [
              `headrace_stream_lag_ms{${labels(s)},quantile="0.5"} ${s.lagMs.p50}`,
              `headrace_stream_lag_ms{${labels(s)},quantile="0.99"} ${s.lagMs.p99}`,
            ],
      ),
    ]);
    metric('headrace_stream_behind_ms', 'Time since the stream was last known whole.', 'gauge', [
      ...status.streams.map((s) => `headrace_stream_behind_ms{${labels(s)}} ${s.behindMs}`),
    ]);
    metric('headrace_stream_live', '1 while the stream is live.', 'gauge', [
      ...status.streams.map(
        (s) => `headrace_stream_live{${labels(s)}} ${s.state === 'live' ? 1 : 0}`,
      ),
    ]);
    return reply.type('text/plain; version=0.0.4').send(`${lines.join('\n')}\n`);
  });
}

/** Metrics in the Prometheus text format, written by hand: there are a dozen of them. */
import { type FlowStatus, flowStatus } from '../flows/index.js';
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

export function registerMetrics(
  routes: Routes,
  { engine, clock, features, reads, flows, quality }: ApiOptions,
): void {
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
    const states = flows.all().map((runner) => flowStatus(engine.reader, runner, clock.now()));
    for (const [name, help, type, of] of flowMetrics) {
      const samples = states.flatMap((state) => of(state));
      if (states.length > 0) metric(name, help, type, samples);
    }
    const parity = features.parity?.status();
    if (parity !== undefined) {
      metric('headrace_feature_parity_checked_total', 'Online reads read again.', 'counter', [
        `headrace_feature_parity_checked_total ${parity.checked}`,
      ]);
      metric(
        'headrace_feature_parity_mismatches_total',
        'Of them, those that differed.',
        'counter',
        [`headrace_feature_parity_mismatches_total ${parity.mismatches}`],
      );
    }
    const thread = reads?.() ?? null;
    if (thread !== null) {
      metric('headrace_reads_up', '1 while the thread for reads of features answers.', 'gauge', [
        `headrace_reads_up ${thread.why === null ? 1 : 0}`,
      ]);
    }
    const checks = quality.checks();
    metric('headrace_check_alarm', '1 while a check is in alarm.', 'gauge', [
      ...checks.map(
        ({ check, target, state }) =>
          `headrace_check_alarm{check="${check}",target="${target}"} ${state === 'alarm' ? 1 : 0}`,
      ),
    ]);
    metric(
      'headrace_input_score',
      'Least of freshness, completeness, consistency, validity.',
      'gauge',
      [
        ...quality
          .inputs()
          .map(({ input, score }) => `headrace_input_score{input="${input}"} ${score}`),
      ],
    );
    const pairs = quality.watch.pairs.map((pair) => quality.reconcile(pair));
    metric('headrace_pair_differing', 'Keys on which two systems are settled to differ.', 'gauge', [
      ...pairs.map(({ pair, differing }) => `headrace_pair_differing{pair="${pair}"} ${differing}`),
    ]);
    metric('headrace_pair_compared', 'Keys that both systems state.', 'gauge', [
      ...pairs.map(({ pair, compared }) => `headrace_pair_compared{pair="${pair}"} ${compared}`),
    ]);
    return reply.type('text/plain; version=0.0.4').send(`${lines.join('\n')}\n`);
  });
}

const labelled =
  (name: string, of: (state: FlowStatus) => number) =>
  (state: FlowStatus): string[] => [
    `${name}{flow="${state.flow}",target="${state.target}",write="${state.write}"} ${of(state)}`,
  ];

const flowMetrics: readonly (readonly [
  string,
  string,
  string,
  (state: FlowStatus) => readonly string[],
])[] = [
  ...(
    [
      ['waiting', 'Groups a flow has to look at.', 'gauge', (s) => s.waiting],
      ['delivered_total', 'Groups a flow has written.', 'counter', (s) => s.delivered],
      ['parked', 'Groups that were refused or cannot be mapped.', 'gauge', (s) => s.failed],
      ['held', 'Groups that wait for approval.', 'gauge', (s) => s.held],
      ['settling', 'Groups the target has taken and not done.', 'gauge', (s) => s.settling],
      ['differences', 'Groups that differ and were not written.', 'gauge', (s) => s.differences],
      [
        'well',
        '1 while the flow goes on by itself.',
        'gauge',
        ({ state }) => (state === 'live' || state === 'shadow' ? 1 : 0),
      ],
    ] as readonly (readonly [string, string, string, (state: FlowStatus) => number])[]
  ).map(
    ([name, help, type, of]) =>
      [`headrace_flow_${name}`, help, type, labelled(`headrace_flow_${name}`, of)] as const,
  ),
  [
    'headrace_flow_lag_ms',
    'From a change being known to its being written, last deliveries.',
    'gauge',
    ({ flow, lagMs }) =>
      lagMs === null
        ? []
        : [
            `headrace_flow_lag_ms{flow="${flow}",quantile="0.5"} ${lagMs.p50}`,
            `headrace_flow_lag_ms{flow="${flow}",quantile="0.99"} ${lagMs.p99}`,
          ],
  ],
];

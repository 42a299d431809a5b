/** The status document: every stream with its lag and why it is as it is. */
import type { Clock, FeedClass, SubscriptionState } from '@headrace/sdk';
import { Frontier } from '../audit/index.js';
import { type Engine, frontierName, type StreamRunner, type StreamState } from '../engine/index.js';
import type { ParityStatus } from '../features/index.js';

export interface StreamStatus {
  readonly source: string;
  readonly stream: string;
  /** How changes arrive; a pushed stream without a working subscription is polled. */
  readonly mode: FeedClass;
  /** Source records known, deleted ones included. */
  readonly records: number;
  /** Source time to durable, over the last changes of this process; null before the first. */
  readonly lagMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** Poll interval: the most a change waits where nothing pushes. */
  readonly everyMs: number;
  readonly watermark: string | null;
  /** Keys that changed and were not read since. */
  readonly waiting: number;
  /** How long ago the stream was last known whole. */
  readonly behindMs: number;
  readonly state: StreamState;
  readonly why: string | null;
}

/** The thread that answers reads of features at an address of its own. */
export interface ReadsStatus {
  readonly url: string;
  /** Why it does not answer now; null while it does. */
  readonly why: string | null;
}

export interface Status {
  /** By the platform's clock, which in a demo is not the clock of whoever looks. */
  readonly now: string;
  readonly streams: readonly StreamStatus[];
  readonly sources: readonly {
    readonly source: string;
    readonly subscription: SubscriptionState | null;
  }[];
  readonly journal: {
    readonly entries: number;
    readonly bytes: number;
    readonly durable: number;
    readonly folded: number;
  };
  readonly root: string;
  /** Online reads of features that were read again, since the start. */
  readonly features: { readonly checked: number; readonly mismatches: number } | null;
  /** Null where features are read at the address of the API alone. */
  readonly reads: ReadsStatus | null;
  readonly healthy: boolean;
  readonly why: string | null;
}

/** What runs only where features are read online. */
export interface OnlineStatus {
  readonly parity: ParityStatus | null;
  readonly reads: ReadsStatus | null;
}

const notOnline: OnlineStatus = { parity: null, reads: null };

export function statusOf(
  engine: Engine,
  clock: Clock,
  { parity, reads }: OnlineStatus = notOnline,
): Status {
  const durable = engine.durableEnd();
  const trouble = engine.trouble();
  const frontier = engine.reader.meta(frontierName);
  const why = trouble?.message ?? mismatchText(parity) ?? awayText(reads);
  return {
    now: new Date(clock.now()).toISOString(),
    streams: [...engine.runners.values()].map((runner) =>
      streamStatus(engine, runner, clock.now()),
    ),
    sources: engine.subscriptions(),
    journal: { entries: durable, bytes: engine.reader.bytes(), durable, folded: durable },
    root: Buffer.from(
      (frontier === undefined ? new Frontier() : Frontier.decode(frontier)).root(),
    ).toString('hex'),
    features: parity === null ? null : { checked: parity.checked, mismatches: parity.mismatches },
    reads,
    healthy: why === null,
    why,
  };
}

function mismatchText(parity: ParityStatus | null): string | null {
  if (parity === null || parity.mismatches === 0) return null;
  return `${parity.mismatches} online reads of features gave another value when read again: ${parity.firstMismatch}`;
}

function awayText(reads: ReadsStatus | null): string | null {
  if (reads === null || reads.why === null) return null;
  return `Reads of features are not answered at ${reads.url}; the API answers them meanwhile: ${reads.why}`;
}

function streamStatus(engine: Engine, runner: StreamRunner, now: number): StreamStatus {
  const { source, stream } = runner.runtime;
  const { state, why } = runner.health.state(now, runner.everyMs, runner.oldestNotice);
  const { watermark } = runner.health;
  const subscription = engine
    .subscriptions()
    .find((entry) => entry.source === source)?.subscription;
  const isPushed =
    runner.feed === 'push' && (subscription === null || subscription?.kind === 'active');
  return {
    source,
    stream,
    mode: runner.feed === 'push' && !isPushed ? 'poll' : runner.feed,
    records: engine.planner.recordCounts.of(runner.name),
    lagMs: runner.health.lagMs(),
    everyMs: runner.everyMs,
    watermark: watermark === null ? null : new Date(watermark).toISOString(),
    waiting: runner.dirty.size,
    behindMs: runner.health.behindMs(now, runner.oldestNotice),
    state,
    why,
  };
}

import { z } from 'zod';
import { count, instant, named, offset } from './shapes.js';

const ms = z.number().min(0);

const streamShape = named(
  'StreamStatus',
  z
    .object({
      source: z.string(),
      stream: z.string(),
      mode: z.enum(['log', 'push', 'poll', 'snapshot', 'delivery']).meta({
        description: 'How changes arrive; a pushed stream without a subscription is polled.',
      }),
      records: count,
      lagMs: z
        .object({ p50: z.number(), p95: z.number(), p99: z.number() })
        .nullable()
        .meta({ description: 'Source time to durable, over the last changes; null before any.' }),
      everyMs: ms.meta({ description: 'The most a change waits where nothing pushes.' }),
      watermark: instant.nullable(),
      waiting: count.meta({ description: 'Keys that changed and were not read since.' }),
      behindMs: ms.meta({ description: 'How long ago the stream was last known whole.' }),
      state: z.enum([
        ...(['starting', 'backfilling', 'live', 'behind'] as const),
        ...(['late', 'waiting', 'stopped', 'quiet'] as const),
      ]),
      why: z.string().nullable(),
    })
    .meta({ description: 'One stream, with its lag and why it is as it is.' }),
);

const subscription = named(
  'Subscription',
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('active') }),
    z.object({ kind: z.enum(['missing', 'disabled']), hint: z.string() }),
    z.object({ kind: z.literal('failing'), errors: count, hint: z.string() }),
  ]),
);

export const streamsShape = named('Streams', z.object({ streams: z.array(streamShape) }));

export const statusShape = named(
  'Status',
  z.object({
    now: instant.meta({ description: "By the platform's clock." }),
    streams: z.array(streamShape),
    sources: z.array(z.object({ source: z.string(), subscription: subscription.nullable() })),
    journal: z.object({ entries: count, bytes: count, durable: offset, folded: offset }),
    root: z.string().meta({ description: 'Of the Merkle tree over all entries, hex.' }),
    features: z
      .object({ checked: count, mismatches: count })
      .nullable()
      .meta({ description: 'Online reads of features that were read again, since the start.' }),
    reads: z
      .object({
        url: z.string(),
        why: z.string().nullable().meta({ description: 'Null while it answers.' }),
      })
      .nullable()
      .meta({ description: 'The thread that answers reads of features, where there is one.' }),
    healthy: z.boolean(),
    why: z.string().nullable(),
  }),
);

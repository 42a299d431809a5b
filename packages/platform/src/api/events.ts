/** Durable entries as server-sent events, resumable by the offset a client saw last. */
import { z } from 'zod';
import { decodeHeader, type EntryHeader } from '../audit/index.js';
import { HttpProblem } from './problem.js';
import type { RawRoute, Routes } from './route.js';
import type { ApiOptions } from './server.js';

const bufferedMax = 1 << 20;

const followEvents: RawRoute = {
  name: 'followEvents',
  method: 'GET',
  path: '/v1/events',
  tag: 'status',
  summary: 'Durable entries of the journal as they come, without their bodies.',
  description:
    'Resumes after the offset in `Last-Event-ID`; without it, and without `from`, at now.',
  role: 'viewer',
  query: z.object({
    from: z.coerce.number().int().min(0).optional().meta({ description: 'A journal offset.' }),
  }),
  gives: { media: 'text/event-stream', text: 'Events `entry`, each with its offset as id.' },
};

export function registerEvents(routes: Routes, { engine }: ApiOptions): void {
  routes.raw(followEvents, {}, (request, reply) => {
    routes.demand(request, 'viewer');
    const { from } = request.query as { readonly from?: string };
    const last = request.headers['last-event-id'];
    let next = startOf(last === undefined ? from : String(Number(last) + 1), engine.durableEnd());
    reply.hijack();
    const stream = reply.raw;
    stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    stream.write(': connected\n\n');
    // Reads what is durable and not yet sent; woken by commits and by a drained socket.
    const send = () => {
      while (!stream.destroyed && stream.writableLength < bufferedMax) {
        const rows = engine.reader.journalRange(next, 200);
        if (rows.length === 0) return;
        for (const row of rows) stream.write(eventText(decodeHeader(row.header), row.body));
        next += rows.length;
      }
    };
    const stop = engine.onDurable(send);
    stream.on('drain', send);
    stream.on('close', stop);
    send();
  });
}

function startOf(text: string | undefined, durable: number): number {
  if (text === undefined) return durable;
  const offset = Number(text);
  if (!Number.isInteger(offset) || offset < 0) {
    throw new HttpProblem(400, 'E_QUERY', 'from is a journal offset.');
  }
  return offset;
}

/** Groups named in one event. */
const groupsMax = 100;

function eventText(header: EntryHeader, body: Uint8Array): string {
  const data = {
    offset: header.offset,
    kind: header.kind,
    source: header.source,
    stream: header.stream,
    key: header.key,
    version: header.version,
    gone: header.gone,
    eventAt: header.eventAt,
    knownAt: header.knownAt,
    ...(header.kind === 'outcome' ? outcomeOf(body) : {}),
    ...(header.kind === 'heartbeat' ? readOf(body) : {}),
  };
  return `id: ${header.offset}\nevent: entry\ndata: ${JSON.stringify(data)}\n\n`;
}

/** What a read that came to its end says: the stream is known as it was at `through`, ms. */
function readOf(body: Uint8Array): object {
  const { read, through, received } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly read?: string;
    readonly through?: number;
    readonly received?: number;
  };
  return { read, through, received };
}

/** Of what a flow did: which groups, and how it ended for each; no values. */
function outcomeOf(body: Uint8Array): object {
  const { action, flow, items } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly action?: string;
    readonly flow?: string;
    readonly items?: readonly { readonly group: string; readonly kind?: string }[];
  };
  const groups = (items ?? []).slice(0, groupsMax).map(({ group, kind }) => ({ group, kind }));
  return { action, flow, groups };
}

import { type EntityName, epochMs, formatQuantity, isEntityName, isInstant } from '@headrace/sdk';
import type { FastifyInstance } from 'fastify';
import { type RecordState, recordTable, visibleRows } from '../engine/index.js';
import { stockHistoryOf } from '../entities/index.js';
import { HttpProblem } from './problem.js';
import type { ApiOptions, Guard } from './server.js';
import { traceOf } from './trace.js';

const pageMax = 1000;
/** Between a system's clock and ours; systems that post in whole seconds need one of these two. */
const clockSlackMs = 2000;

/** Canonical records by key, in pages, by search, and with their history; stock at any time. */
export function registerEntityRoutes(
  app: FastifyInstance,
  options: ApiOptions,
  guard: Guard,
): void {
  const { engine, entities } = options;

  app.get<{
    Params: { entity: string; '*': string };
    /** Id of a row that was taken out of the group of this key. */
    Querystring: { row?: string };
  }>('/v1/entities/:entity/*', (request) => {
    guard(request, 'viewer');
    const entity = entityOf(request.params.entity);
    const key = request.params['*'];
    const answer = entities.get(entity, key, request.query.row);
    if (answer === null) {
      throw new HttpProblem(404, 'E_NO_ENTITY', `No source states ${entity} ${key}.`);
    }
    return { ...answer, durable: engine.durableEnd() };
  });

  app.get<{
    Params: { entity: string };
    /** `stream` as `source/stream`; `after` is the `next` of the page before. */
    Querystring: { stream?: string; after?: string; limit?: string };
  }>('/v1/entities/:entity', (request) => {
    guard(request, 'viewer');
    const entity = entityOf(request.params.entity);
    const { stream, after = '' } = request.query;
    const limit = limitOf(request.query.limit);
    const prefix = stream === undefined ? '' : `${stream}/`;
    const rows = engine.reader.range(recordTable.name, prefix, after, limit);
    const records = rows.flatMap((row) => {
      const state = JSON.parse(row.value) as RecordState;
      return visibleRows(state)
        .filter((stored) => stored.entity === entity)
        .map((stored) => ({
          key: stored.key,
          id: entities.idOf(row.key, stored),
          record: row.key,
          version: state.version,
          fields: stored.fields,
        }));
    });
    return { records, next: rows.length < limit ? null : (rows.at(-1)?.key ?? null) };
  });

  app.get<{
    Params: { source: string; sku: string; location: string };
    /** Instants; open when absent. */
    Querystring: { from?: string; to?: string };
  }>('/v1/stock-history/:source/:sku/:location', (request) => {
    guard(request, 'viewer');
    const { source, sku, location } = request.params;
    const from = timeOf(request.query.from, Number.NEGATIVE_INFINITY);
    const to = timeOf(request.query.to, Number.POSITIVE_INFINITY);
    const history = stockHistoryOf(engine.reader, { source, sku, location }, clockSlackMs);
    if (history === null) {
      throw new HttpProblem(
        404,
        'E_NO_ENTITY',
        `${source} states no stock of ${sku} at ${location}.`,
      );
    }
    const { spans, unit, readings, unclear, unexplainedMicros } = history;
    const quantityOf = (valueMicros: bigint) => formatQuantity({ valueMicros, unit });
    return {
      ...{ source, sku, location, readings, unclear },
      unexplained: quantityOf(unexplainedMicros),
      spans: spans
        .filter((span) => span.from < to && (span.to ?? to) >= from)
        .map((span) => ({
          from: isoOf(span.from),
          to: span.to === null ? null : isoOf(span.to),
          onHand: quantityOf(span.onHandMicros),
          confidence: span.confidence,
        })),
      durable: engine.durableEnd(),
    };
  });

  app.get<{ Querystring: { q?: string } }>('/v1/search', (request) => {
    guard(request, 'viewer');
    const text = request.query.q ?? '';
    if (text === '') {
      throw new HttpProblem(400, 'E_QUERY', 'The search is empty.', 'Give what to look for as q=…');
    }
    return { found: entities.search(text) };
  });

  app.get<{ Params: { '*': string }; Querystring: { personal?: string } }>(
    '/v1/trace/*',
    async (request) => {
      const reveal = request.query.personal === 'open';
      const principal = guard(request, reveal ? 'approver' : 'viewer');
      const id = request.params['*'];
      const trace = traceOf(engine, entities, id, { reveal });
      if (trace === null) throw new HttpProblem(404, 'E_NO_ENTITY', `Nothing is known of ${id}.`);
      if (reveal) {
        const records = trace.answers.map((answer) => answer.record);
        await engine.control(principal.name, 'personal-read', { records });
      }
      return trace;
    },
  );
}

function entityOf(name: string): EntityName {
  if (isEntityName(name)) return name;
  throw new HttpProblem(404, 'E_ENTITY_UNKNOWN', `There is no entity ${name}.`);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function timeOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!isInstant(text)) {
    throw new HttpProblem(400, 'E_QUERY', 'from and to are instants like 2026-03-01T00:00:00Z.');
  }
  return epochMs(text);
}

function limitOf(text: string | undefined): number {
  const limit = text === undefined ? 500 : Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > pageMax) {
    throw new HttpProblem(400, 'E_QUERY', `limit is a whole number from 1 to ${pageMax}.`);
  }
  return limit;
}

import { type EntityName, epochMs, formatQuantity, isEntityName, isInstant } from '@headrace/sdk';
import { z } from 'zod';
import { type RecordState, recordTable, visibleRows } from '../engine/index.js';
import { stockHistoryOf } from '../entities/index.js';
import { traceOf } from '../lineage/index.js';
import { entityPage, entityShape, foundShape, stockHistoryShape } from './entity-shapes.js';
import { HttpProblem } from './problem.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';
import { instant } from './shapes.js';
import { traceShape } from './trace-shape.js';

const pageMax = 1000;
/** Between a system's clock and ours; systems that post in whole seconds need one of these two. */
const clockSlackMs = 2000;

const readEntity = defineRoute({
  name: 'readEntity',
  method: 'GET',
  path: '/v1/entities/{entity}/{key+}',
  tag: 'entities',
  summary: 'One canonical record, with where each value comes from.',
  role: 'viewer',
  params: z.object({ entity: z.string(), key: z.string() }),
  query: z.strictObject({
    row: z
      .string()
      .optional()
      .meta({ description: 'Id of a row that was taken out of the group of this key.' }),
  }),
  answer: entityShape,
});

const listEntities = defineRoute({
  name: 'listEntities',
  method: 'GET',
  path: '/v1/entities/{entity}',
  tag: 'entities',
  summary: 'Canonical rows of an entity, in pages.',
  role: 'viewer',
  params: z.object({ entity: z.string() }),
  query: z.strictObject({
    stream: z.string().optional().meta({ description: 'As `source/stream`; all when left out.' }),
    after: z.string().optional().meta({ description: 'The `next` of the page before.' }),
    limit: z.coerce.number().int().min(1).max(pageMax).optional(),
  }),
  answer: entityPage,
});

const time = instant.refine(isInstant, { message: 'An instant like 2026-03-01T00:00:00Z.' });

const readStockHistory = defineRoute({
  name: 'readStockHistory',
  method: 'GET',
  path: '/v1/stock-history/{source}/{sku}/{location}',
  tag: 'entities',
  summary: 'What lay on a shelf at any time.',
  role: 'viewer',
  params: z.object({ source: z.string(), sku: z.string(), location: z.string() }),
  query: z.strictObject({ from: time.optional(), to: time.optional() }),
  answer: stockHistoryShape,
});

const search = defineRoute({
  name: 'search',
  method: 'GET',
  path: '/v1/search',
  tag: 'entities',
  summary: 'Everything a person may mean by a number or name.',
  role: 'viewer',
  query: z.strictObject({ q: z.string().min(1, 'Give what to look for as q=….') }),
  answer: foundShape,
});

const trace = defineRoute({
  name: 'trace',
  method: 'GET',
  path: '/v1/trace/{id+}',
  tag: 'entities',
  summary: 'Everything about one id: each version its sources stated, and its hops.',
  description: 'Opening personal parts needs the role `approver` and is journaled.',
  role: 'viewer',
  params: z.object({ id: z.string() }),
  query: z.strictObject({ personal: z.enum(['open']).optional() }),
  answer: traceShape,
});

/** Canonical records by key, in pages, by search, and with their history; stock at any time. */
export function registerEntityRoutes(
  routes: Routes,
  { engine, entities, flows }: ApiOptions,
): void {
  routes.on(readEntity, ({ params, query }) => {
    const entity = entityOf(params.entity);
    const answer = entities.get(entity, params.key, query.row);
    if (answer === null) {
      throw new HttpProblem(404, 'E_NO_ENTITY', `No source states ${entity} ${params.key}.`);
    }
    return { ...answer, durable: engine.durableEnd() };
  });

  routes.on(listEntities, ({ params, query }) => {
    const entity = entityOf(params.entity);
    const { stream, after = '', limit = 500 } = query;
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

  routes.on(readStockHistory, ({ params, query }) => {
    const { source, sku, location } = params;
    const from = timeOf(query.from, Number.NEGATIVE_INFINITY);
    const to = timeOf(query.to, Number.POSITIVE_INFINITY);
    const movementStreams = [...engine.runners.values()]
      .map(({ runtime }) => runtime)
      .filter(
        (stream) => stream.source === source && stream.spec.entities.includes('stockMovement'),
      )
      .map(({ stream }) => stream);
    const history = stockHistoryOf(engine.reader, {
      ...{ source, sku, location, movementStreams },
      slackMs: clockSlackMs,
    });
    if (history === null) {
      throw new HttpProblem(
        404,
        'E_NO_ENTITY',
        `${source} states no stock of ${sku} at ${location}.`,
      );
    }
    const { spans, unit, readings, unclear, unjudged, knownUntil, unexplainedMicros } = history;
    const quantityOf = (valueMicros: bigint) => formatQuantity({ valueMicros, unit });
    return {
      ...{ source, sku, location, readings, unclear, unjudged },
      movementsUntil: knownUntil === null ? null : isoOf(knownUntil),
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

  routes.on(search, ({ query }) => ({ found: entities.search(query.q) }));

  routes.on(trace, async ({ principal, params, query, demand }) => {
    const reveal = query.personal === 'open';
    if (reveal) demand('approver');
    const definitions = flows.all().map(({ flow }) => flow);
    const answer = traceOf(engine, entities, params.id, { reveal, flows: definitions });
    if (answer === null) {
      throw new HttpProblem(404, 'E_NO_ENTITY', `Nothing is known of ${params.id}.`);
    }
    if (reveal) {
      const records = answer.answers.map(({ record }) => record);
      await engine.control(principal.name, 'personal-read', { records });
    }
    return answer;
  });
}

function entityOf(name: string): EntityName {
  if (isEntityName(name)) return name;
  throw new HttpProblem(404, 'E_ENTITY_UNKNOWN', `There is no entity ${name}.`);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function timeOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : epochMs(text);
}

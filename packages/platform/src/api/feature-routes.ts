import { Readable } from 'node:stream';
import { epochMs } from '@headrace/sdk';
import { z } from 'zod';
import {
  type AsOfSummary,
  emptySummary,
  evidenceOf,
  type FeatureDefinition,
  type FeatureVector,
  featureKey,
  type OnlineFeatures,
  type Question,
  type RowBatch,
  rowsOf,
  type SharedEvidence,
  spineOf,
  trainingBatches,
} from '../features/index.js';
import { keysNamePersons, noteExport, type VectorTrace, vectorTraceOf } from '../lineage/index.js';
import { yieldNow } from '../ports/index.js';
import {
  asOfBody,
  catalogueShape,
  type FactsQuery,
  factsQuery,
  onlineAnswer,
  onlineBody,
  parityAnswer,
  type vectorShape,
  vectorTraceShape,
} from './feature-shapes.js';
import { JsonParts } from './json-parts.js';
import { HttpProblem } from './problem.js';
import { checkedBody, defineRoute, type RawRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';
import { iso, type VectorWriter, vectorJson, vectorTable } from './vector-json.js';

/** A vector as it is answered: times as text. */
export type VectorAnswer = z.input<typeof vectorShape>;

const listFeatures = defineRoute({
  name: 'listFeatures',
  method: 'GET',
  path: '/v1/features',
  tag: 'features',
  summary: 'Views and derived values there are.',
  role: 'viewer',
  answer: catalogueShape,
});

const readFeatures = defineRoute({
  name: 'readFeatures',
  method: 'POST',
  path: '/v1/features/online',
  tag: 'features',
  summary: 'Values now, each with its status and age.',
  description:
    'With `shape: table` the names of values and what is said of their ages stand once for all keys: of a hundred keys of fifty values a ninth of the text.',
  role: 'viewer',
  body: onlineBody,
  answer: onlineAnswer,
});

const readTraining: RawRoute = {
  name: 'readTrainingSet',
  method: 'POST',
  path: '/v1/features/as-of',
  tag: 'features',
  summary: 'Values for each key and moment of a spine, as they were known then.',
  description:
    'The last line is a summary: rows, rows a join by event time would have leaked into, imputed rows, rows of persons who were erased.',
  role: 'viewer',
  takes: {
    media: 'application/json',
    text: 'Views, a spine and, if wanted, which knowledge counts.',
  },
  gives: { media: 'application/x-ndjson', text: 'A line of JSON for each row, then the summary.' },
};

const readHealthOfFeatures = defineRoute({
  name: 'readFeatureHealth',
  method: 'GET',
  path: '/v1/features/parity',
  tag: 'features',
  summary: 'Whether online answers are the same when read again, and which facts are not used.',
  role: 'viewer',
  answer: parityAnswer,
});

const traceFeatures = defineRoute({
  name: 'traceFeatures',
  method: 'GET',
  path: '/v1/features/facts/{view}/{key+}',
  tag: 'features',
  summary: 'Which source records the values of a key stand on.',
  description: 'With `at` and `k` of an evidence, what exactly that answer stood on.',
  role: 'viewer',
  params: z.object({ view: z.string(), key: z.string() }),
  query: factsQuery,
  answer: vectorTraceShape,
});

/** Values now. */
export function registerOnlineReads(routes: Routes, features: OnlineFeatures): void {
  routes.on(
    readFeatures,
    async ({ body }) => {
      const definitions = features.reader.select(body.views);
      const of = definitions[0]?.of;
      if (of === undefined) throw new HttpProblem(400, 'E_BODY', 'Name at least one view.');
      const keys = body.keys.map((key) => (typeof key === 'string' ? key : featureKey(of, key)));
      const answer = new JsonParts(() => features.letPass());
      const begin = JSON.stringify({ entity: of.name, parts: of.parts }).slice(0, -1);
      const names = features.reader.names(definitions);
      const write = body.shape === 'table' ? vectorTable(answer, names) : vectorList(answer);
      answer.add(begin);
      await features.online(definitions, keys, write.add);
      write.end();
      return answer;
    },
    () => features.asked(),
  );
}

function vectorList(answer: JsonParts): VectorWriter {
  let comma = ',"vectors":[';
  return {
    add(row) {
      answer.add(comma + vectorJson(row));
      comma = ',';
    },
    end: () => answer.add(comma === ',' ? ']}' : `${comma}]}`),
  };
}

const factsDefault = 100;
const trainingBytesMax = 64 << 20;

/** Values of views, now; and which views there are. */
export function registerFeatureRoutes(
  routes: Routes,
  { features, engine, clock, trainingThreads }: ApiOptions,
): void {
  routes.on(listFeatures, () => ({
    version: features.reader.version,
    views: features.catalogue(),
  }));

  registerOnlineReads(routes, features);

  routes.raw(readTraining, { bodyLimit: trainingBytesMax }, (request, reply) => {
    const { name: by } = routes.demand(request, 'viewer');
    const body = checkedBody(asOfBody, request.body) as z.output<typeof asOfBody>;
    const definitions = features.reader.select(body.views);
    const spine = spineOf(features.reader, definitions, body.spine as never);
    const summary = emptySummary();
    const of = (definitions[0] as (typeof definitions)[number]).of;
    noteExport(engine.folder, {
      ...{ at: new Date(clock.now()).toISOString(), what: 'features', to: 'http', by },
      ...{ of: of.name, persons: keysNamePersons(of) },
    });
    const known = body.known ?? 'row-time';
    const asked = { known, k: engine.durableEnd(), pause: yieldNow, threads: trainingThreads };
    const batches = trainingBatches(features.reader, definitions, spine, asked, summary);
    const lines = linesOf(definitions, batches, evidenceOf(features.reader, asked), summary);
    return reply.type('application/x-ndjson').send(Readable.from(lines));
  });

  routes.on(traceFeatures, ({ params, query }) => {
    const { reader } = features;
    const { t, known } = questionOf(query, clock.now(), engine.durableEnd());
    const trace = vectorTraceOf(engine.reader, reader, reader.select([params.view]), {
      ...{ key: params.key, t, known, limit: query.limit ?? factsDefault },
    });
    return vectorTraceAnswer(trace);
  });

  routes.on(readHealthOfFeatures, () => ({
    parity: features.parity?.status() ?? noParity,
    unused: features.reader.unused(),
  }));
}

/** Without a moment it is now; with one and no `k`, what was known then. */
export function questionOf({ at, k }: FactsQuery, now: number, durableEnd: number): Question {
  const t = at === undefined ? now : epochMs(at);
  if (at !== undefined && k === undefined) return { t, known: { by: t } };
  return { t, known: { k: Math.min(k ?? durableEnd, durableEnd) } };
}

const noParity = {
  ...{ offered: 0, checked: 0, mismatches: 0, skipped: 0, waiting: 0 },
  firstMismatch: null,
};

/** So many lines of text between two looks at whether the one who asked keeps up. */
const linesAtOnce = 32;

async function* linesOf(
  definitions: readonly FeatureDefinition[],
  batches: AsyncIterable<RowBatch>,
  evidence: SharedEvidence,
  summary: AsOfSummary,
): AsyncIterable<string> {
  for await (const batch of batches) {
    let lines: string[] = [];
    for (const row of rowsOf(definitions, batch, evidence)) {
      const { leaks, isImputed } = row;
      lines.push(`${JSON.stringify({ ...vectorAnswer(row), leaks, imputed: isImputed })}\n`);
      if (lines.length < linesAtOnce) continue;
      yield lines.join('');
      lines = [];
      await yieldNow();
    }
    if (lines.length > 0) yield lines.join('');
  }
  yield `${JSON.stringify({ summary })}\n`;
}

export function vectorAnswer({ key, values, evidence }: FeatureVector): VectorAnswer {
  const shown: VectorAnswer['values'] = {};
  for (const [name, { value, status, ageMs, eventAt, knownAt }] of Object.entries(values)) {
    const plain = Array.isArray(value) ? [...value] : value;
    shown[name] = {
      value: plain as never,
      status,
      ageMs,
      eventAt: iso(eventAt),
      knownAt: iso(knownAt),
    };
  }
  return { key, values: shown, evidence };
}

/** A vector's trace as it is answered: times as text. */
export function vectorTraceAnswer(trace: VectorTrace): z.input<typeof vectorTraceShape> {
  const { id, vector, views, sources } = trace;
  return {
    id,
    vector: vectorAnswer(vector),
    views: views.map(({ spans, facts, keys, ...view }) => ({
      ...view,
      keys: [...keys],
      spans: Object.fromEntries(
        Object.entries(spans).map(([name, ends]) => [name, ends.map(isoOf)]),
      ),
      facts: facts.map(({ at, eventAt, knownAt, ...fact }) => ({
        ...{ ...fact, at: isoOf(at), eventAt: isoOf(eventAt), knownAt: isoOf(knownAt) },
      })),
    })),
    sources: [...sources],
  };
}

/** Windows may begin before the years a date can have. */
function isoOf(ms: number): string {
  return new Date(Math.max(-8.64e15, Math.min(8.64e15, ms))).toISOString();
}

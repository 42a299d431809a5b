import type { EntityName } from '@headrace/sdk';
import { z } from 'zod';
import { alertsIn, checkNames, type PairSpec, type Quality } from '../quality/index.js';
import { HttpProblem } from './problem.js';
import {
  alertsShape,
  checksShape,
  gateShape,
  readinessShape,
  reconciliationShape,
  reconciliationsShape,
  suspectsShape,
} from './quality-shapes.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';
import { count, entityName, keyText, named } from './shapes.js';

const keysMax = 1000;

const listChecks = defineRoute({
  name: 'listChecks',
  method: 'GET',
  path: '/v1/checks',
  tag: 'quality',
  summary: 'What every check says of every target, with its series; worst first.',
  role: 'viewer',
  query: z.object({
    check: z.enum(checkNames).optional(),
    target: z.string().optional(),
    state: z.enum(['learning', 'ok', 'watch', 'alarm', 'quiet']).optional(),
  }),
  answer: checksShape,
});

const listReconciliations = defineRoute({
  name: 'listReconciliations',
  method: 'GET',
  path: '/v1/reconciliation',
  tag: 'quality',
  summary: 'Where systems disagree, for every pair.',
  role: 'viewer',
  answer: reconciliationsShape,
});

const readReconciliation = defineRoute({
  name: 'readReconciliation',
  method: 'GET',
  path: '/v1/reconciliation/{pair}',
  tag: 'quality',
  summary: 'Where two systems disagree, key by key, with cause and place.',
  role: 'viewer',
  params: z.object({ pair: z.string() }),
  query: z.object({ limit: z.coerce.number().int().min(0).max(keysMax).default(keysMax) }),
  answer: reconciliationShape,
});

const heal = defineRoute({
  name: 'heal',
  method: 'POST',
  path: '/v1/reconciliation/{pair}/heal',
  tag: 'quality',
  summary: 'Reads the records behind differing keys again, and has flows level what still differs.',
  role: 'operator',
  params: z.object({ pair: z.string() }),
  body: named('Heal', z.strictObject({ keys: z.array(keyText).max(keysMax).optional() })),
  answer: named('Healed', z.object({ keys: count, read: count, again: count })),
});

const listAlerts = defineRoute({
  name: 'listAlerts',
  method: 'GET',
  path: '/v1/alerts',
  tag: 'quality',
  summary: 'Alerts that stand, and those that are over.',
  role: 'viewer',
  answer: alertsShape,
});

const readReadiness = defineRoute({
  name: 'readReadiness',
  method: 'GET',
  path: '/v1/readiness',
  tag: 'quality',
  summary: 'Each input with its age and score, and what is worst about it.',
  role: 'viewer',
  answer: readinessShape,
});

const readGate = defineRoute({
  name: 'readGate',
  method: 'GET',
  path: '/v1/readiness/{entity}/{key+}',
  tag: 'quality',
  summary: 'Whether what rests on one key of an entity may be served now.',
  role: 'viewer',
  params: z.object({ entity: entityName, key: z.string() }),
  answer: gateShape,
});

const listSuspects = defineRoute({
  name: 'listSuspectValues',
  method: 'GET',
  path: '/v1/values/suspect',
  tag: 'quality',
  summary: 'Values that jumped as if a unit or currency had changed, and nothing rests on.',
  role: 'viewer',
  query: z.object({
    target: z.string().optional().meta({ description: 'A `source/stream`; of all when absent.' }),
    limit: z.coerce.number().int().min(1).max(keysMax).default(keysMax),
  }),
  answer: suspectsShape,
});

const confirmValue = defineRoute({
  name: 'confirmValue',
  method: 'POST',
  path: '/v1/values/confirm',
  tag: 'quality',
  summary: 'States that a suspect value is right.',
  role: 'operator',
  body: named(
    'ConfirmedValue',
    z.strictObject({ entity: entityName, key: keyText, source: keyText }),
  ),
  answer: null,
});

/** Checks, differences between systems with their healing, alerts, and the readiness of inputs. */
export function registerQualityRoutes(
  routes: Routes,
  { engine, quality, healer, flows }: ApiOptions,
): void {
  routes.on(listChecks, ({ query }) => {
    const checks = quality.checks(query);
    return { checks, alarms: checks.filter(({ state }) => state === 'alarm').length };
  });
  routes.on(listReconciliations, () => ({
    pairs: quality.watch.pairs.map((pair) => quality.reconcile(pair)),
  }));
  routes.on(readReconciliation, ({ params, query }) =>
    quality.reconcile(pairOf(quality, params.pair), query.limit),
  );
  routes.on(heal, async ({ params, body, principal }) => {
    const pair = pairOf(quality, params.pair);
    const keys = body.keys ?? quality.reconcile(pair).keys.map(({ key }) => key);
    return healer.heal(pair, keys, principal.name);
  });
  routes.on(listAlerts, () => ({
    alerts: alertsIn(engine.reader).sort((a, b) => b.at - a.at),
  }));
  routes.on(readReadiness, () => ({ inputs: quality.inputs(), at: quality.now() }));
  routes.on(readGate, ({ params }) =>
    quality.gate([{ entity: params.entity as EntityName, key: params.key }]),
  );
  routes.on(listSuspects, ({ query: { target, limit } }) => {
    const names = quality.watch.streams.map(({ source, stream }) => `${source}/${stream}`);
    if (target !== undefined && !names.includes(target)) {
      const hint = `There are: ${names.join(', ')}.`;
      throw new HttpProblem(404, 'E_NO_STREAM', `There is no stream ${target}.`, hint);
    }
    const values = [];
    for (const one of quality.suspects(target)) {
      const { entity, key, source, record, field, kind, from, to, at, until } = one;
      if (values.length === limit) return { values, more: true };
      values.push({ entity, key, source, record, field, kind, from, to, at, until });
    }
    return { values, more: false };
  });
  routes.on(confirmValue, async ({ body, principal }) => {
    const { entity, key, source } = body;
    if (!(await quality.confirm(entity as EntityName, key, source, principal.name))) {
      throw new HttpProblem(404, 'E_NO_SUSPECT', `No value of ${entity} ${key} is suspect.`);
    }
    const statement = { entity: entity as EntityName, key };
    await flows.lookAgain([statement], { principal: principal.name });
  });
}

function pairOf(quality: Quality, name: string): PairSpec {
  const pair = quality.pair(name);
  if (pair !== null) return pair;
  const names = quality.watch.pairs.map((one) => one.name).join(', ');
  throw new HttpProblem(404, 'E_NO_PAIR', `There is no pair ${name}.`, `There are: ${names}.`);
}

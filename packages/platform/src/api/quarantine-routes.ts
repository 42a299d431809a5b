/** Records that could not be used: what waits, a trial of the way back, corrections and replays. */
import { z } from 'zod';
import { correctRecord, dryReplay, quarantineOf, replayGroup } from '../engine/index.js';
import { yieldNow } from '../ports/index.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';
import { count, epoch, jsonObject, keyText, named, offset } from './shapes.js';

const sample = z.object({
  record: z.string().meta({ description: 'For `/v1/trace/{id}` and corrections.' }),
  message: z.string(),
  journal: offset,
  knownAt: epoch,
});

const listQuarantine = defineRoute({
  name: 'listQuarantine',
  method: 'GET',
  path: '/v1/quarantine',
  tag: 'operators',
  summary: 'Records that could not be used, in groups of one cause.',
  role: 'viewer',
  answer: named(
    'Quarantine',
    z.object({
      groups: z.array(
        z.object({
          group: z.string().meta({ description: '`source/stream/code`.' }),
          source: z.string(),
          stream: z.string(),
          code: z.string(),
          count: count.meta({ description: 'Records that wait.' }),
          corrected: count.meta({ description: 'Of these, records with a correction.' }),
          samples: z.array(sample),
        }),
      ),
    }),
  ),
});

const trialShape = named(
  'ReplayTrial',
  z.object({
    record: z.string(),
    journal: offset,
    knownAt: epoch,
    corrected: z.boolean(),
    in: jsonObject.nullable().meta({ description: 'The business part that was tried.' }),
    out: z
      .array(
        z.object({
          entity: z.string(),
          key: z.string(),
          type: z.string(),
          externalId: z.string(),
          fields: jsonObject,
        }),
      )
      .nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  }),
);

const replayQuarantine = defineRoute({
  name: 'replayQuarantine',
  method: 'POST',
  path: '/v1/quarantine/{group}/replay',
  tag: 'operators',
  summary: 'States a group again, in the order it came in; or tries that and writes nothing.',
  description:
    'What still cannot be used goes on waiting. A replay that was cut short is sent again: what is ' +
    'used already is passed over.',
  role: 'operator',
  params: z.object({ group: z.string() }),
  body: named('ReplayGroup', z.strictObject({ dryRun: z.boolean().default(false) })),
  answer: named(
    'ReplayReport',
    z.object({
      group: z.string(),
      waiting: count.meta({ description: 'Statements that waited; a record may have several.' }),
      replayed: count.meta({ description: 'Used now; in a dry run, would be.' }),
      corrected: count.meta({ description: 'Of these, with a correction.' }),
      failed: count,
      settled: count.meta({ description: 'Passed over: they did not wait any more.' }),
      errors: z.array(
        z.object({ code: z.string(), message: z.string(), count, record: z.string() }),
      ),
      samples: z
        .array(trialShape)
        .optional()
        .meta({ description: 'Of a dry run: what goes in and what comes out, failures first.' }),
    }),
  ),
});

const correctQuarantined = defineRoute({
  name: 'correctQuarantined',
  method: 'POST',
  path: '/v1/quarantine/corrections',
  tag: 'operators',
  summary: 'Prepares what is read instead of a record in quarantine, or takes it back with null.',
  description:
    'The source copy is kept until the replay has succeeded. The answer is what a replay would make ' +
    'of the correction.',
  role: 'approver',
  body: named(
    'Correction',
    z.strictObject({ record: keyText, replacement: jsonObject.nullable() }),
  ),
  answer: named('Corrected', z.object({ trial: trialShape.nullable() })),
});

export function registerQuarantine(routes: Routes, { engine, clock }: ApiOptions): void {
  routes.on(listQuarantine, () => ({ groups: quarantineOf(engine).groups() }));
  routes.on(replayQuarantine, ({ params: { group }, body, principal }) =>
    body.dryRun
      ? dryReplay(quarantineOf(engine), group, yieldNow)
      : replayGroup(engine, group, principal.name),
  );
  routes.on(correctQuarantined, async ({ body, principal }) => ({
    trial: await correctRecord(engine, body.record, body.replacement as never, {
      principal: principal.name,
      now: clock.now(),
    }),
  }));
}

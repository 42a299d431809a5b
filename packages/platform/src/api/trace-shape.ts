import { z } from 'zod';
import { instant, jsonObject, named, offset } from './shapes.js';

const hop = {
  at: instant,
  room: z.string(),
  what: z.string(),
  ms: z.number().meta({ description: 'Since the hop before.' }),
  journal: offset.meta({ description: 'Of the statement whose hop it is, or of a delivery.' }),
  flow: z.string().optional().meta({ description: 'Of a delivery.' }),
  target: z.string().optional().meta({ description: 'The system a delivery went to.' }),
};
const hopShape = named('Hop', z.object(hop));

const personal = named(
  'PersonalPart',
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('sealed') }),
    z.object({ kind: z.literal('erased') }),
    z.object({ kind: z.literal('open'), value: z.union([jsonObject, z.string()]) }),
  ]),
);

const sourceShape = named(
  'TraceSource',
  z
    .object({
      source: z.string(),
      stream: z.string(),
      key: z.string(),
      version: z.string().nullable(),
      eventAt: instant.nullable(),
      knownAt: instant,
      durableAt: instant.nullable(),
      journal: offset,
      gone: z.boolean(),
      payload: jsonObject.nullable(),
      personal,
    })
    .meta({ description: 'One version of a record, as its source stated it.' }),
);

const answerShape = named(
  'TraceAnswer',
  z
    .object({
      record: z.string(),
      entities: z.array(z.object({ entity: z.string(), key: z.string() })),
      deleted: z.boolean(),
      fault: z.object({ code: z.string(), message: z.string() }).nullable(),
      hops: z.array(hopShape),
      sources: z.array(sourceShape),
    })
    .meta({ description: 'One record that the id may mean; its versions newest first.' }),
);

export const traceShape = named(
  'Trace',
  z.object({
    id: z.string(),
    answers: z.array(answerShape),
    hops: z
      .array(z.object({ record: z.string(), ...hop }))
      .meta({ description: 'Those of all answers, in time order.' }),
    sources: z.array(sourceShape),
  }),
);

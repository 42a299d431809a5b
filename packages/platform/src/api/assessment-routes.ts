import { z } from 'zod';
import { yieldNow } from '../ports/index.js';
import { assessUseCases, useCaseNames } from '../quality/index.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';
import { count, epoch, named } from './shapes.js';

const readAssessment = defineRoute({
  name: 'readAssessment',
  method: 'GET',
  path: '/v1/assessment',
  tag: 'quality',
  summary:
    'Which use cases the connected systems are good for, what is missing, and what was counted.',
  description: 'Walks over every row there is; ask seldom.',
  role: 'viewer',
  answer: named(
    'Assessment',
    z.object({
      at: epoch,
      useCases: z.array(
        z.object({
          useCase: z.enum(useCaseNames),
          title: z.string(),
          ready: z.boolean(),
          because: z.array(z.string()).meta({ description: 'What is missing; empty when ready.' }),
          readyOn: z
            .string()
            .meta({ format: 'date' })
            .nullable()
            .meta({ description: 'When waiting alone makes it ready; null where it does not.' }),
          better: z.array(z.string()).meta({ description: 'What it goes without.' }),
        }),
      ),
      entities: z.array(
        z.object({
          entity: z.string(),
          source: z.string(),
          rows: count,
          filled: z
            .record(z.string(), count)
            .meta({ description: 'Rows with the field, or one of `a|b`.' }),
          first: z.record(z.string(), epoch).meta({ description: 'Day each date begins on.' }),
          last: z.record(z.string(), epoch),
        }),
      ),
      coverage: z.array(
        z.object({
          kind: z.enum(['price', 'cost', 'stock', 'category', 'leadTime']),
          has: count.meta({ description: 'Variants that are sold and have it.' }),
          sellable: count,
        }),
      ),
    }),
  ),
});

export function registerAssessment(routes: Routes, { engine, quality }: ApiOptions): void {
  routes.on(readAssessment, () => assessUseCases(engine, quality, yieldNow));
}

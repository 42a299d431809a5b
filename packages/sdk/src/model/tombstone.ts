import { z } from 'zod';
import { instant, text } from './values.js';

/** Why a record is gone. */
export const tombstoneReasons = z.enum([
  'event',
  'flag',
  'missing',
  'not-found',
  'merged',
  'erased',
]);

/** What stands in place of a deleted record; it is never removed but by erasure. */
export const tombstone = z.strictObject({
  deletedAt: instant.describe('When it was deleted, or found to be.'),
  reason: tombstoneReasons.describe(
    'How we know: an event, a flag, missing from complete passes, a point read, a merge, erasure.',
  ),
  rawReason: text.nullable().optional().describe('The reason as the source says it.'),
});

export type Tombstone = z.output<typeof tombstone>;

import { createHash } from 'node:crypto';

/**
 * The id of something we make in the shop. It follows from what it names, so that a write whose
 * answer was lost is the same write when it comes again.
 */
export function idOf(...names: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32);
}

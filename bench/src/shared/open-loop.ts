/** Load that does not wait for answers: who is slow to answer must not make the load lighter. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Seeded } from './seeded.js';

/**
 * Begins an act whenever one is due, and ends once all of them have.
 *
 * @param apartMs From one to the next; always the same by default.
 * @param act Told when it was due, by `performance.now()`: what it took counts from there.
 */
export async function openLoop(
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  act: (dueMs: number) => Promise<void>,
  apartMs: () => number = () => 1000 / perSecond,
): Promise<void> {
  const begun = performance.now();
  const under: Promise<void>[] = [];
  for (let dueMs = begun; under.length < perSecond * seconds; dueMs += apartMs()) {
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    under.push(act(dueMs));
  }
  await Promise.all(under);
}

/** Between two of many callers who do not know of each other: from almost none to several times the mean. */
export function byChance(perSecond: number, random: Seeded): () => number {
  return () => (-Math.log(1 - random.next()) * 1000) / perSecond;
}

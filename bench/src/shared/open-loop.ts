/** Load that does not wait for answers: who is slow to answer must not make the load lighter. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Begins an act whenever one is due, and ends once all of them have.
 *
 * @param act Told when it was due, by `performance.now()`: what it took counts from there.
 */
export async function openLoop(
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  act: (dueMs: number) => Promise<void>,
): Promise<void> {
  const begun = performance.now();
  const under: Promise<void>[] = [];
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const dueMs = begun + (index * 1000) / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    under.push(act(dueMs));
  }
  await Promise.all(under);
}

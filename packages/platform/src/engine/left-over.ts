/** Makes what a switch of folded state left over go, a little at a time, among the step's own commits. */
import { type OpenedStore, sweepStatement } from '../storage/index.js';
import type { EnginePorts } from './engine-ports.js';
import type { StepLoop } from './step-loop.js';

/** Real time between two sweeps, and between two looks while there is nothing to sweep. */
const sweepEveryMs = 200;
const lookEveryMs = 60_000;
/** Takes a commit some 5 ms. */
const rowsASweep = 500;

export async function sweepLeftOver(
  store: OpenedStore,
  loop: StepLoop,
  { clock, timers }: Pick<EnginePorts, 'clock' | 'timers'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const sql = sweepStatement(store, rowsASweep);
    if (sql !== null) {
      await loop.submit([{ kind: 'effects', apply: (main) => main.run(sql, []) }]);
    }
    const waitMs = sql === null ? lookEveryMs : sweepEveryMs;
    await timers.sleep(waitMs * clock.rate, signal).catch(() => undefined);
  }
}

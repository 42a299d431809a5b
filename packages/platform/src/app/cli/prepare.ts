import { Command } from 'commander';
import { prepareRefold } from '../../engine/index.js';
import { createNormalizer } from '../../entities/index.js';
import {
  freeBytesOf,
  sleepReal,
  systemClock,
  systemRandom,
  yieldToOthers,
} from '../../ports/index.js';
import { freeBytesMin } from '../../quality/index.js';
import { loadForData } from '../demo-project.js';
import { dataFolder } from '../folders.js';
import { foldsOf } from '../folds.js';
import { countText, durationText } from './human.js';
import { type CommonOptions, untilStopped, verb } from './verb.js';

export function prepareCommand(): Command {
  const command = new Command('prepare').description(
    'fold the journal by the project as it is on disk, beside the platform that runs; its next start then switches at once',
  );
  return verb<CommonOptions>(command, async (options, terminal) => {
    const project = await loadForData(options);
    const folder = dataFolder(options);
    const { stopped, forget } = untilStopped();
    const stop = new AbortController();
    void stopped.then(() => stop.abort());
    const progress = terminal.progress('prepare');
    const clock = systemClock();
    const begunMs = clock.monotonicMs();
    yieldToOthers();
    const prepared = await prepareRefold({
      folder,
      folds: foldsOf(project),
      normalizer: createNormalizer(project.sources),
      definitions: project.definitions,
      random: systemRandom(),
      sleep: sleepReal,
      monotonicMs: () => clock.monotonicMs(),
      freeBytes: () => freeBytesOf(folder),
      freeBytesMin,
      progress: (done, total) => progress.update(done, total),
      signal: stop.signal,
    });
    progress.end();
    forget();
    const ms = Math.round(clock.monotonicMs() - begunMs);
    const isReady = !stop.signal.aborted;
    terminal.answer({ ...prepared, isReady, ms });
    terminal.print(textOf(prepared, isReady, ms));
    return isReady ? 0 : 1;
  });
}

function textOf(
  { entries, folded, isInForce }: Awaited<ReturnType<typeof prepareRefold>>,
  isReady: boolean,
  ms: number,
): string {
  if (isInForce) return 'The platform folds by this project already; there is nothing to prepare.';
  if (!isReady)
    return `Stopped after ${countText(folded)} entries; prepare again to go on from there.`;
  return `${countText(entries)} entries folded in ${durationText(ms)}. Restart the platform: it folds what came since, and switches.`;
}

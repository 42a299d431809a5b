import { Command } from 'commander';
import { verifyReplay } from '../../engine/index.js';
import { createNormalizer } from '../../entities/index.js';
import { loadForData } from '../demo-project.js';
import { dataFolder } from '../folders.js';
import { foldsOf } from '../folds.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface ReplayOptions extends CommonOptions {
  readonly verify?: boolean;
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('fold the journal again, aside, and compare with what is served')
    .option('--verify', 'compare only; nothing is changed');
  return verb<ReplayOptions>(command, async (options, terminal) => {
    if (options.verify !== true) {
      throw usageError('Only `replay --verify` is there.', 'It folds aside and changes nothing.');
    }
    const project = await loadForData(options);
    const progress = terminal.progress('replay');
    const result = verifyReplay({
      folder: dataFolder(options),
      folds: foldsOf(project),
      normalizer: createNormalizer(project.sources),
      definitions: project.definitions,
      progress: (done, total) => progress.update(done, total),
    });
    progress.end();
    terminal.answer(result);
    terminal.print(`${countText(result.entries)} entries folded again, root ${result.root}`);
    terminal.print(
      result.mismatches === 0
        ? '0 mismatches: what is served follows from the journal.'
        : `${countText(result.mismatches)} MISMATCHES, the first at ${result.firstMismatch}`,
    );
    return result.mismatches === 0 ? 0 : 2;
  });
}

import { Command } from 'commander';
import { writeProject } from '../init.js';
import { type CommonOptions, verb } from './verb.js';

interface InitOptions extends CommonOptions {
  readonly systems?: string;
  readonly dir?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export function initCommand(): Command {
  const command = new Command('init')
    .description('write a project that runs')
    .requiredOption('--systems <list>', 'the systems to read, such as shopware')
    .option('--dir <dir>', 'where', '.')
    .option('--force', 'overwrite files that are there')
    .option('--dry-run', 'say what would be written');
  return verb<InitOptions>(command, async (options, terminal) => {
    const systems = (options.systems ?? '').split(',').map((name) => name.trim());
    const written = writeProject({
      systems: systems.filter((name) => name !== ''),
      dir: options.dir ?? '.',
      force: options.force === true,
      dryRun: options.dryRun === true,
    });
    terminal.answer({ dir: written.dir, files: written.files, kept: written.kept });
    for (const file of written.files) terminal.print(`  ${file}`);
    for (const file of written.kept) terminal.print(`  ${file}   (kept as it is)`);
    terminal.print(`\n${written.next}`);
    return 0;
  });
}

import { Command } from 'commander';
import {
  type DryReplay,
  dryReplay,
  Quarantine,
  type ReplayReport,
  runtimeOf,
  verifyReplay,
} from '../../engine/index.js';
import { createNormalizer } from '../../entities/index.js';
import { yieldNow } from '../../ports/index.js';
import { loadForData } from '../demo-project.js';
import { dataFolder } from '../folders.js';
import { foldsOf } from '../folds.js';
import type { LoadedProject } from '../load-project.js';
import { openData } from '../open-data.js';
import { createClient } from './client.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { replayLines } from './replay-text.js';
import type { Terminal } from './terminal.js';
import { type CommonOptions, type ExitCode, verb } from './verb.js';

interface ReplayOptions extends CommonOptions {
  readonly verify?: boolean;
  readonly quarantine?: string;
  readonly dryRun?: boolean;
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('state a group of quarantine again; or fold the journal again and compare')
    .option('--quarantine <group>', 'the group, as `headrace quarantine` names it')
    .option(
      '--dry-run',
      'try the group by the mapping in the project as it is on disk; write nothing',
    )
    .option(
      '--verify',
      'fold the journal aside and compare with what is served; nothing is changed',
    );
  return verb<ReplayOptions>(command, async (options, terminal) => {
    if (options.quarantine !== undefined) return replayQuarantine(options, terminal);
    if (options.verify !== true) {
      throw usageError(
        '`replay` takes `--verify` or `--quarantine GROUP`.',
        'The first folds aside and changes nothing; `headrace quarantine` lists groups.',
      );
    }
    return verify(options, terminal);
  });
}

async function replayQuarantine(options: ReplayOptions, terminal: Terminal): Promise<ExitCode> {
  const group = options.quarantine ?? '';
  const isDry = options.dryRun === true;
  const path = `/v1/quarantine/${encodeURIComponent(group)}/replay`;
  const report: ReplayReport | DryReplay = isDry
    ? await dryRun(await loadForData(options), options, group)
    : await createClient(options).send<ReplayReport>('POST', path, {});
  terminal.answer(report);
  for (const line of replayLines(report, isDry)) terminal.print(line);
  return report.failed === 0 ? 0 : 2;
}

/** Beside a platform that may be running with the mapping of before. */
async function dryRun(
  project: LoadedProject,
  options: ReplayOptions,
  group: string,
): Promise<DryReplay> {
  const data = openData(dataFolder(options), project.variables);
  try {
    const streamOf = (source: string, stream: string) => {
      const of = project.sources.find(({ name }) => name === source);
      const spec = of?.spec.streams(of.config as never).find(({ name }) => name === stream);
      return spec === undefined ? undefined : runtimeOf(source, spec);
    };
    const normalizer = createNormalizer(project.sources);
    const { reader, ring } = data;
    return await dryReplay(new Quarantine({ reader, ring, normalizer, streamOf }), group, yieldNow);
  } finally {
    data.close();
  }
}

async function verify(options: ReplayOptions, terminal: Terminal): Promise<ExitCode> {
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
}

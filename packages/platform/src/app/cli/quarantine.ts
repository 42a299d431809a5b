import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { QuarantineGroup, Trial } from '../../engine/index.js';
import { createClient } from './client.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { trialLines } from './replay-text.js';
import { type CommonOptions, verb } from './verb.js';

interface QuarantineOptions extends CommonOptions {
  readonly correct?: string;
  readonly with?: string;
  readonly takeBack?: string;
}

export function quarantineCommand(): Command {
  const command = new Command('quarantine')
    .description('records that could not be used, by cause; correct one of them')
    .option('--correct <record>', 'read the record of `--with` instead of this one, once replayed')
    .option('--with <file>', 'the whole record as its system would send it, as JSON')
    .option('--take-back <record>', 'forget the correction of a record');
  return verb<QuarantineOptions>(command, async (options, terminal) => {
    const client = createClient(options);
    const record = options.correct ?? options.takeBack;
    if (record !== undefined) {
      const replacement = options.takeBack === undefined ? readRecord(options.with) : null;
      const answer = await client.send<{ trial: Trial | null }>(
        'POST',
        '/v1/quarantine/corrections',
        { record, replacement },
      );
      terminal.answer(answer);
      for (const line of answer.trial === null ? [] : trialLines(answer.trial))
        terminal.print(line);
      return answer.trial?.error == null ? 0 : 2;
    }
    const { groups } = await client.get<{ groups: QuarantineGroup[] }>('/v1/quarantine');
    terminal.answer({ groups });
    if (groups.length === 0) terminal.print('Nothing waits in quarantine.');
    for (const { group, count, corrected, samples } of groups) {
      const more = corrected === 0 ? '' : `, ${countText(corrected)} corrected`;
      terminal.print(`${group}: ${countText(count)} records${more}`);
      for (const { record, message } of samples) terminal.print(`  ${record}: ${message}`);
    }
    return 0;
  });
}

function readRecord(file: string | undefined): unknown {
  if (file === undefined) throw usageError('`--correct` takes the record from `--with FILE`.');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw usageError(`${file} is not a file with one record as JSON.`);
  }
}

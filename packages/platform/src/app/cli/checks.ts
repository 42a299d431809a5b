import { Command } from 'commander';
import type { CheckAnswer } from '../../quality/index.js';
import { createClient } from './client.js';
import { type CommonOptions, verb } from './verb.js';

interface ChecksOptions extends CommonOptions {
  readonly all?: boolean;
}

export function checksCommand(): Command {
  const command = new Command('checks')
    .description('what the checks of the running platform say, worst first')
    .option('--all', 'also those that are well');
  return verb<ChecksOptions>(command, async (options, terminal) => {
    const { checks } = await createClient(options).get<{ checks: CheckAnswer[] }>('/v1/checks');
    terminal.answer({ checks });
    for (const { state, check, target, why } of checks) {
      const isWell = state === 'ok' || state === 'learning';
      if (isWell && options.all !== true) continue;
      terminal.print(`${state.padEnd(8)} ${check} of ${target}${why === null ? '' : `: ${why}`}`);
    }
    const alarms = checks.filter(({ state }) => state === 'alarm').length;
    terminal.print(`${checks.length} checks, ${alarms} in alarm`);
    return alarms === 0 ? 0 : 2;
  });
}

import { Command } from 'commander';
import type { Status } from '../../api/index.js';
import { createClient } from './client.js';
import { statusText } from './status-text.js';
import { type CommonOptions, verb } from './verb.js';

export function statusCommand(): Command {
  const command = new Command('status').description(
    'each stream of the running platform: how far behind, and why',
  );
  return verb<CommonOptions>(command, async (options, terminal) => {
    const status = await createClient(options).get<Status>('/v1/status');
    terminal.answer(status);
    terminal.print(statusText(status, terminal.width));
    return status.healthy ? 0 : 2;
  });
}

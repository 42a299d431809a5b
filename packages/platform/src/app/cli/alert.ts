import { Command } from 'commander';
import { smtpMailer, systemClock, systemTimers } from '../../ports/index.js';
import { type Alert, alertSinks } from '../../quality/index.js';
import { loadForData } from '../demo-project.js';
import { usageError } from './errors.js';
import { type CommonOptions, verb } from './verb.js';

export function alertCommand(): Command {
  const command = new Command('alert').description('alerts: send one of a test').argument('<test>');
  return verb<CommonOptions>(command, async (options, terminal, what) => {
    if (what !== 'test') throw usageError('Only `alert test` is there.');
    const project = await loadForData(options);
    const clock = systemClock();
    const channels = alertSinks(project.project.alerts, {
      ...{ fetch: project.way, mailer: smtpMailer, timers: systemTimers(1) },
      now: () => clock.now(),
    });
    if (channels.length === 0) {
      throw usageError(
        'The project names no channel.',
        'Write `alerts: { webhook: { url, secret } }` into it, or `slack`, or `mail`.',
      );
    }
    const now = clock.now();
    const alert: Alert = {
      ...{ id: 'test', state: 'raised', kind: 'test', target: 'headrace', culprit: 'headrace' },
      ...{ message: 'This is a test; nothing is wrong.', since: now, at: now, keys: [] },
    };
    for (const channel of channels) await channel.send(alert);
    const names = channels.map(({ name }) => name);
    terminal.answer({ sent: names });
    terminal.print(`Sent by ${names.join(', ')}.`);
    return 0;
  });
}

import { epochMs, isInstant } from '@headrace/sdk';
import { Command } from 'commander';
import { vectorAnswer } from '../../api/index.js';
import { openFeatures } from '../open-features.js';
import { usageError } from './errors.js';
import { durationText, tableText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface GetOptions extends CommonOptions {
  readonly asOf?: string;
}

export function featuresCommand(): Command {
  const command = new Command('features').description('values of views, from the data directory');
  const get = new Command('get')
    .description('the values of one key, now or as they were known at a moment')
    .argument('<view>')
    .argument('<key>')
    .option('--as-of <instant>', 'such as 2026-03-01T00:00:00Z');
  command.addCommand(
    verb<GetOptions>(get, async (options, terminal, view = '', key = '') => {
      const opened = await openFeatures(options);
      try {
        const { features, store } = opened;
        const t = options.asOf === undefined ? opened.now() : instant(options.asOf);
        const known = options.asOf === undefined ? { k: store.journalEnd() } : { by: t };
        const vector = vectorAnswer(features.vector(features.select([view]), key, { t, known }));
        terminal.answer(vector);
        const rows = Object.entries(vector.values).map(([name, value]) => [
          name,
          JSON.stringify(value.value),
          value.status,
          value.ageMs === null ? '' : durationText(value.ageMs),
          value.eventAt ?? '',
          value.knownAt ?? '',
        ]);
        terminal.print(tableText(['value', '', 'status', 'age', 'true at', 'known at'], rows));
        return 0;
      } finally {
        opened.close();
      }
    }),
  );
  return command;
}

function instant(text: string): number {
  if (isInstant(text)) return epochMs(text);
  throw usageError(`--as-of is an instant such as 2026-03-01T00:00:00Z, not ${text}.`);
}

import { closeSync, openSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { actColumns, actLine, actsOf } from '../../lineage/index.js';
import { createReader, openStore } from '../../storage/index.js';
import { dataFolder } from '../folders.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface ExportOptions extends CommonOptions {
  readonly to?: string;
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description('write what the journal says into a file; `audit`: every act, with who did it')
    .argument('<what>', 'audit')
    .requiredOption('--to <file>', 'ending in .csv or .jsonl');
  return verb<ExportOptions>(command, async (options, terminal, what = '') => {
    if (what !== 'audit') throw usageError(`There is no export of ${what}.`, 'There is `audit`.');
    const to = options.to ?? '';
    const isCsv = to.endsWith('.csv');
    if (!isCsv && !to.endsWith('.jsonl')) throw usageError('--to ends in .csv or .jsonl.');
    const store = openStore(dataFolder(options), { readOnly: true, tables: [] });
    const file = openSync(to, 'w', 0o600);
    let rows = 0;
    try {
      if (isCsv) writeSync(file, `${actColumns.join(',')}\r\n`);
      for (const act of actsOf(createReader(store, []))) {
        writeSync(file, isCsv ? `${actLine(act)}\r\n` : `${JSON.stringify(act)}\n`);
        rows += 1;
      }
    } finally {
      closeSync(file);
      store.close();
    }
    terminal.answer({ what, to, rows });
    terminal.print(`${countText(rows)} acts are in ${to}`);
    return 0;
  });
}

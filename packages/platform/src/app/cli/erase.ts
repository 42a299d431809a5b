import { join } from 'node:path';
import { Command } from 'commander';
import { type Erasure, type RecordState, recordTable } from '../../engine/index.js';
import { readVariables } from '../environment.js';
import { dataFolder, projectFolder } from '../folders.js';
import { openData } from '../open-data.js';
import { createClient } from './client.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface EraseOptions extends CommonOptions {
  readonly subject?: string;
  readonly dryRun?: boolean;
}

export function eraseCommand(): Command {
  const command = new Command('erase')
    .description('destroy the key of a person: what was sealed with it can never be read again')
    .requiredOption('--subject <source:id>', "the person, by the source's own id")
    .option('--dry-run', 'count what it would make unreadable, from the data directory');
  return verb<EraseOptions>(command, async (options, terminal) => {
    const at = (options.subject ?? '').indexOf(':');
    const source = options.subject?.slice(0, at) ?? '';
    const person = options.subject?.slice(at + 1) ?? '';
    if (at < 1 || person === '') throw usageError('--subject is SOURCE:ID, such as shop:0189….');
    if (options.dryRun === true) {
      const found = lookUp(options, source, person);
      terminal.answer({ dryRun: true, erased: 0, recomputed: 0, ...found });
      terminal.print(
        found.isKnown
          ? `Would make the personal parts of ${countText(found.records)} records unreadable.`
          : 'Nothing personal is stored of this person.',
      );
      return 0;
    }
    const erasure = await createClient(options).send<Erasure>('POST', '/v1/erasures', {
      source,
      person,
    });
    // Nothing that is folded holds personal parts, so nothing has to be computed again.
    terminal.answer({ ...erasure, recomputed: 0 });
    terminal.print(
      erasure.erased === 0
        ? 'Nothing personal was stored of this person; from now on nothing will be.'
        : `Erased. Pseudonym ${erasure.handle} stays in the business parts.`,
    );
    return 0;
  });
}

function lookUp(options: EraseOptions, source: string, person: string) {
  const data = openData(dataFolder(options), readVariables(join(projectFolder(options), '.env')));
  try {
    const handle = data.handleOf(source, person);
    const text = Buffer.from(handle).toString('hex');
    let records = 0;
    for (const row of data.reader.tableAll(recordTable.name)) {
      if (row.value.includes(text) && (JSON.parse(row.value) as RecordState).subject === text) {
        records += 1;
      }
    }
    return { handle: text, isKnown: data.reader.subjectKey(handle) !== undefined, records };
  } finally {
    data.close();
  }
}

import { join } from 'node:path';
import { Command } from 'commander';
import { type ErasureReport, exportsOf, findPerson, mayNamePersons } from '../../lineage/index.js';
import { yieldNow } from '../../ports/index.js';
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
    .description(
      'destroy the keys of a person in all sources: what they seal can never be read again',
    )
    .requiredOption('--subject <source:id>', "the person, by the source's own id")
    .option('--dry-run', 'count what it would make unreadable, from the data directory');
  return verb<EraseOptions>(command, async (options, terminal) => {
    const at = (options.subject ?? '').indexOf(':');
    const source = options.subject?.slice(0, at) ?? '';
    const person = options.subject?.slice(at + 1) ?? '';
    if (at < 1 || person === '') throw usageError('--subject is SOURCE:ID, such as shop:0189….');
    if (options.dryRun === true) {
      const found = await lookUp(options, source, person);
      terminal.answer({ dryRun: true, erased: 0, recomputed: 0, ...found });
      terminal.print(
        found.keys === 0
          ? 'Nothing personal is stored of this person.'
          : `Would make the personal parts of ${countText(found.records)} records unreadable, of ${found.sources.join(', ')}.`,
      );
      if (found.quarantined > 0) {
        terminal.print(`${countText(found.quarantined)} groups of unreadable bytes would go, too.`);
      }
      return 0;
    }
    const erasure = await createClient(options).send<ErasureReport>('POST', '/v1/erasures', {
      source,
      person,
    });
    terminal.answer(erasure);
    for (const { at, what, to, by } of erasure.exports) {
      terminal.print(
        `Not in our reach: ${what} to ${to} at ${at} by ${by}; look after it by hand.`,
      );
    }
    if (erasure.erased === 0) {
      terminal.print('Nothing personal was stored of this person; from now on nothing will be.');
      return 0;
    }
    const names = [...new Set(erasure.subjects.map((subject) => subject.source))].join(', ');
    terminal.print(
      `Erased in ${names}: the personal parts of ${countText(erasure.records)} records.`,
    );
    if (erasure.quarantined > 0) {
      terminal.print(`${countText(erasure.quarantined)} groups of unreadable bytes went, too.`);
    }
    terminal.print(`Pseudonym ${erasure.handle} stays in the business parts.`);
    return 0;
  });
}

async function lookUp(options: EraseOptions, source: string, person: string) {
  const data = openData(dataFolder(options), readVariables(join(projectFolder(options), '.env')));
  try {
    const { subjects, records, groups } = await findPerson(
      data,
      data.entities,
      { source, person },
      yieldNow,
    );
    const handles = [...subjects.keys(), ...groups].map((handle) => Buffer.from(handle, 'hex'));
    return {
      keys: data.reader.subjectKeys(handles).size,
      sources: [...new Set(subjects.values())],
      records: records.length,
      quarantined: groups.size,
      exports: exportsOf(dataFolder(options)).filter(mayNamePersons),
    };
  } finally {
    data.close();
  }
}

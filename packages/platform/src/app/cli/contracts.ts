import { readFileSync, writeFileSync } from 'node:fs';
import { compilePersonal, type Json, splitPersonal } from '@headrace/sdk';
import { Command } from 'commander';
import {
  compareShapes,
  exportContracts,
  importContracts,
  suggestShape,
} from '../../quality/index.js';
import { connectorContext } from '../connector-context.js';
import { coverageOf } from '../coverage.js';
import { loadForData } from '../demo-project.js';
import { durationMs } from '../duration.js';
import { findSource, findStream, readReference, sampleRecords } from '../sample.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { type CommonOptions, createLog, verb, wholeNumber } from './verb.js';

interface ContractsOptions extends CommonOptions {
  readonly to?: string;
  readonly id?: string;
}

interface SuggestOptions extends CommonOptions {
  readonly limit?: string;
}

export function contractsCommand(): Command {
  const contracts = new Command('contracts').description(
    'what is promised of the data, as the Open Data Contract Standard 3.1 has it',
  );
  contracts.addCommand(exportCommand());
  contracts.addCommand(importCommand());
  contracts.addCommand(suggestCommand());
  return contracts;
}

function exportCommand(): Command {
  const command = new Command('export')
    .description('the contracts of the project, with their defaults, as one document')
    .option('--to <file>', 'instead of stdout')
    .option('--id <id>', 'of the document', 'headrace');
  return verb<ContractsOptions>(command, async (options, terminal) => {
    const { project, watch, definitions } = await loadForData(options);
    const document = exportContracts({
      ...{ id: options.id ?? 'headrace', name: 'Headrace', durationMs },
      version: String(definitions['project'] ?? '1'),
      entities: watch.streams.flatMap(({ entities }) => entities),
      contracts: project.contracts,
    });
    const text = `${JSON.stringify(document, null, 2)}\n`;
    if (options.to === undefined) {
      terminal.answer(document);
      terminal.print(text.trimEnd());
      return 0;
    }
    writeFileSync(options.to, text);
    const objects = (document['schema'] as unknown[]).length;
    terminal.answer({ to: options.to, objects });
    terminal.print(
      `The contracts of ${countText(objects)} entities and streams are in ${options.to}`,
    );
    return 0;
  });
}

function importCommand(): Command {
  const command = new Command('import')
    .description('the `contracts` of a project from a document of the standard')
    .argument('<file>', 'the document, as JSON')
    .option('--to <file>', 'a JSON file for the project to import, instead of stdout');
  return verb<ContractsOptions>(command, async (options, terminal, file = '') => {
    const { contracts, ignored } = importContracts(readDocument(file));
    if (options.to !== undefined) {
      writeFileSync(options.to, `${JSON.stringify(contracts, null, 2)}\n`);
      terminal.print(`${countText(Object.keys(contracts).length)} contracts are in ${options.to}`);
    } else terminal.print(JSON.stringify(contracts, null, 2));
    for (const one of ignored) terminal.note(`Not taken: ${one}`);
    terminal.answer({ contracts, ignored });
    return 0;
  });
}

function suggestCommand(): Command {
  const command = new Command('suggest')
    .description(
      'what the records of a stream look like, as a contract; and how they differ from yours',
    )
    .argument('<stream>', 'as SOURCE/STREAM')
    .option('--limit <n>', 'records to look at, the newest', '200');
  return verb<SuggestOptions>(command, async (options, terminal, path = '') => {
    const [sourceName = '', streamName = ''] = path.split('/');
    const { sources, project } = await loadForData(options);
    const source = findSource(sources, sourceName);
    const stream = findStream(source, streamName);
    const context = connectorContext(source, createLog('warn'));
    const reference = await readReference(source, context);
    const limit = wholeNumber(options.limit, 200, '--limit');
    // As it is read, not with every field there is.
    const { sample: _all, ...asRead } = stream;
    const records = await sampleRecords(asRead, context, limit);
    const covered = coverageOf(stream, source.config, records, reference, { reveal: false });
    const read = new Set(
      covered.fields.filter(({ use }) => use === 'read').map(({ path: field }) => field),
    );
    const personal = stream.personal === undefined ? null : compilePersonal(stream.personal.paths);
    const business =
      personal === null
        ? records
        : records.map((record) => splitPersonal(record, personal).business);
    const shape = suggestShape(business, (field) => read.has(field));
    const current = project.contracts[path]?.shape;
    const differences = current === undefined ? [] : compareShapes(current, business);
    terminal.answer({ stream: path, records: records.length, shape, differences });
    if (current === undefined) terminal.print(JSON.stringify({ [path]: { shape } }, null, 2));
    for (const { kind, text } of differences) {
      terminal.print(`${kind === 'added' ? '+' : '✗'} ${text}`);
    }
    if (current !== undefined && differences.length === 0) {
      terminal.print(`${countText(records.length)} records keep the contract of ${path}.`);
    }
    return differences.some(({ kind }) => kind !== 'added') ? 2 : 0;
  });
}

function readDocument(file: string): Json {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Json;
  } catch {
    throw usageError(`${file} is not a file with JSON.`, 'Convert YAML first.');
  }
}

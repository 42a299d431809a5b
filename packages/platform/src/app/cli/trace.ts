import { writeFileSync } from 'node:fs';
import { HeadraceError } from '@headrace/sdk';
import { Command } from 'commander';
import { LogReader, readCheckpoint } from '../../audit/index.js';
import {
  bundleOf,
  groundsOf,
  type Trace,
  type TraceAnswer,
  type TraceSource,
  traceOf,
} from '../../lineage/index.js';
import { systemClock } from '../../ports/index.js';
import { readVariables } from '../environment.js';
import { dataFolder, projectFolder } from '../folders.js';
import { openData } from '../open-data.js';
import { createClient } from './client.js';
import { durationText, tableText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface TraceCliOptions extends CommonOptions {
  readonly personal?: boolean;
  readonly bundle?: string;
}

export function traceCommand(): Command {
  const command = new Command('trace')
    .description('everything about one order number, record or entity, from its data directory')
    .argument('<id>')
    .option('--personal', 'open personal parts: asks the running platform, which journals it');
  command.option('--bundle <file>', 'write the proof of what it stands on, for `verify --bundle`');
  return verb<TraceCliOptions>(command, async (options, terminal, id = '') => {
    if (options.bundle !== undefined) {
      const entries = writeBundle(options, id, options.bundle);
      terminal.answer({ id, bundle: options.bundle, entries });
      terminal.print(`${entries} entries with their proofs are in ${options.bundle}.`);
      terminal.print('Whoever has the public key of the log can check it: verify --bundle.');
      return 0;
    }
    const trace =
      options.personal === true ? await askPlatform(options, id) : readTrace(options, id);
    terminal.answer(trace);
    for (const answer of trace.answers) terminal.print(answerText(answer));
    const count = trace.answers.length;
    if (count > 1) terminal.print(`${count} records of this name; each is shown on its own.`);
    return 0;
  });
}

function readTrace(options: CommonOptions, id: string): Trace {
  const data = openData(dataFolder(options), readVariables(`${projectFolder(options)}/.env`));
  try {
    const trace = traceOf(data, data.entities, id, { reveal: false });
    if (trace !== null) return trace;
  } finally {
    data.close();
  }
  throw nothingKnown(id);
}

/** Under the checkpoint that is published; what came after it has to wait for the next. */
function writeBundle(options: CommonOptions, id: string, file: string): number {
  const folder = dataFolder(options);
  const data = openData(folder, readVariables(`${projectFolder(options)}/.env`));
  try {
    const grounds = groundsOf(data, id, systemClock().now());
    if (grounds === null) throw nothingKnown(id);
    const checkpoint = readCheckpoint(folder);
    const newest = grounds.offsets.at(-1) ?? 0;
    if (checkpoint === null || checkpoint.size <= newest) {
      throw new HeadraceError('config', `Entry ${newest} is not under a checkpoint yet.`, {
        code: 'E_UNSIGNED',
        hint: 'A running platform signs every five seconds; else start it once.',
      });
    }
    const bundle = bundleOf(data.reader, new LogReader(folder), checkpoint, grounds);
    writeFileSync(file, `${JSON.stringify(bundle)}\n`);
    return bundle.entries.length;
  } finally {
    data.close();
  }
}

function nothingKnown(id: string): HeadraceError {
  return new HeadraceError('config', `Nothing is known of ${id}.`, {
    code: 'E_NO_ENTITY',
    hint: 'Give an order number, a product number, ENTITY/KEY or the id a source uses.',
  });
}

function askPlatform(options: CommonOptions, id: string): Promise<Trace> {
  const path = id.split('/').map(encodeURIComponent).join('/');
  return createClient(options).get<Trace>(`/v1/trace/${path}?personal=open`);
}

function answerText(answer: TraceAnswer): string {
  const state = answer.deleted ? '   DELETED' : '';
  const fault =
    answer.fault === null ? [] : [`✗ ${answer.fault.code}: ${answer.fault.message}`, ''];
  const hops = answer.hops.map((hop) => [
    hop.at,
    hop.ms === 0 ? '' : `+${durationText(hop.ms)}`,
    hop.room,
    hop.what,
  ]);
  return [
    `── ${answer.record}${state}`,
    ...answer.entities.map((ref) => `   ${ref.entity} ${ref.key}`),
    '',
    ...fault,
    tableText(['at', 'after', 'room', 'what'], hops, { right: [1] }),
    '',
    ...answer.sources.map(sourceText),
  ].join('\n');
}

function sourceText(source: TraceSource): string {
  const { personal } = source;
  const shown =
    personal.kind === 'open' ? JSON.stringify(personal.value, null, 2) : `(${personal.kind})`;
  return [
    `entry ${source.journal}: ${source.source}/${source.stream} ${source.key}, version ${source.version ?? 'none'}${source.gone ? ', gone' : ''}`,
    source.payload === null ? '(no body)' : JSON.stringify(source.payload, null, 2),
    ...(personal.kind === 'none' ? [] : [`personal: ${shown}`]),
    '',
  ].join('\n');
}

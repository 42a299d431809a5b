import { HeadraceError } from '@headrace/sdk';
import { Command } from 'commander';
import {
  type Grounds,
  groundsOf,
  type Trace,
  type TraceAnswer,
  type TraceSource,
  traceOf,
  vectorNamed,
} from '../../lineage/index.js';
import { systemClock } from '../../ports/index.js';
import { readVariables } from '../environment.js';
import { dataFolder, projectFolder } from '../folders.js';
import { openData } from '../open-data.js';
import { createClient } from './client.js';
import { durationText, tableText } from './human.js';
import { sourcesText, traceVector, type VectorTraceOptions } from './trace-vector.js';
import { type CommonOptions, verb } from './verb.js';
import { writeProofs } from './write-proofs.js';

interface TraceCliOptions extends VectorTraceOptions {
  readonly personal?: boolean;
}

export function traceCommand(): Command {
  const command = new Command('trace')
    .description('everything about one order number, record or entity, from its data directory')
    .argument('<id>', 'of features: feature/VIEW/KEY; of deliveries: entry/N or entry/N/GROUP')
    .option('--personal', 'open personal parts: asks the running platform, which journals it')
    .option('--bundle <file>', 'write the proof of what it stands on, for `verify --bundle`')
    .option('--as-of <instant>', 'of features: at this moment, by what was known then')
    .option('--known <k>', 'of features: by what the first K entries of the journal say');
  return verb<TraceCliOptions>(command, async (options, terminal, id = '') => {
    const vector = vectorNamed(id);
    if (vector !== null) return traceVector(options, terminal, vector);
    if (options.bundle !== undefined) {
      const entries = writeBundle(options, id, options.bundle);
      terminal.answer({ id, bundle: options.bundle, entries });
      terminal.print(`${entries} entries with their proofs are in ${options.bundle}.`);
      terminal.print('Whoever has the public key of the log can check it: verify --bundle.');
      return 0;
    }
    if (/^entry\//.test(id)) {
      const { offsets, sources = [] } = readGrounds(options, id);
      terminal.answer({ id, entries: offsets, sources });
      terminal.print(`${id} stands on ${offsets.length} entries, of these source records:`);
      terminal.print(sourcesText(sources));
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

function readGrounds(options: CommonOptions, id: string): Grounds {
  const data = openData(dataFolder(options), readVariables(`${projectFolder(options)}/.env`));
  try {
    const grounds = groundsOf(data, id, systemClock().now());
    if (grounds !== null) return grounds;
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
    return writeProofs(folder, data.reader, grounds, file);
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

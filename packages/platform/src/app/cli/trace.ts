import { HeadraceError } from '@headrace/sdk';
import { Command } from 'commander';
import { type Trace, type TraceAnswer, type TraceSource, traceOf } from '../../api/index.js';
import { readVariables } from '../environment.js';
import { dataFolder, projectFolder } from '../folders.js';
import { openData } from '../open-data.js';
import { createClient } from './client.js';
import { durationText, tableText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface TraceCliOptions extends CommonOptions {
  readonly personal?: boolean;
}

export function traceCommand(): Command {
  const command = new Command('trace')
    .description('everything about one order number, record or entity, from its data directory')
    .argument('<id>')
    .option('--personal', 'open personal parts: asks the running platform, which journals it');
  return verb<TraceCliOptions>(command, async (options, terminal, id = '') => {
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
  throw new HeadraceError('config', `Nothing is known of ${id}.`, {
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

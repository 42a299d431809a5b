import { readFileSync } from 'node:fs';
import type { Stream } from '@headrace/sdk';
import { Command } from 'commander';
import { connectorContext } from '../connector-context.js';
import { coverageOf, type StreamCoverage } from '../coverage.js';
import { loadForData } from '../demo-project.js';
import {
  findSource,
  findStream,
  mapSample,
  parseSampleFile,
  readReference,
  sampleRecords,
} from '../sample.js';
import { type FlowTrials, parseFlowSample, trySample } from '../try-flow.js';
import { createClient } from './client.js';
import { sampleText } from './connect.js';
import { usageError } from './errors.js';
import { trialsText } from './flow-trial-text.js';
import { tableText } from './human.js';
import type { Terminal } from './terminal.js';
import { type CommonOptions, createLog, verb, wholeNumber } from './verb.js';

interface TestOptions extends CommonOptions {
  readonly sample?: string;
  readonly group?: readonly string[];
  readonly recent?: string;
  readonly withoutTarget?: boolean;
}

export function mapCommand(): Command {
  const map = new Command('map').description('try mappings before they run');
  const command = new Command('test')
    .description('run a mapping on a sample, in and out side by side; of a flow, also what differs')
    .argument('<mapping>', 'a stream, as SOURCE/STREAM, or a flow')
    .option('--sample <file>', 'records as JSON; of a stream, what `connect read --json` wrote')
    .option('--group <name...>', 'groups of a flow of the running platform')
    .option('--recent <n>', 'so many groups of the running platform that differ or wait', '3')
    .option('--without-target', 'map only; ask the target of a flow nothing');
  map.addCommand(
    verb<TestOptions>(command, (options, terminal, name = '') =>
      name.includes('/') ? testStream(options, terminal, name) : testFlow(options, terminal, name),
    ),
  );
  map.addCommand(coverage());
  return map;
}

async function testStream(options: TestOptions, terminal: Terminal, path: string) {
  const [sourceName = '', streamName = '', ...rest] = path.split('/');
  if (streamName === '' || rest.length > 0) {
    throw usageError(`${path} is no SOURCE/STREAM.`, 'Write it like shop/product.');
  }
  if (options.sample === undefined) {
    throw usageError('A stream is tested on a sample.', 'Name it with --sample FILE.');
  }
  const { sources } = await loadForData(options);
  const source = findSource(sources, sourceName);
  const stream = findStream(source, streamName);
  const sample = parseSampleFile(readSample(options.sample));
  const reference =
    sample.reference ?? (await readReference(source, connectorContext(source, createLog('warn'))));
  const results = sample.records.map((record) =>
    mapSample(stream, source.config, record, reference, { reveal: false }),
  );
  const errors = results.flatMap((result) => result.problems);
  terminal.answer({
    source: sourceName,
    stream: streamName,
    changes: results.flatMap((result) =>
      result.mapped.map((one) => ({ record: result.key, ...one })),
    ),
    errors,
  });
  for (const result of results) terminal.print(sampleText(result));
  const said = errors.length === 0 ? 'no errors' : `${errors.length} errors`;
  terminal.print(`${results.length} records, ${said}`);
  return errors.length === 0 ? 0 : 2;
}

/** A sample by the project on disk; groups by the running platform, which has their records. */
async function testFlow(options: TestOptions, terminal: Terminal, name: string) {
  const isRead = options.withoutTarget !== true;
  const answer =
    options.sample === undefined
      ? await askPlatform(options, name, isRead)
      : await trySample(
          await loadForData(options),
          name,
          parseFlowSample(readSample(options.sample)),
          (source) => connectorContext(source, createLog('warn')),
          isRead,
        );
  const { faults, groups } = answer;
  const errors = [
    ...faults.map((fault) => ({ group: null, ...fault })),
    ...groups.flatMap(({ group, faults: own }) => own.map((fault) => ({ group, ...fault }))),
  ];
  const changes = groups.flatMap(({ group, gives, differences }) =>
    gives === null ? [] : [{ group, ...gives, differences }],
  );
  terminal.answer({ ...answer, changes, errors });
  terminal.print(trialsText(answer, terminal.width));
  return errors.length === 0 ? 0 : 2;
}

function askPlatform(options: TestOptions, name: string, isRead: boolean): Promise<FlowTrials> {
  const body =
    options.group === undefined
      ? { recent: wholeNumber(options.recent, 3, '--recent') }
      : { groups: options.group };
  const path = `/v1/flows/${encodeURIComponent(name)}/test${isRead ? '' : '?target=none'}`;
  return createClient(options).send<FlowTrials>('POST', path, body);
}

interface CoverageOptions extends CommonOptions {
  readonly limit?: string;
  readonly all?: boolean;
  readonly personal?: boolean;
}

function coverage(): Command {
  const command = new Command('coverage')
    .description('fields of a source that no mapping reads, with how often they are filled')
    .argument('<source>')
    .option('--limit <n>', 'records of each stream to look at, the newest', '200')
    .option('--personal', 'show values of records about persons, too')
    .option('--all', 'show the fields that are read, sealed or never filled, too');
  return verb<CoverageOptions>(command, async (options, terminal, name = '') => {
    const { sources } = await loadForData(options);
    const source = findSource(sources, name);
    const context = connectorContext(source, createLog('warn'));
    const reference = await readReference(source, context);
    const limit = wholeNumber(options.limit, 200, '--limit');
    const streams: StreamCoverage[] = [];
    for (const stream of source.spec.streams(source.config as never) as Stream<never>[]) {
      const records = await sampleRecords(stream, context, limit);
      const reveal = options.personal === true;
      streams.push(coverageOf(stream, source.config, records, reference, { reveal }));
    }
    terminal.answer({
      source: name,
      streams,
      unmapped: streams.flatMap(({ stream, fields }) =>
        fields
          .filter(({ use, fillRate }) => use === 'unmapped' && fillRate > 0)
          .map(({ path, fillRate, sample }) => ({ stream, path, fillRate, sample })),
      ),
    });
    for (const one of streams) terminal.print(coverageText(one, options.all === true));
    return 0;
  });
}

function coverageText({ stream, records, fields }: StreamCoverage, all: boolean): string {
  const shown = all
    ? fields
    : fields.filter(({ use, fillRate }) => use === 'unmapped' && fillRate > 0);
  const read = fields.filter(({ use }) => use === 'read').length;
  const head = `── ${stream}: ${records} records, ${fields.length} fields, ${read} read`;
  if (shown.length === 0) return `${head}\n`;
  const rows = shown.map(({ path, use, fillRate, sample }) => [
    path,
    ...(all ? [use] : []),
    `${Math.round(fillRate * 100)} %`,
    sample ?? '',
  ]);
  const columns = ['field', ...(all ? ['use'] : []), 'filled', 'such as'];
  return `${head}\n${tableText(columns, rows, { right: [all ? 2 : 1] })}\n`;
}

function readSample(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw Object.assign(usageError(`The sample ${file} cannot be read.`), { cause });
  }
}

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
import { sampleText } from './connect.js';
import { usageError } from './errors.js';
import { tableText } from './human.js';
import { type CommonOptions, createLog, verb, wholeNumber } from './verb.js';

interface TestOptions extends CommonOptions {
  readonly sample?: string;
}

export function mapCommand(): Command {
  const map = new Command('map').description('try mappings before they run');
  const command = new Command('test')
    .description('run the mapping of a stream on a sample, in and out side by side')
    .argument('<source/stream>')
    .requiredOption('--sample <file>', 'what `connect read --json` wrote, or records as JSON');
  map.addCommand(
    verb<TestOptions>(command, async (options, terminal, path = '') => {
      const [sourceName = '', streamName = '', ...rest] = path.split('/');
      if (streamName === '' || rest.length > 0 || path.includes('.')) {
        throw usageError(`${path} is no SOURCE/STREAM.`, 'Write it like shop/product.');
      }
      const { sources } = await loadForData(options);
      const source = findSource(sources, sourceName);
      const stream = findStream(source, streamName);
      const sample = parseSampleFile(readSample(options.sample ?? ''));
      const reference =
        sample.reference ??
        (await readReference(source, connectorContext(source, createLog('warn'))));
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
    }),
  );
  map.addCommand(coverage());
  return map;
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

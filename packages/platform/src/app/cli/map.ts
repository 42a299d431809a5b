import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { connectorContext } from '../connector-context.js';
import { loadForData } from '../demo-project.js';
import { findSource, findStream, mapSample, parseSampleFile, readReference } from '../sample.js';
import { sampleText } from './connect.js';
import { usageError } from './errors.js';
import { type CommonOptions, createLog, verb } from './verb.js';

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
  return map;
}

function readSample(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw Object.assign(usageError(`The sample ${file} cannot be read.`), { cause });
  }
}

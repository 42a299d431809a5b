import { join } from 'node:path';
import { Command } from 'commander';
import { connectorContext } from '../connector-context.js';
import { loadForData } from '../demo-project.js';
import { type RecordedFolder, recordFolder } from '../recording.js';
import { findSource, findStream } from '../sample.js';
import { usageError } from './errors.js';
import { countText, tableText } from './human.js';
import { type CommonOptions, createLog, positiveNumber, verb } from './verb.js';

interface RecordOptions extends CommonOptions {
  readonly anonymise?: boolean;
  readonly out?: string;
  readonly limit?: string;
  readonly stream?: readonly string[];
}

/** Writes what a system answers as fixtures, and says whether they replay. */
export function record(): Command {
  const command = new Command('record')
    .description('write what the system answers as fixtures, without persons and secrets')
    .argument('<source>')
    .option('--anonymise', 'replace what is about persons; always done, there is no other way')
    .option('--no-anonymise', 'refused')
    .option('--out <dir>', 'where to (default: recorded/SOURCE)')
    .option('--limit <n>', 'most records of each stream', '25')
    .option('--stream <name...>', 'only these streams');
  return verb<RecordOptions>(command, async (options, terminal, name = '') => {
    if (options.anonymise === false) {
      throw usageError('A recording always goes without persons; --no-anonymise is refused.');
    }
    const { project, sources } = await loadForData(options);
    const source = findSource(sources, name);
    if (source.spec.receive !== undefined) {
      throw usageError(`Nothing is asked of ${name}: what it knows is sent to it.`);
    }
    const configured = project.sources[name];
    if (configured === undefined) throw usageError(`The project has no source ${name}.`);
    for (const stream of options.stream ?? []) findStream(source, stream);
    const result = await recordFolder(configured, connectorContext(source, createLog('warn')), {
      folder: options.out ?? join('recorded', name),
      limit: Math.max(1, Math.floor(positiveNumber(options.limit, 25, '--limit'))),
      ...(options.stream === undefined ? {} : { streams: options.stream }),
    });
    terminal.answer({ source: name, ...result });
    terminal.print(resultText(result));
    return result.broken.length === 0 && result.failed.length === 0 ? 0 : 2;
  });
}

const KINDS: Readonly<Record<string, string>> = {
  personal: 'values under personal paths',
  equal: 'the same values elsewhere',
  email: 'other addresses of mail',
  phone: 'other phones',
  iban: 'other bank accounts',
  host: 'hosts',
  credential: 'credentials',
};

function resultText(result: RecordedFolder): string {
  const { folder, records, failed, report, cases, broken } = result;
  const lines = [`Written to ${folder}:`];
  for (const [stream, count] of Object.entries(records)) {
    lines.push(`  ${stream}: ${countText(count)} records`);
  }
  for (const { stream, reason } of failed) lines.push(`  ${stream}: NOT recorded. ${reason}`);
  const replaced = Object.entries(report.replaced)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${countText(count)} ${KINDS[kind] ?? kind}`);
  lines.push('', `Replaced: ${replaced.length === 0 ? 'nothing' : replaced.join(', ')}.`);
  lines.push('Everything else is as the system said it: products, prices, quantities, numbers.');
  if (report.look.length > 0) {
    const rows = report.look.map((one) => [one.file, one.place, one.why, countText(one.count)]);
    lines.push('', 'Look at these before you hand it on:');
    lines.push(tableText(['file', 'place', 'why', 'times'], rows));
  }
  lines.push('');
  if (broken.length === 0) lines.push(`Replayed: all ${cases} cases of the contract suite hold.`);
  for (const { name, reason } of broken) lines.push(`Replayed: ✗ ${name}\n    ${reason}`);
  return lines.join('\n');
}

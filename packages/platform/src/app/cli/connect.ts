import {
  type DiscoveredField,
  type DiscoveredSetting,
  type Stream,
  splitPage,
} from '@headrace/sdk';
import { Command } from 'commander';
import type { EngineSource } from '../../engine/index.js';
import { connectorContext } from '../connector-context.js';
import { loadForData } from '../demo-project.js';
import { loadProject } from '../load-project.js';
import { referenceRows } from '../reference-rows.js';
import { findSource, findStream, mapSample, readReference, type Sample } from '../sample.js';
import { writeSkeleton } from '../skeleton.js';
import {
  type WrittenFile,
  writeFieldTypes,
  writeFoundSettings,
  writeOwnFields,
} from '../write-fields.js';
import { countText, durationText, sideBySide, tableText } from './human.js';
import { record } from './record.js';
import { subscriptionOf } from './subscription.js';
import { type CommonOptions, createLog, verb, wholeNumber } from './verb.js';

/** Work with connectors while no platform runs; nothing is stored. */
export function connectCommand(): Command {
  const connect = new Command('connect').description('check, look into and write connectors');
  connect.addCommand(list());
  connect.addCommand(check());
  connect.addCommand(discover());
  connect.addCommand(read());
  connect.addCommand(record());
  connect.addCommand(create());
  connect.addCommand(subscribe());
  return connect;
}

function list(): Command {
  const command = new Command('list').description('the sources of the project and their streams');
  return verb<CommonOptions>(command, async (options, terminal) => {
    const { sources } = await loadForData(options);
    const rows = sources.flatMap((source) =>
      (source.spec.streams(source.config as never) as readonly Stream<never>[]).map((stream) => ({
        source: source.name,
        connector: source.spec.name,
        stream: stream.name,
        feed: stream.feed,
        everyMs: source.everyMs?.[stream.name] ?? stream.everyMs,
        entities: stream.entities,
        off: source.without?.includes(stream.name) === true,
      })),
    );
    terminal.answer({ streams: rows });
    terminal.print(
      tableText(
        ['source', 'connector', 'stream', 'feed', 'every', 'gives'],
        rows.map((row) => [
          row.source,
          row.connector,
          row.stream,
          row.off ? 'off' : row.feed,
          durationText(row.everyMs),
          row.entities.join(', '),
        ]),
      ),
    );
    return 0;
  });
}

function check(): Command {
  const command = new Command('check')
    .description('what the credentials of a source may do, and what is missing')
    .argument('<source>');
  return verb<CommonOptions>(command, async (options, terminal, name = '') => {
    const { sources } = await loadForData(options);
    const source = findSource(sources, name);
    const results = await source.spec.check(connectorContext(source, createLog('warn')));
    const ok = results.every((result) => result.ok);
    terminal.answer({ source: name, ok, checks: results });
    terminal.print(
      tableText(
        ['', 'check', 'found'],
        results.map((result) => [result.ok ? 'ok' : 'NO', result.name, result.text]),
        { width: terminal.width },
      ),
    );
    return ok ? 0 : 2;
  });
}

interface DiscoverOptions extends CommonOptions {
  readonly write?: boolean;
}

function discover(): Command {
  const command = new Command('discover')
    .description("the system's own fields, and the ids settings need")
    .argument('<source>')
    .option(
      '--write',
      'write them into maps/: fields as types, and settings where they name nothing yet',
    );
  return verb<DiscoverOptions>(command, async (options, terminal, name = '') => {
    const { folder, project, sources } = await loadForData(options);
    const source = findSource(sources, name);
    const context = connectorContext(source, createLog('warn'));
    const fields = (await source.spec.discover?.(context)) ?? [];
    const settings = (await source.spec.discoverSettings?.(context, project)) ?? null;
    const reference = referenceRows(await readReference(source, context));
    const files = options.write === true ? write(folder, source, fields, settings) : [];
    terminal.answer({ source: name, fields, settings: settings ?? [], reference, files });
    terminal.print(
      fields.length === 0
        ? 'The system has no fields of its own.'
        : tableText(
            ['stream', 'path', 'type', 'label'],
            fields.map((field) => [field.stream, field.path, field.type, field.label ?? '']),
          ),
    );
    if (reference.length > 0) {
      terminal.print(
        `\n${tableText(
          ['kind', 'id', 'what it is'],
          reference.map((row) => [row.kind, row.id, row.text]),
        )}`,
      );
    }
    if (settings !== null && settings.length > 0) {
      terminal.print(
        `\n${tableText(
          ['setting', 'value', 'what it is'],
          settings.map(({ path, value, label, as }) => [
            path.join('.'),
            as === 'ask' ? `${value} ?` : value,
            label ?? '',
          ]),
        )}`,
      );
    }
    for (const file of files) terminal.print(writtenText(file));
    if (options.write !== true && settings !== null) {
      terminal.print(`\nTo write this into maps/: headrace connect discover ${name} --write`);
    }
    return 0;
  });
}

function write(
  folder: string,
  source: EngineSource,
  fields: readonly DiscoveredField[],
  settings: readonly DiscoveredSetting[] | null,
): readonly WrittenFile[] {
  const types = writeFieldTypes(folder, source.name, fields);
  if (settings === null) return [types, writeOwnFields(folder, source.name, fields)];
  const names = { source: source.name, connector: source.spec.name };
  const written = writeFoundSettings(folder, names, settings);
  return written === null ? [types] : [types, written];
}

function writtenText({ file, kept, settings, left = [] }: WrittenFile): string {
  const where = kept
    ? `  ${file} is yours already and was left alone`
    : `  wrote ${file}${settings === undefined ? '' : `: ${settings.join(', ')}`}`;
  const unplaced = left.map(
    ({ path, value }) =>
      `  ${file} has no place for ${path.join('.')}: '${value}'; write it yourself`,
  );
  return [where, ...unplaced].join('\n');
}

interface ReadOptions extends CommonOptions {
  readonly limit?: string;
  readonly personal?: boolean;
}

function read(): Command {
  const command = new Command('read')
    .description('records as they come, and what the mapping makes of them')
    .argument('<source>')
    .argument('<stream>')
    .option('--limit <n>', 'how many records', '3')
    .option('--personal', 'show personal parts too; they are left out otherwise');
  return verb<ReadOptions>(command, async (options, terminal, name = '', streamName = '') => {
    const { sources } = await loadForData(options);
    const source = findSource(sources, name);
    const stream = findStream(source, streamName);
    const context = connectorContext(source, createLog('warn'));
    const reference = await readReference(source, context);
    const limit = wholeNumber(options.limit, 3, '--limit');
    const samples: Sample[] = [];
    let total: number | null = null;
    let cursor: Parameters<typeof stream.read>[2] = null;
    do {
      const page = await stream.read(context, 'pass', cursor);
      total ??= page.total ?? null;
      for (const { bytes } of splitPage(page.body, page.items).records) {
        if (samples.length >= limit) break;
        const record = JSON.parse(Buffer.from(bytes).toString('utf8'));
        const reveal = options.personal === true;
        samples.push(mapSample(stream, source.config, record, reference, { reveal }));
      }
      cursor = page.next;
    } while (cursor !== null && samples.length < limit);
    terminal.answer({ source: name, stream: streamName, total, reference, samples });
    if (total !== null) terminal.print(`${countText(total)} records in ${name}/${streamName}\n`);
    for (const sample of samples) terminal.print(sampleText(sample));
    return samples.some((sample) => sample.problems.length > 0) ? 2 : 0;
  });
}

/** A record and what became of it, next to each other, with what is wrong beneath. */
export function sampleText(sample: Sample): string {
  const left = JSON.stringify(sample.record, null, 2);
  const right = sample.mapped
    .map((one) => `${one.entity} ${one.key ?? '(no key)'}\n${JSON.stringify(one.fields, null, 2)}`)
    .join('\n');
  const problems = sample.problems.map(
    (problem) =>
      `  ✗ ${problem.entity === null ? '' : `${problem.entity}: `}${problem.code}: ${problem.message}`,
  );
  const personal =
    sample.personal === undefined ? [] : [`personal: ${JSON.stringify(sample.personal)}`];
  return [
    `── ${sample.key ?? '(no key)'}  version ${sample.version ?? 'none'}`,
    sideBySide(left, right === '' ? '(gives nothing)' : right),
    ...personal,
    ...problems,
    '',
  ].join('\n');
}

interface NewOptions extends CommonOptions {
  readonly dir?: string;
  readonly dryRun?: boolean;
}

function create(): Command {
  const command = new Command('new')
    .description('start a connector of your own from the example')
    .argument('<name>', 'small letters, digits and -')
    .option('--dir <dir>', 'where the project is or shall be', '.')
    .option('--dry-run', 'say what would be written');
  return verb<NewOptions>(command, async (options, terminal, name = '') => {
    const written = writeSkeleton(name, {
      dir: options.dir ?? '.',
      dryRun: options.dryRun === true,
    });
    terminal.answer({ files: written.files });
    for (const file of written.files) terminal.print(`  ${file}`);
    terminal.print(`\n${written.next}`);
    return 0;
  });
}

interface SubscribeOptions extends CommonOptions {
  readonly url?: string;
  readonly dryRun?: boolean;
}

function subscribe(): Command {
  const command = new Command('subscribe')
    .description('let the system push its changes; this writes a webhook there')
    .argument('<source>')
    .requiredOption('--url <url>', 'address under which the system reaches this platform')
    .option('--dry-run', 'say what would be written, and write nothing');
  return verb<SubscribeOptions>(command, async (options, terminal, name = '') => {
    const { sources } = await loadProject(options.config);
    const source = findSource(sources, name);
    const { callback, subscribeAt } = subscriptionOf(source, options.url ?? '');
    const context = connectorContext(source, createLog('warn'));
    if (options.dryRun !== true) await subscribeAt(context, callback);
    const state = (await source.spec.notify?.state?.(context)) ?? null;
    terminal.answer({ source: name, url: callback, dryRun: options.dryRun === true, state });
    const would = options.dryRun === true ? 'Would be sent to' : 'Changes are sent to';
    terminal.print(`${would} ${callback}`);
    if (state !== null && state.kind !== 'active') terminal.print(`${state.kind}: ${state.hint}`);
    return 0;
  });
}

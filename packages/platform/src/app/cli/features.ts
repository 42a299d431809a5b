import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { vectorAnswer } from '../../api/index.js';
import {
  checkPostgresNames,
  emptySummary,
  type FeatureDefinition,
  type LabelRow,
  parquetSink,
  postgresSink,
  type SetSink,
  type SpineRequest,
  spineOf,
  trainingBatches,
} from '../../features/index.js';
import { keysNamePersons } from '../../lineage/index.js';
import { connectPostgres } from '../../ports/index.js';
import type { Variables } from '../environment.js';
import { openerOf, openFeatures } from '../open-features.js';
import { postgresAddress, shownAddress } from '../postgres-address.js';
import { createClient } from './client.js';
import { usageError } from './errors.js';
import { countText, durationText, tableText } from './human.js';
import { noteLeaving } from './note-leaving.js';
import { type CommonOptions, instantOf, verb } from './verb.js';

interface GetOptions extends CommonOptions {
  readonly asOf?: string;
}

export function featuresCommand(): Command {
  const command = new Command('features').description('values of views, from the data directory');
  const get = new Command('get')
    .description('the values of one key, now or as they were known at a moment')
    .argument('<view>')
    .argument('<key>')
    .option('--as-of <instant>', 'such as 2026-03-01T00:00:00Z');
  command.addCommand(
    verb<GetOptions>(get, async (options, terminal, view = '', key = '') => {
      const opened = await openFeatures(options);
      try {
        const { features, store } = opened;
        const t = options.asOf === undefined ? opened.now() : instantOf(options.asOf, '--as-of');
        const known = options.asOf === undefined ? { k: store.journalEnd() } : { by: t };
        const vector = vectorAnswer(features.vector(features.select([view]), key, { t, known }));
        terminal.answer(vector);
        const rows = Object.entries(vector.values).map(([name, value]) => [
          name,
          JSON.stringify(value.value),
          value.status,
          value.ageMs === null ? '' : durationText(value.ageMs),
          value.eventAt ?? '',
          value.knownAt ?? '',
        ]);
        terminal.print(tableText(['value', '', 'status', 'age', 'true at', 'known at'], rows));
        return 0;
      } finally {
        opened.close();
      }
    }),
  );
  command.addCommand(asOfCommand());
  command.addCommand(parityCommand());
  return command;
}

interface AsOfOptions extends CommonOptions {
  readonly views?: string;
  readonly spine?: string;
  readonly every?: string;
  readonly onEvent?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
  readonly table?: string;
  readonly replace?: boolean;
  readonly restated?: boolean;
}

function asOfCommand(): Command {
  const command = new Command('as-of')
    .description(
      'a training set: values of each key and moment of a spine, as they were known then',
    )
    .requiredOption('--views <names>', 'views and derived values of one key, with commas between')
    .requiredOption('--out <place>', 'Parquet file to write, or postgres://host/database')
    .option('--table <name>', 'of PostgreSQL: the table to make, or schema.table')
    .option('--replace', 'of PostgreSQL: put the set in the place of a table of this name')
    .option('--spine <file>', 'lines of JSON: {"key": …, "at": "2026-03-01T00:00:00Z"}')
    .option('--every <duration>', 'instead: all keys at each step, such as 1d')
    .option('--on-event <view>', 'instead: whenever something happened to a key of the view')
    .option('--from <instant>', 'with --every and --on-event')
    .option('--to <instant>', 'with --every and --on-event')
    .option('--restated', 'use all that is known today; such rows know more than a model will');
  return verb<AsOfOptions>(command, async (options, terminal) => {
    const opened = await openFeatures(options);
    try {
      const { features, store } = opened;
      const definitions = features.select((options.views ?? '').split(','));
      const spine = spineOf(features, definitions, requestOf(options));
      const known = options.restated === true ? 'restated' : 'row-time';
      const summary = emptySummary();
      const { open, out } = sinkOf(options, definitions, opened.variables);
      const [{ of }] = definitions as [(typeof definitions)[number]];
      // Never with the password an address may hold: the note is read by whoever erases.
      noteLeaving(options, 'features', out, { of: of.name, persons: keysNamePersons(of) });
      const sink = await open();
      const k = store.journalEnd();
      const threads = { opener: openerOf(options), count: availableParallelism() };
      const asked = { known, k, threads } as const;
      try {
        for await (const batch of trainingBatches(features, definitions, spine, asked, summary)) {
          await sink.write(batch);
        }
        await sink.finish({ known, k: String(k), version: features.version });
      } catch (thrown) {
        await sink.abandon();
        throw thrown;
      }
      const imputedShare = summary.rows === 0 ? 0 : summary.imputedRows / summary.rows;
      terminal.answer({ ...summary, imputedShare, known, k, version: features.version, out });
      terminal.print(`${countText(summary.rows)} rows written to ${out}, known: ${known}.`);
      terminal.print(
        `${countText(summary.leakedRows)} rows would have leaked in a join by event time alone.`,
      );
      terminal.print(
        `${(imputedShare * 100).toFixed(1)} % rest on imported history, known at an imputed time.`,
      );
      if (summary.erasedRows > 0) {
        terminal.print(`${countText(summary.erasedRows)} rows are of persons who were erased.`);
      }
      return 0;
    } finally {
      opened.close();
    }
  });
}

/** Where the set goes, and how that is named to people. */
function sinkOf(
  { out = '', table, replace = false }: AsOfOptions,
  definitions: readonly FeatureDefinition[],
  variables: Variables,
): { readonly open: () => Promise<SetSink>; readonly out: string } {
  if (!/^[a-z]+:\/\//.test(out)) {
    if (table !== undefined || replace) {
      throw usageError('--table and --replace are for --out postgres://…');
    }
    return { out: resolve(out), open: () => Promise.resolve(parquetSink(out, definitions)) };
  }
  const address = postgresAddress(out, variables);
  if (table === undefined) throw usageError('Name the table to make: --table NAME.');
  checkPostgresNames(table, definitions);
  return {
    out: `${shownAddress(address)} as ${table}`,
    open: async () => postgresSink(await connectPostgres(address), { table, replace }, definitions),
  };
}

function requestOf({ spine, every, onEvent, from = '', to = '' }: AsOfOptions): SpineRequest {
  if (spine !== undefined) {
    const lines = readFileSync(spine, 'utf8').split('\n');
    return {
      labels: lines
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as LabelRow),
    };
  }
  if (every !== undefined) return { every, from, to };
  if (onEvent !== undefined) return { onEvent, from, to };
  throw usageError('Say for which rows: --spine, --every or --on-event.');
}

interface ParityAnswer {
  readonly parity: { readonly checked: number; readonly mismatches: number };
}

function parityCommand(): Command {
  const command = new Command('parity').description(
    'whether online answers are the same when read again, of the running platform',
  );
  return verb<CommonOptions>(command, async (options, terminal) => {
    const { parity } = await createClient(options).get<ParityAnswer>('/v1/features/parity');
    terminal.answer(parity);
    terminal.print(
      `${countText(parity.checked)} online reads read again, ${countText(parity.mismatches)} mismatches.`,
    );
    return parity.mismatches === 0 ? 0 : 2;
  });
}

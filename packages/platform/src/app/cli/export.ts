import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import {
  actColumns,
  actLine,
  actsOf,
  type LineageSpec,
  openLineageOf,
} from '../../lineage/index.js';
import { createReader, openStore, type StoreReader } from '../../storage/index.js';
import { loadForData } from '../demo-project.js';
import { dataFolder } from '../folders.js';
import { version } from '../version.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { noteLeaving } from './note-leaving.js';
import { type CommonOptions, verb } from './verb.js';

interface ExportOptions extends CommonOptions {
  readonly to?: string;
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description('write what the journal says into a file')
    .argument(
      '<what>',
      '`audit`: every act, with who did it; `openlineage`: reads, views and flows',
    )
    .requiredOption('--to <file>', 'ending in .csv (of `audit`) or .jsonl');
  return verb<ExportOptions>(command, async (options, terminal, what = '') => {
    const to = options.to ?? '';
    const lines = await linesOf(what, to, options);
    const store = openStore(dataFolder(options), { readOnly: true, tables: [] });
    let rows = 0;
    try {
      noteLeaving(options, what === 'audit' ? 'audit' : 'openlineage', resolve(to));
      // One moment of a store that may be written meanwhile.
      store.main.exec('BEGIN');
      const file = openSync(to, 'w', 0o600);
      try {
        writeSync(file, lines.head);
        for (const line of lines.of(createReader(store, []))) {
          writeSync(file, line);
          rows += 1;
        }
      } finally {
        closeSync(file);
      }
    } finally {
      store.close();
    }
    terminal.answer({ what, to, rows });
    terminal.print(`${countText(rows)} ${lines.name} are in ${to}`);
    return 0;
  });
}

interface Lines {
  readonly name: string;
  readonly head: string;
  of(reader: StoreReader): Iterable<string>;
}

async function linesOf(what: string, to: string, options: ExportOptions): Promise<Lines> {
  const isCsv = to.endsWith('.csv');
  if (what === 'audit') {
    if (!isCsv && !to.endsWith('.jsonl')) throw usageError('--to ends in .csv or .jsonl.');
    const head = isCsv ? `${actColumns.join(',')}\r\n` : '';
    const text = isCsv ? (act: Parameters<typeof actLine>[0]) => `${actLine(act)}\r\n` : jsonLine;
    return { name: 'acts', head, of: (reader) => mapped(actsOf(reader), text) };
  }
  if (what === 'openlineage') {
    if (!to.endsWith('.jsonl')) throw usageError('--to ends in .jsonl.');
    const spec = await lineageSpec(options);
    return {
      ...{ name: 'events', head: '' },
      of: (reader) => mapped(openLineageOf(reader, spec), jsonLine),
    };
  }
  throw usageError(`There is no export of ${what}.`, 'There are `audit` and `openlineage`.');
}

async function lineageSpec(options: ExportOptions): Promise<LineageSpec> {
  const { project, sources, flows } = await loadForData(options);
  const streams = sources.flatMap((source) =>
    source.spec
      .streams(source.config as never)
      .map(({ name, entities }) => [`${source.name}/${name}`, entities] as const),
  );
  return {
    ...{ tenant: project.tenant, version: version(), streams: new Map(streams) },
    flows: flows.map(({ name, target, sink }) => ({
      ...{ name, target, reads: sink.entities, writes: sink.name },
    })),
    views: project.features.flatMap((one) =>
      one.kind === 'view'
        ? [
            {
              ...{ name: one.name, from: one.from.entity, description: one.description },
              values: one.features.map((feature) => feature.name),
            },
          ]
        : [],
    ),
  };
}

function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function* mapped<T>(list: Iterable<T>, text: (one: T) => string): Iterable<string> {
  for (const one of list) yield text(one);
}

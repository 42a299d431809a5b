import { Command } from 'commander';
import { createClient } from './client.js';
import { durationText } from './human.js';
import { type CommonOptions, untilStopped, verb, wholeNumber } from './verb.js';

interface TailOptions extends CommonOptions {
  readonly all?: boolean;
  readonly from?: string;
  readonly limit?: string;
}

interface Entry {
  readonly offset: number;
  readonly kind: string;
  readonly source: string;
  readonly stream: string;
  readonly key: string;
  readonly version: string | null;
  readonly gone: boolean;
  readonly eventAt: number | null;
  readonly knownAt: number;
}

export function tailCommand(): Command {
  const command = new Command('tail')
    .description('changes as they become durable; --json gives one line for each')
    .option('--all', 'also entries that are no records: passes, heartbeats, acts of people')
    .option('--from <offset>', 'begin at this journal offset instead of now')
    .option('--limit <n>', 'end after this many');
  return verb<TailOptions>(command, async (options, terminal) => {
    const client = createClient(options);
    const limit = wholeNumber(options.limit, Number.MAX_SAFE_INTEGER, '--limit');
    const { stopped, forget } = untilStopped();
    const abort = new AbortController();
    void stopped.then(() => abort.abort());
    const from =
      options.from === undefined ? '' : `?from=${wholeNumber(options.from, 0, '--from')}`;
    let shown = 0;
    try {
      for await (const line of client.lines(`/v1/events${from}`, abort.signal)) {
        if (!line.startsWith('data: ')) continue;
        const entry = JSON.parse(line.slice('data: '.length)) as Entry;
        if (entry.kind !== 'record' && options.all !== true) continue;
        if (terminal.json) process.stdout.write(`${JSON.stringify(entry)}\n`);
        else terminal.print(entryText(entry));
        shown += 1;
        if (shown >= limit) break;
      }
    } catch (thrown) {
      if (!abort.signal.aborted) throw thrown;
    } finally {
      abort.abort();
      forget();
    }
    return 0;
  });
}

function entryText(entry: Entry): string {
  const at = new Date(entry.knownAt).toISOString().slice(11, 23);
  if (entry.kind !== 'record') {
    return `${at}  ${entry.kind.padEnd(9)} ${[entry.source, entry.stream].filter(Boolean).join('/')}`;
  }
  const lag =
    entry.eventAt === null ? '' : durationText(Math.max(0, entry.knownAt - entry.eventAt));
  const gone = entry.gone ? '  gone' : '';
  return `${at}  ${`${entry.source}/${entry.stream}`.padEnd(16)} ${entry.key}  ${lag.padStart(10)}${gone}`;
}

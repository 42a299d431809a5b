import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureError } from '@headrace/sdk';
import { Command } from 'commander';
import { type Status, statusOf } from '../../api/index.js';
import { sleepReal, yieldNow } from '../../ports/index.js';
import { assessUseCases } from '../../quality/index.js';
import { type AssessedPlatform, type AssessReport, assess } from '../assess.js';
import { assessPage } from '../assess-page.js';
import { loadForData } from '../demo-project.js';
import { durationMs } from '../duration.js';
import { dataFolder } from '../folders.js';
import type { LoadedProject } from '../load-project.js';
import { type Platform, startPlatform } from '../platform.js';
import { createClient } from './client.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { errorText, type Terminal } from './terminal.js';
import { type CommonOptions, createLog, verb, wholeNumber } from './verb.js';

interface AssessOptions extends CommonOptions {
  readonly out?: string;
  readonly wait?: string;
  readonly for?: string;
  readonly limit?: string;
}

const lookEveryMs = 500;

export function assessCommand(): Command {
  const command = new Command('assess')
    .description('what the connected systems are ready for: a report, read-only')
    .option('--out <file>', 'where the page goes', 'assessment.html')
    .option('--wait <duration>', 'how long the first read of everything may take', '1h')
    .option('--for <duration>', 'watch for changes so long after it, so that lags are known', '0s')
    .option('--limit <n>', 'records of each stream whose fields are looked at, the newest', '200');
  return verb<AssessOptions>(command, async (options, terminal) => {
    const out = resolve(options.out ?? 'assessment.html');
    const recordsPerStream = wholeNumber(options.limit, 200, '--limit');
    const project = await loadForData(options);
    const own = await startOwn(project, options, terminal);
    let report: AssessReport;
    try {
      const platform = own === null ? remote(options) : local(own);
      if (own !== null) await readWhole(own, options, terminal);
      report = await assess(platform, project, { recordsPerStream, log: createLog('warn') });
    } finally {
      await own?.close();
    }
    writeFileSync(out, assessPage(report));
    terminal.answer({ ...report, out, token: own?.token ?? null });
    for (const line of lines(report)) terminal.print(line);
    terminal.print(`The whole report is in ${out}`);
    if (own?.token != null) {
      terminal.print(`token  ${own.token}`);
      terminal.print(
        '       Shown this once. Put it into .env as HEADRACE_TOKEN for the other verbs.',
      );
    }
    return 0;
  });
}

/** A platform of this process that writes to no system; null where one runs on the data already. */
async function startOwn(
  project: LoadedProject,
  options: AssessOptions,
  terminal: Terminal,
): Promise<Platform | null> {
  try {
    return await startPlatform({
      project,
      folder: dataFolder(options),
      log: createLog('error'),
      listen: { host: '127.0.0.1', port: 0 },
      readsOnly: true,
      crash(error) {
        terminal.note(errorText(error));
        process.exit(1);
      },
    });
  } catch (thrown) {
    if (ensureError(thrown).code === 'E_STORE_IN_USE') return null;
    throw thrown;
  }
}

/** Until every stream was read whole, or the time for it is over: what is missing is then said. */
async function readWhole(platform: Platform, options: AssessOptions, terminal: Terminal) {
  const waitMs = durationOf(options.wait ?? '1h', '--wait');
  const watchMs = durationOf(options.for ?? '0s', '--for');
  const runners = [...platform.engine.runners.values()];
  const progress = terminal.progress('streams read');
  const begun = platform.clock.monotonicMs();
  const isOver = (ms: number) => platform.clock.monotonicMs() - begun >= ms;
  for (;;) {
    const read = runners.filter(({ health }) => health.backfilled).length;
    progress.update(read, runners.length);
    if (read === runners.length || isOver(waitMs)) break;
    await sleepReal(lookEveryMs);
  }
  progress.end();
  const watchedFrom = platform.clock.monotonicMs();
  while (platform.clock.monotonicMs() - watchedFrom < watchMs) await sleepReal(lookEveryMs);
}

function durationOf(text: string, name: string): number {
  const ms = durationMs(text);
  if (ms === null) throw usageError(`${name} is a duration such as 30m, not ${text}.`);
  return ms;
}

function local({ engine, quality, clock }: Platform): AssessedPlatform {
  return {
    status: async () => statusOf(engine, clock),
    readiness: async () => ({ inputs: quality.inputs() }),
    reconciliation: async () => ({
      pairs: quality.watch.pairs.map((pair) => quality.reconcile(pair)),
    }),
    assessment: () => assessUseCases(engine, quality, yieldNow),
  };
}

function remote(options: AssessOptions): AssessedPlatform {
  const client = createClient(options);
  return {
    status: () => client.get<Status>('/v1/status'),
    readiness: () => client.get('/v1/readiness'),
    reconciliation: () => client.get('/v1/reconciliation'),
    assessment: () => client.get('/v1/assessment'),
  };
}

function lines({ useCases, pairs, unmapped }: AssessReport): string[] {
  const differing = pairs.reduce((sum, pair) => sum + pair.differing, 0);
  return [
    ...useCases.flatMap(({ title, ready, readyOn, because }) => [
      `${ready ? '✓' : '·'} ${title}: ${ready ? 'ready' : readyOn === null ? 'not yet' : `ready on ${readyOn}`}`,
      ...because.map((reason) => `    ${reason}`),
    ]),
    `${countText(differing)} keys on which systems disagree, ${countText(unmapped.length)} filled fields nobody reads`,
  ];
}

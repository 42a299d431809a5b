import { resolve } from 'node:path';
import type { HeadraceError } from '@headrace/sdk';
import { Command } from 'commander';
import { sleepReal } from '../../ports/index.js';
import { type Demo, startDemo } from '../demo.js';
import { type DemoSystem, demoSystems } from '../demo-folder.js';
import { demoFolderName } from '../folders.js';
import { usageError } from './errors.js';
import { countText, durationText, tableText } from './human.js';
import { statusText } from './status-text.js';
import { errorText, type Terminal } from './terminal.js';
import {
  type CommonOptions,
  createLog,
  positiveNumber,
  untilStopped,
  verb,
  wholeNumber,
} from './verb.js';

interface DemoCliOptions extends CommonOptions {
  readonly port?: string;
  readonly seed?: string;
  readonly days?: string;
  readonly scale?: string;
  readonly speed?: string;
  readonly systems?: string;
  readonly until?: string;
}

export function demoCommand(): Command {
  const command = new Command('demo')
    .description('a simulated retailer behind emulated systems, read and followed live')
    .option('--port <port>', 'of the HTTP API', '4800')
    .option('--seed <n>', 'another seed is another company', '1')
    .option('--days <n>', 'of history', '400')
    .option('--scale <x>', 'size: 1 is about 250,000 order lines', '1')
    .option('--systems <a,b,c>', `of ${demoSystems.join(', ')}`, 'shopware')
    .option('--speed <x>', 'clock seconds per real second', '1')
    .option('--until <when>', '`ready`, or so many seconds of live traffic after it');
  return verb<DemoCliOptions>(command, async (options, terminal) => {
    const seconds = untilSeconds(options.until);
    const { stopped, forget } = untilStopped();
    const progress = terminal.progress('backfill');
    const demo = await startDemo(
      {
        folder: resolve(options.data ?? demoFolderName),
        keep: options.data !== undefined,
        port: wholeNumber(options.port, 4800, '--port'),
        seed: wholeNumber(options.seed, 1, '--seed'),
        days: wholeNumber(options.days, 400, '--days'),
        scale: positiveNumber(options.scale, 1, '--scale'),
        systems: systemsOf(options.systems),
        speed: positiveNumber(options.speed, 1, '--speed'),
        log: (now) => createLog('warn', now),
        crash: (error) => crash(terminal, error),
        watch: {
          phase(name, took, what) {
            progress.end();
            const label = phaseNames[name] ?? name;
            sayBeside(
              terminal,
              `${label.padEnd(15)} ${durationText(took * 1000).padStart(9)}   ${what}`,
            );
          },
          backfilling: (records) => progress.update(records, null),
        },
      },
      stopped,
    );
    const isEndless = seconds === null;
    try {
      terminal.print(`\n${readyText(demo)}\n`);
      if (isEndless) {
        terminal.answer(documentOf(demo));
        terminal.print('Live now. Stop with Ctrl-C.');
      }
      const waits = [stopped, demo.emulator.ended];
      if (!isEndless) waits.push(sleepReal(seconds * 1000) as Promise<never>);
      await Promise.race(waits);
      if (!isEndless) terminal.answer(documentOf(demo));
      if (seconds !== 0) terminal.print(`\n${statusText(demo.status(), terminal.width)}`);
    } finally {
      await demo.close();
      forget();
    }
    return 0;
  });
}

const phaseNames: Readonly<Record<string, string>> = { firstEntities: 'first entities' };

function sayBeside(terminal: Terminal, text: string): void {
  if (terminal.json) terminal.note(text);
  else terminal.print(text);
}

/** The retailer's shop is always there: the others look at what is sold in it. */
function systemsOf(text = 'shopware'): readonly DemoSystem[] {
  const names = text.split(',').map((name) => name.trim());
  const systems = demoSystems.filter((system) => system === 'shopware' || names.includes(system));
  if (names.every((name) => (demoSystems as readonly string[]).includes(name))) return systems;
  throw usageError(`--systems is a list of ${demoSystems.join(', ')}.`);
}

function untilSeconds(until: string | undefined): number | null {
  if (until === undefined) return null;
  if (until === 'ready') return 0;
  const seconds = Number(until);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw usageError('--until is `ready` or a number of seconds.');
}

function readyText(demo: Demo): string {
  const { streams } = demo.backfill;
  const states = new Map(demo.status().streams.map((row) => [`${row.source}/${row.stream}`, row]));
  const rows = streams.map((stream) => {
    const name = `${stream.source}/${stream.stream}`;
    const now = states.get(name);
    return [
      name,
      now?.mode ?? '',
      countText(now?.records ?? stream.records),
      durationText(stream.seconds * 1000),
      stream.records === 0 ? '' : countText(stream.recordsPerSecond),
      now?.state ?? '',
      now?.why ?? '',
    ];
  });
  const head = ['stream', 'mode', 'records', 'read in', 'records/s', 'state', 'why'];
  const url = demo.record.apiUrl;
  return [
    tableText(head, rows, { right: [2, 3, 4] }),
    '',
    ...(demo.consoleUrl === null ? [] : [`page   ${demo.consoleUrl}`]),
    `API    ${url}/v1   (token ${demo.record.token})`,
    ...Object.entries(emulatedUrls(demo)).map(
      ([name, address]) => `${name.padEnd(6)} ${address}   emulated ${emulated[name] ?? ''}`,
    ),
    '',
    'In a second terminal, in this folder: `headrace status`, `tail`, `trace 10023`, `replay --verify`.',
  ].join('\n');
}

const emulated: Readonly<Record<string, string>> = {
  ...{ shop: 'Shopware 6', erp: 'SAP S/4HANA', pim: 'inRiver' },
};

function emulatedUrls({ record }: Demo): Record<string, string> {
  const { erp, pim } = record.beside;
  return {
    shop: record.shop.url,
    ...(erp === undefined ? {} : { erp: erp.url }),
    ...(pim === undefined ? {} : { pim: pim.url }),
  };
}

function documentOf(demo: Demo): unknown {
  return {
    ready: true,
    consoleUrl: demo.consoleUrl,
    apiUrl: demo.record.apiUrl,
    token: demo.record.token,
    emulators: { ...emulatedUrls(demo), control: demo.emulator.controlUrl },
    streams: demo.status().streams,
    backfill: demo.backfill,
    phases: demo.phases,
    counts: demo.emulator.counts,
  };
}

function crash(terminal: Terminal, error: HeadraceError): never {
  terminal.note(errorText(error));
  process.exit(1);
}

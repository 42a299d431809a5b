/** What all verbs share: their common options, their logs, how they end. */
import { userInfo } from 'node:os';
import { ensureError, epochMs, isInstant, type Logger } from '@headrace/sdk';
import type { Command } from 'commander';
import { jsonLogger, type LogLevel, systemClock } from '../../ports/index.js';
import { usageError } from './errors.js';
import { createTerminal, errorText, type Terminal } from './terminal.js';

export interface CommonOptions {
  readonly json?: boolean;
  readonly data?: string;
  readonly config?: string;
}

/** 0 done, 1 failed, 2 a check said no. */
export type ExitCode = 0 | 1 | 2;

/** Adds the options every verb takes and runs `work` with them. */
export function verb<Options extends CommonOptions>(
  command: Command,
  work: (
    options: Options,
    terminal: Terminal,
    ...args: readonly string[]
  ) => Promise<ExitCode | undefined>,
): Command {
  return command
    .option('--json', 'answer with one JSON document on stdout')
    .option('--data <dir>', 'data directory (default: .headrace beside the project)')
    .option('--config <file>', 'the project (default: headrace.config.ts)')
    .action(async (...given: unknown[]) => {
      const options = command.optsWithGlobals<Options>();
      const args = given.slice(0, command.registeredArguments.length) as string[];
      const terminal = createTerminal(options.json === true);
      try {
        process.exitCode = (await work(options, terminal, ...args)) ?? 0;
      } catch (thrown) {
        const error = ensureError(thrown);
        terminal.note(errorText(error));
        terminal.answer({ error: { code: error.code, message: error.message, hint: error.hint } });
        process.exitCode = 1;
      }
    });
}

/** Logs go to stderr; `HEADRACE_LOG` sets how much of them (debug, info, warn, error, silent). */
export function createLog(fallback: LogLevel, now: () => number = systemClock().now): Logger {
  const levels: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'];
  const wanted = process.env['HEADRACE_LOG'] ?? '';
  return jsonLogger(levels.includes(wanted) ? (wanted as LogLevel) : fallback, now);
}

/** Who acts, for the journal, where nobody shows a token: the user of the operating system. */
export function userName(): string {
  try {
    return `os:${userInfo().username}`;
  } catch {
    // A container may run as a number that has no name.
    return `os:${process.getuid?.() ?? 'unknown'}`;
  }
}

/** A whole number of an option. */
export function wholeNumber(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw usageError(`${name} is a whole number, not ${text}.`);
}

export function positiveNumber(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw usageError(`${name} is a number above 0, not ${text}.`);
}

/** An instant of an option, ms. */
export function instantOf(text: string, name: string): number {
  if (isInstant(text)) return epochMs(text);
  throw usageError(`${name} is an instant such as 2026-03-01T00:00:00Z, not ${text}.`);
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilStopped(): { readonly stopped: Promise<void>; forget(): void } {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((done) => {
    stop = done;
  });
  let count = 0;
  const onSignal = () => {
    count += 1;
    if (count > 1) process.exit(130);
    stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    stopped,
    forget() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

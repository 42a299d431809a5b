/**
 * What a verb says and where: answers on stdout (text, or one JSON document), everything else on
 * stderr, progress only where somebody watches.
 */
import type { HeadraceError } from '@headrace/sdk';
import { systemClock } from '../../ports/index.js';
import { countText, durationText } from './human.js';

export interface Terminal {
  readonly json: boolean;
  /** Columns of the screen; 0 when there is none. */
  readonly width: number;
  /** A line for people; nothing under --json. */
  print(text: string): void;
  /** The JSON document; nothing without --json. */
  answer(document: unknown): void;
  /** Beside the answer: what is going on. */
  note(text: string): void;
  progress(label: string): Progress;
}

export interface Progress {
  update(done: number, total: number | null): void;
  end(): void;
}

const drawEveryMs = 100;
const barWidth = 24;

export function createTerminal(json: boolean): Terminal {
  // Whoever reads may have seen enough, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  return {
    json,
    width: process.stdout.isTTY ? process.stdout.columns : 0,
    print: (text) => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    answer: (document) => {
      if (json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    },
    note: (text) => process.stderr.write(`${text}\n`),
    progress: (label) => (process.stderr.isTTY ? drawnProgress(label) : silentProgress),
  };
}

const silentProgress: Progress = { update: () => undefined, end: () => undefined };

function drawnProgress(label: string): Progress {
  const clock = systemClock();
  const startedMs = clock.monotonicMs();
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    update(done, total) {
      const now = clock.monotonicMs();
      if (now - drawnMs < drawEveryMs && done !== total) return;
      drawnMs = now;
      const passedMs = now - startedMs;
      const part = total === null || total === 0 ? null : Math.min(done / total, 1);
      const full = Math.round((part ?? 0) * barWidth);
      const bar = part === null ? '' : `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} `;
      const of = total === null ? '' : ` of ${countText(total)}`;
      const left = part === null || part === 0 ? 0 : passedMs / part - passedMs;
      const rest = left > 500 ? `, ${durationText(left)} left` : '';
      process.stderr.write(`\r\x1b[2K${label} ${bar}${countText(done)}${of}${rest}`);
    },
    end: () => process.stderr.write('\r\x1b[2K'),
  };
}

/** `code: message` and what to do; the way it came about only for HEADRACE_DEBUG. */
export function errorText(error: HeadraceError): string {
  const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
  const isDebug = (process.env['HEADRACE_DEBUG'] ?? '') !== '';
  const stack = isDebug ? `\n${error.stack ?? ''}\n${causeText(error.cause)}` : '';
  return `${error.code}: ${error.message}${hint}${stack}`;
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? `because: ${cause.stack ?? cause.message}` : '';
}

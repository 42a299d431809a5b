/** Command line of a benchmark and the line it answers with. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Folder for stores and scratch files; large ones are kept for the next run. */
  readonly data: string;
  number(name: string, otherwise: number): number;
  flag(name: string): boolean;
  /** Progress, on stderr. */
  say(text: string): void;
}

export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio?: number;
  readonly against?: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface CommandLine {
  readonly name: string | undefined;
  readonly isJson: boolean;
  readonly options: BenchOptions;
}

export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
  });
  const data = typeof values['data'] === 'string' ? values['data'] : undefined;
  const isJson = values['json'] === true;
  // Options of single benchmarks are `--name value`: the loose parser leaves the value behind.
  const after = (name: string): string | undefined => {
    const at = args.indexOf(`--${name}`);
    return at === -1 ? undefined : args[at + 1];
  };
  return {
    name: positionals[0],
    isJson,
    options: {
      data: after('data') ?? data ?? join(tmpdir(), 'headrace-bench'),
      number: (name, otherwise) => {
        const text = after(name);
        const value = text === undefined ? otherwise : Number(text);
        if (!Number.isFinite(value)) throw new Error(`--${name} wants a number.`);
        return value;
      },
      flag: (name) => args.includes(`--${name}`),
      say: (text) => {
        process.stderr.write(`${text}\n`);
      },
    },
  };
}

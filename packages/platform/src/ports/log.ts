import type { LogFields, Logger } from '@headrace/sdk';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
const rank: Readonly<Record<LogLevel, number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  silent: 4,
};

/** One JSON line per event on stderr, so that stdout stays for what a command answers. */
export function jsonLogger(
  level: LogLevel,
  now: () => number,
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  const at = (name: Exclude<LogLevel, 'silent'>) => (text: string, fields?: LogFields) => {
    if (rank[name] < rank[level]) return;
    const line = { at: new Date(now()).toISOString(), level: name, text, ...fields };
    write(`${JSON.stringify(line)}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

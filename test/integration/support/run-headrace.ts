/** `headrace` as people run it, over a project in `support`, and its HTTP API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const program = pathOf('../../../packages/platform/dist/app/main.js');
const running = new Set<ChildProcess>();

export const proofProject = pathOf('./proof-project/headrace.config.ts');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Up {
  readonly url: string;
  /** The first token, at the first start only. */
  readonly token: string | null;
  /** With its one-time code; null where the page is not built. */
  readonly consoleUrl: string | null;
  readonly child: ChildProcess;
  /** Everything it logged, so far. */
  logged(): string;
  stop(signal: 'SIGINT' | 'SIGKILL'): Promise<Ran>;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  out(): string;
  err(): string;
}

export class Headrace {
  readonly #folder: string;
  readonly #environment: Record<string, string>;
  readonly #config: string;

  /** @param folder The data directory. */
  constructor(folder: string, environment: Record<string, string>, config = proofProject) {
    this.#folder = folder;
    this.#environment = environment;
    this.#config = config;
  }

  run(...args: readonly string[]): Promise<Ran> {
    return this.#start(args).ended;
  }

  /** The same, for whoever ends it before its time. */
  begin(...args: readonly string[]): Started {
    return this.#start(args);
  }

  /** The document that a verb with `--json` prints. */
  async json<T>(...args: readonly string[]): Promise<T & { readonly exit: number | null }> {
    const { code, out, err } = await this.run(...args, '--json');
    if (out.trim() === '') throw new Error(`${args.join(' ')} said nothing: ${err}`);
    return { ...(JSON.parse(out) as T), exit: code };
  }

  /** Resolves once the API answers. */
  async up(...args: readonly string[]): Promise<Up> {
    const { child, ended, out, err } = this.#start(['up', '--port', '0', '--json', ...args]);
    const text = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', () => {
        if (out().trimEnd().endsWith('}')) resolve(out());
      });
      child.on('close', () => reject(new Error(`${out()}${err()}`)));
    });
    const { apiUrl, token, consoleUrl } = JSON.parse(text) as {
      readonly apiUrl: string;
      readonly token: string | null;
      readonly consoleUrl: string | null;
    };
    return {
      ...{ url: apiUrl, token, consoleUrl, child },
      logged: err,
      stop(signal) {
        child.kill(signal);
        return ended;
      },
    };
  }

  #start(args: readonly string[]): Started {
    const common = ['--data', this.#folder, '--config', this.#config];
    const child = spawn(process.execPath, [program, ...args, ...common], {
      env: { ...process.env, HEADRACE_LOG: 'warn', ...this.#environment },
    });
    running.add(child);
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => {
      out += part;
    });
    child.stderr.on('data', (part) => {
      err += part;
    });
    const ended = new Promise<Ran>((resolve) => {
      child.on('close', (code) => {
        running.delete(child);
        resolve({ code, out, err });
      });
    });
    return { child, ended, out: () => out, err: () => err };
  }
}

export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export async function send(
  up: { readonly url: string },
  token: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(`${up.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}

/** Calls of a running platform by the verbs that need one. */
import { join } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { demoOf } from '../demo-folder.js';
import { readVariables } from '../environment.js';
import { projectFolder } from '../folders.js';
import type { CommonOptions } from './verb.js';

export interface Client {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** The lines of a stream of events, until it ends or `signal` aborts. */
  lines(path: string, signal: AbortSignal): AsyncIterable<string>;
}

/**
 * `HEADRACE_URL` and `HEADRACE_TOKEN`, from the environment or the project's `.env`. A demo leaves
 * both in its own data directory, since there is nothing in it to protect.
 */
export function createClient(options: CommonOptions): Client {
  const variables = readVariables(join(projectFolder(options), '.env'));
  const given = variables['HEADRACE_URL'] ?? '';
  const demo = given === '' ? demoOf(options) : null;
  const url = demo?.apiUrl ?? (given === '' ? 'http://127.0.0.1:4800' : given);
  const token = demo?.token ?? variables['HEADRACE_TOKEN'] ?? '';
  if (token === '') {
    throw new HeadraceError('config', 'HEADRACE_TOKEN is not set.', {
      code: 'E_TOKEN_MISSING',
      hint: 'Put the token that the first start showed into .env, as HEADRACE_TOKEN=hr_…',
    });
  }

  const call = async (method: string, path: string, init: RequestInit): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(new URL(path, url), {
        ...init,
        method,
        headers: { ...init.headers, authorization: `Bearer ${token}` },
      });
    } catch (cause) {
      throw new HeadraceError('transient', `No platform answers at ${url}.`, {
        code: 'E_NO_PLATFORM',
        hint: 'Start it with `headrace up` or `headrace demo`, or set HEADRACE_URL.',
        cause,
      });
    }
    if (!response.ok) throw await problem(response);
    return response;
  };

  return {
    url,
    get: async <T>(path: string) => (await (await call('GET', path, {})).json()) as T,
    async send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown) {
      const init =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const response = await call(method, path, init);
      return (response.status === 204 ? undefined : await response.json()) as T;
    },
    async *lines(path, signal) {
      const { body } = await call('GET', path, { signal });
      if (body === null) return;
      let rest = '';
      const decoder = new TextDecoder();
      for await (const part of body) {
        const texts = (rest + decoder.decode(part, { stream: true })).split('\n');
        rest = texts.pop() ?? '';
        yield* texts;
      }
    },
  };
}

async function problem(response: Response): Promise<HeadraceError> {
  const body = (await response.json().catch(() => ({}))) as {
    readonly title?: string;
    readonly code?: string;
    readonly detail?: string;
  };
  return new HeadraceError('config', body.title ?? `The platform answered ${response.status}.`, {
    code: body.code ?? 'E_PLATFORM',
    ...(body.detail === undefined ? {} : { hint: body.detail }),
  });
}

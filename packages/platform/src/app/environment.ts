/**
 * Where settings that are not in Git come from: the environment, then `.env` beside the project.
 * While a project is loaded, names that are missing are gathered, so that one error names them all.
 */
import { existsSync, readFileSync } from 'node:fs';
import { HeadraceError, Secret } from '@headrace/sdk';

export type Variables = Readonly<Record<string, string | undefined>>;

let variables: Variables = process.env;
let missing: Set<string> | null = null;

/**
 * The value of an environment variable, for `headrace.config.ts`. Also read from `.env`.
 *
 * ```ts
 * shopware({ url: env('SHOP_URL'), … })
 * ```
 */
export function env(name: string): string {
  const value = variables[name];
  if (value !== undefined && value !== '') return value;
  return absent(name, '');
}

/**
 * A secret from the environment or `.env`, or from the file that `NAME_FILE` names. It shows itself
 * in no log, error or answer.
 */
export function secret(name: string): Secret {
  const value = variables[name];
  if (value !== undefined && value !== '') return new Secret(value);
  const file = variables[`${name}_FILE`];
  if (file === undefined || file === '') return absent(name, new Secret('missing'));
  try {
    return new Secret(readFileSync(file, 'utf8').trim());
  } catch (cause) {
    throw new HeadraceError('config', `The file that ${name}_FILE names cannot be read.`, {
      code: 'E_SECRET_FILE',
      hint: `Check that ${file} exists and that this user may read it.`,
      cause,
    });
  }
}

/**
 * A secret that may be missing: the setting it is for is then left out. For what comes later, such as
 * the secret a system signs its notices with.
 */
export function optionalSecret(name: string): Secret | undefined {
  const isSet = [name, `${name}_FILE`].some((one) => (variables[one] ?? '') !== '');
  return isSet ? secret(name) : undefined;
}

function absent<T>(name: string, placeholder: T): T {
  if (missing === null) throw missingError([name]);
  missing.add(name);
  return placeholder;
}

function missingError(names: readonly string[]): HeadraceError {
  const list = names.join(', ');
  return new HeadraceError('config', `${list} ${names.length === 1 ? 'is' : 'are'} not set.`, {
    code: 'E_ENV_MISSING',
    hint: `Write ${names.map((name) => `${name}=…`).join(' and ')} into .env, or set it in the environment.`,
  });
}

/** Runs `work` with these variables; throws one error for all names it asked for in vain. */
export async function withVariables<T>(given: Variables, work: () => Promise<T>): Promise<T> {
  const before = variables;
  variables = given;
  missing = new Set();
  try {
    const result = await work();
    if (missing.size > 0) throw missingError([...missing]);
    return result;
  } catch (thrown) {
    // A placeholder may have made the project fail before its end, so what is missing comes first;
    // but a project that is wrong in itself is so with every environment.
    const isWrongItself = thrown instanceof HeadraceError && thrown.code === 'E_PROJECT';
    throw missing.size > 0 && !isWrongItself ? missingError([...missing]) : thrown;
  } finally {
    variables = before;
    missing = null;
  }
}

/** What a process sees: its environment, and beneath it the `.env` of a folder. */
export function readVariables(file: string, environment: Variables = process.env): Variables {
  if (!existsSync(file)) return environment;
  const set = Object.entries(environment).filter(([, value]) => value !== undefined);
  return { ...parseEnv(readFileSync(file, 'utf8')), ...Object.fromEntries(set) };
}

/** `NAME=value` lines; `#` comments, an `export` before, quotes around. No substitution. */
export function parseEnv(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const line =
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[^\r\n]*)/gm;
  for (const [, name = '', raw = ''] of text.matchAll(line)) found[name] = unquote(raw);
  return found;
}

function unquote(raw: string): string {
  if (raw.startsWith("'") && raw.endsWith("'") && raw.length > 1) return raw.slice(1, -1);
  if (raw.startsWith('"') && raw.endsWith('"') && raw.length > 1) {
    const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
    return raw.slice(1, -1).replace(/\\(.)/gs, (_, at: string) => escapes[at] ?? at);
  }
  return raw.replace(/(^|\s)#.*$/, '').trim();
}

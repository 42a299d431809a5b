/**
 * Writes to a service of version 2. SAP takes them only with a token and all cookies of the session
 * it was given in, under whatever names; where it no longer knows the session, it is opened anew, once.
 */
import type { HttpResponse, JsonObject } from '@headrace/sdk';
import { ensureError, errorFromStatus, HeadraceError } from '@headrace/sdk';
import type { SapContext } from './question.js';
import { reasonOf } from './reason.js';

interface Session {
  readonly token: string;
  readonly cookie: string;
}

/** By settings, of which a source has one object as long as it runs; then by service. */
const bySettings = new WeakMap<object, Map<string, Promise<Session>>>();

export interface Write {
  readonly method: 'POST' | 'PATCH';
  /** Behind the root of the service. */
  readonly path: string;
  readonly json: JsonObject;
  /** The version that is changed; `*` for whatever there is. */
  readonly tag?: string | null;
}

/** One write by itself. */
export async function write(context: SapContext, root: string, one: Write): Promise<HttpResponse> {
  return inSession(context, root, (session) =>
    context.http.request({
      method: one.method,
      path: within(context, `${root}/${one.path}`),
      headers: { accept: 'application/json', ...session, ...tagOf(one) },
      json: one.json,
      timeoutMs: TIMEOUT_MS,
    }),
  );
}

/** Several writes, all of them or none. */
export async function writeTogether(
  context: SapContext,
  root: string,
  writes: readonly Write[],
): Promise<void> {
  const [first] = writes;
  if (first === undefined) return;
  if (writes.length === 1) {
    await write(context, root, first);
    return;
  }
  const { body } = await inSession(context, root, (session) =>
    context.http.request({
      method: 'POST',
      path: within(context, `${root}/$batch`),
      headers: {
        accept: 'multipart/mixed',
        'content-type': `multipart/mixed; boundary=${BATCH}`,
        ...session,
      },
      body: changeSet(writes),
      timeoutMs: TIMEOUT_MS,
    }),
  );
  checkAnswers(context, root, Buffer.from(body).toString('utf8'), writes.length);
}

/** Orders with many items take an ERP a while; a write given up on may be applied all the same. */
const TIMEOUT_MS = 60_000;
const BATCH = 'headrace_batch';
const CHANGE_SET = 'headrace_changes';

type SessionHeaders = Readonly<Record<'x-csrf-token' | 'cookie', string>>;

async function inSession(
  context: SapContext,
  root: string,
  send: (headers: SessionHeaders) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const sessions = bySettings.get(context.config) ?? new Map<string, Promise<Session>>();
  bySettings.set(context.config, sessions);
  const headersOf = async () => {
    let opened = sessions.get(root);
    if (opened === undefined) {
      opened = open(context, root);
      sessions.set(root, opened);
      opened.catch(() => sessions.delete(root));
    }
    const { token, cookie } = await opened;
    return { opened, headers: { 'x-csrf-token': token, cookie } };
  };
  const used = await headersOf();
  try {
    return await send(used.headers);
  } catch (thrown) {
    if (!isTokenRefused(thrown)) throw thrown;
    // Of several writes in flight only the first to be refused opens a new session.
    if (sessions.get(root) === used.opened) sessions.delete(root);
    return await send((await headersOf()).headers);
  }
}

function isTokenRefused(thrown: unknown): boolean {
  const error = ensureError(thrown);
  return error.context.status === 403 && /csrf/i.test(error.message);
}

async function open(context: SapContext, root: string): Promise<Session> {
  const { headers } = await context.http.request({
    method: 'GET',
    path: within(context, `${root}/`),
    headers: { accept: 'application/json', 'x-csrf-token': 'Fetch' },
  });
  const token = headers['x-csrf-token'];
  if (token === undefined || /^required$/i.test(token)) {
    throw new HeadraceError('contract', 'SAP gave no token to write with.', {
      code: 'E_SAP_CSRF',
      hint: 'A gateway before SAP may remove the header X-CSRF-Token; let it and Set-Cookie pass.',
    });
  }
  const cookies = (headers['set-cookie'] ?? '').split('\n');
  return { token, cookie: cookies.map((cookie) => cookie.split(';')[0]?.trim() ?? '').join('; ') };
}

function within({ config }: SapContext, path: string): string {
  return config.client === undefined ? path : `${path}?sap-client=${config.client}`;
}

function tagOf({ tag }: Write): Record<string, string> {
  return tag == null ? {} : { 'if-match': tag };
}

function changeSet(writes: readonly Write[]): string {
  const parts = writes.map((one, index) => {
    const json = JSON.stringify(one.json);
    const headers = {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'Content-Length': String(Buffer.byteLength(json)),
      ...(one.tag == null ? {} : { 'If-Match': one.tag }),
    };
    return [
      `--${CHANGE_SET}`,
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      `Content-ID: ${index + 1}`,
      '',
      `${one.method} ${one.path} HTTP/1.1`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      json,
    ].join('\r\n');
  });
  return [
    `--${BATCH}`,
    `Content-Type: multipart/mixed; boundary=${CHANGE_SET}`,
    '',
    ...parts,
    `--${CHANGE_SET}--`,
    `--${BATCH}--`,
    '',
  ].join('\r\n');
}

/** The outer status says nothing: an inner one of 400 and above took the whole set back. */
function checkAnswers(context: SapContext, root: string, answer: string, expected: number): void {
  const statuses = [...answer.matchAll(/HTTP\/1\.[01] (\d{3})/g)];
  for (const match of statuses) {
    const status = Number(match[1]);
    if (status < 400) continue;
    const rest = answer.slice(match.index);
    const body = rest.slice(Math.max(0, rest.search(/\r?\n\r?\n/))).trim();
    const json = body.startsWith('{') ? body.slice(0, body.lastIndexOf('}') + 1) : body;
    const reason = reasonOf(Buffer.from(json));
    throw errorFromStatus(status, {}, `POST ${root}/$batch`, context.clock.now(), reason);
  }
  if (statuses.length === expected) return;
  throw new HeadraceError('contract', 'SAP did not answer each change of a set.', {
    code: 'E_SAP_BATCH',
    context: { expected, answered: statuses.length },
  });
}

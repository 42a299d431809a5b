/** When two requests are the same: method, path, query and body by what they say. */
import type { HttpRequest, Json } from '../../connector/index.js';
import type { RecordedBody } from './recording.js';
import { CREDENTIAL } from './telling-patterns.js';

export type PlainRequest = RecordedBody & {
  readonly method: string;
  readonly path: string;
  /** It goes to another host than the source's. */
  readonly isAbroad?: true;
};

/** A request as it is recorded: JSON as JSON, whichever way it was handed over. */
export function plainRequest(request: HttpRequest): PlainRequest {
  const { method, path, origin, body } = request;
  const plain = { method, path, ...(origin === undefined ? {} : { isAbroad: true as const }) };
  if (request.json !== undefined) {
    return { ...plain, json: JSON.parse(JSON.stringify(request.json)) as Json };
  }
  if (body === undefined) return plain;
  return { ...plain, text: typeof body === 'string' ? body : Buffer.from(body).toString() };
}

/**
 * The same for equal requests: escapes, the order of members and credentials do not count; the
 * recording has placeholders for those.
 */
export function exchangeKey({ method, path, json, text, isAbroad }: PlainRequest): string {
  const [segments, parameters] = pathParts(path);
  const query = parameters.map(([name, value]) => [name, CREDENTIAL.test(name) ? '' : value]);
  const body = json === undefined ? text : sorted(json);
  return JSON.stringify([method, segments, query, body, isAbroad === true]);
}

/** Path segments and parameters without their escapes. */
export function pathParts(path: string): [string[], [string, string][]] {
  const at = path.indexOf('?');
  const segments = (at < 0 ? path : path.slice(0, at)).split('/').map(unescaped);
  const query = at < 0 ? '' : path.slice(at + 1);
  const parameters = query
    .split('&')
    .filter((part) => part !== '')
    .map((part): [string, string] => {
      const equals = part.indexOf('=');
      const [name, value] =
        equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
      return [unescaped(name.replaceAll('+', ' ')), unescaped(value.replaceAll('+', ' '))];
    });
  return [segments, parameters];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, isCredential(name, part) ? '' : sorted(part)]),
  );
}

function isCredential(name: string, value: Json): boolean {
  return typeof value === 'string' && CREDENTIAL.test(name);
}

/** What to tell of a request nobody recorded: the recorded one that begins like it the longest. */
export function nearestTo(asked: PlainRequest, recorded: readonly PlainRequest[]): string {
  let best: PlainRequest | null = null;
  let bestScore = -1;
  const key = exchangeKey(asked);
  for (const request of recorded) {
    const other = exchangeKey(request);
    let same = 0;
    while (same < key.length && key[same] === other[same]) same += 1;
    const isSamePath = request.path.split('?')[0] === asked.path.split('?')[0];
    const score = same + (isSamePath && request.method === asked.method ? 1_000_000 : 0);
    if (score > bestScore) [best, bestScore] = [request, score];
  }
  if (best === null) return 'The recording holds no exchange at all.';
  return `The nearest recorded is ${best.method} ${best.path}${differenceText(asked, best)}`;
}

function differenceText(asked: PlainRequest, recorded: PlainRequest): string {
  if (exchangeKey({ ...asked, path: recorded.path }) !== exchangeKey(recorded)) {
    const [was, is] = [bodyText(recorded), bodyText(asked)];
    if (was !== is) {
      let at = 0;
      while (at < was.length && was[at] === is[at]) at += 1;
      const from = Math.max(0, at - 30);
      return `, whose body has ${was.slice(from, at + 30)} where this has ${is.slice(from, at + 30)}.`;
    }
  }
  return `; asked was ${asked.path}.`;
}

function bodyText({ json, text }: PlainRequest): string {
  return json === undefined ? (text ?? '(none)') : JSON.stringify(sorted(json));
}

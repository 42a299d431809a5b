/**
 * One HMAC-SHA256 verifier for the webhooks of every system. It signs what was received, byte for
 * byte: a body that was decoded and encoded again is another body.
 *
 * Replay defence is the tolerance together with the event id, which the caller remembers. A system
 * that sends neither can be replayed, which costs one superfluous read: notifications carry keys,
 * never states.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { InboundRequest } from './connector.js';
import { type HmacKey, hmacSha256, prepareHmacKey } from './hmac.js';
import { jsonBody } from './json-body.js';
import type { SignatureSpec } from './webhook.js';

export type WebhookRefusal =
  | 'no-secret'
  | 'missing-signature'
  | 'wrong-signature'
  | 'missing-timestamp'
  | 'missing-id'
  | 'missing-origin'
  | 'too-old'
  | 'too-new';

export type WebhookVerdict =
  | {
      readonly ok: true;
      /** The sender's id of the delivery, the same on each retry; null where it sends none. */
      readonly eventId: string | null;
      /** The sender's time in ms since the epoch; null where it sends none. */
      readonly atMs: number | null;
    }
  | { readonly ok: false; readonly reason: WebhookRefusal };

/**
 * Called by the platform for each delivery, before anything reads the body.
 *
 * ```ts
 * const verdict = verifyWebhook(spec, ['new secret', 'old secret'], request, clock.now());
 * if (!verdict.ok) return refuse(verdict.reason);
 * ```
 */
export function verifyWebhook(
  spec: SignatureSpec,
  secrets: readonly string[],
  request: InboundRequest,
  nowMs: number,
): WebhookVerdict {
  const { parts, needsTime, needsId, needsUrl } = compile(spec);
  if (needsUrl && request.origin === undefined) return refuse('missing-origin');

  const place = spec.timestamp;
  let timeText: string | undefined;
  if (place !== undefined && 'header' in place) {
    timeText = request.headers[place.header];
    // A stale delivery is turned away before the costly part.
    const early = judgeTime(spec, timeText, nowMs);
    if (typeof early === 'string') return refuse(early);
  } else if (place !== undefined && needsTime) {
    timeText = textAt(jsonBody(request), place.body);
  }
  if (needsTime && timeText === undefined) return refuse('missing-timestamp');

  const headerId = spec.idHeader === undefined ? undefined : request.headers[spec.idHeader];
  if (needsId && (headerId === undefined || headerId === '')) return refuse('missing-id');

  const signature = judgeSignature(spec, secrets, request, parts, timeText ?? '', headerId ?? '');
  if (signature !== null) return refuse(signature);

  const readsBody = spec.idBody !== undefined || (place !== undefined && 'body' in place);
  const parsed = readsBody ? jsonBody(request) : undefined;
  if (place !== undefined && 'body' in place) timeText = textAt(parsed, place.body);
  const atMs = judgeTime(spec, timeText, nowMs);
  if (typeof atMs === 'string') return refuse(atMs);
  const bodyId = spec.idBody === undefined ? undefined : textAt(parsed, spec.idBody);
  const eventId = bodyId ?? (headerId === '' ? undefined : headerId) ?? null;
  return { ok: true, eventId, atMs };
}

function refuse(reason: WebhookRefusal): WebhookVerdict {
  return { ok: false, reason };
}

type Part = 'body' | 'timestamp' | 'id' | 'method' | 'uri' | 'url' | { readonly literal: string };

interface CompiledSpec {
  readonly parts: readonly Part[];
  readonly needsTime: boolean;
  readonly needsId: boolean;
  readonly needsUrl: boolean;
}

const compiledSpecs = new WeakMap<SignatureSpec, CompiledSpec>();

function compile(spec: SignatureSpec): CompiledSpec {
  const known = compiledSpecs.get(spec);
  if (known !== undefined) return known;
  const parts = spec.message
    .split(/(\{(?:body|timestamp|id|method|uri|url)\})/)
    .filter((text) => text !== '')
    .map((text): Part => {
      const name = /^\{(body|timestamp|id|method|uri|url)\}$/.exec(text)?.[1];
      return name === undefined ? { literal: text } : (name as Part);
    });
  const compiled = {
    parts,
    needsTime: parts.includes('timestamp'),
    needsId: parts.includes('id'),
    needsUrl: parts.includes('url'),
  };
  compiledSpecs.set(spec, compiled);
  return compiled;
}

/** Keys are prepared once; a handful of secrets exist in a process, so the cap is never met. */
const keys = new Map<string, HmacKey | null>();
const KEYS_MAX = 1000;

function keyOf(secret: string, encoding: 'text' | 'base64'): HmacKey | null {
  const name = `${encoding}:${secret}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const bytes =
    encoding === 'base64'
      ? Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      : Buffer.from(secret, 'utf8');
  // An empty key would let anyone sign.
  const key = bytes.length === 0 ? null : prepareHmacKey(bytes);
  if (keys.size >= KEYS_MAX) keys.clear();
  keys.set(name, key);
  return key;
}

function judgeSignature(
  spec: SignatureSpec,
  secrets: readonly string[],
  request: InboundRequest,
  parts: readonly Part[],
  timeText: string,
  id: string,
): WebhookRefusal | null {
  if (spec.scheme === 'token') return judgeToken(spec, secrets, request);
  const given: string[] = [];
  for (const header of spec.headers) {
    const value = request.headers[header];
    if (value !== undefined) collectSignatures(value, spec, given);
  }
  if (given.length === 0) return 'missing-signature';
  const message = parts.map((part) => {
    if (typeof part !== 'string') return part.literal;
    if (part === 'timestamp') return timeText;
    if (part === 'id') return id;
    return part === 'url' ? `${request.origin ?? ''}${request.uri}` : request[part];
  });
  let hasSecret = false;
  for (const secret of secrets) {
    const key = keyOf(secret, spec.secretEncoding ?? 'text');
    if (key === null) continue;
    hasSecret = true;
    const expected = hmacSha256(key, message, spec.encoding);
    for (const signature of given) {
      if (equalText(signature, expected)) return null;
    }
  }
  return hasSecret ? 'wrong-signature' : 'no-secret';
}

/** Both sides are hashed first, so that neither length nor content shows in the time it takes. */
function judgeToken(
  spec: SignatureSpec,
  secrets: readonly string[],
  request: InboundRequest,
): WebhookRefusal | null {
  const prefix = spec.prefix ?? '';
  const given = spec.headers.flatMap((header) => {
    const value = request.headers[header]?.trim() ?? '';
    // Names of schemes are compared without regard to case (RFC 9110 §11.1).
    const isOurs = value.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase();
    const token = isOurs ? value.slice(prefix.length).trim() : '';
    return token === '' ? [] : [hash('sha256', token, 'buffer')];
  });
  if (given.length === 0) return 'missing-signature';
  // An empty secret would let anyone in.
  const known = secrets.filter((secret) => secret !== '');
  if (known.length === 0) return 'no-secret';
  let isKnown = false;
  for (const secret of known) {
    const expected = hash('sha256', secret, 'buffer');
    for (const token of given) if (timingSafeEqual(token, expected)) isKnown = true;
  }
  return isKnown ? null : 'wrong-signature';
}

/** More signatures than a rotation needs are an attempt to make us work. */
const SIGNATURES_MAX = 8;

function collectSignatures(value: string, spec: SignatureSpec, into: string[]): void {
  const entries = spec.prefix === undefined ? [value.trim()] : value.split(' ');
  for (const entry of entries) {
    if (into.length >= SIGNATURES_MAX) return;
    if (spec.prefix !== undefined && !entry.startsWith(spec.prefix)) continue;
    const text = spec.prefix === undefined ? entry : entry.slice(spec.prefix.length);
    if (text !== '') into.push(spec.encoding === 'hex' ? text.toLowerCase() : text);
  }
}

/** One pair of buffers for each length a signature can have, so that comparing allocates nothing. */
const scratch = new Map(
  [64, 44].map((length) => [length, [Buffer.alloc(length), Buffer.alloc(length)] as const]),
);

/** Constant time over the content; the length is public (64 hexadecimal, 44 base64 characters). */
function equalText(given: string, expected: string): boolean {
  const pair = scratch.get(expected.length);
  if (pair === undefined || given.length !== expected.length) return false;
  pair[0].write(given, 'latin1');
  pair[1].write(expected, 'latin1');
  return timingSafeEqual(pair[0], pair[1]);
}

function judgeTime(
  spec: SignatureSpec,
  text: string | undefined,
  nowMs: number,
): number | null | WebhookRefusal {
  if (spec.timestamp === undefined) return null;
  const atMs = text === undefined ? null : parseTime(text, spec.timestampUnit ?? 'ms');
  if (spec.toleranceMs === undefined) return atMs;
  if (atMs === null) return 'missing-timestamp';
  if (atMs < nowMs - spec.toleranceMs) return 'too-old';
  if (atMs > nowMs + spec.toleranceMs) return 'too-new';
  return atMs;
}

function parseTime(text: string, unit: 'ms' | 's' | 'rfc3339'): number | null {
  if (unit === 'rfc3339') {
    const atMs = Date.parse(text);
    return Number.isNaN(atMs) ? null : atMs;
  }
  if (!/^\d{1,16}(\.\d{1,9})?$/.test(text)) return null;
  return Math.trunc(unit === 's' ? Number(text) * 1000 : Number(text));
}

function textAt(value: unknown, path: readonly string[]): string | undefined {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  if (typeof at === 'string') return at === '' ? undefined : at;
  return typeof at === 'number' ? String(at) : undefined;
}

/** From received bytes to a readable record, or to the reason why it is none. Pure. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { Change, Json, JsonObject } from '@headrace/sdk';
import { type Arrival, limits } from './arrival.js';
import type { VersionOrder } from './fence.js';

export interface Prepared {
  readonly record: JsonObject;
  readonly key: string;
  readonly version: string | null;
  readonly eventAt: number | null;
  readonly gone: boolean;
  /** The source's reference of the person, null while unknown. */
  readonly person: string | null;
  /** Keys of other streams that change with it. */
  readonly touches: readonly Change[];
}

export interface Unreadable {
  readonly code: string;
  /** Says what is wrong without showing content. */
  readonly message: string;
}

export type Preparation =
  | { readonly ok: true; readonly value: Prepared }
  | { readonly ok: false; readonly value: Unreadable };

export function prepare(arrival: Arrival & { kind: 'record' }): Preparation {
  const { bytes, depth, stream, refused } = arrival;
  if (refused !== undefined) return unreadable(refused.code, refused.message);
  if (bytes.byteLength > limits.recordBytesMax || arrival.spill !== undefined) {
    return unreadable(
      'E_RECORD_TOO_LARGE',
      `A record is larger than ${limits.recordBytesMax} bytes.`,
    );
  }
  if (depth > limits.depthMax) {
    return unreadable('E_RECORD_TOO_DEEP', `A record nests deeper than ${limits.depthMax} levels.`);
  }
  if (!isUtf8(bytes)) return unreadable('E_RECORD_UTF8', 'A record is not valid UTF-8.');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Most records are ASCII, which needs no decoding.
  const text = view.toString(isAscii(view) ? 'latin1' : 'utf8');
  let record: JsonObject;
  try {
    record = JSON.parse(text) as JsonObject;
  } catch {
    return unreadable('E_RECORD_JSON', 'A record is not valid JSON.');
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return unreadable('E_RECORD_SHAPE', 'A record is not an object.');
  }
  if (!hasFiniteNumbers(text, record)) {
    return unreadable('E_RECORD_NUMBER', 'A record has a number too large to be kept.');
  }
  try {
    return read(record, stream.spec);
  } catch {
    return unreadable(
      'E_RECORD_SHAPE',
      'A record lacks what its key, version or time is read from.',
    );
  }
}

function read(
  record: JsonObject,
  spec: (Arrival & { kind: 'record' })['stream']['spec'],
): Preparation {
  const key = spec.key(record);
  if (typeof key !== 'string' || key === '') {
    return unreadable('E_RECORD_KEY', 'A record has no key.');
  }
  if (key.length > limits.keyLengthMax) {
    return unreadable('E_RECORD_KEY', `A key is longer than ${limits.keyLengthMax} characters.`);
  }
  if (!isStorableKey(key)) {
    return unreadable('E_RECORD_KEY', 'A key has a zero or half a character in it.');
  }
  const version = spec.version(record);
  if (version !== null && !isVersion(version, spec.versionOrder ?? 'text')) {
    return unreadable('E_RECORD_VERSION', 'A version is not of the form its stream declares.');
  }
  const eventAt = spec.eventAt(record);
  const at = eventAt === null ? Number.NaN : Date.parse(eventAt);
  return {
    ok: true,
    value: {
      record,
      key,
      version,
      // The journal writes -1 for an unknown time.
      eventAt: Number.isNaN(at) || at === -1 ? null : at,
      gone: spec.isDeleted?.(record) ?? false,
      person: spec.personal?.subject(record) ?? null,
      touches: spec.touches?.(record) ?? [],
    },
  };
}

/**
 * `1e999` parses as infinity and would be written again as null, so replay would see another
 * record. Only a number of three digits after its `e`, or of hundreds, can be one; the text before
 * it rules out what is quoted, such as an id.
 */
function hasFiniteNumbers(text: string, record: Json): boolean {
  return !/[[:,\s]-?(?:[\d.]+[eE]\+?\d{3}|\d{300})/.test(text) || isFiniteThroughout(record);
}

function isFiniteThroughout(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((part: Json) => isFiniteThroughout(part));
}

/**
 * Whether a key is the same after a way through the store. The store ends text at a zero and writes
 * all lone surrogates alike, so two such keys would meet in one row, which no commit survives.
 */
export function isStorableKey(key: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(key);
}

function isVersion(version: unknown, order: VersionOrder): boolean {
  return typeof version === 'string' && (order === 'text' || /^-?\d{1,100}$/.test(version));
}

function unreadable(code: string, message: string): Preparation {
  return { ok: false, value: { code, message } };
}

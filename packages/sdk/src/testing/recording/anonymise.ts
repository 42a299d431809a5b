/**
 * Takes persons out of captured exchanges, in three layers:
 *
 * 1. what stands under a personal path of a stream, in each record of each page;
 * 2. the same values wherever else they stand: other fields, free text, names of members, paths,
 *    queries and bodies of requests;
 * 3. what looks like an address of mail, a phone or an account whatever field it is in, hosts, and
 *    fields that hold credentials.
 *
 * The result is searched once more; a value that is still there is an error, and nothing is written.
 */
import type { Json, JsonObject, Page, Stream } from '../../connector/index.js';
import { compilePersonal, HeadraceError, splitPersonal } from '../../connector/index.js';
import { isObject, objectsOf } from '../stream-reader.js';
import type { Capture, CapturedExchange } from './capture.js';
import { type JsonPath, type JsonVisitor, placeOf, rewriteJson } from './json-text.js';
import { KnownValues } from './known-values.js';
import { createPseudonyms } from './pseudonyms.js';
import type { RecordedBody, RecordedExchange, Recording } from './recording.js';
import { createReport, type RecordingReport } from './report.js';
import { CREDENTIAL, SOUNDS_LIKE_PHONE, SOUNDS_PERSONAL } from './telling-patterns.js';
import { createTextCleaner, type TextCleaner } from './text-cleaner.js';

export interface AnonymiseOptions {
  readonly connector: string;
  /** As they were written into the project. */
  readonly settings: JsonObject;
  /** Texts that must not be in the recording at all. */
  readonly secrets: readonly string[];
  /** Addresses of the system, its own first; their hosts are replaced. */
  readonly addresses: readonly string[];
  /** Random, and forgotten afterwards. */
  readonly key: Uint8Array;
}

export interface AnonymisedRecording {
  readonly recording: Recording;
  readonly report: RecordingReport;
}

/** Response headers that say what a body is and where the next page is. */
const HEADERS = /^(?:content-type|date|link|content-range|x-(?:total|page|next|has|per)[\w-]*)$/;

const PLACEHOLDER = 'recorded';

export function anonymise<Config>(
  capture: Capture<Config>,
  options: AnonymiseOptions,
): AnonymisedRecording {
  const places = personalPlaces(capture);
  const known = new KnownValues(vocabularyOf(capture.exchanges));
  const secrets = new KnownValues();
  for (const secret of options.secrets) secrets.add(secret, true);
  collect(capture, places, known);
  const texts = allTexts(capture.exchanges);
  const pseudonyms = createPseudonyms(
    options.key,
    (candidate) => texts.has(candidate) || known.has(candidate),
  );
  const report = createReport();
  const cleaner = createTextCleaner({
    ...{
      known,
      secrets,
      pseudonyms,
      placeholder: PLACEHOLDER,
      hosts: hostsOf(options),
    },
    count: report.count,
  });

  const files: Record<string, RecordedExchange[]> = {};
  for (const exchange of capture.exchanges) {
    const isPersonal = places.get(exchange) ?? (() => false);
    const toVisitor = (isPersonalAt: (path: JsonPath) => boolean) =>
      visitorOf({ ...{ cleaner, pseudonyms, known, report }, file: exchange.file, isPersonalAt });
    const { request, status, headers } = exchange;
    files[exchange.file] ??= [];
    files[exchange.file]?.push({
      request: {
        method: request.method,
        path: cleaner.path(request.path),
        ...(request.isAbroad === true ? { isAbroad: true } : {}),
        ...cleanBody(
          textOf(request),
          cleaner,
          toVisitor(() => false),
        ),
      },
      response: {
        status,
        headers: Object.fromEntries(
          Object.entries(headers)
            .filter(([name]) => HEADERS.test(name))
            .map(([name, value]) => [name, cleaner.text(value)]),
        ),
        ...cleanBody(decoded(exchange.body, request.path), cleaner, toVisitor(isPersonal)),
      },
    });
  }
  const visitor = visitorOf({
    ...{ cleaner, pseudonyms, known, report, file: 'settings', isPersonalAt: () => false },
  });
  const recording: Recording = {
    info: {
      format: 1,
      connector: options.connector,
      recordedAtMs: capture.recordedAtMs,
      settings: JSON.parse(rewriteJson(JSON.stringify(options.settings), visitor)) as JsonObject,
      streams: capture.streams,
    },
    files,
  };
  refuseLeaks(recording, known, secrets);
  return { recording, report: report.result() };
}

function hostsOf({ addresses }: AnonymiseOptions): readonly string[] {
  return addresses.flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : []));
}

/** For each exchange that is a page with personal records: whether a place in it is personal. */
function personalPlaces<Config>(capture: Capture<Config>) {
  const places = new Map<CapturedExchange, (path: JsonPath) => boolean>();
  const unmatched = new Set<string>();
  for (const { stream, page } of capture.pages) {
    if (stream.personal === undefined) continue;
    const exchange = capture.exchanges.find(
      ({ body }) => body === page.body || Buffer.compare(body, page.body) === 0,
    );
    if (exchange === undefined) {
      if (objectsOf(page).length > 0) unmatched.add(stream.name);
      continue;
    }
    const found = new Set<string>();
    for (const [index, record] of objectsOf(page).entries()) {
      const { personal } = splitPersonal(record, compilePersonal(stream.personal.paths));
      const at = [...page.items, index];
      if (personal !== null)
        for (const [path] of leavesOf(personal)) found.add(keyAt([...at, ...path]));
    }
    const before = places.get(exchange);
    places.set(exchange, (path) => before?.(path) === true || found.has(keyAt(path)));
  }
  // A connector that puts pages together from several answers: its fields are known by name only.
  for (const { stream } of capture.pages) {
    if (!unmatched.has(stream.name) || stream.personal === undefined) continue;
    const names = new Set(stream.personal.paths.flatMap((path) => lastName(path.split('.'))));
    for (const exchange of capture.exchanges) {
      if (exchange.file !== stream.name || places.has(exchange)) continue;
      places.set(exchange, (path) => path.some((step) => names.has(String(step))));
    }
  }
  return places;
}

function lastName(steps: readonly string[]): readonly string[] {
  const name = steps.filter((step) => step !== '*').at(-1);
  return name === undefined ? [] : [name];
}

function keyAt(path: JsonPath): string {
  return JSON.stringify(path);
}

/** Every value that stands under a personal path, and every reference of a person. */
function collect<Config>(
  { pages, exchanges }: Capture<Config>,
  places: ReadonlyMap<CapturedExchange, (path: JsonPath) => boolean>,
  known: KnownValues,
): void {
  for (const { stream, page } of pages) {
    for (const value of referencesIn(stream, page)) known.add(value, true);
    const paths = compilePersonal(stream.personal?.paths ?? []);
    for (const record of objectsOf(page)) {
      const { personal } = splitPersonal(record, paths);
      if (personal !== null) for (const [, value] of leavesOf(personal)) known.add(String(value));
    }
  }
  for (const exchange of exchanges) {
    const isPersonal = places.get(exchange);
    if (isPersonal === undefined || !isJson(exchange.body)) continue;
    rewriteJson(decoded(exchange.body, exchange.request.path), {
      string(value, path) {
        if (isPersonal(path)) known.add(value);
        return value;
      },
      number(raw, path) {
        if (isPersonal(path)) known.add(raw);
        return raw;
      },
      boolean: (value) => value,
      name: (value) => value,
    });
  }
}

function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(body).toString());
    return true;
  } catch {
    return false;
  }
}

function referencesIn<Config>(stream: Stream<Config>, page: Page): readonly string[] {
  return objectsOf(page).flatMap((record) => stream.personal?.subject(record) ?? []);
}

function leavesOf(value: Json, path: JsonPath = []): [JsonPath, string | number | boolean][] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...path, index]));
  if (isObject(value)) {
    return Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...path, name]));
  }
  return [[path, value as string | number | boolean]];
}

interface VisitorInput {
  readonly cleaner: TextCleaner;
  readonly pseudonyms: ReturnType<typeof createPseudonyms>;
  readonly known: KnownValues;
  readonly report: ReturnType<typeof createReport>;
  readonly file: string;
  isPersonalAt(path: JsonPath): boolean;
}

function visitorOf(input: VisitorInput): JsonVisitor {
  const { cleaner, pseudonyms, known, report, file, isPersonalAt } = input;
  return {
    string(value, path) {
      const name = fieldOf(path);
      if (CREDENTIAL.test(name) && value !== '') {
        report.count('credential');
        report.look(file, placeOf(path), 'held a credential');
        return PLACEHOLDER;
      }
      if (isPersonalAt(path)) {
        report.count('personal');
        return pseudonyms.of(value);
      }
      const clean = cleaner.text(value);
      if (clean !== value && known.has(value)) {
        report.look(file, placeOf(path), 'held a value that is personal elsewhere');
      }
      if (SOUNDS_LIKE_PHONE.test(name) && clean === value && /^\d{7,15}$/.test(value)) {
        report.count('phone');
        return pseudonyms.of(value);
      }
      if (clean === value && value !== '') {
        if (SOUNDS_PERSONAL.test(name)) report.look(file, placeOf(path), 'sounds personal by name');
        else if (isFreeText(value)) report.look(file, placeOf(path), 'is free text');
      }
      return clean;
    },
    number(raw, path) {
      if (isPersonalAt(path)) {
        report.count('personal');
        return pseudonyms.ofNumber(raw);
      }
      // Never part of a longer number: only a whole one is the same value.
      if (!known.isWhole(raw)) return raw;
      report.count('equal');
      report.look(file, placeOf(path), 'held a value that is personal elsewhere');
      return pseudonyms.ofNumber(raw);
    },
    boolean: (value, path) => (isPersonalAt(path) ? false : value),
    name: (value) => cleaner.text(value),
  };
}

function fieldOf(path: JsonPath): string {
  return String(path.findLast((step) => typeof step === 'string') ?? '');
}

function isFreeText(value: string): boolean {
  return value.split(/\s+/).length >= 6 && !value.includes('<');
}

function cleanBody(
  text: string | undefined,
  cleaner: TextCleaner,
  visitor: JsonVisitor,
): RecordedBody {
  if (text === undefined || text === '') return {};
  let clean: string;
  try {
    clean = rewriteJson(text, visitor);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return { text: cleaner.text(text) };
  }
  const json = JSON.parse(clean) as Json;
  // Numbers a double does not hold as written are kept as text.
  return JSON.stringify(json) === clean ? { json } : { text: clean };
}

function textOf({ json, text }: RecordedBody): string | undefined {
  return json === undefined ? text : JSON.stringify(json);
}

function decoded(body: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new HeadraceError('contract', `The answer to ${path.split('?')[0]} is no text.`, {
      code: 'E_RECORDING',
      hint: 'Only answers in UTF-8 can be searched for personal data, so nothing was written.',
      cause,
    });
  }
}

/**
 * Words of the interface: what requests say before anything was answered, and names that members
 * have again and again. A guest who calls himself Customer must not rename the field.
 */
function vocabularyOf(exchanges: readonly CapturedExchange[]): ReadonlySet<string> {
  const words = new Set<string>();
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  const visitor: JsonVisitor = {
    string(value) {
      words.add(value.toLowerCase());
      return value;
    },
    name(value) {
      words.add(value.toLowerCase());
      return value;
    },
    number: (raw) => raw,
    boolean: (value) => value,
  };
  for (const { file, request, body } of exchanges) {
    if (!seen.has(file)) {
      seen.add(file);
      if (request.json !== undefined) rewriteJson(JSON.stringify(request.json), visitor);
      for (const word of request.path.match(/[\p{L}_]+/gu) ?? []) words.add(word.toLowerCase());
    }
    for (const name of namesIn(body)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, count] of counts) if (count >= COMMON_NAME) words.add(name.toLowerCase());
  return words;
}

/** A member that so many records have is a field, not a value used as a name. */
const COMMON_NAME = 3;

function namesIn(body: Uint8Array): readonly string[] {
  const names: string[] = [];
  try {
    rewriteJson(Buffer.from(body).toString(), {
      ...{ string: (value) => value, number: (raw) => raw, boolean: (value) => value },
      name(value) {
        names.push(value);
        return value;
      },
    });
  } catch {
    // Not JSON: it has no members.
  }
  return names;
}

/** Every text of the system, which no made-up one may equal: two keys would become one. */
function allTexts(exchanges: readonly CapturedExchange[]): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const { body } of exchanges) {
    try {
      const add = (text: string) => {
        texts.add(text);
        return text;
      };
      const same = (value: boolean) => value;
      rewriteJson(Buffer.from(body).toString(), {
        ...{ string: add, number: add, name: add, boolean: same },
      });
    } catch {
      // Another format than JSON has no keys to keep apart.
    }
  }
  return texts;
}

function refuseLeaks(recording: Recording, known: KnownValues, secrets: KnownValues): void {
  const leaks: string[] = [];
  const look = (text: string, path: JsonPath) => {
    if (known.hasLong(text) || secrets.has(text)) leaks.push(placeOf(path));
    return text;
  };
  rewriteJson(JSON.stringify(recording), {
    ...{ string: look, number: look, name: look, boolean: (value) => value },
  });
  if (leaks.length === 0) return;
  throw new HeadraceError('invariant', 'A personal value is still in the recording.', {
    code: 'E_RECORDING_LEAK',
    hint: `Nothing was written. It stands at ${[...new Set(leaks)].slice(0, 5).join(', ')}.`,
  });
}

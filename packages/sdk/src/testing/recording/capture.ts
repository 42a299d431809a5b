/**
 * Asks a system what the contract suite will ask, and keeps the answers as they came. Each request
 * is made once: asked again it gets the answer it had, and the clock stands still, so that what the
 * connector sees is what it will see in a replay.
 */
import type {
  ConnectorContext,
  ConnectorSpec,
  Cursor,
  HttpClient,
  HttpRequest,
  HttpResponse,
  JsonObject,
  Page,
  Stream,
} from '../../connector/index.js';
import { ensureError, HeadraceError, splitPage } from '../../connector/index.js';
import { objectsOf } from '../stream-reader.js';
import { exchangeKey, type PlainRequest, plainRequest } from './exchange-key.js';
import type { RecordedRead, RecordedStream } from './recording.js';

export interface CapturedExchange {
  /** File it goes to: a stream, `context` or `check`. */
  readonly file: string;
  readonly request: PlainRequest;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface CapturedPage<Config> {
  readonly stream: Stream<Config>;
  readonly page: Page;
}

/** Holds real data: it is anonymised before anything of it is written. */
export interface Capture<Config> {
  readonly recordedAtMs: number;
  readonly exchanges: readonly CapturedExchange[];
  readonly pages: readonly CapturedPage<Config>[];
  readonly streams: Readonly<Record<string, RecordedStream>>;
  /** Streams that could not be read, with the reason. */
  readonly failed: readonly { readonly stream: string; readonly reason: string }[];
}

export interface CaptureOptions {
  /** Most records kept of each stream. */
  readonly limit: number;
  /** Only these streams; all of them when left out. */
  readonly streams?: readonly string[];
}

/** Keys asked for by `fetch`: enough to see that a point read gives what a pass gives. */
const FETCHED_MAX = 5;
export const CHANGE_PAGES_MAX = 3;
const ATTEMPTS_MAX = 5;
const WAIT_MAX_MS = 60_000;

export async function captureSource<Config>(
  spec: ConnectorSpec<never>,
  live: ConnectorContext<Config>,
  options: CaptureOptions,
): Promise<Capture<Config>> {
  const recordedAtMs = live.clock.now();
  const answers = new Map<string, CapturedExchange>();
  const raw = new Map<string, HttpResponse | HeadraceError>();
  const pages: CapturedPage<Config>[] = [];
  const recorded: Record<string, RecordedStream> = {};
  const failed: { stream: string; reason: string }[] = [];
  const cut = new Set<string>();
  const connector = spec as unknown as ConnectorSpec<never> & {
    context?(context: ConnectorContext<Config>): Promise<JsonObject>;
    streams(config: Config): readonly Stream<Config>[];
    check(context: ConnectorContext<Config>): Promise<unknown>;
  };

  /** Asks the system, once for each request; `rate-limited` and passing failures are waited out. */
  async function ask(request: HttpRequest, key: string): Promise<HttpResponse> {
    const known = raw.get(key);
    if (known instanceof HeadraceError) throw known;
    if (known !== undefined) return known;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await live.http.request(request);
        raw.set(key, response);
        return response;
      } catch (thrown) {
        const error = ensureError(thrown);
        const isPassing = error.kind === 'rate-limited' || error.kind === 'transient';
        if (!isPassing || attempt === ATTEMPTS_MAX) {
          raw.set(key, error);
          throw error;
        }
        const untilMs = error.retryAtMs ?? live.clock.now() + 1000 * 2 ** attempt;
        await live.timers.sleep(
          Math.min(Math.max(untilMs - live.clock.now(), 0), WAIT_MAX_MS),
          live.signal,
        );
      }
    }
  }

  /** @param items Where pages hold their records: longer lists there are cut. */
  function client(file: string, items: readonly string[] | null): HttpClient {
    return {
      async request(request) {
        // Token calls: nothing of them is kept.
        if (request.authorize === false) return live.http.request(request);
        const plain = plainRequest(request);
        const key = exchangeKey(plain);
        const known = answers.get(key);
        if (known !== undefined && known.status < 400) return known;
        try {
          const response = await ask(request, key);
          const body =
            items === null ? response.body : cutPage(response.body, items, options.limit);
          if (body !== response.body) cut.add(file);
          const { status, headers } = response;
          answers.set(key, { file, request: plain, status, headers, body });
          return { status, headers, body };
        } catch (thrown) {
          const error = ensureError(thrown);
          const status = error.context.status;
          if (typeof status === 'number') {
            const nothing = { headers: {}, body: new Uint8Array() };
            answers.set(key, { file, request: plain, status, ...nothing });
          }
          throw error;
        }
      },
    };
  }

  const contextFor = (http: HttpClient): ConnectorContext<Config> => ({
    ...live,
    http,
    clock: { now: () => recordedAtMs, monotonicMs: () => 0 },
  });
  const probed: HttpRequest[] = [];
  const probe: HttpClient = {
    request(request) {
      if (request.authorize === false) return live.http.request(request);
      probed.push(request);
      return ask(request, exchangeKey(plainRequest(request)));
    },
  };

  await connector.context?.(contextFor(client('context', null)));
  for (const { name } of connector.streams(live.config)) {
    if (options.streams !== undefined && !options.streams.includes(name)) continue;
    // Some streams keep in memory where a poll is; each read begins with a fresh one.
    const fresh = () =>
      connector.streams(live.config).find((one) => one.name === name) as Stream<Config>;
    try {
      const { items } = await fresh().read(contextFor(probe), 'pass', null);
      const http = client(name, items);
      const context = contextFor(http);
      const { pass, ...rest } = await captureStream(fresh(), context, options.limit, pages);
      const isComplete = pass.isComplete && !cut.has(name);
      // What a connector asks once and remembers, such as a description of the system's types.
      for (const request of probed.splice(0)) await http.request(request);
      recorded[name] = { ...rest, pass: { ...pass, isComplete } };
    } catch (thrown) {
      const error = ensureError(thrown);
      if (error.kind === 'cancelled') throw error;
      failed.push({ stream: name, reason: `${error.code}: ${error.message}` });
    }
  }
  await connector.check(contextFor(client('check', null)));
  return { recordedAtMs, exchanges: [...answers.values()], pages, streams: recorded, failed };
}

async function captureStream<Config>(
  stream: Stream<Config>,
  context: ConnectorContext<Config>,
  limit: number,
  pages: CapturedPage<Config>[],
): Promise<RecordedStream> {
  const keys: string[] = [];
  const read = async (
    mode: 'pass' | 'changes',
    from: Cursor | null,
    isEnough: (pages: number) => boolean,
  ): Promise<RecordedRead & { readonly resume: Cursor | null }> => {
    let cursor = from;
    for (let count = 1; ; count += 1) {
      const page = await stream.read(context, mode, cursor);
      pages.push({ stream, page });
      if (mode === 'pass') keys.push(...objectsOf(page).flatMap((one) => stream.key(one) ?? []));
      if (page.next === null)
        return { pages: count, isComplete: true, resume: page.resume ?? null };
      if (isEnough(count)) return { pages: count, isComplete: false, resume: null };
      cursor = page.next;
    }
  };

  const { resume: _, ...pass } = await read('pass', null, () => keys.length >= limit);
  let changes: RecordedRead | null = null;
  if (stream.feed !== 'snapshot') {
    const { resume, ...first } = await read('changes', null, (count) => count >= CHANGE_PAGES_MAX);
    changes = first;
    // What the suite asks next: whether it goes on from there.
    if (resume !== null) {
      const rest = await read('changes', resume, (count) => count >= CHANGE_PAGES_MAX);
      changes = { ...first, isComplete: rest.isComplete };
    }
  }
  const fetched = Math.min(FETCHED_MAX, limit, stream.fetchMax ?? FETCHED_MAX, keys.length);
  if (stream.fetch !== undefined && fetched > 0) {
    pages.push({ stream, page: await stream.fetch(context, keys.slice(0, fetched)) });
  }
  return { records: keys.length, pass, changes, fetched };
}

/** The first `limit` elements of the list at `items`; the body itself when it has no such list. */
function cutPage(body: Uint8Array, items: readonly string[], limit: number): Uint8Array {
  let records: readonly { readonly bytes: Uint8Array }[];
  try {
    records = splitPage(body, items).records;
  } catch {
    return body;
  }
  const [lastKept, last] = [records[limit - 1], records.at(-1)];
  if (lastKept === undefined || last === undefined) return body;
  const endOf = ({ bytes }: { readonly bytes: Uint8Array }) =>
    bytes.byteOffset + bytes.byteLength - body.byteOffset;
  return Buffer.concat([body.subarray(0, endOf(lastKept)), body.subarray(endOf(last))]);
}

/** The contract suite: what the platform counts on, asked of a connector and its real source. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { z } from 'zod';
import type {
  ConfiguredSource,
  InboundRequest,
  JsonObject,
  NotifySpec,
  Stream,
} from '../connector/index.js';
import { Secret } from '../connector/index.js';
import type { ContractCase, ContractOptions } from './contract-options.js';
import type { RecordedStream } from './recording/index.js';
import { streamCases } from './stream-cases.js';
import { StreamReader } from './stream-reader.js';
import { createTestContext, type TestContext } from './test-context.js';

/**
 * The cases a connector must pass, for any test runner:
 *
 * ```ts
 * describe('shopware', () => {
 *   for (const { name, run } of testConnector(shopware({ … }), { clock })) it(name, run);
 * });
 * ```
 */
export function testConnector<Config>(
  source: ConfiguredSource<Config>,
  options: ContractOptions,
): readonly ContractCase[] {
  const { recording } = options;
  const context = createTestContext(source, {
    ...options,
    ...(recording === undefined ? {} : { http: recording.http }),
  });
  const { connector } = source;
  let read: Promise<JsonObject> | null = null;
  const readSource = () => {
    read ??= connector.context?.(context) ?? Promise.resolve({});
    return read;
  };
  const recorded = recording?.info.streams;
  const reader = new StreamReader(context, options.pagesMax ?? 1000, readSource, recorded);
  const streams = connector
    .streams(context.config)
    .filter(({ name }) => recorded === undefined || recorded[name] !== undefined);
  return [
    ...settingsCases(source),
    ...(recorded === undefined ? [] : [recordedCase(recorded, streams)]),
    ...streams.flatMap((stream) => streamCases({ stream, reader, context, options })),
    ...notifyCases(connector.notify, context.config),
    {
      name: 'check: has a result for each permission and says what to do',
      run: () => checkChecks(source, context),
    },
    {
      name: 'context: is the same when nothing changed',
      async run() {
        const again = (await connector.context?.(context)) ?? {};
        assert.equal(JSON.stringify(again), JSON.stringify(await readSource()));
      },
    },
    { name: 'errors: carry no secret', run: () => checkErrors(source, context, options) },
    {
      name: 'budget: no more requests at a time than it allows',
      async run() {
        const most = context.http.concurrencyMax;
        assert.ok(most <= connector.budget.concurrency, `${most} requests at a time`);
      },
    },
  ];
}

/** Without it, a recording of streams that were renamed since would prove nothing and pass. */
function recordedCase<Config>(
  recorded: Readonly<Record<string, RecordedStream>>,
  streams: readonly Stream<Config>[],
): ContractCase {
  return {
    name: 'recording: each stream in it is one of the connector',
    async run() {
      assert.ok(streams.length > 0, 'the recording holds no stream of this connector');
      assert.deepEqual(streams.map(({ name }) => name).sort(), Object.keys(recorded).sort());
    },
  };
}

function settingsCases<Config>(source: ConfiguredSource<Config>): ContractCase[] {
  const { connector, settings } = source;
  return [
    {
      name: 'settings: a name of a stream is used once',
      async run() {
        const names = connector
          .streams(z.parse(connector.config, settings) as Config)
          .map(({ name }) => name);
        assert.deepEqual(names, [...new Set(names)]);
        for (const name of names) assert.match(name, /^[a-z][a-zA-Z0-9-]*$/);
      },
    },
    {
      name: 'settings: an unknown one is refused by its name',
      async run() {
        const result = z.safeParse(connector.config, { ...(settings as object), unheardOf: 1 });
        assert.ok(!result.success, 'a misspelled setting would be passed over in silence');
        assert.match(result.error.message, /unheardOf/);
      },
    },
    {
      name: 'settings: each has a description',
      async run() {
        const schema = z.toJSONSchema(connector.config, { io: 'input', unrepresentable: 'any' });
        for (const [name, setting] of Object.entries(schema.properties ?? {})) {
          const described = typeof setting === 'object' && setting.description !== undefined;
          assert.ok(described, `${name} has no description`);
        }
      },
    },
  ];
}

function notifyCases<Config>(notify: NotifySpec<Config> | undefined, config: Config) {
  if (notify === undefined) return [];
  return [
    {
      name: 'notify: reads any verified bytes without failing',
      async run() {
        for (const body of junkBodies()) {
          const result = notify.parse(requestWith(body), config);
          assert.ok(Array.isArray(result.changes));
          for (const { stream, key } of result.changes) {
            assert.ok(typeof stream === 'string' && typeof key === 'string' && key !== '');
          }
        }
      },
    },
    {
      name: 'notify: no secret is empty, headers are in lower case',
      async run() {
        for (const secret of notify.secrets(config)) assert.notEqual(secret, '');
        const { headers, idHeader } = notify.signature;
        for (const header of [...headers, idHeader ?? '']) {
          assert.equal(header, header.toLowerCase());
        }
      },
    },
  ];
}

function junkBodies(): readonly Uint8Array[] {
  const texts = [
    ...['', ' ', 'null', '0', '"text"', 'true', '[]', '{}', '[null]', '{', '{"a":', 'NaN'],
    ...['{"data":null}', '{"data":[]}', '{"data":{"payload":null}}', '{"data":{"payload":[null]}}'],
    ...['{"data":{"payload":{"id":1}}}', '{"id":null}', '{"id":{}}', '{"events":[{}]}'],
    ...['{"data":{"event":1,"payload":"x"}}', '{"__proto__":{"data":1}}'],
    '['.repeat(10_000),
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  ];
  return [...texts.map((text) => Buffer.from(text)), Uint8Array.of(0xff, 0xfe, 0x00)];
}

function requestWith(body: Uint8Array): InboundRequest {
  return { method: 'POST', uri: '/', headers: {}, body };
}

async function checkChecks<Config>(
  source: ConfiguredSource<Config>,
  context: TestContext<Config>,
): Promise<void> {
  const results = await source.connector.check(context);
  assert.ok(results.length > 0, 'check found nothing to say');
  for (const { name, text } of results) assert.ok(name !== '' && text !== '');
  const names = results.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)], 'two results of one name');
}

/** A source at its worst: what is thrown then ends in logs. */
const answers: readonly (() => Promise<Response>)[] = [
  ...[400, 401, 403, 404, 429, 500, 503].map(
    (status) => async () => new Response('{}', { status }),
  ),
  async () => new Response('<html>', { status: 200 }),
  async () => new Response('{}', { status: 200 }),
  async () => new Response(null, { status: 302, headers: { location: 'https://else.example' } }),
  async () => Promise.reject(new TypeError('fetch failed')),
];

async function checkErrors<Config>(
  source: ConfiguredSource<Config>,
  context: TestContext<Config>,
  options: ContractOptions,
): Promise<void> {
  const secrets = secretsIn(context.config);
  const { connector } = source;
  for (const answer of answers) {
    const failing = createTestContext(source, { ...options, fetch: answer });
    const attempts: (() => Promise<unknown>)[] = [
      async () => connector.context?.(failing),
      async () => connector.discover?.(failing),
      async () => connector.notify?.state?.(failing),
      ...connector
        .streams(context.config)
        .map((stream) => () => stream.read(failing, 'pass', null)),
    ];
    for (const attempt of attempts) {
      const thrown = await attempt().then(
        () => null,
        (error: unknown) => error,
      );
      const shown = inspect(thrown, { depth: 10, showHidden: true });
      for (const secret of secrets) assert.ok(!shown.includes(secret), 'an error shows a secret');
    }
    const results = JSON.stringify(await connector.check(failing));
    for (const secret of secrets) assert.ok(!results.includes(secret), 'a check shows a secret');
  }
}

/** Secrets and their parts: `id:key` must show neither half of itself. */
function secretsIn(value: unknown): readonly string[] {
  if (value instanceof Secret) {
    const text = value.reveal();
    return [text, ...text.split(':').slice(1)].filter((part) => part.length >= 4);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}

// The platform's engine as a process of its own, to be killed: one source read over HTTP, notices
// taken on a port of its own. Prints `ready PORT` once it serves. `argv[2]` is a CrashChildOptions.
import { createServer } from 'node:http';
import { openEngine } from '../../../packages/platform/dist/engine/index.js';
import { identityFold } from '../../../packages/platform/dist/entities/index.js';
import {
  sleepReal,
  systemClock,
  systemRandom,
  systemTimers,
  yieldNow,
} from '../../../packages/platform/dist/ports/index.js';
import { normalizer } from './crash-folds.mjs';

const options = JSON.parse(process.argv[2]);
const clock = systemClock();
const text = (value) => (typeof value === 'string' ? value : null);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function page(context, path) {
  const { body } = await context.http.request({ method: 'GET', path });
  const { next, resume } = JSON.parse(Buffer.from(body).toString());
  return { body, items: ['data'], next: next ?? null, ...(resume === undefined ? {} : { resume }) };
}

const stream = {
  name: 'thing',
  description: 'A thing.',
  entities: [],
  feed: 'push',
  everyMs: 100,
  passEveryMs: 200,
  fetchMax: 20,
  versionOrder: 'integer',
  key: (record) => text(record.id),
  version: (record) => text(record.version),
  eventAt: () => null,
  personal: { subject: (record) => text(record.person), paths: ['name'] },
  map: () => [],
  read: (context, mode, cursor) =>
    page(
      context,
      mode === 'pass' ? `/pass?from=${cursor?.from ?? 0}` : `/changes?after=${cursor?.after ?? ''}`,
    ),
  fetch: (context, keys) => page(context, `/fetch?keys=${keys.join(',')}`),
};

const spec = {
  name: 'shop',
  title: 'Shop',
  config: undefined,
  baseUrl: () => options.sourceUrl,
  budget: { requestsPerSecond: 2000, concurrency: 8 },
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [stream],
  notify: {
    signature: { headers: ['x-signature'], encoding: 'hex', message: '{body}' },
    secrets: () => ['secret'],
    parse: (request) => JSON.parse(Buffer.from(request.body).toString()),
  },
  check: async () => [],
};

let left = options.at?.count ?? 0;
const engine = await openEngine({
  folder: options.folder,
  ports: {
    clock,
    timers: systemTimers(),
    random: systemRandom(),
    log: silent,
    yieldNow,
    sleepReal,
  },
  clockOptions: { epochMs: clock.now(), realStartMs: clock.now(), rate: 1 },
  masterKey: Buffer.alloc(32, 7),
  sources: [{ name: 'shop', spec, config: undefined }],
  folds: [identityFold],
  normalizer,
  definitions: { test: 1 },
  coalesceMs: 5,
  ...(options.crashAt === null ? {} : { crashAt: options.crashAt }),
  at(point) {
    if (point !== options.at?.point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
  crash(error) {
    process.stderr.write(`${error.code} ${error.message}\n`);
    process.exit(3);
  },
});

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const outcome = await engine.receiveWebhook('shop', {
    method: 'POST',
    uri: request.url,
    headers: request.headers,
    body: Buffer.concat(parts),
  });
  response.writeHead(outcome.status).end();
});
server.listen(0, '127.0.0.1', () => {
  engine.start();
  process.stdout.write(`ready ${server.address().port}\n`);
});

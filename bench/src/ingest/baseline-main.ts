/**
 * What one would write by hand: Fastify, the signature over the raw bytes, insert or ignore by the
 * event's id, one commit for all requests of a turn of the loop, 202 behind it. Nothing else.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import fastify from 'fastify';
import { openDatabase } from '../../../packages/platform/dist/storage/index.js';
import { webhookPath, webhookSecret } from './deliveries.js';

interface Waiting {
  readonly id: string;
  readonly body: Buffer;
  readonly done: () => void;
}

const database = openDatabase(join(process.argv[2] ?? '', 'baseline.db'));
database.exec(
  'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;' +
    'CREATE TABLE event (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID',
);
const insert = database.prepare('INSERT OR IGNORE INTO event (id, body) VALUES (?, ?)');
let waiting: Waiting[] = [];

function commit(): void {
  const group = waiting;
  waiting = [];
  database.exec('BEGIN IMMEDIATE');
  for (const { id, body } of group) insert.run(id, body);
  database.exec('COMMIT');
  for (const { done } of group) done();
}

const app = fastify({ logger: false, forceCloseConnections: true });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post(webhookPath, async (request, reply) => {
  const body = request.body as Buffer;
  const given = Buffer.from(String(request.headers['shopware-shop-signature']), 'hex');
  const wanted = createHmac('sha256', webhookSecret).update(body).digest();
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    return reply.code(401).send({ error: 'signature' });
  }
  const { source } = JSON.parse(body.toString()) as { source: { eventId: string } };
  await new Promise<void>((done) => {
    if (waiting.push({ id: source.eventId, body, done }) === 1) setImmediate(commit);
  });
  return reply.code(202).send({ ok: true });
});
process.on('SIGTERM', () => {
  void app.close().then(() => {
    database.close();
    process.exit(0);
  });
});
process.on('disconnect', () => process.exit(0));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.(Number(new URL(url).port));

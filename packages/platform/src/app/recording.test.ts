import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { example } from '@headrace/connectors';
import type { ConnectorSpec } from '@headrace/sdk';
import { replayRecording, testConnector } from '@headrace/sdk/testing';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { jsonLogger } from '../ports/index.js';
import { connectorContext } from './connector-context.js';
import { recordFolder } from './recording.js';

const price = (id: string) => ({
  ...{ id, sku: `sku-${id}`, shop: '7', amount: 19.9, currency: 'EUR' },
  ...{ changedAt: '2025-03-01T12:00:00Z', editor: 'mina@prices.test' },
});
const pages: Readonly<Record<string, object>> = {
  '/prices': { prices: [price('1'), price('2')], next: '2' },
  '/prices?from=2': { prices: [price('3')], next: null },
};
let refusals = 0;
const server = createServer((request, response) => {
  refusals -= 1;
  const status = refusals >= 0 ? 503 : request.headers['x-api-key'] === 'canary-key' ? 200 : 403;
  response.writeHead(status, { 'set-cookie': 'session=canary-cookie', 'retry-after': '0' });
  response.end(JSON.stringify(status === 200 ? pages[request.url ?? ''] : {}));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const folder = mkdtempSync(join(tmpdir(), 'headrace-record-'));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  refusals = 0;
});

const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function record(limit: number, key = 'canary-key') {
  const source = example({ url, key, channels: { '7': 'alpha-nl' } });
  const spec = source.connector as unknown as ConnectorSpec<never>;
  const config = example.spec.config.parse(source.settings);
  const context = connectorContext(
    { name: 'prices', spec, config },
    jsonLogger('silent', () => 0),
  );
  return recordFolder(source as never, context, { folder, limit });
}

describe('recording a source of the project', () => {
  it('gives files that replay without it', async () => {
    const result = await record(25);
    expect(result).toMatchObject({ records: { price: 3 }, failed: [], broken: [] });
    expect(result.report.replaced).toMatchObject({ email: 3 });
    const recording = replayRecording(folder);
    expect(recording.settings).toMatchObject({ url: 'http://source.example', key: '[secret]' });
    const replayed = example(recording.settings as never);
    for (const { run } of testConnector(replayed, { clock: recording.clock, recording })) {
      await run();
    }
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(texts.join()).not.toMatch(/canary|mina@|127\.0\.0\.1|x-api-key|set-cookie/);
  });

  it('waits out what passes', async () => {
    refusals = 1;
    expect(await record(1)).toMatchObject({ records: { price: 1 }, failed: [], broken: [] });
  });

  it('says which streams could not be read', async () => {
    const result = await record(25, 'canary-none');
    expect(result.failed).toEqual([
      { stream: 'price', reason: expect.stringContaining('E_CREDENTIALS') },
    ]);
    expect(result.broken.map(({ name }) => name)).toContain(
      'recording: each stream in it is one of the connector',
    );
  });
});

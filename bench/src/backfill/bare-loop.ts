/** The baseline: the same pages of orders by the shortest program that keeps them durably. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectorContext } from '@headrace/sdk';
import type { ShopAccess } from '../../../packages/platform/dist/app/demo-folder.js';
import { prepareDemo } from '../../../packages/platform/dist/app/demo-project.js';
import { openDatabase } from '../../../packages/platform/dist/storage/index.js';

export interface BareLoop {
  readonly records: number;
  readonly perSecond: number;
  readonly cpuSeconds: number;
}

interface PageRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Row {
  readonly id: string;
  readonly autoIncrement: number;
}

const batchSize = 500;
const tokenLivesMs = 500_000;

/**
 * Asks for one page after the other, as the connector's pass does, and inserts what it holds, until
 * there are no more or `most` orders were read.
 */
export async function bareLoop(folder: string, shop: ShopAccess, most: number): Promise<BareLoop> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const request = await firstRequest(folder, shop);
  const limit = Number(request.body['limit']);
  const database = openDatabase(join(folder, 'bare.db'));
  database.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;' +
      'CREATE TABLE record (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
  );
  const insert = database.prepare('INSERT INTO record (id, body) VALUES (?, ?)');
  const cpu = process.cpuUsage();
  const begun = performance.now();
  let records = 0;
  let batch: Row[] = [];
  const flush = () => {
    database.exec('BEGIN IMMEDIATE');
    for (const row of batch) insert.run(row.id, JSON.stringify(row));
    database.exec('COMMIT');
    batch = [];
  };
  const token = tokens(shop);
  for (let below: number | null = null; ; ) {
    const rows: readonly Row[] = await pageOf(shop, request, await token(), below);
    records += rows.length;
    batch.push(...rows);
    if (batch.length >= batchSize) flush();
    if (rows.length < limit || records >= most) break;
    below = rows.at(-1)?.autoIncrement ?? 0;
  }
  flush();
  const seconds = (performance.now() - begun) / 1000;
  const used = process.cpuUsage(cpu);
  database.close();
  rmSync(folder, { recursive: true, force: true });
  return { records, perSecond: records / seconds, cpuSeconds: (used.user + used.system) / 1e6 };
}

/** What the connector asks for first, caught on its way out. */
async function firstRequest(folder: string, shop: ShopAccess): Promise<PageRequest> {
  const source = prepareDemo(folder, shop).sources[0];
  const streams = source?.spec.streams(source.config as never) ?? [];
  let caught: PageRequest | null = null;
  const http = {
    async request({ path, headers, json }: { path: string; headers?: object; json?: object }) {
      caught = {
        path,
        headers: { ...headers, 'content-type': 'application/json' },
        body: { ...json },
      };
      return { body: Buffer.from('{"data":[]}') };
    },
  };
  const context = { config: source?.config, http } as unknown as ConnectorContext<never>;
  await streams.find(({ name }) => name === 'order')?.read(context, 'pass', null);
  if (caught === null) throw new Error('The order stream asked for nothing.');
  return caught;
}

async function pageOf(
  shop: ShopAccess,
  { path, headers, body }: PageRequest,
  token: string,
  below: number | null,
): Promise<readonly Row[]> {
  const filter = [{ type: 'range', field: 'autoIncrement', parameters: { lt: below } }];
  const asked = below === null ? body : { ...body, filter, 'total-count-mode': 0 };
  const response = await fetch(new URL(path, shop.url), {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: JSON.stringify(asked),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The shop answered ${response.status}: ${text}`);
  return (JSON.parse(text) as { readonly data: readonly Row[] }).data;
}

function tokens(shop: ShopAccess): () => Promise<string> {
  let token = '';
  let until = 0;
  return async () => {
    if (performance.now() < until) return token;
    const [id, secret] = shop.auth.split(':');
    const response = await fetch(new URL('/api/oauth/token', shop.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: secret,
      }),
    });
    token = String(((await response.json()) as { access_token: unknown }).access_token);
    until = performance.now() + tokenLivesMs;
    return token;
  };
}

/**
 * An ERP and two shops over real HTTP that know what they were told: the truth a crashed platform is
 * held to. The shops lose answers, time out after they have applied, refuse, limit and cut off.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SystemRow {
  readonly id: string;
  readonly version: string;
  readonly value: number;
  /** Grows with each change, so that the order of writes can be seen. */
  readonly step: number;
  readonly person?: string;
  readonly name?: string;
}

interface WriteItem {
  readonly key: string;
  readonly idempotencyKey: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly wanted: Readonly<Record<string, unknown>>;
  readonly personal: { readonly shipTo?: { readonly familyName?: string } } | null;
}

type Fields = Record<string, unknown>;

/** Rows in the order of their last change, read from a position. */
class Table {
  readonly rows = new Map<string, SystemRow>();
  readonly #isPersonal: boolean;
  #version = 0;

  constructor(isPersonal = false) {
    this.#isPersonal = isPersonal;
  }

  put(id: string, value: number, step?: number): SystemRow {
    this.#version += 1;
    this.rows.delete(id);
    const version = String(this.#version);
    const person = this.#isPersonal ? { person: `p-${id}`, name: `Ada van ${id}` } : {};
    const row = { id, version, value, step: step ?? this.#version, ...person };
    this.rows.set(id, row);
    return row;
  }

  answer(url: URL): unknown {
    const of = (name: string) => url.searchParams.get(name) ?? '';
    const size = 500;
    if (url.pathname.endsWith('/pass')) {
      const from = Number(of('from'));
      const data = [...this.rows.values()].reverse().slice(from, from + size);
      return { data, ...(from + size >= this.rows.size ? {} : { next: { from: from + size } }) };
    }
    const after = of('after') === '' ? this.#version : Number(of('after'));
    const news = [...this.rows.values()].filter((row) => Number(row.version) > after);
    const data = news.slice(0, size);
    const to = data.length === news.length ? this.#version : Number(data.at(-1)?.version);
    return {
      data,
      ...(data.length === news.length ? { resume: { after: to } } : { next: { after: to } }),
    };
  }
}

export class Shop {
  readonly things = new Map<string, Fields>();
  /** As they were made: two of one reference are one too many. */
  readonly orders: { readonly reference: string; readonly buyer: string | null; fields: Fields }[] =
    [];
  readonly own = new Table();
  /** Content that came under each idempotency key. */
  readonly sent = new Map<string, string>();
  /** What went wrong, in words. */
  readonly complaints: string[] = [];
  /** Keys it takes nothing for; it says so with the name of who asks. */
  readonly blocked = new Set<string>();
  mutations = 0;
  reads = 0;
  isDown = false;

  find(kind: string, key: string): Fields | undefined {
    if (kind === 'thing') return this.things.get(key);
    return this.orders.find(({ reference }) => reference === key)?.fields;
  }

  /** Somebody edits in the shop itself. */
  edit(key: string, fields: Fields): void {
    this.things.set(key, { ...this.things.get(key), ...fields });
    this.#echo(key);
  }

  apply(kind: string, item: WriteItem): void {
    const content = JSON.stringify(item.wanted);
    const first = this.sent.get(item.idempotencyKey) ?? content;
    if (first !== content) this.complaints.push(`${item.idempotencyKey} stands for two contents`);
    this.sent.set(item.idempotencyKey, first);
    const found = this.find(kind, item.key);
    if (kind === 'thing') {
      const step = Number(item.wanted['step']);
      if (step < Number(found?.['step'] ?? 0)) this.complaints.push(`${item.key} went back`);
      this.things.set(item.key, { ...found, ...item.fields });
      this.#echo(item.key);
    } else if (found === undefined) {
      const buyer = item.personal?.shipTo?.familyName ?? null;
      this.orders.push({ reference: item.key, buyer, fields: { ...item.fields } });
    } else Object.assign(found, item.fields);
  }

  #echo(key: string): void {
    const { price, step } = this.things.get(key) ?? {};
    this.own.put(key, Number(price), Number(step));
  }
}

export interface FlowSystems {
  readonly url: string;
  readonly erp: { readonly thing: Table; readonly order: Table };
  readonly shop: Shop;
  readonly web: Shop;
  isFaulty: boolean;
  close(): Promise<void>;
}

export async function startFlowSystems(next: () => number): Promise<FlowSystems> {
  const erp = { thing: new Table(), order: new Table(true) };
  const shops = { shop: new Shop(), web: new Shop() };
  const self = {
    url: '',
    erp,
    ...shops,
    isFaulty: false,
    close: async (): Promise<void> => undefined,
  };

  const json = (response: ServerResponse, body: unknown, status = 200, headers = {}) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));

  const write = (
    shop: Shop,
    kind: string,
    items: readonly WriteItem[],
    response: ServerResponse,
  ) => {
    shop.mutations += 1;
    const chance = self.isFaulty ? next() : 1;
    if (chance < 0.05) return json(response, {}, 500);
    if (chance < 0.08) return json(response, {}, 429, { 'retry-after': '0' });
    const results = items.map((item) => {
      if (self.isFaulty && next() < 0.03) {
        const error = next() < 0.5 ? 'conflict' : 'transient';
        return { key: item.key, kind: 'refused', error, message: 'Not now.' };
      }
      if (shop.blocked.has(item.key)) {
        const message = `${item.personal?.shipTo?.familyName} may not buy here.`;
        return { key: item.key, kind: 'refused', error: 'record', message };
      }
      shop.apply(kind, item);
      return { key: item.key, kind: 'written', id: item.key };
    });
    // Applied: from here on only the answer can go wrong.
    if (chance < 0.13) return response.socket?.destroy();
    if (chance < 0.15) return undefined;
    if (chance < 0.18) return response.writeHead(200).end(JSON.stringify(results).slice(0, -9));
    if (chance < 0.21) return json(response, {}, 502);
    if (chance < 0.24) return json(response, results.slice(1));
    return json(response, results);
  };

  const answer = (request: IncomingMessage, body: string, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, system = '', kind = '', what = ''] = url.pathname.split('/');
    if (system === 'erp') return json(response, erp[kind as 'thing'].answer(url));
    const shop = shops[system as 'shop'];
    if (shop.isDown) return request.socket.destroy();
    if (what === 'changes' || what === 'pass') return json(response, shop.own.answer(url));
    const given = JSON.parse(body) as { keys: string[]; items: WriteItem[] };
    if (what === 'write') return write(shop, kind, given.items, response);
    shop.reads += 1;
    if (self.isFaulty && next() < 0.03) return json(response, {}, 503);
    const found = given.keys.flatMap((key) => {
      const fields = shop.find(kind, key);
      return fields === undefined ? [] : [{ key, id: key, tag: null, fields }];
    });
    return json(response, found);
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => void answer(request, Buffer.concat(parts).toString(), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  self.close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return self;
}

/** A source over real HTTP that knows what it told whom: the truth a crashed platform is held to. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SourceRow {
  readonly id: string;
  readonly version: string;
  readonly value: number;
  readonly person: string;
  readonly name: string;
}

export interface ChangesPage {
  readonly rows: readonly SourceRow[];
  readonly after: number;
}

export interface CrashSource {
  readonly url: string;
  readonly rows: ReadonlyMap<string, SourceRow>;
  /** Pages of changes answered, with the cursor that follows each. */
  changePages: ChangesPage[];
  /** Version of the last change of a key, also of one that removed it. */
  lastVersion(key: string): number;
  change(): string;
  close(): Promise<void>;
}

const pageSize = 60;
const keys = 200;

export async function startCrashSource(next: () => number): Promise<CrashSource> {
  const rows = new Map<string, SourceRow>();
  const last = new Map<string, number>();
  let version = 0;
  const put = (id: string) => {
    version += 1;
    rows.delete(id);
    const value = Math.floor(next() * 5);
    rows.set(id, { id, version: String(version), value, person: `p-${id}`, name: `Ada ${id}` });
    last.set(id, version);
  };
  for (let index = 0; index < keys; index += 1) put(`k${index}`);

  const self = {
    url: '',
    rows,
    changePages: [] as ChangesPage[],
    lastVersion: (key: string) => last.get(key) ?? 0,
    change() {
      const key = `k${Math.floor(next() * keys)}`;
      if (key !== 'k0' && next() < 0.15) {
        version += 1;
        rows.delete(key);
        last.set(key, version);
      } else put(key);
      return key;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };

  const answer = (url: URL): unknown => {
    const of = (name: string) => url.searchParams.get(name) ?? '';
    if (url.pathname === '/fetch') {
      return {
        data: of('keys')
          .split(',')
          .flatMap((key) => rows.get(key) ?? []),
      };
    }
    if (url.pathname === '/pass') {
      const from = Number(of('from'));
      const data = [...rows.values()].reverse().slice(from, from + pageSize);
      const isLast = from + pageSize >= rows.size;
      return { data, ...(isLast ? {} : { next: { from: from + pageSize } }) };
    }
    const after = of('after') === '' ? version : Number(of('after'));
    // Rows are kept in the order of their last change.
    const news = [...rows.values()].filter((row) => Number(row.version) > after);
    const data = news.slice(0, pageSize);
    const isLast = data.length === news.length;
    const to = isLast ? version : Number(data.at(-1)?.version);
    self.changePages.push({ rows: data, after: to });
    return { data, ...(isLast ? { resume: { after: to } } : { next: { after: to } }) };
  };

  const server: Server = createServer((request, response) => {
    const body = JSON.stringify(answer(new URL(request.url ?? '/', 'http://localhost')));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return self;
}

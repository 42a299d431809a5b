/** Follows the platform's durable entries, each with when it was seen here. */
import type { PlatformProcess } from './platform-process.js';

export interface SeenEntry {
  readonly atMs: number;
  readonly kind: string;
  /** `source/stream`. */
  readonly stream: string;
  readonly key: string;
  /** When it was journaled, by the platform's clock, ms. */
  readonly knownAt: number;
  /** Of a read that came to its end: what it read, when it began, and how many records it showed. */
  readonly read?: string;
  readonly through?: number;
  readonly received?: number;
}

export interface Entries {
  readonly seen: readonly SeenEntry[];
  close(): void;
}

export async function followEntries({ url, token }: PlatformProcess): Promise<Entries> {
  const seen: SeenEntry[] = [];
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: abort.signal,
  });
  if (response.body === null) throw new Error('The platform tells no events.');
  const decoder = new TextDecoder();
  const read = async (body: NonNullable<typeof response.body>) => {
    let rest = '';
    for await (const part of body) {
      const atMs = performance.now();
      const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;
        const entry = JSON.parse(line.slice(6)) as SeenEntry & { readonly source: string };
        const { kind, source, stream, key, knownAt, read, through, received } = entry;
        seen.push({
          ...{ atMs, kind, stream: `${source}/${stream}`, key, knownAt },
          ...(read === undefined ? {} : { read }),
          ...(through === undefined ? {} : { through }),
          ...(received === undefined ? {} : { received }),
        });
      }
    }
  };
  // Closing ends it with an abort, which is meant.
  read(response.body).catch(() => undefined);
  return { seen, close: () => abort.abort() };
}

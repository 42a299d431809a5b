/** Follows the platform's durable entries, each with when it was seen here. */
import type { PlatformProcess } from './platform-process.js';

export interface SeenEntry {
  readonly atMs: number;
  readonly kind: string;
  /** `source/stream`. */
  readonly stream: string;
  readonly key: string;
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
        const { kind, source, stream, key } = JSON.parse(line.slice(6)) as Record<string, string>;
        seen.push({ atMs, kind: kind ?? '', stream: `${source}/${stream}`, key: key ?? '' });
      }
    }
  };
  // Closing ends it with an abort, which is meant.
  read(response.body).catch(() => undefined);
  return { seen, close: () => abort.abort() };
}

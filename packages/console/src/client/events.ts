/**
 * The journal as it grows. `EventSource` cannot send a token, so the stream is read by hand:
 *
 *   connecting ──answered──▶ live ──ended or failed──▶ waiting ──2 s──▶ connecting, after the last seen
 */
import { later } from '../browser.js';

export interface LiveEntry {
  readonly offset: number;
  readonly kind: string;
  readonly source: string;
  readonly stream: string;
  readonly key: string;
}

export type Connection = 'connecting' | 'live' | 'waiting';

export interface Follower {
  entry(entry: LiveEntry): void;
  connection(state: Connection): void;
}

const againAfterMs = 2000;

export function follow(token: string, follower: Follower): () => void {
  let last: number | null = null;
  let stopped = false;
  let forget = () => {};
  const abort = new AbortController();

  const connect = async () => {
    follower.connection('connecting');
    try {
      const response = await fetch('/v1/events', {
        headers: {
          authorization: `Bearer ${token}`,
          ...(last === null ? {} : { 'last-event-id': String(last) }),
        },
        signal: abort.signal,
      });
      if (response.ok && response.body !== null) {
        follower.connection('live');
        const split = entrySplitter((entry) => {
          last = entry.offset;
          follower.entry(entry);
        });
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          split(value);
        }
      }
    } catch {
      // Waited for and tried again below, whatever it was.
    }
    if (stopped) return;
    follower.connection('waiting');
    forget = later(againAfterMs, () => void connect());
  };
  void connect();
  return () => {
    stopped = true;
    forget();
    abort.abort();
  };
}

const dataField = 'data: ';

/** Takes the text as it comes and gives whole events. */
export function entrySplitter(give: (entry: LiveEntry) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      // Lines end where the stream says so, not wherever a text in it holds what Unicode calls an end.
      const line = block.split('\n').find((one) => one.startsWith(dataField));
      const data = line?.slice(dataField.length);
      if (data !== undefined) give(JSON.parse(data) as LiveEntry);
    }
  };
}

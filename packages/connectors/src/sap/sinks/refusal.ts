/** What an error of one document means for it; what concerns all of them is thrown on. */
import { ensureError, type SinkResult } from '@headrace/sdk';

/** Of a call that was not about one document: a name, a credential, a quota, the service itself. */
export function refusedOf(key: string, thrown: unknown): SinkResult {
  const error = ensureError(thrown);
  const { kind, message } = error;
  if (kind === 'record' || kind === 'conflict' || kind === 'transient') {
    return { key, kind: 'refused', error: kind, message };
  }
  // The application says no to this document, in its own words.
  if (kind === 'contract' && error.context.status === 400) {
    return { key, kind: 'refused', error: 'record', message: wordsOf(message) };
  }
  // What this release cannot do to this document, such as giving it another item.
  if (kind === 'contract' && (error.context.status === 405 || error.context.status === 501)) {
    return { key, kind: 'refused', error: 'contract', message };
  }
  throw error;
}

/** Without the address it was asked at. */
function wordsOf(message: string): string {
  return /^(?:GET|POST|PATCH) \S+ answered 400: ([\s\S]*)$/.exec(message)?.[1] ?? message;
}

/**
 * All writes have ended before one result is told, and before an error that concerns all is thrown: a
 * write still under way would not be seen by the look that comes before the next attempt.
 */
export async function writeEach<Item>(
  items: readonly Item[],
  write: (item: Item) => Promise<SinkResult>,
): Promise<readonly SinkResult[]> {
  const ended = await Promise.allSettled(items.map(write));
  return ended.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

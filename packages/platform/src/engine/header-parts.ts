import type { EntryHeader } from '../audit/index.js';

/** What the planner says of an entry; everything else is at rest. */
export type HeaderParts = Pick<
  EntryHeader,
  'kind' | 'source' | 'stream' | 'key' | 'readSeq' | 'hash' | 'id'
> &
  Partial<EntryHeader>;

export function headerOf(parts: HeaderParts, offset: number, knownAt: number): EntryHeader {
  return {
    gone: false,
    snapshot: false,
    imputed: false,
    unreadable: false,
    unnamed: false,
    unmapped: false,
    replayed: false,
    previous: null,
    eventAt: null,
    noticedAt: null,
    readAt: null,
    receivedAt: null,
    subject: null,
    version: null,
    ...parts,
    offset,
    knownAt,
  };
}

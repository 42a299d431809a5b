/** What is journaled when a platform starts, before anything a source says. */
import type { JsonObject } from '@headrace/sdk';
import type { AnchorVerdict } from '../audit/index.js';
import type { StoreReader } from '../storage/index.js';
import type { Arrival } from './arrival.js';
import type { Engine, EngineOptions } from './engine.js';

/** Journals who took a store that the anchor says was rolled back. */
export function rollbackArrivals(principal: string | undefined, verdict: AnchorVerdict): Arrival[] {
  if (principal === undefined || verdict.kind === 'holds' || verdict.kind === 'none') return [];
  const { checkpoint, why } = verdict;
  const before =
    checkpoint === null
      ? null
      : { size: checkpoint.size, root: Buffer.from(checkpoint.root).toString('hex') };
  const body = { action: 'accept-rollback', principal, why, before };
  return [{ kind: 'entry', entry: 'control', source: '', stream: '', body }];
}

/** Journals the definitions in force when they differ from those journaled last. */
export function definitionArrivals(reader: StoreReader, definitions: JsonObject): Arrival[] {
  const text = JSON.stringify(definitions);
  const stored = reader.meta('definitions');
  if (stored !== undefined && Buffer.from(stored).toString() === text) return [];
  const body = { action: 'definitions', principal: 'system', definitions };
  return [
    { kind: 'entry', entry: 'control', source: '', stream: '', body },
    { kind: 'effects', apply: (encoder) => encoder.meta('definitions', Buffer.from(text)) },
  ];
}

/**
 * Erases those the anchor remembers as erased and this store does not, because it is older than that.
 * Returns how many keys that were.
 */
export async function eraseAgain(
  { anchor, acceptRollback = 'system' }: Pick<EngineOptions, 'anchor' | 'acceptRollback'>,
  { reader, ring, loop }: Pick<Engine, 'reader' | 'ring' | 'loop'>,
  now: number,
): Promise<number> {
  const handles = (anchor?.erased(ring.signer.origin) ?? [])
    .map((handle) => Buffer.from(handle, 'hex'))
    .filter((handle) => !reader.isErased(handle));
  if (handles.length === 0) return 0;
  const entries = handles.map((handle): Arrival => {
    const said = { action: 'erasure', principal: acceptRollback, by: 'anchor' };
    const body = { ...said, subject: handle.toString('hex') };
    return { kind: 'entry', entry: 'control', source: '', stream: '', body };
  });
  const effects: Arrival = {
    kind: 'effects',
    apply: (_main, keys) => {
      for (const handle of handles) keys.eraseKey(handle, now);
    },
  };
  await loop.submit([effects, ...entries]);
  return handles.length;
}

import { subjectHandle } from '../audit/index.js';
import type { Engine } from './engine.js';

export interface Erasure {
  /** Data keys destroyed: 0 when nothing personal was stored of this person. */
  readonly erased: number;
  /** Pseudonym of the person, hex; it stays in the business parts. */
  readonly handle: string;
}

/**
 * Destroys the data key of a person of one source and journals the act. What was sealed with it can
 * never be read again, in the journal, in quarantine and in every copy that lacks the key; what the
 * source still sends about the person is from now on kept without its personal part.
 */
export async function eraseSubject(
  engine: Engine,
  subject: { readonly source: string; readonly person: string; readonly principal: string },
  now: number,
): Promise<Erasure> {
  const handle = subjectHandle(engine.ring.storeKey, subject.source, subject.person);
  const erased = engine.reader.subjectKey(handle) === undefined ? 0 : 1;
  const body = { source: subject.source, subject: handle.toString('hex') };
  await engine.control(subject.principal, 'erasure', body, (_main, keys) =>
    keys.eraseKey(handle, now),
  );
  return { erased, handle: handle.toString('hex') };
}

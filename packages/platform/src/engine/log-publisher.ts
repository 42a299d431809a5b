/**
 * Publishes the log: a signed checkpoint over all that is durable, every few seconds while entries
 * arrive and whenever somebody is about to rely on one.
 *
 *   growing tiles written → on disk → checkpoint signed and on disk → anchor moved
 *
 * in this order, so that whatever a checkpoint speaks of can be proved from files, and the anchor
 * never knows of more than the store. Runs beside the step and is never waited for by it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, ensureError, HeadraceError, type Logger } from '@headrace/sdk';
import {
  type Anchor,
  type AnchorVerdict,
  type Checkpoint,
  checkpointFile,
  fullTilesBetween,
  type KeyRing,
  LogReader,
  type LogSigner,
  logFolder,
  type PublishedHead,
  readSynced,
  refuseRolledBack,
  syncedFile,
  syncPath,
  writeSafely,
} from '../audit/index.js';
import type { StepWriter } from './writer.js';

export interface LogPublisherOptions {
  readonly folder: string;
  readonly writer: StepWriter;
  readonly signer: LogSigner;
  /** Null where the user keeps none. */
  readonly anchor: Anchor | null;
  readonly log: Logger;
  /** Real milliseconds. */
  readonly now: () => number;
}

/** Opens the log of a store, unless the anchor says that the store was rolled back. */
export async function openPublisher(
  options: Pick<LogPublisherOptions, 'folder' | 'writer'> & {
    readonly ring: KeyRing;
    readonly anchor?: Anchor;
    readonly acceptRollback?: string;
    readonly ports: { readonly log: Logger; readonly clock: Clock };
  },
  close: () => void,
): Promise<{ readonly publisher: LogPublisher; readonly verdict: AnchorVerdict }> {
  const { folder, writer, ring, anchor, acceptRollback } = options;
  const { log, clock } = options.ports;
  const publisher = new LogPublisher({
    ...{ folder, writer, log, signer: ring.signer },
    anchor: anchor ?? null,
    now: () => clock.monotonicMs(),
  });
  try {
    const { verdict, size } = await publisher.judge();
    if (acceptRollback === undefined) refuseRolledBack(verdict);
    if (verdict.kind === 'none' && size > 0 && anchor !== undefined) {
      log.warn('A roll-back of the store before this start cannot be seen.', { why: verdict.why });
    }
    return { publisher, verdict };
  } catch (thrown) {
    await writer.close();
    close();
    throw thrown;
  }
}

/** By then the system has written a new file by itself, and syncing it is no work. */
const settledMs = 20_000;

export class LogPublisher {
  /** Proofs under the newest checkpoint. */
  readonly proofs: LogReader;
  readonly #options: LogPublisherOptions;
  #latest: Checkpoint | null = null;
  #running: Promise<Checkpoint> | null = null;
  #next: Promise<Checkpoint> | null = null;
  #synced: number;
  /** Sizes published, with when: tiles below the older ones are settled. */
  #unsettled: { readonly size: number; readonly at: number }[] = [];

  constructor(options: LogPublisherOptions) {
    this.#options = options;
    this.proofs = new LogReader(options.folder);
    this.#synced = readSynced(options.folder);
  }

  get latest(): Checkpoint | null {
    return this.#latest;
  }

  /** A checkpoint that covers the entry at this offset, which must be durable. */
  async checkpointAt(offset: number): Promise<Checkpoint> {
    if (this.#latest !== null && this.#latest.size > offset) return this.#latest;
    const checkpoint = await this.publish();
    if (checkpoint.size > offset) return checkpoint;
    throw new HeadraceError('invariant', `Entry ${offset} is not durable yet.`, {
      code: 'E_NOT_DURABLE_YET',
    });
  }

  /** Holds the store against its anchor; nothing is published by it. */
  async judge(): Promise<{ readonly verdict: AnchorVerdict; readonly size: number }> {
    const { anchor, signer } = this.#options;
    const { size } = await this.#head();
    if (anchor === null) {
      return { size, verdict: { kind: 'none', why: 'No anchor is kept (HEADRACE_ANCHOR=off).' } };
    }
    const rootAt = (earlier: number) => this.proofs.root(earlier, size);
    return { size, verdict: anchor.judge({ publicKey: signer.publicKey, size, rootAt }) };
  }

  /** Callers that come while one is published share the one after it. */
  publish(): Promise<Checkpoint> {
    if (this.#running === null) {
      this.#running = this.#publish().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.publish();
      });
    return this.#next;
  }

  /** Remembers outside the data directory that these pseudonyms are erased. */
  async noteErased(handles: readonly string[]): Promise<void> {
    await this.#options.anchor?.noteErased(this.#options.signer.origin, handles);
  }

  /** For a timer: publishes what is new. */
  async keepUp(durable: number): Promise<void> {
    if (this.#latest === null || this.#latest.size < durable) await this.publish();
    await this.#settle();
  }

  /** Everything published and on disk; what a clean end of the process leaves behind. */
  async close(): Promise<void> {
    try {
      const { size } = await this.publish();
      await this.#sync(size);
    } catch (thrown) {
      const { message, code } = ensureError(thrown);
      this.#options.log.warn(`The log was not published at the end. ${message}`, { code });
    }
  }

  async #publish(): Promise<Checkpoint> {
    const { folder, signer, anchor, now } = this.#options;
    const head = await this.#head();
    if (this.#latest?.size === head.size) return this.#latest;
    mkdirSync(logFolder(folder), { recursive: true, mode: 0o700 });
    for (const path of head.partial) await syncPath(join(logFolder(folder), path));
    const checkpoint = signer.sign({ size: head.size, root: Buffer.from(head.root) });
    await writeSafely(checkpointFile(folder), checkpoint.note);
    await anchor?.write(checkpoint);
    this.#latest = checkpoint;
    this.#unsettled.push({ size: head.size, at: now() });
    return checkpoint;
  }

  /** Makes sure of the tiles that were written a while ago. */
  async #settle(): Promise<void> {
    const before = this.#options.now() - settledMs;
    let size: number | null = null;
    while ((this.#unsettled[0]?.at ?? Number.POSITIVE_INFINITY) < before) {
      size = this.#unsettled.shift()?.size ?? null;
    }
    if (size !== null) await this.#sync(size);
  }

  async #head(): Promise<PublishedHead> {
    const head = await this.#options.writer.publish?.();
    if (head !== undefined) return head;
    throw new HeadraceError('invariant', 'This writer keeps no log.', { code: 'E_NO_LOG' });
  }

  async #sync(size: number): Promise<void> {
    const { folder } = this.#options;
    if (size <= this.#synced) return;
    for (const path of fullTilesBetween(this.#synced, size)) {
      await syncPath(join(logFolder(folder), path));
    }
    await writeSafely(syncedFile(folder), `${size}\n`);
    this.#synced = size;
  }
}

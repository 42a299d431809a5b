/**
 * Deliveries: whole records that are sent to us and cannot be asked for again. Verified, taken apart
 * by the connector, and answered only after the commit that holds every record of them.
 *
 * What is sent twice has the same keys, versions and bytes, so the fence drops it; of two states of
 * one key the later version stands, whichever came first. A record that cannot be used goes to
 * quarantine with its bytes while its neighbours go on; when none can be used the whole delivery is
 * refused, so that its sender learns of it.
 */
import { HeadraceError, type InboundRequest, verifyWebhook } from '@headrace/sdk';
import { type Arrival, limits } from './arrival.js';
import { depthOf } from './depth.js';
import type { EngineSource } from './engine.js';
import type { Planner } from './planner.js';
import type { ReadsUnderWay } from './reads-under-way.js';
import { excerpt } from './sealed-part.js';
import type { StepLoop } from './step-loop.js';
import { ask } from './stream-io.js';
import type { StreamRunner } from './stream-runner.js';

export interface DeliveryCounts {
  /** Records in the journal now, those of earlier deliveries included. */
  readonly accepted: number;
  /** Of these: known already, or older than what is known. */
  readonly duplicates: number;
  /** Records that could not be used; their bytes are kept. */
  readonly quarantined: number;
}

export type DeliveryOutcome =
  | ({ readonly status: 202 } & DeliveryCounts)
  | { readonly status: 401 | 404 | 413 | 503; readonly reason: string };

export interface DeliveryIntakeOptions {
  readonly planner: Planner;
  readonly loop: StepLoop;
  readonly runners: ReadonlyMap<string, StreamRunner>;
  readonly reads: ReadsUnderWay;
  readonly now: () => number;
  /** Commits fail at present, so nothing new can be promised. */
  readonly isRefusing: () => boolean;
  /** Puts the bytes of an oversized record aside; returns the file's name. */
  readonly spill: (source: string, stream: string, bytes: Uint8Array) => Promise<string>;
  readonly at?: (point: string) => void;
}

type Received = { stream: string; bytes: Uint8Array; refused?: { code: string; message: string } };

export class DeliveryIntake {
  readonly #options: DeliveryIntakeOptions;

  constructor(options: DeliveryIntakeOptions) {
    this.#options = options;
  }

  /**
   * @param principal Who was let in by other means than the signature of the source; journaled.
   * @throws `contract` when the delivery, or all of it, cannot be used.
   */
  async receive(
    source: EngineSource | undefined,
    request: InboundRequest,
    principal: string | null,
  ): Promise<DeliveryOutcome> {
    const receive = source?.spec.receive;
    if (source === undefined || receive === undefined) {
      return { status: 404, reason: 'No source of this name takes deliveries.' };
    }
    if (principal === null) {
      const signature = receive.signatureOf?.(source.config as never) ?? receive.signature;
      const secrets = receive.secrets(source.config as never);
      const verified = verifyWebhook(signature, secrets, request, this.#options.now());
      if (!verified.ok) return { status: 401, reason: verified.reason };
    }
    return this.take(source, request.body, principal);
  }

  /** As `receive`, from whoever may put files where deliveries are read. */
  async take(
    source: EngineSource,
    body: Uint8Array,
    principal: string | null = null,
  ): Promise<DeliveryOutcome> {
    const { loop, isRefusing } = this.#options;
    const receive = source.spec.receive;
    if (receive === undefined) return { status: 404, reason: 'The source takes no deliveries.' };
    if (body.byteLength > receive.bytesMax) {
      return { status: 413, reason: `A delivery is larger than ${receive.bytesMax} bytes.` };
    }
    if (loop.refusesSent || isRefusing()) {
      return { status: 503, reason: 'The platform cannot store more right now.' };
    }
    const records = await ask(async () => receive.parse(body, source.config as never));
    const [first] = records;
    if (first?.refused !== undefined && records.every(({ refused }) => refused !== undefined)) {
      throw new HeadraceError('contract', first.refused.message, { code: first.refused.code });
    }
    return { status: 202, ...(await this.#journal(source, records, principal)) };
  }

  async #journal(
    source: EngineSource,
    records: readonly Received[],
    principal: string | null,
  ): Promise<DeliveryCounts> {
    const { planner, loop, reads, now } = this.#options;
    const runners = new Set<StreamRunner>();
    // Told of each record when it is planned, which happens again after a commit that failed.
    const ends: ('new' | 'known' | 'quarantined')[] = [];
    const receivedAt = now();
    const readSeq = planner.takeSeq();
    reads.begin(readSeq);
    try {
      const arrivals: Arrival[] = [];
      for (const [index, record] of records.entries()) {
        const runner = this.#runnerOf(source, record.stream);
        runners.add(runner);
        const shown = runner.shownBy(readSeq);
        arrivals.push({
          ...(await this.#arrivalOf(runner, record)),
          readSeq,
          snapshot: false,
          times: { noticedAt: receivedAt, readAt: null, receivedAt },
          planned(verdict, rowId, key) {
            shown(verdict, rowId, key);
            const isKnown = verdict === 'duplicate' || verdict === 'stale';
            ends[index] = key.startsWith('~') ? 'quarantined' : isKnown ? 'known' : 'new';
          },
        });
      }
      if (principal !== null) {
        const said = { action: 'deliver', principal, source: source.name, records: records.length };
        arrivals.push({ kind: 'entry', entry: 'control', source: '', stream: '', body: said });
      }
      await loop.submitSent(arrivals);
    } finally {
      reads.end(readSeq);
    }
    this.#options.at?.('delivery-durable');
    for (const runner of runners) runner.delivered(receivedAt);
    const count = (what: string) => ends.filter((end) => end === what).length;
    const duplicates = count('known');
    return {
      accepted: count('new') + duplicates,
      duplicates,
      quarantined: count('quarantined'),
    };
  }

  async #arrivalOf(runner: StreamRunner, record: Received) {
    const { runtime } = runner;
    const { bytes, refused } = record;
    const isLarge = bytes.byteLength > limits.recordBytesMax;
    const file = isLarge
      ? await this.#options.spill(runtime.source, runtime.stream, bytes)
      : undefined;
    return {
      kind: 'record' as const,
      stream: runtime,
      bytes: isLarge ? excerpt(bytes) : bytes,
      depth: refused === undefined && !isLarge ? depthOf(bytes) : 1,
      ...(file === undefined ? {} : { spill: file }),
      ...(refused === undefined ? {} : { refused }),
    };
  }

  #runnerOf(source: EngineSource, stream: string): StreamRunner {
    const runner = this.#options.runners.get(`${source.name}/${stream}`);
    if (runner !== undefined) return runner;
    throw new HeadraceError('config', `There is no stream ${source.name}/${stream}.`, {
      code: 'E_NO_STREAM',
      hint: 'The delivery is of a kind that is switched off in the project.',
    });
  }
}

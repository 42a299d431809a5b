/**
 * Signed webhooks: verified, deduplicated by the sender's id, and kept as marks on the keys they
 * name. Answered 202 only after the commit that holds the mark. Notices fetched from a queue go the
 * same way, and are acknowledged then.
 *
 * Delivery ids live in two generations of about a week each; the older one is dropped whole, so
 * nothing grows with history and a redelivery within seven days is always recognised.
 */
import { type Change, type InboundRequest, type Notification, verifyWebhook } from '@headrace/sdk';
import type { StoreReader } from '../storage/index.js';
import type { EngineSource } from './engine.js';
import type { Planner } from './planner.js';
import { isStorableKey } from './prepare.js';
import type { StepLoop } from './step-loop.js';
import type { StreamRunner } from './stream-runner.js';

export type WebhookOutcome =
  | { readonly status: 202; readonly duplicate: boolean }
  | { readonly status: 401 | 404 | 503; readonly reason: string };

export interface WebhookIntakeOptions {
  readonly planner: Planner;
  readonly loop: StepLoop;
  readonly runners: ReadonlyMap<string, StreamRunner>;
  readonly now: () => number;
  /** Commits fail at present, so nothing new can be promised. */
  readonly isRefusing: () => boolean;
}

/** Of each of two generations; a shop that got no answer tries again within seconds. */
const recentIdsMax = 4096;
const eventIdsForMs = 7 * 86_400_000;

export class WebhookIntake {
  readonly #options: WebhookIntakeOptions;
  /** Spares the common case of a prompt redelivery a fetch; the store decides the others. */
  #recentIds = new Set<string>();
  #olderIds = new Set<string>();

  constructor(options: WebhookIntakeOptions) {
    this.#options = options;
  }

  /** Whether deliveries can pass; null where the source takes none. */
  permits(source: EngineSource | undefined): boolean | null {
    const notify = source?.spec.notify;
    if (source === undefined || notify === undefined) return null;
    return notify.secrets(source.config as never).some((secret) => secret !== '');
  }

  async receive(
    source: EngineSource | undefined,
    request: InboundRequest,
  ): Promise<WebhookOutcome> {
    const { loop, isRefusing } = this.#options;
    const notify = source?.spec.notify;
    if (source === undefined || notify === undefined) {
      return { status: 404, reason: 'No source of this name takes webhooks.' };
    }
    const now = this.#options.now();
    const secrets = notify.secrets(source.config as never);
    const signature = notify.signatureOf?.(source.config as never) ?? notify.signature;
    const verified = verifyWebhook(signature, secrets, request, now);
    if (!verified.ok) return { status: 401, reason: verified.reason };
    if (loop.refusesSent || isRefusing()) {
      return { status: 503, reason: 'The platform cannot store more right now.' };
    }
    const { eventId, changes } = notify.parse(request, source.config as never);
    const duplicate = await this.#keep(source.name, eventId ?? verified.eventId, changes, now);
    return { status: 202, duplicate };
  }

  /**
   * Keeps a notice fetched from the source itself; resolves once its marks are durable. While the
   * step is full it waits: what was fetched cannot be turned away.
   */
  async keep(source: string, notice: Notification): Promise<void> {
    await this.#options.loop.submit([]);
    await this.#keep(source, notice.eventId, notice.changes, this.#options.now());
  }

  /** Resolves to whether the source had told of this already. */
  async #keep(
    source: string,
    eventId: string | null,
    changes: readonly Change[],
    now: number,
  ): Promise<boolean> {
    const id = eventId === null ? null : `${source}/${eventId}`;
    let duplicate = id !== null && this.#isRecent(id);
    const marks = duplicate ? [] : this.#mark(source, changes, now);
    await this.#options.loop.submitSent([
      {
        kind: 'effects',
        apply(encoder) {
          for (const mark of marks) encoder.dirty(mark.stream, mark.key, mark.seq, now);
          if (id !== null) encoder.eventId(id);
        },
        eventIds: id === null ? 0 : 1,
        duplicates: (positions) => {
          duplicate ||= positions.length > 0;
        },
      },
    ]);
    return duplicate;
  }

  #isRecent(id: string): boolean {
    if (this.#recentIds.has(id) || this.#olderIds.has(id)) return true;
    this.#recentIds.add(id);
    if (this.#recentIds.size > recentIdsMax) {
      this.#olderIds = this.#recentIds;
      this.#recentIds = new Set();
    }
    return false;
  }

  #mark(source: string, changes: readonly Change[], now: number) {
    const marks: { readonly stream: string; readonly key: string; readonly seq: number }[] = [];
    for (const change of changes) {
      const runner = this.#options.runners.get(`${source}/${change.stream}`);
      // Keys that cannot be asked for come with polls and passes; a mark on them would stay.
      if (runner?.isAsked !== true || !isStorableKey(change.key)) continue;
      const seq = this.#options.planner.takeSeq();
      runner.dirty.mark(change.key, { seq, noticedAt: now });
      marks.push({ stream: runner.name, key: change.key, seq });
    }
    return marks;
  }
}

/** Starts a new generation of delivery ids when the present one is a week old. */
export async function rotateEventIds(
  loop: StepLoop,
  reader: StoreReader,
  now: number,
): Promise<void> {
  const since = reader.meta('event-ids-since');
  const started = since === undefined ? null : Number(Buffer.from(since).toString());
  if (started !== null && now - started < eventIdsForMs) return;
  await loop.submit([
    {
      kind: 'effects',
      apply(encoder) {
        if (started !== null) {
          encoder.run('DROP TABLE event_id_previous', []);
          encoder.run('ALTER TABLE event_id_current RENAME TO event_id_previous', []);
          encoder.run('CREATE TABLE event_id_current (id TEXT PRIMARY KEY) WITHOUT ROWID', []);
        }
        encoder.meta('event-ids-since', Buffer.from(String(now)));
      },
    },
  ]);
}

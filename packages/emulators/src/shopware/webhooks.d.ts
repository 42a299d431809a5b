import type { Clock } from '../clock.js';
import type { FaultPort } from './fault-port.js';
import type { IdCodec } from './ids.js';
import type { ListRow } from './table.js';
/**
 * Outgoing webhooks. At least once and first in, first out as far as possible:
 *
 *   queued -> sent -> (2xx) done
 *                  -> (else) waiting 5 s, 30 s, 5 min, 30 min, 4 h -> sent ... -> failed
 *
 * Ten errors in a row switch the webhook off, and what happens while it is off is not queued:
 * the receiver has to reconcile by reading.
 */
export interface WebhookRow extends ListRow {
  name: string;
  eventName: string;
  url: string;
  onlyLiveVersion: boolean;
  errorCount: number;
  active: boolean;
}
export interface WebhookEvent {
  readonly name: string;
  readonly payload: unknown;
  /** Primary key of what it is about, for the truth log. */
  readonly key: string;
}
export interface WebhookCounters {
  queued: number;
  delivered: number;
  failed: number;
  retried: number;
}
export interface WebhookOptions {
  readonly clock: Clock;
  readonly ids: IdCodec;
  readonly faults: FaultPort;
  readonly secret: string;
  readonly version: string;
  readonly shopId: string;
  readonly shopUrl: () => string;
  readonly languageId: string;
}
export declare const RETRY_DELAYS_MS: number[];
export declare const ERRORS_TO_DISABLE = 10;
export declare class WebhookDispatcher {
  readonly rows: WebhookRow[];
  readonly counters: WebhookCounters;
  private readonly options;
  private readonly agent;
  private readonly cancellations;
  private queue;
  private head;
  private running;
  private sequence;
  private held;
  private isClosed;
  constructor(options: WebhookOptions);
  hasSubscriber(event: string): boolean;
  /** Waiting or on its way, retries apart. */
  get pending(): number;
  emit(event: WebhookEvent): void;
  close(): void;
  private admit;
  private release;
  private later;
  private push;
  private pump;
  private succeed;
  private fail;
  private send;
}

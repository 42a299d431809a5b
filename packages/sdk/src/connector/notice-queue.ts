import type { InboundRequest } from './connector.js';

/**
 * A queue at the source that keeps each notice until it is acknowledged. The platform fetches from
 * it, so that a network nothing can be pushed into learns of changes as soon.
 */
export interface NoticeQueue {
  /** How long an empty queue is left alone at most, in ms. */
  readonly everyMs: number;
  /**
   * At most `max` notices, asked for side by side; none when the queue is empty. What is not
   * acknowledged must come again, here or at the next start.
   */
  take(max: number): Promise<readonly QueuedNotice[]>;
}

export interface QueuedNotice {
  /** As `NotifySpec.parse` takes it. Nothing is verified: the connection was ours. */
  readonly request: InboundRequest;
  /** Called once its marks are durable. The queue may then forget it. */
  acknowledge(): Promise<void>;
}

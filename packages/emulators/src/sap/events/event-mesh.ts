import type { RequestListener } from 'node:http';
import type { Clock } from '../../clock.js';
import type { AuthOptions } from '../../odata/auth.js';
import type { FaultPort, RequestTarget } from '../../shopware/fault-port.js';
import {
  type BusinessEvent,
  type CloudEvent,
  createEventIds,
  isSubscribed,
  toCloudEvent,
} from './cloud-event.js';
import { createMessageQueue, type MessageQueue } from './message-queue.js';
import { createMessagingListener } from './messaging-rest.js';
import { createPushQueue, type PushCounters, type PushQueue } from './push-queue.js';
import { createWebhookCaller, type WebhookAuth } from './webhook.js';

/**
 * The broker between S/4HANA and who listens: events go to webhooks, or wait in queues until they
 * are fetched. Each arrives at least once, in no promised order.
 */

export interface WebhookSubscription {
  readonly name: string;
  readonly url: string;
  readonly auth?: WebhookAuth;
  /** Event types, where `*` at the end stands for anything; all when left out. */
  readonly types?: readonly string[];
  /** Ask the receiver first; a receiver that does not answer the question gets nothing. */
  readonly hasHandshake?: boolean;
}

export interface QueueSubscription {
  /** May hold slashes: `headrace/orders`. */
  readonly name: string;
  readonly types?: readonly string[];
}

export interface EventMeshOptions {
  readonly clock: Clock;
  readonly faults: FaultPort;
  /** Makes ids and signs tokens. */
  readonly secret: string;
  /** Number of the sending system, the last part of an event's source. */
  readonly systemId: string;
  /** Of this broker, shown in the handshake. */
  readonly origin?: string;
  /** Who may fetch from queues; anybody when left out. */
  readonly auth?: AuthOptions;
  readonly onCall?: (target: RequestTarget) => void;
}

export interface WebhookState extends PushCounters {
  readonly name: string;
  readonly url: string;
  readonly state: PushQueue['state'];
  readonly waiting: number;
}

export interface EventMesh {
  readonly publish: (event: BusinessEvent) => void;
  readonly subscribe: (subscription: WebhookSubscription) => void;
  readonly unsubscribe: (name: string) => boolean;
  /** Sends again what is waiting, also to a webhook that was switched off. */
  readonly resume: (name: string) => boolean;
  readonly createQueue: (subscription: QueueSubscription) => MessageQueue;
  readonly webhooks: () => readonly WebhookState[];
  /** Token endpoint and `/messagingrest/v1/queues/…`. */
  readonly listener: RequestListener;
  readonly close: () => void;
}

export const createEventMesh = (options: EventMeshOptions): EventMesh => {
  const { clock, faults, systemId } = options;
  const caller = createWebhookCaller(clock, options.origin ?? 'eventmesh.s4h.example');
  const nextId = createEventIds(options.secret);
  const pushes = new Map<
    string,
    { readonly subscription: WebhookSubscription; readonly queue: PushQueue }
  >();
  const queues = new Map<
    string,
    { readonly subscription: QueueSubscription; readonly queue: MessageQueue }
  >();

  const keyOf = (event: CloudEvent): string => Object.values(event.data).join('/');

  return {
    publish: (event) => {
      const made = toCloudEvent(event, systemId, nextId(), clock.now());
      for (const { subscription, queue } of pushes.values()) {
        if (!isSubscribed(subscription.types, made.type)) continue;
        queue.admit(made, faults.onWebhook(made.type, made.id, keyOf(made)));
      }
      for (const { subscription, queue } of queues.values()) {
        if (isSubscribed(subscription.types, made.type))
          queue.put(made, faults.onWebhook(made.type, made.id, keyOf(made)));
      }
    },
    subscribe: (subscription) => {
      pushes.get(subscription.name)?.queue.close();
      const target = {
        url: subscription.url,
        auth: subscription.auth ?? { kind: 'none' as const },
      };
      const queue = createPushQueue({
        clock,
        deliver: (event) => caller.deliver(target, event),
        ...(subscription.hasHandshake === true
          ? { handshake: () => caller.handshake(target) }
          : {}),
      });
      pushes.set(subscription.name, { subscription, queue });
    },
    unsubscribe: (name) => {
      pushes.get(name)?.queue.close();
      return pushes.delete(name);
    },
    resume: (name) => {
      const push = pushes.get(name);
      push?.queue.resume();
      return push !== undefined;
    },
    createQueue: (subscription) => {
      const queue = createMessageQueue(clock);
      queues.set(subscription.name, { subscription, queue });
      return queue;
    },
    webhooks: () =>
      [...pushes.values()].map(({ subscription, queue }) => ({
        name: subscription.name,
        url: subscription.url,
        state: queue.state,
        waiting: queue.waiting,
        ...queue.counters,
      })),
    listener: createMessagingListener({
      clock,
      faults,
      secret: options.secret,
      queueOf: (name) => queues.get(name)?.queue,
      onCall: options.onCall ?? (() => undefined),
      ...(options.auth === undefined ? {} : { auth: options.auth }),
    }),
    close: () => {
      for (const { queue } of pushes.values()) queue.close();
      caller.close();
    },
  };
};

import { createHmac } from 'node:crypto';

/**
 * Business events as S/4HANA raises them: CloudEvents 1.0 with the key of what changed and
 * nothing else. What it is now has to be read.
 */

export interface BusinessEvent {
  /** `sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1` */
  readonly type: string;
  /** Key fields by name, such as `{ SalesOrder: '1' }`. */
  readonly data: Readonly<Record<string, string>>;
  /** When it happened; now when left out. */
  readonly atMs?: number;
}

/** Structured mode: attributes and data in one JSON object. */
export interface CloudEvent {
  readonly type: string;
  readonly specversion: '1.0';
  readonly source: string;
  readonly id: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, string>>;
}

export const CLOUD_EVENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/** The type of what happened to an object: `eventType('SalesOrder', 'Changed')`. */
export const eventType = (object: string, action: string): string =>
  `sap.s4.beh.${object.toLowerCase()}.v1.${object}.${action}.v1`;

/** The same event has the same id for the same seed, so that runs repeat. */
export const createEventIds = (secret: string): (() => string) => {
  let made = 0;
  return () => {
    made++;
    const hex = createHmac('sha256', secret).update(`event ${made}`).digest('hex');
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      hex.slice(12, 16),
      hex.slice(16, 20),
      hex.slice(20, 32),
    ].join('-');
  };
};

export const toCloudEvent = (
  event: BusinessEvent,
  systemId: string,
  id: string,
  nowMs: number,
): CloudEvent => ({
  type: event.type,
  specversion: '1.0',
  source: `/default/sap.s4.beh/${systemId}`,
  id,
  // Whole seconds: the time of an event cannot tell two changes in one second apart.
  time: `${new Date(event.atMs ?? nowMs).toISOString().slice(0, 19)}Z`,
  datacontenttype: 'application/json',
  data: event.data,
});

/** `sap.s4.beh.salesorder.*` takes all events of sales orders, `*` takes all. */
export const isSubscribed = (patterns: readonly string[] | undefined, type: string): boolean =>
  patterns === undefined ||
  patterns.some((pattern) =>
    pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type,
  );

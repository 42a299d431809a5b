/** Deliveries as a shop sends them: signed bodies in ready-made HTTP requests, a few of them twice. */
import { createHmac } from 'node:crypto';
import { mix, type Seeded } from '../shared/seeded.js';

export const webhookSecret = 'bench-webhook-secret';
export const webhookPath = '/v1/webhooks/shop';

export interface Delivery {
  readonly request: Buffer;
  /** Number of its event; redeliveries share it. */
  readonly event: number;
}

export interface DeliveryShares {
  readonly redelivered: number;
  /** Redeliveries repeat one of this many events before. */
  readonly recentSpan: number;
  /** Products that change, over and over. */
  readonly products: number;
}

export function productIdOf(event: number, products: number): string {
  return hex32(mix(event) % products, 'a1');
}

export function eventIdOf(event: number): string {
  return hex32(event, 'e7');
}

/** Makes `count` deliveries; event numbers go on from `firstEvent`. */
export function makeDeliveries(
  count: number,
  firstEvent: number,
  shares: DeliveryShares,
  random: Seeded,
  nowMs: number,
): Delivery[] {
  const deliveries: Delivery[] = [];
  let event = firstEvent;
  while (deliveries.length < count) {
    if (random.next() < shares.redelivered && event > firstEvent) {
      const span = Math.min(shares.recentSpan, deliveries.length);
      deliveries.push(deliveries[deliveries.length - 1 - random.below(span)] as Delivery);
    } else {
      deliveries.push({ event, request: requestOf(event, shares.products, nowMs) });
      event += 1;
    }
  }
  return deliveries;
}

function requestOf(event: number, products: number, nowMs: number): Buffer {
  const eventId = eventIdOf(event);
  const body = JSON.stringify({
    data: {
      payload: [
        {
          entity: 'product',
          operation: 'update',
          primaryKey: productIdOf(event, products),
          updatedFields: ['price', 'stock', 'availableStock', 'updatedAt', 'name', 'active'],
          versionId: '0fa91ce3e96a4bc2be4bd9ce752c3425',
        },
      ],
      event: 'product.written',
    },
    source: {
      url: 'https://shop.example.org',
      appVersion: '6.6.10.3',
      shopId: 'aB3dE5fG7hI9jK1l',
      action: 'product.written',
      eventId,
    },
    timestamp: Math.floor(nowMs / 1000),
  });
  const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
  return Buffer.from(
    [
      `POST ${webhookPath} HTTP/1.1`,
      'host: 127.0.0.1',
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      `shopware-shop-signature: ${signature}`,
      `x-shopware-event-id: ${eventId}`,
      `x-shopware-sequence: ${event}`,
      'sw-version: 6.6.10.3',
      '',
      body,
    ].join('\r\n'),
  );
}

function hex32(number: number, prefix: string): string {
  return prefix + number.toString(16).padStart(30, '0');
}

import { z } from 'zod';

// Closed lists a system's own states are mapped to. `unknown` is for a state the mapping does not
// know yet; what the system said always stands beside it as `rawState`, so nothing is lost.

/** Where an order is in its life. */
export const orderStates = z.enum([
  'draft',
  'pending',
  'confirmed',
  'on-hold',
  'in-fulfilment',
  'partly-shipped',
  'shipped',
  'delivered',
  'completed',
  'cancelled',
  'unknown',
]);

/** Where a line of an order is. */
export const orderLineStates = z.enum([
  'pending',
  'confirmed',
  'backordered',
  'allocated',
  'picked',
  'partly-shipped',
  'shipped',
  'delivered',
  'returned',
  'cancelled',
  'unknown',
]);

/** Where a shipment or parcel is. */
export const deliveryStates = z.enum([
  'planned',
  'picking',
  'packed',
  'handed-over',
  'in-transit',
  'out-for-delivery',
  'ready-for-collection',
  'delivered',
  'delayed',
  'failed-attempt',
  'lost',
  'damaged',
  'returned-to-sender',
  'cancelled',
  'unknown',
]);

/** Where a return is. */
export const returnStates = z.enum([
  'requested',
  'approved',
  'rejected',
  'in-transit',
  'received',
  'inspected',
  'refunded',
  'exchanged',
  'closed',
  'cancelled',
  'unknown',
]);

/** Where a payment is. */
export const paymentStates = z.enum([
  'open',
  'authorized',
  'partly-paid',
  'paid',
  'partly-refunded',
  'refunded',
  'failed',
  'expired',
  'cancelled',
  'charged-back',
  'unknown',
]);

/** Where a refund is. */
export const refundStates = z.enum(['open', 'pending', 'paid', 'failed', 'cancelled', 'unknown']);

/** Why goods come back. */
export const returnReasons = z.enum([
  'too-small',
  'too-large',
  'size',
  'damaged',
  'defective',
  'late',
  'not-as-described',
  'changed-mind',
  'wrong-item',
  'ordered-several',
  'undeliverable',
  'other',
]);

/** What becomes of goods that came back. */
export const returnDispositions = z.enum([
  'resell',
  'resell-reduced',
  'repair',
  'return-to-supplier',
  'dispose',
  'undecided',
]);

/** Why an order or line was cancelled. */
export const cancelReasons = z.enum([
  'customer',
  'out-of-stock',
  'payment',
  'fraud',
  'price-error',
  'address',
  'other',
]);

/** Where a variant or product is in its life. */
export const lifecycleStates = z.enum([
  'planned',
  'active',
  'phase-out',
  'discontinued',
  'blocked',
  'unknown',
]);

/** Where a purchase order or its line is. */
export const purchaseStates = z.enum([
  'draft',
  'ordered',
  'confirmed',
  'in-transit',
  'partly-received',
  'received',
  'closed',
  'cancelled',
  'unknown',
]);

/** How an offer can be had; the states of schema.org ItemAvailability. */
export const availabilities = z.enum([
  'back-order',
  'discontinued',
  'in-stock',
  'in-store-only',
  'limited-availability',
  'made-to-order',
  'online-only',
  'out-of-stock',
  'pre-order',
  'pre-sale',
  'reserved',
  'sold-out',
]);

/** Why stock moved. */
export const movementTypes = z.enum([
  'receipt',
  'pick',
  'adjust',
  'return',
  'transfer',
  'scrap',
  'count',
  'sale',
  'other',
]);

/** Where a campaign or promotion is. */
export const campaignStates = z.enum([
  'draft',
  'scheduled',
  'running',
  'paused',
  'ended',
  'cancelled',
  'unknown',
]);

/** Where a send to one recipient is; each includes those before it. */
export const sendStates = z.enum([
  'queued',
  'sent',
  'delivered',
  'opened',
  'clicked',
  'converted',
  'bounced',
  'unsubscribed',
  'complained',
  'suppressed',
  'unknown',
]);

/** Where a service case is. */
export const interactionStates = z.enum(['open', 'waiting', 'solved', 'closed', 'unknown']);

/** Whether a price includes tax. */
export const priceBases = z.enum(['net', 'gross']);

/** What the gate said about a prediction. */
export const gateStates = z.enum(['serve', 'serve-flagged', 'fallback', 'hold']);

/** The e-commerce event names of the Segment specification, kept to the letter. */
export const behaviourEventNames = z.enum([
  'Products Searched',
  'Product List Viewed',
  'Product List Filtered',
  'Promotion Viewed',
  'Promotion Clicked',
  'Product Clicked',
  'Product Viewed',
  'Product Added',
  'Product Removed',
  'Cart Viewed',
  'Checkout Started',
  'Checkout Step Viewed',
  'Checkout Step Completed',
  'Payment Info Entered',
  'Order Completed',
  'Order Updated',
  'Order Refunded',
  'Order Cancelled',
  'Coupon Entered',
  'Coupon Applied',
  'Coupon Denied',
  'Coupon Removed',
  'Product Added to Wishlist',
  'Product Removed from Wishlist',
  'Wishlist Product Added to Cart',
  'Product Shared',
  'Cart Shared',
  'Product Reviewed',
  'Page Viewed',
  'Other',
]);

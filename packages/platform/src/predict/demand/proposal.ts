/**
 * What is to be bought of one variant for one place, from its predicted demand, what lies there and what
 * is on its way. Pure.
 *
 *   absent ─(too little)─▶ proposed, cycle n ─(enough again)─▶ settled, cycle n ─(too little)─▶ proposed, n + 1
 *
 * A cycle is bought once: whoever carries it out names its order after variant, place and cycle. While a
 * cycle is open, its quantity is stated anew once a day at most, for what is short moves with each order.
 */
import { addDays, type JsonObject } from '@headrace/sdk';

/** Version of this calculation, part of the decision. */
export const purchasePolicy = 'demand-purchase/1';

export interface Cover {
  readonly sku: string;
  readonly location: string;
  /** Expected over the horizon, and by how much one day may be above its value. */
  readonly horizonMicros: number;
  readonly marginMicros: number;
  readonly horizonDays: number;
  /** What lies in all places and is free, and what was ordered and has not come. */
  readonly availableMicros: number;
  readonly onOrderMicros: number;
  readonly unit: string;
  /** Who it was last ordered from. */
  readonly supplierId: string | null;
  /** First day of the horizon. */
  readonly date: string;
}

/** What was decided last, as stated. */
export interface Decided {
  readonly quantity: { readonly value: string; readonly unit: string };
  readonly cycle: string;
  readonly decidedFor: string;
}

export interface Basis {
  readonly predictionId: string;
  readonly gate: string;
  readonly at: number;
}

export function decisionId(sku: string, location: string): string {
  return `purchase:${sku}:${location}`;
}

/** Canonical fields of the decision, or null where what was decided stands. */
export function purchaseDecision(
  cover: Cover,
  last: Decided | null,
  basis: Basis,
): JsonObject | null {
  const { sku, location, date, unit } = cover;
  const short = shortOf(cover);
  const wasOpen = last !== null && last.quantity.value !== '0';
  if (short === 0 && !wasOpen) return null;
  if (short > 0 && wasOpen) {
    const isSame = last.quantity.value === String(short) && last.quantity.unit === unit;
    if (isSame || last.decidedFor === date) return null;
  }
  const cycle = Number(last?.cycle ?? 0) + (wasOpen ? 0 : 1);
  return {
    decisionId: decisionId(sku, location),
    predictionId: basis.predictionId,
    useCase: 'demand',
    entity: 'variant',
    entityKey: sku,
    action: 'purchase',
    parameters: {
      ...{ sku, location, quantity: { value: String(short), unit } },
      ...{ cycle: String(cycle), decidedFor: date, neededOn: neededOn(cover) },
      ...(cover.supplierId === null ? {} : { supplierId: cover.supplierId }),
      why: whyOf(cover, short),
    },
    gateState: basis.gate,
    isAutomatic: true,
    decidedBy: 'policy',
    policyVersion: purchasePolicy,
    decidedAt: new Date(basis.at).toISOString(),
  };
}

/** Whole units that are missing. */
function shortOf(cover: Cover): number {
  const { horizonMicros, marginMicros, availableMicros, onOrderMicros } = cover;
  const missing = horizonMicros + marginMicros - availableMicros - onOrderMicros;
  return Math.max(0, Math.ceil(missing / 1e6));
}

/** The day on which what is there and comes is used up, at the pace of the horizon. */
function neededOn({
  horizonMicros,
  horizonDays,
  availableMicros,
  onOrderMicros,
  date,
}: Cover): string {
  const there = Math.max(0, availableMicros + onOrderMicros);
  const days =
    horizonMicros === 0 ? horizonDays : Math.floor((there * horizonDays) / horizonMicros);
  return addDays(date, Math.min(days, horizonDays));
}

function whyOf(cover: Cover, short: number): string {
  const units = (micros: number) => String(micros / 1e6);
  const { horizonMicros, marginMicros, horizonDays, availableMicros, onOrderMicros } = cover;
  const sum =
    `${units(horizonMicros)} expected in ${horizonDays} days and ${units(marginMicros)} as margin; ` +
    `${units(availableMicros)} there, ${units(onOrderMicros)} on order`;
  return short === 0 ? `Enough: ${sum}.` : `${short} short: ${sum}.`;
}

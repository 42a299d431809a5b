/**
 * What a row adds to a view: nothing, or one contribution. Pure, so that the same row always adds
 * the same, and what it added can be taken back by computing it again.
 */
import { epochMs, isInstant, type JsonObject } from '@headrace/sdk';
import { type FeatureView, featureKey } from './definition.js';
import type { Encoded } from './measures.js';

export interface Contribution {
  readonly key: string;
  /** When it became true. */
  readonly eventAt: number;
  /** The date windows lie over: `eventAt`, or that of `over`. */
  readonly at: number;
  /** The measures, in the order of the view's aggregates, as JSON. */
  readonly value: string;
}

/** Why a row that counts adds nothing. */
export type Refusal = 'undated' | 'failed';

/** @param changedAt When the source changed the row, for views that name no date of their own. */
export function contributionOf(
  view: FeatureView,
  fields: JsonObject,
  changedAt: number,
  source: string | null,
): Contribution | Refusal | null {
  const row = fields as never;
  try {
    if (view.where !== null && view.where(row, { source }) !== true) return null;
    const parts = view.key === null ? fields : view.key(row);
    if (view.of.parts.some((part) => isEmpty(parts[part]))) return null;
    const eventAt = view.at === null ? changedAt : instantOf(view.at(row));
    const at = view.over === null ? eventAt : instantOf(view.over(row));
    if (eventAt === null || at === null) return 'undated';
    const measures = view.aggregates.map((aggregate): Encoded => aggregate.pick(row));
    return { key: featureKey(view.of, parts), eventAt, at, value: JSON.stringify(measures) };
  } catch {
    // A view is a user's code and a row is a stranger's data: this one does not count, others do.
    return 'failed';
  }
}

export function isSameContribution(left: Contribution | null, right: Contribution | null): boolean {
  if (left === null || right === null) return left === right;
  return (
    left.key === right.key &&
    left.at === right.at &&
    left.eventAt === right.eventAt &&
    left.value === right.value
  );
}

function isEmpty(part: unknown): boolean {
  return part === undefined || part === null || part === '';
}

function instantOf(text: string | null | undefined): number | null {
  return typeof text === 'string' && isInstant(text) ? epochMs(text) : null;
}

/** Rows of a few batches; then all is forgotten. */
const rememberedMax = 4096;

/**
 * What a row adds is asked for when its keys are declared and again when it is planned, and costs
 * more than anything else in the fold. Remembered by the row's fields as an object, which nobody changes.
 */
export function rememberedContributions(): typeof contributionOf {
  const made = new Map<
    JsonObject,
    Map<FeatureView, { changedAt: number; source: string | null; it: Made }>
  >();
  return (view, fields, changedAt, source) => {
    let byView = made.get(fields);
    if (byView === undefined) {
      if (made.size >= rememberedMax) made.clear();
      byView = new Map();
      made.set(fields, byView);
    }
    const found = byView.get(view);
    if (found !== undefined && found.changedAt === changedAt && found.source === source) {
      return found.it;
    }
    const it = contributionOf(view, fields, changedAt, source);
    byView.set(view, { changedAt, source, it });
    return it;
  };
}

type Made = ReturnType<typeof contributionOf>;

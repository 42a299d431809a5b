/**
 * What lines came to, kept with them. Most keys have no line at the tail of a window, and then come to the
 * same when it has moved on.
 */
import { isSeries } from './aggregates.js';
import type { Feature, FeatureView } from './definition.js';
import {
  type Edges,
  type Evaluation,
  edgesOf,
  evaluate,
  firstAfter,
  type Line,
  type Question,
} from './evaluate.js';

/** What lines come to, for as long as no window's tail has passed a line and no further line is of the past. */
interface Standing {
  readonly evaluation: Evaluation;
  readonly edges: Edges;
  readonly from: number;
  /** When the next line counts: its date, or when it became true by a clock that is ahead of ours. */
  readonly until: number;
}

export interface KeptStanding {
  last: Standing | null;
}

/**
 * As `evaluate`, for a view that looks back and lines all of which the question may know; `kept`, where there is
 * one, holds what they came to before. Where the tails of its windows have passed no line since, a walk would end
 * the same.
 */
export function evaluateKept(
  view: FeatureView,
  lines: readonly Line[],
  question: Question,
  zone: string,
  kept?: KeptStanding,
): Evaluation {
  if (kept === undefined) return evaluate(view, lines, question, zone);
  const { t } = question;
  const { last } = kept;
  const edges = edgesOf(view, t, zone);
  if (last !== null && last.from <= t && t < last.until) {
    if (last.edges === edges) return last.evaluation;
    if (isNothingBetween(view, lines, last.edges, edges)) {
      kept.last = { ...last, edges };
      return last.evaluation;
    }
  }
  const evaluation = evaluate(view, lines, question, zone);
  let until = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    // Kept, it would stay in memory as long as the key does, and is asked for again only when a window moves.
    line.measures = null;
    const countsFrom = Math.max(line.at, line.eventAt);
    if (countsFrom > t && countsFrom < until) until = countsFrom;
  }
  kept.last = { evaluation, edges, from: t, until };
  return evaluation;
}

/** Whether no window's tail passed a line on its way from one edge to the other. */
function isNothingBetween(
  view: FeatureView,
  lines: readonly Line[],
  before: Edges,
  after: Edges,
): boolean {
  const from = new Float64Array(before.length);
  for (const { place, at } of before) from[place] = at;
  let [checkedLow, checkedHigh] = [Number.NaN, Number.NaN];
  for (const { place, at } of after) {
    const [low, high] = [Math.min(from[place] as number, at), Math.max(from[place] as number, at)];
    if (low === high) continue;
    // Its values stand for stretches of time, and have moved by one.
    if (isSeries((view.features[place] as Feature).aggregate)) return false;
    // Values of one window follow each other.
    if (low === checkedLow && high === checkedHigh) continue;
    if (firstAfter(lines, low - 1) !== firstAfter(lines, high - 1)) return false;
    [checkedLow, checkedHigh] = [low, high];
  }
  return true;
}

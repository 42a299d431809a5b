/**
 * What the view says of many keys at one (T, K): demand of whole days, the last of them yesterday.
 * Only lines of the days that count are read, whatever else the view is made of; what was not known
 * at K is left out by the same `evaluate` that answers features.
 */
import { HeadraceError } from '@headrace/sdk';
import {
  allKeys,
  evaluate,
  type FeatureReader,
  type FeatureView,
  isSeries,
  type Question,
} from '../../features/index.js';

/** The view and the value that demand is read from; `commerceFeatures` has both. */
export const demandView = 'demand';
export const demandSeries = 'daily';

export interface DemandHistory {
  readonly key: string;
  /** Of whole days, millionths of a unit; the first is the day of the first order where that is later. */
  readonly daysMicros: readonly number[];
  /** Null, or why there is nothing to predict from. */
  readonly problem: string | null;
}

export class DemandHistories {
  readonly view: FeatureView;
  readonly #reader: FeatureReader;
  readonly #daily: FeatureView;

  constructor(reader: FeatureReader) {
    this.#reader = reader;
    this.view = viewIn(reader);
    this.#daily = dailyOf(this.view);
  }

  /** Every key that was ever asked for. */
  keys(): Iterable<string> {
    return allKeys(this.#reader, this.view);
  }

  /** Whether anything was ever asked for under this key. */
  isKnown(key: string): boolean {
    return this.#reader.lines.ownersOf(this.view, [key]).size > 0;
  }

  /** Histories of the keys that were known, one after the other, so that a caller can pause between. */
  *of(keys: readonly string[], question: Question): Iterable<DemandHistory> {
    const owners = this.#reader.lines.ownersOf(this.view, keys);
    for (const key of keys) {
      const owner = owners.get(key);
      const found = owner === undefined ? null : this.#read(key, owner, question);
      if (found !== null) yield found;
    }
  }

  #read(key: string, owner: number, question: Question): DemandHistory | null {
    const { lines } = this.#reader;
    const zone = this.#reader.zoneOf(this.view, key);
    const [from, to] = this.#reader.span(this.#daily, key, question.t);
    const own = lines.load([owner], from, to);
    const { values, feeds } = evaluate(this.#daily, own, question, zone);
    const older = lines.older([owner], from, question, this.view.importLagMs);
    if (older === null && feeds.size === 0) return null;
    const micros = wholeDaysOf(values.list[0] ?? null);
    if (micros === null) {
      const problem = 'Its order lines are in several units, which do not add up.';
      return { key, daysMicros: [], problem };
    }
    const first = older === null ? firstDay(micros) : 0;
    return { key, daysMicros: micros.slice(first), problem: null };
  }
}

/** The view with the series alone: what else it holds asks for lines of years. */
export function dailyOf(view: FeatureView): FeatureView {
  return { ...view, features: view.features.filter(({ name }) => name === demandSeries) };
}

/** The series as millionths, without the day that is not over, which says too little; null for no series. */
export function wholeDaysOf(series: unknown): readonly number[] | null {
  if (!Array.isArray(series)) return null;
  return series.slice(0, -1).map((units) => Math.round(Number(units) * 1e6));
}

/** Before its first order a variant was not on sale: those days say nothing of its demand. */
function firstDay(micros: readonly number[]): number {
  const first = micros.findIndex((units) => units !== 0);
  return first === -1 ? micros.length : first;
}

function viewIn(reader: FeatureReader): FeatureView {
  const found = reader.definitions.find(({ name }) => name === demandView);
  const problem = demandViewProblem(found);
  if (found?.kind === 'view' && problem === null) return found;
  throw new HeadraceError('config', problem ?? 'There is no view of demand.', {
    code: 'E_PROJECT',
    hint: 'List `commerceFeatures({ currency })` under `features` in headrace.config.ts.',
  });
}

/** Null when the view can be predicted from. */
export function demandViewProblem(
  found: { readonly kind: string; readonly features?: FeatureView['features'] } | undefined,
): string | null {
  const series = found?.features?.find(({ name }) => name === demandSeries);
  const isDaily =
    series !== undefined &&
    isSeries(series.aggregate) &&
    series.aggregate.windows[0]?.hopMs === 0 &&
    series.aggregate.size >= daysWanted;
  if (isDaily) return null;
  return `needs the view ${demandView} with a series ${demandSeries} of ${daysWanted} days, as commerceFeatures has it`;
}

/** Three weeks of residuals, a week before them, and the day that is not over. */
const daysWanted = 28;

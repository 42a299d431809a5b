/** What a state of an aggregate comes to. */
import type { AnyAggregate, State } from './aggregates.js';
import { plainOf, unscaled, type Whole } from './measures.js';
import { bucketBefore, bucketStart } from './windows.js';

export type Plain = string | number | boolean | null;
export type FeaturePlain = Plain | readonly Plain[];

/** The value; null where there is nothing to say, or nothing that may be said. */
export function finish(
  aggregate: AnyAggregate,
  state: State,
  at: number,
  zone: string,
): FeaturePlain {
  switch (aggregate.kind) {
    case 'count':
      return state.count;
    case 'sum': {
      const micros = oneSum(aggregate, state);
      return micros === null ? null : unscaled(micros);
    }
    case 'avg': {
      const micros = oneSum(aggregate, state);
      return micros === null || state.count === 0 ? null : unscaled(micros) / state.count;
    }
    case 'min':
      return state.low === null || oneSum(aggregate, state) === null ? null : unscaled(state.low);
    case 'max':
      return state.high === null || oneSum(aggregate, state) === null ? null : unscaled(state.high);
    case 'variance':
      return varianceOf(aggregate, state);
    case 'deviation': {
      const squared = varianceOf(aggregate, state);
      return squared === null ? null : Math.sqrt(squared);
    }
    case 'first':
    case 'last':
      return state.told[0] === undefined ? null : plainOf(state.told[0].encoded);
    case 'lastN':
      return state.told.map((told) => plainOf(told.encoded));
    case 'series':
      return seriesOf(aggregate, state, at, zone);
  }
}

/** The sum when all of it is of one unit, and of the one that was asked for. */
function oneSum(aggregate: AnyAggregate, state: State): Whole | null {
  if (state.isMixed) return null;
  if (state.unit === null || aggregate.unit === null || aggregate.unit === state.unit) {
    return state.sum;
  }
  return null;
}

function varianceOf(aggregate: AnyAggregate, state: State): number | null {
  const micros = oneSum(aggregate, state);
  if (micros === null || state.count < 2) return null;
  // Exact up to the one division: n·Σx² − (Σx)² in whole numbers.
  const size = BigInt(state.count);
  const above = size * BigInt(state.squares) - BigInt(micros) * BigInt(micros);
  return Number(above) / (Number(size * (size - 1n)) * 1e12);
}

function seriesOf(
  aggregate: AnyAggregate,
  state: State,
  at: number,
  zone: string,
): readonly Plain[] | null {
  if (oneSum(aggregate, state) === null) return null;
  const hopMs = aggregate.windows[0]?.hopMs ?? 0;
  const newest = bucketStart(hopMs, at, zone);
  return Array.from({ length: aggregate.size }, (_, index) => {
    const start = bucketBefore(hopMs, newest, aggregate.size - 1 - index, zone);
    return unscaled(state.buckets?.get(start) ?? 0);
  });
}

/** What is to be bought, stated where it is other than what was stated last. */
import { businessDate, type Clock } from '@headrace/sdk';
import type { Arrival, Engine } from '../../engine/index.js';
import { decisionStream, ownSource } from '../../entities/index.js';
import type { FeatureReader } from '../../features/index.js';
import type { WatchedStream } from '../../quality/index.js';
import { doubtsIn, type Gated } from '../gate.js';
import { chunksOf, type Slice, storedOf } from '../keys.js';
import { predictionId } from '../prediction.js';
import { decisionId, purchaseDecision } from './proposal.js';
import { decidedOf, supplyOf } from './supply.js';

export interface DecideOptions {
  readonly engine: Pick<Engine, 'reader' | 'durableEnd'>;
  readonly features: FeatureReader;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly needed: readonly WatchedStream[];
  readonly location: string;
  readonly slice: Slice;
}

/** Decisions on these keys, as entries to journal. A prediction that would not be served decides nothing. */
export async function decisionsOn(
  { engine, features, clock, timeZone, needed, location, slice }: DecideOptions,
  useCase: string,
  { verdict }: Gated,
  keys: readonly string[],
): Promise<readonly Arrival[]> {
  const { reader } = engine;
  const t = clock.now();
  const question = { t, known: { k: engine.durableEnd() } };
  const today = businessDate(t, timeZone);
  const doubts = doubtsIn(reader, needed, t);
  const stockSource = needed.find(({ entities }) => entities.includes('stock'))?.source ?? null;
  const supply = { reader, features, stockSource };
  const arrivals: Arrival[] = [];
  for (const chunk of chunksOf(keys)) {
    const stored = storedOf(reader, useCase, chunk);
    const skus = [...stored.keys()].map(decodeURIComponent);
    const decided = decidedOf(supply, skus, location);
    for (const [key, prediction] of stored) {
      if (doubts.has(key) || prediction.date <= today) continue;
      const sku = decodeURIComponent(key);
      const there = supplyOf(supply, sku, key, question);
      if (slice.isOver()) await slice.pause();
      if (there === null) continue;
      const { row, date, horizonDays, offset } = prediction;
      const { horizonMicros, served, valueMicros } = row;
      const marginMicros = served.highMicros - valueMicros;
      const fields = purchaseDecision(
        { sku, location, date, horizonDays, horizonMicros, marginMicros, ...there },
        decided.get(sku) ?? null,
        { predictionId: predictionId(useCase, key, offset), gate: verdict.gate, at: t },
      );
      if (fields === null) continue;
      const name = { source: ownSource, stream: decisionStream, key: decisionId(sku, location) };
      arrivals.push({ kind: 'entry', entry: 'decision', ...name, body: fields });
    }
  }
  return arrivals;
}

/**
 * The way back: from the two hundred values of a key, and from deliveries, to every source record with
 * its version, age and proof, as one document that checks with the public key alone. What is timed is
 * all of it, from the question to the text; each answer is then checked, and its values must be those
 * that an online read has given.
 */
import {
  checkBundle,
  LogReader,
  openKeyRing,
  parseBundle,
  readCheckpoint,
} from '../../../packages/platform/dist/audit/index.js';
import { History } from '../../../packages/platform/dist/engine/index.js';
import { Entities } from '../../../packages/platform/dist/entities/index.js';
import { FeatureReader, TileCache } from '../../../packages/platform/dist/features/index.js';
import {
  bundleOf,
  type Grounds,
  groundsOf,
  vectorGrounds,
  vectorTraceOf,
} from '../../../packages/platform/dist/lineage/index.js';
import { systemRandom } from '../../../packages/platform/dist/ports/index.js';
import { createReader, openStore } from '../../../packages/platform/dist/storage/index.js';
import { mix } from '../shared/seeded.js';
import { median, quantile, round } from '../shared/statistics.js';
import {
  deliveriesIn,
  deliveryAt,
  keyOf,
  masterKey,
  momentMs,
  type ProofStore,
  statementsPerDelivery,
  tables,
  views,
} from './proof-store.js';

const factsMax = 10_000;

export interface WayBack {
  readonly answers: number;
  readonly sources: { readonly p50: number; readonly max: number };
  readonly kilobytes: number;
  readonly ms: { readonly p50: number; readonly p99: number; readonly max: number };
  /** To check the whole document, all its proofs with it. */
  readonly checkMs: { readonly p50: number; readonly p99: number };
}

export function measureWayBack(
  place: ProofStore,
  count: number,
): { readonly values: number; readonly vector: WayBack; readonly delivery: WayBack } {
  const store = openStore(place.folder, { readOnly: true, tables });
  const ring = openKeyRing(store, masterKey, systemRandom());
  const reader = createReader(store, tables);
  const features = new FeatureReader({ reader, definitions: views, timeZone: 'Europe/Amsterdam' });
  const online = new TileCache(features);
  const entities = new Entities(reader, { tenant: '', leading: {} });
  const history = new History(reader, ring);
  // As in the platform: one for all, which remembers tiles it has read.
  const proofs = new LogReader(place.folder);
  const checkpoint = readCheckpoint(place.folder);
  if (checkpoint === null) throw new Error('The store has no checkpoint.');
  const k = checkpoint.size;
  let values = 0;

  const run = (groundsAt: (at: number) => Grounds, sourcesMin: number): WayBack => {
    const [ms, checkMs, sources, bytes]: [number[], number[], number[], number[]] = [
      [],
      [],
      [],
      [],
    ];
    for (let at = 0; at < count; at += 1) {
      const begun = performance.now();
      const grounds = groundsAt(at);
      const text = JSON.stringify(bundleOf(reader, proofs, checkpoint, grounds));
      const made = performance.now();
      const checked = checkBundle(parseBundle(text), ring.signer.publicKey);
      checkMs.push(performance.now() - made);
      ms.push(made - begun);
      bytes.push(text.length);
      sources.push(grounds.sources?.length ?? 0);
      if (!checked.ok || checked.entries !== grounds.offsets.length) {
        throw new Error(`The bundle of ${grounds.id} does not hold: ${checked.firstBad?.why}`);
      }
    }
    if (Math.min(...sources) < sourcesMin) {
      throw new Error(`An answer stands on ${Math.min(...sources)} records, not ${sourcesMin}.`);
    }
    const spread = (times: readonly number[]) => ({
      p50: round(median(times), 2),
      p99: round(quantile(times, 0.99), 2),
      max: round(Math.max(...times), 2),
    });
    return {
      answers: count,
      sources: { p50: median(sources), max: Math.max(...sources) },
      kilobytes: round(median(bytes) / 1000, 0),
      ms: spread(ms),
      checkMs: spread(checkMs),
    };
  };

  const vector = run(
    (at) => {
      const key = keyOf(mix(at) % place.keys);
      const trace = vectorTraceOf(reader, features, views, {
        ...{ key, t: momentMs, known: { k }, limit: factsMax },
      });
      values = Object.keys(trace.vector.values).length;
      return vectorGrounds(trace);
    },
    Math.min(200, place.entries / 100),
  );
  for (let at = 0; at < count; at += 1) {
    const key = keyOf(mix(at) % place.keys);
    const question = { t: momentMs, known: { k } };
    const answered = features.vector(views, key, question, online.load);
    const again = vectorTraceOf(reader, features, views, { key, ...question, limit: 0 }).vector;
    if (JSON.stringify(again) !== JSON.stringify(answered)) {
      throw new Error(`The values of ${key} are others when they are worked out again.`);
    }
  }
  const delivery = run((at) => {
    const { offset, group } = deliveryAt(mix(at) % deliveriesIn(place));
    const grounds = groundsOf({ reader, history, entities }, `entry/${offset}/${group}`, momentMs);
    if (grounds === null) throw new Error(`Nothing is known of delivery ${group}.`);
    return grounds;
  }, 1);
  if (delivery.sources.max !== statementsPerDelivery)
    throw new Error('A delivery lost its sources.');
  store.close();
  return { values, vector, delivery };
}

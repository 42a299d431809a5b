/** Online answers from memory, each read again from the log at its (T, K): mismatches must be 0. */
import { mkdirSync } from 'node:fs';
import { differenceOf, TileCache } from '../../../packages/platform/dist/features/index.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage } from '../shared/process-usage.js';
import { seeded } from '../shared/seeded.js';
import { quantile, round } from '../shared/statistics.js';
import { makeFactStore, spanDays, startMs, wide } from './fact-store.js';

const dayMs = 86_400_000;

export async function parity(options: BenchOptions): Promise<BenchResult> {
  const facts = options.number('facts', 300_000);
  const reads = options.number('reads', 20_000);
  const keys = options.number('keys', 3000);
  mkdirSync(options.data, { recursive: true });
  const store = makeFactStore(options.data, { facts, keys }, options.say);
  try {
    const tiles = new TileCache(store.reader);
    const random = seeded(13);
    const onlineUs: number[] = [];
    const againUs: number[] = [];
    let mismatches = 0;
    let first: string | null = null;
    for (let read = 0; read < reads; read += 1) {
      // Mostly hot keys; now and then the journal stands where it stood at another time.
      const key = `S${Math.floor(random.next() ** 3 * keys)}`;
      const k = Math.ceil(store.entries * (0.5 + Math.floor((read / reads) * 50) / 100));
      const t = startMs + Math.floor((k / store.entries) * spanDays * dayMs) + (read % 1000);
      const question = { t, known: { k } };
      const begun = performance.now();
      const vector = store.reader.vector([wide], key, question, tiles.load);
      const between = performance.now();
      const again = store.reader.vector([wide], key, question);
      const ended = performance.now();
      onlineUs.push((between - begun) * 1000);
      againUs.push((ended - between) * 1000);
      const name = differenceOf(vector, again);
      if (name === null) continue;
      mismatches += 1;
      first ??= `${key} ${name} at (${t}, ${k})`;
    }
    const micros = (values: readonly number[]) => ({
      p50: round(quantile(values, 0.5)),
      p99: round(quantile(values, 0.99)),
    });
    return {
      name: 'parity',
      value: mismatches,
      unit: 'mismatches',
      detail: {
        ...{ reads, facts: store.entries, keys, values: wide.features.length, first },
        ...{ onlineMicros: micros(onlineUs), fromLogMicros: micros(againUs) },
        ...{ keysInMemory: tiles.size, bytesInMemory: tiles.bytes, loadAverage: loadAverage() },
        targets: { mismatches: 0, met: mismatches === 0 },
      },
    };
  } finally {
    store.close();
  }
}

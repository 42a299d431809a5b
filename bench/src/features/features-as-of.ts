/** A training set: rows of fifty values as they were known, beside a join by event time of one. */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import {
  asOfBatches,
  asOfOnThreads,
  emptySummary,
  layoutOf,
  type SpineRow,
  valueAt,
} from '../../../packages/platform/dist/features/index.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage, rssPeakBytesOf } from '../shared/process-usage.js';
import { seeded } from '../shared/seeded.js';
import { round } from '../shared/statistics.js';
import { duckAsOf } from './duck-join.js';
import { type FactStore, makeFactStore, spanDays, startMs, wide } from './fact-store.js';

const dayMs = 86_400_000;
const targets = { seconds: 60, rssGb: 4 };

export async function featuresAsOf(options: BenchOptions): Promise<BenchResult> {
  const facts = options.number('facts', 1_000_000);
  const rows = options.number('rows', 100_000);
  const keys = options.number('keys', Math.max(1, Math.round(facts / 100)));
  const threads = options.number('threads', availableParallelism());
  mkdirSync(options.data, { recursive: true });
  const store = makeFactStore(options.data, { facts, keys }, options.say);
  try {
    if (options.flag('preload-only')) {
      return {
        ...{ name: 'features-as-of', value: store.foldSeconds, unit: 's to fold the facts' },
        detail: { facts, keys, folder: store.folder },
      };
    }
    options.say(`${store.entries} facts are there; ${rows} rows follow`);
    const summary = emptySummary();
    const begun = performance.now();
    const cpuBegun = process.cpuUsage();
    const definitions = [wide];
    const { names, shown } = layoutOf(definitions);
    const asked = { known: 'row-time', k: store.entries } as const;
    const spine = spineOf(store, rows);
    const batches =
      threads === 0
        ? asOfBatches(store.reader, definitions, spine, asked, summary)
        : asOfOnThreads(
            spine,
            {
              ...{ ...asked, threads, definitions: [wide.name], version: store.reader.version },
              opener: {
                module: new URL('./as-of-opener.js', import.meta.url).href,
                given: store.folder,
              },
            },
            summary,
          );
    let values = 0;
    let told = 0;
    for await (const batch of batches) {
      for (const column of shown) {
        for (let row = 0; row < batch.rows; row += 1) {
          if (valueAt(batch, column, row) !== null) told += 1;
        }
      }
      values += batch.rows * names.length;
    }
    const seconds = (performance.now() - begun) / 1000;
    const cpu = process.cpuUsage(cpuBegun);
    const cpuSeconds = round((cpu.user + cpu.system) / 1e6, 2);
    const rssMb = round(rssPeakBytesOf(process.pid) / 1e6);
    const duck = await duckAsOf(store, [...spineOf(store, rows)], options.say);
    return {
      name: 'features-as-of',
      value: round(seconds, 2),
      unit: 's',
      ...(duck === null
        ? {}
        : { ratio: round(seconds / duck.seconds, 2), against: 'an event-time join of one value' }),
      detail: {
        ...{
          facts: store.entries,
          keys,
          rows: summary.rows,
          threads,
          valuesARow: values / summary.rows,
        },
        toldShare: round(told / values, 3),
        ...{ leakedRows: summary.leakedRows, leakedShare: summary.leakedRows / summary.rows },
        ...{ cpuSeconds, rowsPerSecond: Math.round(summary.rows / seconds) },
        ...{ rssPeakMb: rssMb, foldSeconds: store.foldSeconds, duck, loadAverage: loadAverage() },
        targets: {
          ...targets,
          atFull: facts >= 1e7 && rows >= 1e6,
          met: seconds <= targets.seconds && rssMb <= targets.rssGb * 1000,
        },
      },
    };
  } finally {
    store.close();
  }
}

/** Ten moments for each of enough keys, in order of keys and time. */
function* spineOf(store: FactStore, rows: number): Iterable<SpineRow> {
  const random = seeded(11);
  const perKey = 10;
  for (let made = 0, key = 0; made < rows; key += 1) {
    const moments = Array.from({ length: Math.min(perKey, rows - made) }, () => {
      return startMs + Math.floor((0.3 + 0.7 * random.next()) * spanDays) * dayMs;
    }).sort((a, b) => a - b);
    for (const t of moments) yield { key: `S${key % store.keys}`, t };
    made += moments.length;
  }
}

/** `npm run bench -- NAME`: runs one benchmark; the last line of its output is one JSON object. */
import { type BenchOptions, type BenchResult, readCommandLine } from './shared/options.js';

type Benchmark = (options: BenchOptions) => Promise<BenchResult>;

/** Loaded by name, so that one benchmark does not wait for what only another needs. */
const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  flows: async () => (await import('./flows/flows.js')).flows,
  lag: async () => (await import('./lag/lag.js')).lag,
  audit: async () => (await import('./audit/audit.js')).audit,
  backfill: async () => (await import('./backfill/backfill.js')).backfill,
  memory: async () => (await import('./memory/memory.js')).memory,
  ingest: async () => (await import('./ingest/ingest.js')).ingest,
  reconcile: async () => (await import('./reconcile/reconcile.js')).reconcile,
  detect: async () => (await import('./detect/detect.js')).detect,
  'features-as-of': async () => (await import('./features/features-as-of.js')).featuresAsOf,
  'features-online': async () => (await import('./features/features-online.js')).featuresOnline,
  parity: async () => (await import('./features/parity.js')).parity,
  leak: async () => (await import('./features/leak.js')).leak,
  step: async () => (await import('./step/step.js')).step,
};

const { name, isJson, options } = readCommandLine(process.argv.slice(2));
const load = name === undefined ? undefined : benchmarks[name];
const isHelp = options.flag('help');
if (load === undefined || isHelp) {
  const usage = `Usage: npm run bench -- ${Object.keys(benchmarks).join(' | ')}\n`;
  (isHelp ? process.stdout : process.stderr).write(usage);
  process.exitCode = isHelp ? 0 : 1;
} else {
  const result = await (await load())(options);
  if (!isJson) {
    const { value, unit, ratio, against, detail } = result;
    const beside = against === undefined ? '' : `, ${ratio} × ${against}`;
    process.stdout.write(`${result.name}: ${value} ${unit}${beside}\n`);
    process.stdout.write(`${JSON.stringify(detail, null, 2)}\n`);
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

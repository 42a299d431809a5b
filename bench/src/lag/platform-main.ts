/** The platform as a process: argv is the order; one line of JSON when it listens; answers samples. */
import { demoProject, prepareDemo } from '../../../packages/platform/dist/app/demo-project.js';
import { prepareProject } from '../../../packages/platform/dist/app/load-project.js';
import { startPlatform } from '../../../packages/platform/dist/app/platform.js';
import {
  jsonLogger,
  keepHeapSmall,
  systemClock,
} from '../../../packages/platform/dist/ports/index.js';
import type { MemorySample, PlatformOrder, PlatformReady } from './platform-process.js';

keepHeapSmall();

const order = JSON.parse(process.argv[2] ?? '') as PlatformOrder;
const { folder, shop, clock, port } = order;
const clocked = systemClock(clock);
const log = jsonLogger('error', () => clocked.now());

const platform = await startPlatform({
  project: projectOf(order),
  folder,
  log,
  listen: { host: '127.0.0.1', port },
  clock,
  crash: (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  },
});

process.on('message', (message) => {
  if (message === 'sample') process.send?.(sample());
});
// Without its parent there is nobody left to measure.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => void platform.close().then(() => process.exit(0)));
const ready: PlatformReady = { url: platform.url, token: platform.token };
process.send?.(ready);

function projectOf({ every, budget, beside }: PlatformOrder) {
  // How late reading is; flows have a bench of their own.
  const reads = { hasFlows: false };
  if (every === undefined && budget === undefined) return prepareDemo(folder, shop, beside, reads);
  const demo = demoProject(shop);
  const source = demo.sources['shop'] as (typeof demo.sources)[string];
  const names = ['product', 'stock', 'category', 'order', 'customer'];
  const streams = Object.fromEntries(
    every === undefined ? [] : names.map((name) => [`shop/${name}`, { every }]),
  );
  const settings = Object.assign({}, source.settings, budget === undefined ? {} : { budget });
  const project = { ...demo, streams, sources: { shop: { ...source, settings } } };
  return prepareProject(project, {
    folder,
    variables: process.env,
    definition: 'bench',
  });
}

function sample(): MemorySample {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapUsed, external, rss, isCollected: gc !== undefined };
}

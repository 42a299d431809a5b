/** The process that features are read from: a platform with fifty values and lines sent to it. */
import { startPlatform } from '../../../packages/platform/dist/app/index.js';
import { keepHeapSmall } from '../../../packages/platform/dist/ports/index.js';
import { projectIn } from './online-opener.js';
import { takeTimes } from './server-times.js';

// As the command does that runs it.
keepHeapSmall();
const [folder = ''] = process.argv.slice(2);
const nothing = () => undefined;
const platform = await startPlatform({
  project: projectIn(folder),
  threads: { module: new URL('./online-opener.js', import.meta.url).href, given: folder },
  folder,
  log: { debug: nothing, info: nothing, warn: nothing, error: console.error },
  listen: { host: '127.0.0.1', port: 0 },
  reads: { host: '127.0.0.1', port: 0 },
  crash: (error) => {
    throw error;
  },
});
process.send?.({ url: platform.url, readsUrl: platform.readsUrl, token: platform.token });
process.on('message', async () => {
  const parity = platform.features.parity?.status();
  process.send?.({ parity, tookMs: await takeTimes() });
});

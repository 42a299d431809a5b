/** A platform for a few simulated minutes of a year: argv is the order; says where it listens. */
import {
  defineProject,
  prepareProject,
  startPlatform,
} from '../../../packages/platform/dist/app/index.js';
import { commerceFeatures } from '../../../packages/platform/dist/features/index.js';
import { wide } from './fact-store.js';
import type { LifeOrder, LifeReady } from './leak.js';
import { till } from './till.js';

const { folder, clock } = JSON.parse(process.argv[2] ?? '') as LifeOrder;
const nothing = () => undefined;
const platform = await startPlatform({
  project: prepareProject(
    defineProject({
      ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'] },
      sources: { till: till({}) },
      features: [...commerceFeatures({ currency: 'EUR' }), wide],
    }),
    { folder, variables: process.env, definition: 'bench' },
  ),
  ...{ folder, clock },
  log: { debug: nothing, info: nothing, warn: nothing, error: console.error },
  listen: { host: '127.0.0.1', port: 0 },
  crash: (error) => {
    throw error;
  },
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: platform.url, token: platform.token } satisfies LifeReady);

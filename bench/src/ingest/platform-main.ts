/**
 * The platform with one shop that pushes and cannot be reached: notices are verified, deduplicated
 * and kept, and nothing is read, so that intake alone is measured.
 */
import { shopware } from '@headrace/connectors';
import { Secret } from '@headrace/sdk';
import { prepareProject } from '../../../packages/platform/dist/app/load-project.js';
import { startPlatform } from '../../../packages/platform/dist/app/platform.js';
import { defineProject } from '../../../packages/platform/dist/app/project.js';
import { jsonLogger, systemClock } from '../../../packages/platform/dist/ports/index.js';
import { webhookSecret } from './deliveries.js';

const folder = process.argv[2] ?? '';
const project = defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL'],
  brands: { alpha: ['alpha-nl'] },
  sources: {
    shop: shopware({
      // The discard port: refused at once.
      url: 'http://127.0.0.1:9',
      auth: new Secret('id:key'),
      webhookSecret: new Secret(webhookSecret),
      salesChannels: { '018f2a10c0de7a000000000000000001': 'alpha-nl' },
    }),
  },
});
const clock = systemClock();
const platform = await startPlatform({
  project: prepareProject(project, { folder, variables: process.env, definition: 'bench' }),
  folder,
  log: jsonLogger('error', () => clock.now()),
  listen: { host: '127.0.0.1', port: 0 },
  crash: (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
});
process.on('SIGTERM', () => void platform.close().then(() => process.exit(0)));
process.on('disconnect', () => process.exit(0));
process.send?.(Number(new URL(platform.url).port));

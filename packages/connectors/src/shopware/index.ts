/** Connector of Shopware 6, as a source and a target. What it reads and writes is in its README. */
import { defineConnector } from '@headrace/sdk';
import { authenticate } from './authenticate.js';
import { check, permissions } from './check.js';
import { config } from './config.js';
import { readContext } from './context.js';
import { discover } from './discover.js';
import { discoverSettings } from './discover-settings.js';
import { notify } from './notify.js';
import { reasonOf, sinks } from './sinks/index.js';
import { streams } from './streams.js';
import { tested } from './tested.js';

/**
 * Called in a project:
 *
 * ```ts
 * shopware({ url: env('SHOP_URL'), auth: secret('SHOP') })
 * ```
 */
export const shopware = defineConnector({
  name: 'shopware',
  title: 'Shopware 6',
  config,
  example: {
    url: 'https://shop.example',
    auth: 'id:key',
    salesChannels: { '0189a0b1c2d3e4f5061728394a5b6c7d': 'alpha-nl' },
  },
  permissions,
  tested,
  budget: { requestsPerSecond: 50, concurrency: 4 },
  budgetOf: ({ budget }) => budget ?? null,
  baseUrl: ({ url }) => url,
  authenticate,
  context: readContext,
  reasonOf: (_status, body) => reasonOf(body),
  streams,
  notify,
  sinks,
  check,
  discover,
  discoverSettings,
});

export { readFieldsByType } from './read-fields.js';

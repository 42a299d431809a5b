/** Connector of inRiver, as a source. What it reads and how is in its README. */
import { defineConnector } from '@headrace/sdk';
import { check, permissions } from './check.js';
import { baseUrl, config } from './config.js';
import { readContext } from './context.js';
import { discover } from './discover.js';
import { discoverSettings } from './discover-settings.js';
import { notify } from './notify.js';
import { streams } from './streams.js';
import { tested } from './tested.js';

/**
 * Called in a project:
 *
 * ```ts
 * inriver({ region: 'euw', key: secret('PIM') })
 * ```
 */
export const inriver = defineConnector({
  name: 'inriver',
  title: 'inRiver',
  config,
  example: { key: 'key' },
  permissions,
  tested,
  budget: { requestsPerSecond: 10, concurrency: 2 },
  budgetOf: ({ budget }) => budget ?? null,
  baseUrl,
  authenticate: ({ config: { key } }) => ({
    headers: async () => ({ 'X-inRiver-APIKey': key.reveal() }),
    invalidate() {},
  }),
  context: readContext,
  streams,
  notify,
  check,
  discover,
  discoverSettings,
});

export { readFields } from './read-fields.js';

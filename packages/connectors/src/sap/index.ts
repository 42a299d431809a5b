/** Connector of SAP S/4HANA, as a source. What it reads and how is in its README. */
import { defineConnector } from '@headrace/sdk';
import { authenticate, originsOf } from './authenticate.js';
import { check, permissions } from './check.js';
import { basic, config, oauth } from './config.js';
import { readContext } from './context.js';
import { discover } from './discover.js';
import { discoverSettings } from './discover-settings.js';
import { notify } from './notify.js';
import { reasonOf } from './odata/reason.js';
import { odata } from './odata-stream.js';
import { sinks } from './sinks/index.js';
import { streams } from './streams.js';
import { tested } from './tested.js';

const connector = defineConnector({
  name: 'sap',
  title: 'SAP S/4HANA',
  config,
  example: {
    url: 'https://my300000-api.s4hana.example',
    auth: { kind: 'oauth', secret: 'id:secret' },
    plants: { NL01: 'dc-nl' },
    salesAreas: { '1000/10/00': 'alpha-nl' },
    webhookSecret: 'secret',
  },
  permissions,
  tested,
  budget: { requestsPerSecond: 20, concurrency: 4 },
  budgetOf: ({ budget }) => budget ?? null,
  baseUrl: ({ url }) => url,
  origins: originsOf,
  quietOf: ({ quiet, timeZone }) =>
    (typeof quiet === 'string' ? [quiet] : quiet).map((window) => {
      const [from = '', to = ''] = window.split('-');
      return { from, to, timeZone };
    }),
  reasonOf: (_status, body) => reasonOf(body),
  authenticate,
  context: readContext,
  streams,
  sinks,
  notify,
  check,
  discover,
  discoverSettings,
});

/**
 * Called in a project:
 *
 * ```ts
 * sap({ url: env('SAP_URL'), auth: sap.oauth(secret('SAP')), plants: { NL01: 'dc-nl' } })
 * ```
 */
export const sap = Object.assign(connector, { basic, oauth, odata });

export type { ODataStream, ODataStreamSettings } from './odata-stream.js';
export { readFieldsByService } from './read-fields.js';
export { sinkReadFieldsByService, writtenFieldsByService } from './sinks/index.js';

/** Connector of SAP IDocs that are sent to us as XML. What it takes and how is in its README. */
import { defineConnector } from '@headrace/sdk';
import { config } from './config.js';
import { receive } from './receive.js';
import { streams } from './streams.js';

/**
 * Called in a project:
 *
 * ```ts
 * idoc({ secret: secret('IDOC'), folder: 'idocs', salesAreas: { '1000/10/00': 'alpha-nl' } })
 * ```
 */
export const idoc = defineConnector({
  name: 'idoc',
  title: 'SAP IDocs',
  config,
  example: { secret: 'secret', folder: 'idocs' },
  // Nothing is asked for. The address is one that leads nowhere (RFC 6761).
  baseUrl: () => 'http://idoc.invalid',
  budget: { requestsPerSecond: 1, concurrency: 1 },
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams,
  receive,
  async check({ config: { secret, folder } }) {
    return [
      {
        name: 'http',
        ok: true,
        text:
          secret === undefined
            ? 'Only a token of the role operator may send: no secret is configured.'
            : 'IDocs are taken at POST /v1/deliveries/{source}.',
      },
      {
        name: 'folder',
        ok: true,
        text: folder === undefined ? 'No folder is configured.' : `Files are taken from ${folder}.`,
      },
    ];
  },
});

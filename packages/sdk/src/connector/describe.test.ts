import { expect, it } from 'vitest';
import { z } from 'zod';
import type { ConnectorSpec } from './connector.js';
import { describeConnector } from './describe.js';
import { secretField } from './secret.js';

const config = z.strictObject({
  url: z.string().describe('Address | of the shop'),
  auth: secretField().describe('Id and key'),
  mode: z.enum(['live', 'test']).default('live').describe('Which shop'),
  names: z.record(z.string(), z.string()).optional().describe('Names'),
  poll: z.strictObject({ price: z.number().optional().describe('In ms') }).optional(),
});

const spec: ConnectorSpec<typeof config> = {
  name: 'toy',
  title: 'Toy shop',
  config,
  example: { url: 'https://shop.example', auth: 'id:key' },
  permissions: [{ name: 'product:read', why: 'everything' }],
  tested: {
    emulator: { version: 'Toy 2', suite: 'toy.test.ts' },
    specification: { version: '2.1', date: '2025-03-01', digest: '0123456789ab' },
    recorded: [],
    real: [{ version: '1.9', date: '2025-03-02' }],
  },
  budget: { requestsPerSecond: 5, concurrency: 2 },
  baseUrl: ({ url }) => url,
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [
    {
      name: 'price',
      description: 'Prices',
      entities: ['price'] as never,
      feed: 'poll',
      everyMs: 15_000,
      names: { key: 'id', version: 'updatedAt' },
      personal: { subject: () => null, paths: ['owner.name', 'email'] },
      key: () => null,
      version: () => null,
      eventAt: () => null,
      map: () => [],
      read: async () => ({ body: new Uint8Array(), items: [], next: null }),
    },
  ],
  notify: {
    signature: {
      headers: ['x-sign'],
      encoding: 'hex',
      message: '{body}',
      timestamp: { body: ['at'] },
      timestampUnit: 's',
      toleranceMs: 300_000,
    },
    secrets: () => [],
    parse: () => ({ eventId: null, at: null, changes: [] }),
  },
  check: async () => [],
};

it('describes settings, streams, webhook and permissions', () => {
  const page = describeConnector(spec);
  expect(describeConnector(spec)).toBe(page);
  expect(page).toMatchInlineSnapshot(`
    "# Toy shop

    Connector \`toy\`. Requests share a budget of 5 a second, 2 at a time.

    ## Tested against

    | What | Version | When | How |
    | --- | --- | --- | --- |
    | emulator | Toy 2 | every commit | contract suite, \`toy.test.ts\` |
    | specification | 2.1 | 2025-03-01 | fields compared, SHA-256 \`0123456789ab…\` |
    | recorded | not yet |  |  |
    | real system | 1.9 | 2025-03-02 | reported by who runs it |

    ## Settings

    | Setting | Type | Default | Meaning |
    | --- | --- | --- | --- |
    | \`url\` | string | required | Address \\| of the shop |
    | \`auth\` | secret | required | Id and key |
    | \`mode\` | \`live\` or \`test\` | \`"live"\` | Which shop |
    | \`names\` | map to string |  | Names |
    | \`poll\` | object |  |  |
    | \`poll.price\` | number |  | In ms |

    ## Streams

    | Stream | What it is | Gives | Feed | Polled every | Full pass | Key | Version |
    | --- | --- | --- | --- | --- | --- | --- | --- |
    | \`price\` | Prices | price | poll | 15 s | 1 d | \`id\` | \`updatedAt\` |

    Sealed in \`price\` before anything is stored: \`email\`, \`owner.name\`.

    ## Webhook

    | Part | Value |
    | --- | --- |
    | Signature header | \`x-sign\` |
    | Signature | HMAC-SHA256 of \`{body}\`, hex |
    | Time | body \`at\`, s |
    | Accepted for | 5 min |
    | Delivery id | none |
    | Created by us | no |
    | State is read | no |

    ## Permissions

    | Permission | Needed for |
    | --- | --- |
    | \`product:read\` | everything |
    "
  `);
});

it('says what nobody tried', () => {
  const { tested: _, ...silent } = spec;
  for (const what of ['emulator', 'specification', 'recorded', 'real system']) {
    expect(describeConnector(silent)).toContain(`| ${what} | not yet |  |  |`);
  }
  const none = { emulator: null, specification: { none: 'Nothing is published.' } };
  const page = describeConnector({ ...spec, tested: { ...none, recorded: [], real: [] } });
  expect(page).toContain('| specification | none |  | Nothing is published. |');
});

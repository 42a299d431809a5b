import type { SystemTemplate } from './templates.js';

/** What `headrace init --systems sap` writes. */
export const sapTemplate: SystemTemplate = {
  system: 'sap',
  source: 'erp',
  next: [
    'npx headrace connect discover erp    lists every field of SAP, your own too, to name in maps/sap.ts',
  ],
  settings: [
    { name: 'SAP_URL', comment: 'Address of the SAP system, without /sap/…' },
    {
      name: 'SAP',
      comment: 'Communication user as user:password, or client id:client secret (or SAP_FILE=path)',
    },
  ],
  call: `sap({
      url: env('SAP_URL'),
      auth: sap.basic(secret('SAP')), // or sap.oauth(secret('SAP'))
      ...sapMaps.model,
      // Once SAP shall tell of its changes by business events:
      // webhookSecret: secret('SAP_WEBHOOK'),
    })`,
  maps: `/**
 * How your SAP is set up. After a change, try it before it runs:
 *
 *   npx headrace connect check erp
 *   npx headrace connect read erp order --limit 3
 */
import type { sap } from 'headrace/connectors';

type Settings = Parameters<typeof sap>[0];

export const model = {
  // Zone of the system, for its dates and times without one.
  timeZone: 'Europe/Amsterdam',
  // Nightly work, in which silence raises no alarm.
  // quiet: '02:00-04:00',

  /**
   * As long as these are empty, every plant is a location and every sales area a channel, under its
   * number. To give them names of yours, or to leave some out, list those you want.
   */
  plants: {
    // NL01: 'dc-nl',
  },
  salesAreas: {
    // sales organization/distribution channel/division
    // '1000/10/00': 'web',
  },
  // Channels whose customers are companies.
  businessChannels: [],
  // Customer numbers many buyers share, such as the one a shop posts its orders under.
  collectiveCustomers: [],

  /** Condition types that are prices; others in use are named on each price, never calculated. */
  priceConditions: {
    PPR0: 'list',
    PR00: 'list',
    MWST: 'ignore',
    // VKP0: { as: 'list', basis: 'gross' },
  },

  /** Fields of your own. \`headrace connect discover erp\` lists the fields there are. */
  extend: {
    variant: {
      // 'traits.fit': 'A_Product.YY1_Fit_PRD',
    },
  },

  // Streams not to read, where the system has no such service.
  without: [],
} satisfies Partial<Settings>;
`,
};

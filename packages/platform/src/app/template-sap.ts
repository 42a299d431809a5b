import type { SystemTemplate } from './templates.js';

/** What `headrace init --systems sap` writes. */
export const sapTemplate: SystemTemplate = {
  system: 'sap',
  source: 'erp',
  fills: 'plants, sales areas, brands, languages and your own fields',
  settings: [
    { name: 'SAP_URL', comment: 'Address of the SAP system, without /sap/…' },
    {
      name: 'SAP',
      comment: 'Communication user as user:password, or client id:client secret (or SAP_FILE=path)',
    },
    {
      name: 'SAP_EVENTS',
      comment: 'Once SAP tells of changes by business events: the secret they come with',
      isOptional: true,
    },
  ],
  call: `sap({
      url: env('SAP_URL'),
      auth: sap.basic(secret('SAP')), // or sap.oauth(secret('SAP'))
      webhookSecret: optionalSecret('SAP_EVENTS'),
      ...sapMaps.model,
    })`,
  maps: `/**
 * How your SAP is set up. \`headrace connect discover erp --write\` adds what SAP has and this does not
 * name; the rest of the file is yours. After a change, try it before it runs:
 *
 *   npx headrace connect check erp
 *   npx headrace connect read erp order --limit 3
 */
import type { sap } from 'headrace/connectors';
import type { Field } from './erp.fields.js';

type Settings = Parameters<typeof sap>[0];
/** Of each entity, fields SAP has. */
type Extend = { readonly [Entity in keyof NonNullable<Settings['extend']>]: Record<string, Field> };

export const model = {
  // Zone of the system, for its dates and times without one.
  timeZone: 'Europe/Amsterdam',
  // Nightly work, such as ['02:00-04:00'], in which silence and failures raise no alarm.
  quiet: [],

  /**
   * What SAP calls it → your name for it. While a list is empty, all there is is read under its number;
   * else what the list names. Channels meet those of the shop by their names, brands those of the PIM.
   */
  plants: {},
  // sales organization/distribution channel/division
  salesAreas: {},
  brandOf: {},
  // Languages of names → your own, where two letters are not enough.
  languages: {},
  // Channels whose customers are companies.
  businessChannels: [],
  // Customer numbers many buyers share, such as the one a shop posts its orders under.
  collectiveCustomers: [],

  // Stock has no time of change in SAP: all of it is read, this often.
  stock: { every: '60s' },

  /** Condition types that are prices; others in use are named on each price, never calculated. */
  priceConditions: {
    PPR0: 'list',
    PR00: 'list',
    MWST: 'ignore',
  },

  /** Fields of your own: entity → where they go → where they are. Nothing personal belongs here. */
  extend: {
    variant: {},
  },

  // Streams not to read, where the system has no such service.
  without: [],
} satisfies Partial<Omit<Settings, 'extend'>> & { readonly extend: Extend };
`,
};

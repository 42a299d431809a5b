import { isZone, returnDispositions, returnReasons, type Secret, secretField } from '@headrace/sdk';
import { z } from 'zod';
import { extendSchema } from './extend.js';
import { lookUp } from './json.js';
import { keyed } from './keyed.js';
import type { ODataStream } from './odata-stream.js';
import { writeConfig } from './sinks/write-config.js';

/** Streams in the order of the reference page. */
export const streamNames = [
  ...(['product', 'supplyPlanning', 'cost', 'stock', 'stockMovement', 'order'] as const),
  ...(['purchaseOrder', 'delivery', 'return', 'price', 'partner'] as const),
] as const;
export type StreamName = (typeof streamNames)[number];

/** `250ms`, `30s`, `5m`, `12h`, `1d`, as milliseconds. */
const anyDuration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'must be like 30s, 5m or 1h')
  .transform((text) => {
    const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const unit = text.replace(/^\d+/, '') as keyof typeof unitMs;
    return Number(text.slice(0, -unit.length)) * unitMs[unit];
  });
const duration = anyDuration.refine((ms) => ms >= 1000, 'must be a second or more');

const windowText = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'must be like 02:00-04:00');

const address = (error: string) => z.url({ protocol: /^https?$/, error });

const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('basic'), secret: secretField() }),
  z.strictObject({
    kind: z.literal('oauth'),
    secret: secretField(),
    tokenUrl: z
      .union(
        [z.string().regex(/^\/(?!\/)/), address('')],
        'must be a path of the system, or the address of the token endpoint',
      )
      .default('/sap/bc/sec/oauth2/token'),
  }),
]);

/** Where business events wait to be fetched. */
const events = z.strictObject({
  url: address('must be an address such as https://eventmesh.example').describe(
    'Address of Event Mesh: `uri` of the protocol `httprest` in its service key.',
  ),
  queue: z.string().min(1).describe('Full name of the queue, with its namespace.'),
  auth: z
    .strictObject({
      kind: z.literal('oauth', 'must be sap.oauth(secret, { tokenUrl })'),
      secret: secretField(),
      tokenUrl: address('must be the token endpoint of the service key').prefault(''),
    })
    .describe('`sap.oauth(secret, { tokenUrl })`, all three from the service key.'),
  every: anyDuration
    .refine((ms) => ms >= 100, 'must be 100ms or more')
    .prefault('500ms')
    .describe('How long an empty queue is left alone at most.'),
});

const code = z.string().min(1);

/** How a condition type is used: amounts of the list price, of a reduced one, or not a price. */
const conditionUse = z.union([
  z.enum(['list', 'sale', 'ignore']),
  z.strictObject({
    as: z.enum(['list', 'sale']),
    basis: z.enum(['net', 'gross']).default('net'),
  }),
]);

const every = (what: string) => duration.optional().describe(what);

/** Settings of an SAP S/4HANA system. */
export const config = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Address of the system, without `/sap/…`.'),
  auth: auth.describe(
    '`sap.basic(secret)` with `user:password` of a communication user, or `sap.oauth(secret, ' +
      '{ tokenUrl })` with `client id:client secret`; `tokenUrl` may be on another host.',
  ),
  client: z
    .string()
    .regex(/^\d{3}$/, 'must be three digits')
    .optional()
    .describe('Client (`sap-client`), where the system has several.'),
  timeZone: z
    .string()
    .refine(isZone, 'must be an IANA zone such as Europe/Amsterdam')
    .default('UTC')
    .describe('Zone of the system, for its dates and times without one.'),
  quiet: z
    .union([windowText, z.array(windowText)])
    .default([])
    .describe('Times of day, in `timeZone`, in which silence and failures raise no alarm.'),
  plants: z
    .record(code, code)
    .default({})
    .describe(
      'Plant, or `plant/storage location`, → our location; others are then not read. Without any, ' +
        'each plant is a location of its own.',
    ),
  salesAreas: keyed(/^[^/]+\/[^/]+\/[^/]+$/, 'must be like 1000/10/00', code)
    .default({})
    .describe(
      '`sales organization/distribution channel/division` → our channel; others are then not ' +
        'read. Without any, each is a channel: `1000-10-00`.',
    ),
  businessChannels: z
    .array(code)
    .default([])
    .describe('Channels whose customers are companies: their orders name an account.'),
  collectiveCustomers: z
    .array(code)
    .default([])
    .describe('Customer numbers many buyers share: orders under them name no customer.'),
  brandOf: z
    .record(code, code)
    .default({})
    .describe('Brand of a product in SAP → our brand. A brand not named keeps its SAP name.'),
  sku: z
    .strictObject({
      leadingZeros: z
        .enum(['strip', 'keep'])
        .default('strip')
        .describe('Of material numbers that are digits only.'),
      prefix: z
        .string()
        .default('')
        .describe('Beginning of a material number that is not the sku.'),
    })
    .prefault({})
    .describe('How a material number becomes our sku.'),
  orderNoFrom: z
    .enum(['PurchaseOrderByCustomer', 'ExternalDocumentID', 'SalesOrder'])
    .default('PurchaseOrderByCustomer')
    .describe(
      'Field with the number the channel knows an order by, so that it meets the order of the ' +
        'shop. Where it is empty the number of SAP counts.',
    ),
  orderLineFrom: z
    .enum(['SalesOrderItem', 'ExternalItemID', 'UnderlyingPurchaseOrderItem'])
    .default('SalesOrderItem')
    .describe('Field with the number the channel knows a line by.'),
  returnNoFrom: z
    .enum(['CustomerReturn', 'AssignmentReference'])
    .default('CustomerReturn')
    .describe(
      'Field with the number the channel knows a return by: `AssignmentReference` where returns flow ' +
        'to SAP. Where it is empty the number of SAP counts.',
    ),
  priceConditions: z
    .record(code, conditionUse)
    .default({ PR00: 'list', PPR0: 'list' })
    .describe(
      'Condition type → `list`, `sale` or `{ as, basis }` (basis `net` unless said otherwise); ' +
        '`ignore` for those that are no part of a price. Other types in use are named on each price.',
    ),
  returnReasons: z
    .record(code, returnReasons)
    .default({})
    .describe('Return reason → canonical reason, such as `too-small`.'),
  inspectionCodes: z
    .record(code, returnDispositions)
    .default({})
    .describe('Result of the inspection of a return → canonical disposition, such as `resell`.'),
  languages: keyed(/^[A-Z\d]{1,2}$/, 'must be a language key such as EN', z.string().min(2))
    .default({})
    .describe('Language key of SAP → BCP 47, where two letters are not enough: `EN` → `en-GB`.'),
  extend: extendSchema,
  odata: keyed(
    /^[a-z][a-zA-Z0-9-]*$/,
    'must be a name such as zNotes',
    z.custom<ODataStream>((value) => (value as { kind?: unknown } | null)?.kind === 'odata', {
      message: 'must be made with sap.odata({ … })',
    }),
  )
    .default({})
    .describe('Streams of your own over Z services and CDS views, by name: `sap.odata({ … })`.'),
  without: z
    .array(z.enum(streamNames))
    .default([])
    .describe('Streams not to read, for systems without the service.'),
  webhookSecret: z
    .union([secretField(), z.array(secretField()).min(1)])
    .optional()
    .describe('Secret of the business events; several while it is changed.'),
  webhookSignature: z
    .enum(['bearer', 'hmac'])
    .default('bearer')
    .describe(
      '`bearer`: events carry the secret in `Authorization`. `hmac`: `x-signature` has the ' +
        'HMAC-SHA256 of the body in hex.',
    ),
  events: events
    .optional()
    .describe('Queue that business events are fetched from, where nothing can be pushed to us.'),
  stock: z
    .strictObject({
      every: every('Interval of the stock, read as a whole. Default 60s.'),
      zeros: z
        .boolean()
        .default(true)
        .describe(
          'SAP drops rows that fall to zero: whether a location `plants` names has none of a ' +
            'material it does not list. `false` where most locations never hold most materials.',
        ),
    })
    .prefault({})
    .describe('Stock has no time of change in SAP: all of it is read, and compared.'),
  every: z
    .strictObject({
      product: every('Default 15s.'),
      supplyPlanning: every('Default 15s.'),
      cost: every('Default 15s.'),
      stockMovement: every('Default 15s.'),
      order: every('Default 15s.'),
      purchaseOrder: every('Default 15s.'),
      delivery: every('Default 30s.'),
      return: every('Default 15s.'),
      price: every('Default 15s.'),
      partner: every('Default 15s.'),
    })
    .default({})
    .describe('Poll intervals.'),
  pageSize: z
    .number()
    .int()
    .min(10)
    .max(5000)
    .default(1000)
    .describe('Most records of a page; documents with items come in fifths of it.'),
  write: writeConfig
    .prefault({})
    .describe(
      'What flows to this system need to know; nothing is written without one that is live.',
    ),
  budget: z
    .strictObject({
      requestsPerSecond: z.number().positive().describe('Requests a second.'),
      concurrency: z.number().int().positive().describe('Requests at a time.'),
    })
    .optional()
    .describe('What the system can bear. Default 20 requests a second, 4 at a time.'),
});

export type SapConfig = z.output<typeof config>;
export type SapSettings = z.input<typeof config>;

/** `user:password` for HTTP Basic. */
export function basic(secret: Secret | string) {
  return { kind: 'basic' as const, secret };
}

/** `client id:client secret` for OAuth 2.0 client credentials. */
export function oauth(secret: Secret | string, options: { readonly tokenUrl?: string } = {}) {
  return { kind: 'oauth' as const, secret, ...options };
}

/** Our location of a plant and storage location, or null when it is not to be read. */
export function locationOf(
  settings: Pick<SapConfig, 'plants'>,
  plant: string | null,
  storageLocation: string | null = null,
): string | null {
  if (plant === null) return null;
  const { plants } = settings;
  if (Object.keys(plants).length === 0) return plant;
  const own = storageLocation === null ? undefined : lookUp(plants, `${plant}/${storageLocation}`);
  return own ?? lookUp(plants, plant) ?? null;
}

/** The plant of our location, or null; without plants of ours a location is a plant. */
export function plantOf({ plants }: Pick<SapConfig, 'plants'>, location: string): string | null {
  const own = Object.entries(plants);
  if (own.length === 0) return location.length <= 4 ? location : null;
  const [name] = own.find(([, one]) => one === location) ?? [];
  return name?.split('/')[0] ?? null;
}

/** Our channel of a sales area, or null when it is not to be read. */
export function channelOf(
  settings: Pick<SapConfig, 'salesAreas'>,
  organization: string | null,
  distributionChannel: string | null,
  division: string | null,
): string | null {
  if (organization === null) return null;
  const area = [organization, distributionChannel ?? '', division ?? ''];
  if (Object.keys(settings.salesAreas).length === 0) return area.filter((part) => part).join('-');
  return lookUp(settings.salesAreas, area.join('/')) ?? null;
}

/** The sales area of a channel as `organization/distribution channel/division`, or null. */
export function areaOf(settings: Pick<SapConfig, 'salesAreas'>, channel: string): string | null {
  const areas = Object.entries(settings.salesAreas);
  if (areas.length > 0) return areas.find(([, one]) => one === channel)?.[0] ?? null;
  const parts = channel.split('-');
  return parts.length === 3 && parts.every((part) => part !== '') ? parts.join('/') : null;
}

/** The material number of a sku; SAP fills digits up by itself. */
export function materialOf({ sku }: Pick<SapConfig, 'sku'>, ours: string): string {
  return `${sku.prefix}${ours}`;
}

/** The sku of a material number. */
export function skuOf(settings: Pick<SapConfig, 'sku'>, material: string | null): string | null {
  if (material === null) return null;
  const { leadingZeros, prefix } = settings.sku;
  const own = material.startsWith(prefix) ? material.slice(prefix.length) : material;
  const short = leadingZeros === 'strip' && /^\d+$/.test(own) ? own.replace(/^0+(?=\d)/, '') : own;
  return short.trim() === '' ? null : short.trim();
}

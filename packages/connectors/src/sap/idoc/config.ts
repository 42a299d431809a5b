import { isZone, secretField } from '@headrace/sdk';
import { z } from 'zod';
import { keyed } from '../keyed.js';

/** Streams in the order of the reference page. */
export const streamNames = ['order', 'material', 'delivery', 'storeSales', 'receipts'] as const;
export type StreamName = (typeof streamNames)[number];

const code = z.string().min(1);

/** Settings of IDocs sent to us. Those a system read over OData has too are written as there. */
export const config = z
  .strictObject({
    secret: z
      .union([secretField(), z.array(secretField()).min(1)])
      .optional()
      .describe(
        'What senders over HTTP show or sign with; several while it is changed. Without it only a ' +
          'token of the platform, or a file in `folder`, brings IDocs.',
      ),
    auth: z
      .enum(['bearer', 'basic', 'hmac'])
      .default('bearer')
      .describe(
        '`bearer`: the secret stands in `Authorization`. `basic`: it is `user:password` of the RFC ' +
          'destination. `hmac`: `x-signature` has the HMAC-SHA256 of the body in hex.',
      ),
    folder: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Folder whose `*.xml` files are taken, by its path from the project. They are moved to ' +
          '`done` or `failed` below it. Write under another ending, then rename.',
      ),
    messages: z
      .record(code, z.enum(streamNames))
      .default({
        ORDERS: 'order',
        MATMAS: 'material',
        DESADV: 'delivery',
        WPUUMS: 'storeSales',
        WPUBON: 'receipts',
      })
      .describe(
        'Message type → stream. Types of the same segments can be added: `ORDRSP` → `order`, ' +
          '`SHPCON` → `delivery`.',
      ),
    partners: z
      .array(code)
      .default([])
      .describe('Senders (`SNDPRN`) whose IDocs are taken. Without any, all are.'),
    timeZone: z
      .string()
      .refine(isZone, 'must be an IANA zone such as Europe/Amsterdam')
      .default('UTC')
      .describe('Zone of the dates and times in IDocs, which carry none.'),
    plants: z
      .record(code, code)
      .default({})
      .describe(
        'Plant, `plant/storage location` or store → our location; others are then not read. ' +
          'Without any, each is a location of its own.',
      ),
    salesAreas: keyed(/^[^/]+\/[^/]+\/[^/]+$/, 'must be like 1000/10/00', code)
      .default({})
      .describe(
        '`sales organization/distribution channel/division` → our channel; others are then not ' +
          'read. Without any, each is a channel: `1000-10-00`.',
      ),
    storeChannels: z
      .record(code, code)
      .default({})
      .describe('Our location of a store → the channel its sales are of.'),
    businessChannels: z
      .array(code)
      .default([])
      .describe('Channels whose customers are companies: their orders name an account.'),
    collectiveCustomers: z
      .array(code)
      .default([])
      .describe('Customer numbers many buyers share: orders under them name no customer.'),
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
      .string()
      .regex(/^(\d{3}|BELNR)$/, 'must be a qualifier such as 001, or BELNR')
      .default('001')
      .describe(
        'Qualifier of `E1EDK02` with the number the channel knows an order by; `BELNR` for that of ' +
          'the document (`E1EDK01`), which also counts where there is none.',
      ),
    materialFrom: z
      .array(z.string().regex(/^\d{3}$/, 'must be a qualifier such as 002'))
      .min(1)
      .default(['002', '001'])
      .describe(
        'Qualifiers of `E1EDP19` with our material number; the first that is there counts.',
      ),
    languages: keyed(/^[A-Z\d]{1,2}$/, 'must be a language key such as EN', z.string().min(2))
      .default({})
      .describe('Language key of SAP → BCP 47, where two letters are not enough: `EN` → `en-GB`.'),
    sales: z
      .strictObject({
        basis: z
          .enum(['gross', 'net'])
          .default('gross')
          .describe('Whether values of sales include tax.'),
        saleSign: z
          .enum(['-', '+'])
          .default('-')
          .describe('Sign of a quantity that was sold; none means sold as well.'),
        price: z
          .array(code)
          .default(['PN10', 'VKP0'])
          .describe('Conditions of a line of a receipt that are its price (`E1WPB03`).'),
        movements: z
          .boolean()
          .default(false)
          .describe(
            'Whether sales also move stock here; only where no other source tells of these postings.',
          ),
        zeroUnit: z
          .string()
          .min(1)
          .default('ST')
          .describe('Unit of quantities that come without one.'),
      })
      .prefault({})
      .describe('How sales of stores are read.'),
    personal: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Further paths about persons, for segments of your own: `order.E1EDK01.*.Z1BUYER`. They ' +
          'begin with the stream.',
      ),
    silentFor: z
      .enum(['1h', '12h', '1d', '7d'])
      .default('1d')
      .describe('A stream without any IDoc for three times as long is called late.'),
  })
  .refine(({ secret, folder }) => secret !== undefined || folder !== undefined, {
    message: 'name a secret, a folder, or both: IDocs must come from somewhere',
    path: ['secret'],
  });

export type IdocConfig = z.output<typeof config>;

/** Settings of what flows write; see `config.ts`. */
import { z } from 'zod';

const code = z.string().min(1);
const byChannel = z.union([code, z.record(code, code)]);

const order = z.strictObject({
  type: byChannel.default('OR').describe('Order type, for all channels or by channel.'),
  soldTo: byChannel
    .optional()
    .describe(
      'Customer number orders are sold to, for all channels or by channel: the one-time customer, ' +
        'whose orders carry the buyer’s address.',
    ),
  hasOwnBuyers: z
    .boolean()
    .default(false)
    .describe(
      'Whether the buyer is looked for by e-mail among SAP’s business partners first; only one that ' +
        'is found once counts.',
    ),
  grossPrice: code.default('PR00').describe('Condition type of a price with tax.'),
  netPrice: code.default('PR00').describe('Condition type of a price without tax.'),
  freight: code.default('HD00').describe('Condition type of what sending costs, of the header.'),
  discount: code.default('HB00').describe('Condition type of a discount, of the header.'),
  rejection: code.default('00').describe('Reason for rejection of items the channel cancelled.'),
  unit: code.default('PC').describe('SAP’s unit of a piece.'),
  shippingConditions: z
    .record(code, code)
    .default({})
    .describe(
      'Shipping method of the channel → shipping condition. Others: as the customer has it.',
    ),
  paymentTerms: z
    .record(code, code)
    .default({})
    .describe(
      'Payment method of the channel → terms of payment. Others: as the customer has them.',
    ),
});

const returned = z.strictObject({
  type: byChannel
    .default('CBRE')
    .describe('Type of returns order, for all channels or by channel.'),
  reason: code
    .default('001')
    .describe('Return reason where `returnReasons` has none for what the channel says.'),
});

const bought = z.strictObject({
  type: code.max(4).default('NB').describe('Type of purchase order.'),
  companyCode: code.max(4).optional().describe('Company code that buys.'),
  organization: code.max(4).optional().describe('Purchasing organization.'),
  group: code.max(3).optional().describe('Purchasing group.'),
  supplier: code
    .max(10)
    .optional()
    .describe('Supplier of everything. Others: who was last ordered from.'),
});

export const writeConfig = z.strictObject({
  order: order.prefault({}).describe('Of sales orders.'),
  return: returned.prefault({}).describe('Of customer returns.'),
  purchase: bought.prefault({}).describe('Of purchase orders.'),
});

/** The value of a channel, where one is set. */
export function forChannel(
  value: string | Readonly<Record<string, string>> | undefined,
  channel: string,
): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return Object.hasOwn(value, channel) ? value[channel] : undefined;
}

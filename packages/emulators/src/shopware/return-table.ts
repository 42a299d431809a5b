import { channelAt } from '../retailer/channels.js';
import { RETURN_REASONS, type TaxShare, taxMinorOf } from '../retailer/orders.js';
import type { World } from '../retailer/world.js';
import { formatInstant } from './dates.js';
import type { WrittenReturns } from './delivery-writes.js';
import { LIVE_VERSION_ID } from './ids.js';
import { interleave } from './interleave.js';
import { amount, calculatedPrice } from './money.js';
import type { Reference } from './reference.js';
import { listTable, makeRows, oneRow, stamps, type Table } from './table.js';
import { writtenReturnTables } from './written-returns.js';

/**
 * `order_return` and its lines, as the Commercial edition has them: those the retailer's own systems
 * told of, with one line each, and those clients have written.
 */

const DATES: ReadonlySet<string> = new Set(['createdAt', 'updatedAt', 'requestedAt']);

const OWN: ReadonlySet<string> = new Set(['order_return', 'order_return_line_item']);

export const createReturnTables = (
  world: World,
  reference: Reference,
  written: WrittenReturns,
): Table[] => {
  const { returns, orders } = world;
  const { ids, id } = reference;
  const reasons = makeRows(
    ids,
    'order_return_line_item_reason',
    RETURN_REASONS.map((key) => ({ key })),
    reference.installedAtMs,
  );
  const stateRowOf = (stateId: string): number =>
    reference.rows.states.findIndex((row) => row.id === stateId);
  const createdAtMs = (row: number): number => returns.receivedAtMs.get(row);
  const orderOf = (row: number): number => orders.lineOrder.get(returns.line.get(row));
  const orderId = (row: number): string =>
    ids.idOf('order', orderOf(row), orders.placedAtMs.get(orderOf(row)));
  // Of what came back since, a shop that is not told knows nothing.
  const isTold = (row: number): boolean =>
    world.integration.has('return') || returns.receivedAtMs.get(row) <= world.parameters.epochMs;
  const isLive = (row: number): boolean => row >= 0 && row < returns.length && isTold(row);
  const table = (entity: 'order_return' | 'order_return_line_item') => {
    const idOf = (row: number): string => ids.idOf(entity, row, createdAtMs(row));
    return {
      entity,
      length: () => returns.length,
      liveCount: () => {
        let count = 0;
        for (let row = 0; row < returns.length; row++) if (isTold(row)) count++;
        return count;
      },
      isLive,
      idOf,
      rowOf: (text: string): number => {
        const row = ids.rowOf(entity, text);
        return isLive(row) && idOf(row) === text ? row : -1;
      },
      createdAtMs,
      updatedAtMs: () => 0,
      isChronological: true,
      hasAutoIncrement: false,
      dateFields: DATES,
      lookups: {},
      emptyAssociations: { createdBy: 'one', updatedBy: 'one' } as const,
    };
  };
  const refundMinor = (row: number): number =>
    returns.quantity.get(row) * orders.lineUnitMinor.get(returns.line.get(row));
  const headers = table('order_return');
  const lines = table('order_return_line_item');
  const shareOf = (row: number): TaxShare => {
    const { taxBasis } = channelAt(orders.channel.get(orderOf(row)));
    const priceMinor = refundMinor(row);
    return { percent: 21, priceMinor, taxMinor: taxMinorOf(priceMinor, 21, taxBasis) };
  };
  const priceOf = (row: number): { net: number; gross: number } => {
    const channel = channelAt(orders.channel.get(orderOf(row)));
    const minor = refundMinor(row);
    const tax = taxMinorOf(minor, 21, channel.taxBasis);
    return channel.taxBasis === 'gross'
      ? { gross: minor, net: minor - tax }
      : { gross: minor + tax, net: minor };
  };
  const [writtenHeaders, writtenLines] = writtenReturnTables(world, reference, written);
  const told: readonly [Table, Table] = [
    {
      ...headers,
      values: { orderId, requestedAt: (row) => returns.requestedAtMs.get(row) },
      associations: {
        order: { entity: 'order', isMany: false, rows: (row) => [orderOf(row)] },
        lineItems: { entity: 'order_return_line_item', isMany: true, rows: oneRow },
        state: {
          entity: 'state_machine_state',
          isMany: false,
          rows: () => [stateRowOf(id.state('order_return', 2))],
        },
      },
      emptyAssociations: headers.emptyAssociations,
      build: (row) => {
        const price = priceOf(row);
        return {
          versionId: LIVE_VERSION_ID,
          orderId: orderId(row),
          orderVersionId: LIVE_VERSION_ID,
          stateId: id.state('order_return', 2),
          returnNumber: String(10_001 + row),
          requestedAt: formatInstant(returns.requestedAtMs.get(row)),
          amountTotal: amount(price.gross),
          amountNet: amount(price.net),
          internalComment: null,
          createdById: null,
          updatedById: null,
          createdAt: formatInstant(createdAtMs(row)),
          updatedAt: null,
        };
      },
    },
    {
      ...lines,
      values: {},
      associations: {
        return: { entity: 'order_return', isMany: false, rows: oneRow },
        lineItem: {
          entity: 'order_line_item',
          isMany: false,
          rows: (row) => [returns.line.get(row)],
        },
        reason: {
          entity: 'order_return_line_item_reason',
          isMany: false,
          rows: (row) => [returns.reason.get(row)],
        },
      },
      emptyAssociations: { ...lines.emptyAssociations, state: 'one' },
      build: (row) => ({
        versionId: LIVE_VERSION_ID,
        orderReturnId: headers.idOf(row),
        orderReturnVersionId: LIVE_VERSION_ID,
        orderLineItemId: ids.idOf(
          'order_line_item',
          returns.line.get(row),
          orders.placedAtMs.get(orderOf(row)),
        ),
        orderLineItemVersionId: LIVE_VERSION_ID,
        reasonId: reasons[returns.reason.get(row)]?.id ?? null,
        quantity: returns.quantity.get(row),
        price: calculatedPrice(
          orders.lineUnitMinor.get(returns.line.get(row)),
          returns.quantity.get(row),
          [shareOf(row)],
        ),
        refundAmount: amount(refundMinor(row)),
        restockQuantity: returns.isResellable.get(row) === 1 ? returns.quantity.get(row) : 0,
        stateId: id.state('order_return', 2),
        internalComment: null,
        createdAt: formatInstant(createdAtMs(row)),
        updatedAt: null,
      }),
    },
  ];
  return [
    interleave(told[0], writtenHeaders, OWN),
    interleave(told[1], writtenLines, OWN),
    listTable({
      entity: 'order_return_line_item_reason',
      rows: reasons,
      build: (row) => ({
        reasonKey: row.key,
        content: row.key,
        translated: { content: row.key },
        ...stamps(row),
      }),
    }),
  ];
};

import type { World } from '../retailer/world.js';
import { formatInstant } from './dates.js';
import type { WrittenReturnLine, WrittenReturns } from './delivery-writes.js';
import { LIVE_VERSION_ID } from './ids.js';
import { amount } from './money.js';
import type { Reference } from './reference.js';
import { listTable, oneRow, stamps, type Table } from './table.js';

/** Returns that came in through the API. */

export const writtenReturnTables = (
  world: World,
  reference: Reference,
  { headers, lines }: WrittenReturns,
): readonly [headers: Table, lines: Table] => {
  const { orders } = world;
  const { ids, rows } = reference;
  const orderId = (order: number): string => ids.idOf('order', order, orders.placedAtMs.get(order));
  const linesOf = (row: number): number[] =>
    lines.flatMap((line, index) => (line.ofReturn === row ? [index] : []));
  const worthMinor = (line: WrittenReturnLine): number =>
    line.quantity * orders.lineUnitMinor.get(line.line);
  const stateRow = (stateId: string): readonly number[] =>
    oneRow(rows.states.findIndex((state) => state.id === stateId));
  return [
    listTable({
      entity: 'order_return',
      rows: headers,
      values: {
        orderId: (row) => orderId(row.order),
        requestedAt: (row) => row.requestedAtMs,
      },
      associations: {
        order: { entity: 'order', isMany: false, rows: (row) => oneRow(headers[row]?.order ?? -1) },
        lineItems: { entity: 'order_return_line_item', isMany: true, rows: linesOf },
        state: {
          entity: 'state_machine_state',
          isMany: false,
          rows: (row) => stateRow(headers[row]?.stateId ?? ''),
        },
      },
      build: (row, _, index) => {
        const minor = linesOf(index).reduce(
          (sum, at) => sum + worthMinor(lines[at] as WrittenReturnLine),
          0,
        );
        return {
          versionId: LIVE_VERSION_ID,
          orderId: orderId(row.order),
          orderVersionId: LIVE_VERSION_ID,
          stateId: row.stateId,
          returnNumber: row.returnNumber,
          requestedAt: formatInstant(row.requestedAtMs),
          amountTotal: amount(minor),
          amountNet: amount(minor),
          internalComment: null,
          createdById: null,
          updatedById: null,
          ...stamps(row),
        };
      },
    }),
    listTable({
      entity: 'order_return_line_item',
      rows: lines,
      associations: {
        return: {
          entity: 'order_return',
          isMany: false,
          rows: (row) => oneRow(lines[row]?.ofReturn ?? -1),
        },
        lineItem: {
          entity: 'order_line_item',
          isMany: false,
          rows: (row) => oneRow(lines[row]?.line ?? -1),
        },
        reason: {
          entity: 'order_return_line_item_reason',
          isMany: false,
          rows: () => [0],
        },
      },
      build: (row) => ({
        versionId: LIVE_VERSION_ID,
        orderReturnId: headers[row.ofReturn]?.id ?? null,
        orderReturnVersionId: LIVE_VERSION_ID,
        orderLineItemId: ids.idOf(
          'order_line_item',
          row.line,
          orders.placedAtMs.get(orders.lineOrder.get(row.line)),
        ),
        orderLineItemVersionId: LIVE_VERSION_ID,
        reasonId: row.reasonId,
        quantity: row.quantity,
        price: row.price,
        refundAmount: amount(worthMinor(row)),
        restockQuantity: 0,
        stateId: row.stateId,
        internalComment: row.comment,
        ...stamps(row),
      }),
    }),
  ];
};

/**
 * What demand stands on, of what is connected: order lines of every system that takes orders, for one
 * that is missing makes demand look smaller than it is; and the leading system's stock, for what is not
 * there cannot be asked for, and for the purchase that follows. Their limits are those of `contracts`.
 */
import type { EntityName } from '@headrace/sdk';
import type { Watch, WatchedStream } from '../../quality/index.js';

export function demandInputs(watch: Watch): readonly WatchedStream[] {
  const of = (entity: EntityName) =>
    watch.streams.filter(({ entities }) => entities.includes(entity));
  const shelves = of('stock');
  const [lead] = watch.leadingOf(
    'stock',
    shelves.map(({ source }) => source),
  );
  const stock = shelves.filter(({ source }) => source === lead);
  return [...stock, ...of('orderLine').filter((stream) => !stock.includes(stream))];
}

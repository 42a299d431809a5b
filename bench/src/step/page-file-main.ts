/** Process that writes the pages of a run: argv is the path, the position, the shares, a count. */
import { seeded } from '../shared/seeded.js';
import { type FlowPosition, type FlowShares, PageMaker, writePages } from './page-file.js';

interface Order {
  readonly path: string;
  readonly from: FlowPosition;
  readonly shares: FlowShares;
  readonly records: number;
  readonly seed: number;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
writePages(order.path, new PageMaker(order.from, order.shares, seeded(order.seed)), order.records);

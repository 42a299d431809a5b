/** A campaign in a process of its own; what it finds out goes to its parent, and it ends with that. */
import { type Order, runCampaign } from './campaign.js';

process.once('disconnect', () => process.exit(1));
const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const report = await runCampaign(order, (text) => process.stderr.write(`${order.seed}: ${text}\n`));
process.send?.(report, () => process.exit(0));

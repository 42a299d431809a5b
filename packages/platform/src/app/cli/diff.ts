import { Command } from 'commander';
import type { Reconciliation } from '../../quality/index.js';
import { createClient } from './client.js';
import { countText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface DiffOptions extends CommonOptions {
  readonly heal?: boolean;
}

const shownMax = 20;

export function diffCommand(): Command {
  const command = new Command('diff')
    .description('where two systems disagree, key by key, with the cause and where it happened')
    .argument('[pair]', 'stock, price, orders, …; all when left out')
    .option('--heal', 'read the records behind again, and have flows level what still differs');
  return verb<DiffOptions>(command, async (options, terminal, pair) => {
    const client = createClient(options);
    const pairs =
      pair === undefined
        ? (await client.get<{ pairs: Reconciliation[] }>('/v1/reconciliation')).pairs
        : [await client.get<Reconciliation>(`/v1/reconciliation/${encodeURIComponent(pair)}`)];
    const healed: Record<string, unknown> = {};
    for (const one of pairs) {
      terminal.print(summaryOf(one));
      for (const key of one.keys.slice(0, shownMax)) {
        const value = `${one.a} ${key.a ?? '-'}, ${one.b} ${key.b ?? '-'}`;
        terminal.print(`  ${key.state} ${key.key}: ${value}; ${key.cause}, ${key.hop}. ${key.why}`);
      }
      if (one.keys.length > shownMax) terminal.print(`  and ${one.keys.length - shownMax} more`);
      if (options.heal !== true || one.keys.length === 0) continue;
      const path = `/v1/reconciliation/${encodeURIComponent(one.pair)}/heal`;
      const answer = await client.send<{ read: number; again: number }>('POST', path, {});
      healed[one.pair] = answer;
      terminal.print(
        `  ${answer.read} records are read again, flows look at ${answer.again} again`,
      );
    }
    terminal.answer({ pairs, ...(options.heal === true ? { healed } : {}) });
    return pairs.some(({ differing }) => differing > 0) ? 2 : 0;
  });
}

function summaryOf({ pair, a, b, compared, differing, pending }: Reconciliation): string {
  const counts = `${countText(compared)} compared, ${countText(differing)} differ`;
  return `${pair} (${a} = ${b}): ${counts}, ${countText(pending)} on their way`;
}

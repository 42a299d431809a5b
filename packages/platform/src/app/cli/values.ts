import { Command } from 'commander';
import { createClient } from './client.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface ValuesOptions extends CommonOptions {
  readonly target?: string;
  readonly confirm?: string;
  readonly of?: string;
}

interface SuspectValue {
  readonly entity: string;
  readonly key: string;
  readonly source: string;
  readonly field: string;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly until: number | null;
}

export function valuesCommand(): Command {
  const command = new Command('values')
    .description('values that jumped as if a unit or currency had changed; state that one is right')
    .option('--target <stream>', 'only of this source/stream')
    .option('--confirm <value>', 'entity/key of a value that is right as it is')
    .option('--of <source>', 'the source that says so');
  return verb<ValuesOptions>(command, async (options, terminal) => {
    const client = createClient(options);
    const { confirm, target } = options;
    if (confirm !== undefined) {
      const cut = confirm.indexOf('/');
      if (options.of === undefined || cut < 1)
        throw usageError('`--confirm ENTITY/KEY` takes the source from `--of SOURCE`.');
      const body = {
        entity: confirm.slice(0, cut),
        key: confirm.slice(cut + 1),
        source: options.of,
      };
      await client.send('POST', '/v1/values/confirm', body);
      terminal.answer({ confirmed: body });
      terminal.print(`${confirm} of ${options.of} is right.`);
      return 0;
    }
    const query = target === undefined ? '' : `?target=${encodeURIComponent(target)}`;
    const { values, more } = await client.get<{ values: SuspectValue[]; more: boolean }>(
      `/v1/values/suspect${query}`,
    );
    terminal.answer({ values, more });
    for (const { entity, key, source, field, kind, from, to, until } of values) {
      const ends = until === null ? '' : `, until ${new Date(until).toISOString()}`;
      terminal.print(
        `${entity}/${key} of ${source}: ${field} from ${from} to ${to}, as if its ${kind} had changed${ends}`,
      );
    }
    const count = `${countText(values.length)} suspect${more ? ', and more' : ''}`;
    terminal.print(values.length === 0 ? 'No value is suspect.' : count);
    return values.length === 0 ? 0 : 2;
  });
}

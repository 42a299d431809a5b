import { Command } from 'commander';
import type { FlowDifference, FlowStatus } from '../../flows/index.js';
import { createClient } from './client.js';
import { usageError } from './errors.js';
import { countText, durationText, tableText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface ActOptions extends CommonOptions {
  readonly group?: readonly string[];
  readonly prefix?: string;
  readonly all?: boolean;
  readonly run?: boolean;
  readonly delivery?: string;
  readonly dryRun?: boolean;
}

interface Acted {
  readonly flow: string;
  readonly action: string;
  readonly groups: number;
}

/** Flows of the running platform, and what people do about them. */
export function outboxCommand(): Command {
  const outbox = new Command('outbox').description('what flows write, would write and wait for');
  outbox.addCommand(show(), { isDefault: true });
  outbox.addCommand(act('pause', 'write nothing until it is resumed', () => ({})));
  outbox.addCommand(act('resume', 'go on, also after the flow has stopped by itself', () => ({})));
  outbox.addCommand(
    act('approve', 'let what is held be written', (options) => {
      if (options.run === true) return { run: true };
      return { groups: groupsOf(options, '--group NAME, or --run for the whole run') };
    })
      .option('--group <name...>', 'these groups')
      .option('--run', 'the whole run, with all numbers it is held for'),
  );
  outbox.addCommand(
    act('resync', 'look at groups again as if they had changed', (options) => {
      if (options.all === true) return { all: true };
      if (options.prefix !== undefined) return { prefix: options.prefix };
      return { groups: groupsOf(options, '--group NAME, --prefix TEXT or --all') };
    })
      .option('--group <name...>', 'these groups')
      .option('--prefix <text>', 'groups whose names begin like this')
      .option('--all', 'all groups'),
  );
  outbox.addCommand(
    act('retry', 'try again what was refused or could not be mapped', (options) =>
      options.all === true
        ? { all: true }
        : { groups: groupsOf(options, '--group NAME, or --all') },
    )
      .option('--group <name...>', 'these groups')
      .option('--all', 'all groups'),
  );
  outbox.addCommand(
    act('undo', 'write again what was there before a delivery', (options) => {
      const delivery = Number(options.delivery);
      if (!Number.isInteger(delivery) || delivery < 0) {
        throw usageError('--delivery is the journal offset of a delivery.');
      }
      return { delivery, ...(options.group === undefined ? {} : { groups: options.group }) };
    })
      .requiredOption('--delivery <offset>', 'its offset in the journal')
      .option('--group <name...>', 'only these groups of it'),
  );
  return outbox;
}

function show(): Command {
  const command = new Command('show')
    .description('how each flow stands; of one flow also what differs')
    .argument('[flow]');
  return verb<CommonOptions>(command, async (options, terminal, name) => {
    const client = createClient(options);
    if (name === undefined) {
      const answer = await client.get<{ flows: FlowStatus[] }>('/v1/flows');
      terminal.answer(answer);
      terminal.print(flowsText(answer.flows, terminal.width));
      return answer.flows.every(isWell) ? 0 : 2;
    }
    const path = `/v1/flows/${encodeURIComponent(name)}`;
    const flow = await client.get<FlowStatus>(path);
    const { differences } = await client.get<{ differences: FlowDifference[] }>(
      `${path}/differences?limit=20`,
    );
    terminal.answer({ flows: [flow], newest: differences });
    terminal.print(flowsText([flow], terminal.width));
    for (const one of differences) terminal.print(differenceText(one));
    return isWell(flow) ? 0 : 2;
  });
}

function act(name: string, description: string, bodyOf: (options: ActOptions) => object): Command {
  const command = new Command(name)
    .description(description)
    .argument('<flow>')
    .option('--dry-run', 'say what it concerns, and do nothing');
  return verb<ActOptions>(command, async (options, terminal, flow = '') => {
    const dry = options.dryRun === true ? '?dry=true' : '';
    const path = `/v1/flows/${encodeURIComponent(flow)}/${name}${dry}`;
    const acted = await createClient(options).send<Acted>('POST', path, bodyOf(options));
    terminal.answer({ ...acted, ...(options.dryRun === true ? { dryRun: true } : {}) });
    const about = acted.groups === 0 ? '' : `, ${countText(acted.groups)} groups`;
    terminal.print(`${options.dryRun === true ? 'Would' : 'Done'}: ${name} ${acted.flow}${about}`);
    return 0;
  });
}

function groupsOf({ group }: ActOptions, choices: string): readonly string[] {
  if (group !== undefined && group.length > 0) return group;
  throw usageError('Say which groups it is about.', `Give ${choices}.`);
}

function isWell({ state }: FlowStatus): boolean {
  return state === 'live' || state === 'shadow' || state === 'rehearsing';
}

function flowsText(flows: readonly FlowStatus[], width: number): string {
  if (flows.length === 0) return 'The project has no flows.';
  const some = (value: number) => (value === 0 ? '' : countText(value));
  const head = ['flow', 'state', 'waiting', 'delivered', 'failed', 'held', 'differ', 'p99', 'why'];
  const rows = flows.map((flow) => [
    flow.flow,
    flow.state,
    some(flow.waiting),
    some(flow.delivered),
    some(flow.failed),
    some(flow.held),
    some(flow.differences),
    flow.lagMs === null ? '' : durationText(flow.lagMs.p99),
    flow.why ?? '',
  ]);
  return tableText(head, rows, { right: [2, 3, 4, 5, 6, 7], width });
}

function differenceText({ group, key, text, fields }: FlowDifference): string {
  const lines = fields.map(
    ({ field, before, after }) =>
      `   ${field}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
  );
  return ['', `── ${key ?? group}${text === null ? '' : `   ${text}`}`, ...lines].join('\n');
}

import { Command } from 'commander';
import { isRole, roles, type TokenInfo } from '../../api/index.js';
import { createClient } from './client.js';
import { usageError } from './errors.js';
import { tableText } from './human.js';
import { type CommonOptions, verb } from './verb.js';

interface CreateOptions extends CommonOptions {
  readonly role?: string;
  readonly dryRun?: boolean;
}

/** Who may call the HTTP API of the running platform. */
export function tokenCommand(): Command {
  const token = new Command('token').description('who may call the HTTP API');

  const list = new Command('list').description('names and roles; never the tokens themselves');
  token.addCommand(
    verb<CommonOptions>(list, async (options, terminal) => {
      const answer = await createClient(options).get<{ tokens: TokenInfo[] }>('/v1/tokens');
      terminal.answer(answer);
      terminal.print(
        tableText(
          ['name', 'role', 'made'],
          answer.tokens.map((one) => [one.name, one.role, new Date(one.createdAt).toISOString()]),
        ),
      );
      return 0;
    }),
  );

  const create = new Command('create')
    .description('make a token; it is shown once')
    .argument('<name>')
    .requiredOption('--role <role>', roles.join(', '))
    .option('--dry-run', 'check the name and the role only');
  token.addCommand(
    verb<CreateOptions>(create, async (options, terminal, name = '') => {
      const { role } = options;
      if (!isRole(role))
        throw usageError(`There is no role ${role}.`, `Roles: ${roles.join(', ')}.`);
      if (options.dryRun === true) {
        terminal.answer({ name, role, dryRun: true });
        terminal.print(`Would make a token ${name} with the role ${role}.`);
        return 0;
      }
      const made = await createClient(options).send<{ token: string }>('POST', '/v1/tokens', {
        name,
        role,
      });
      terminal.answer({ name, role, token: made.token });
      terminal.print(made.token);
      terminal.note('Shown this once.');
      return 0;
    }),
  );

  const revoke = new Command('revoke')
    .description('make a token useless at once')
    .argument('<name>')
    .option('--dry-run', 'say what would be done');
  token.addCommand(
    verb<CreateOptions>(revoke, async (options, terminal, name = '') => {
      const isDry = options.dryRun === true;
      if (!isDry) {
        await createClient(options).send('DELETE', `/v1/tokens/${encodeURIComponent(name)}`);
      }
      terminal.answer({ name, revoked: !isDry });
      terminal.print(isDry ? `Would revoke ${name}.` : `${name} is revoked.`);
      return 0;
    }),
  );
  return token;
}

import { join } from 'node:path';
import { Command } from 'commander';
import { configName, dataFolder } from '../folders.js';
import { isLoopback } from '../listen.js';
import { loadProject } from '../load-project.js';
import { openerOf } from '../open-features.js';
import { startPlatform } from '../platform.js';
import { errorText } from './terminal.js';
import {
  type CommonOptions,
  createLog,
  untilStopped,
  userName,
  verb,
  wholeNumber,
} from './verb.js';

interface UpOptions extends CommonOptions {
  readonly port?: string;
  readonly acceptRollback?: boolean;
}

export function upCommand(): Command {
  const command = new Command('up')
    .description('run the project: read its sources, answer over HTTP')
    .option('--port <port>', 'of the HTTP API, instead of the one in the project')
    .option('--accept-rollback', 'go on from a store the anchor says was rolled back; journaled');
  return verb<UpOptions>(command, async (options, terminal) => {
    const folder = dataFolder({ ...options, config: options.config ?? configName });
    const project = await loadProject(options.config, process.env, join(folder, 'cache'));
    const { host, port, reads } = project.project.listen;
    const { stopped, forget } = untilStopped();
    const platform = await startPlatform({
      project,
      folder,
      threads: openerOf(options),
      log: createLog('info'),
      ...(options.acceptRollback === true ? { acceptRollback: userName() } : {}),
      listen: { host, port: wholeNumber(options.port, port, '--port') },
      ...(reads === undefined ? {} : { reads: { host, port: reads } }),
      crash(error) {
        terminal.note(errorText(error));
        process.exit(1);
      },
    });
    if (!isLoopback(host)) terminal.note(openToNetwork(host));
    const { url, readsUrl, token, masterKeyFile } = platform;
    const { publicKey } = platform.engine.ring.signer;
    // Approves what flows hold; tokens and erasure stay with the first token.
    const consoleUrl = platform.consoleLink('approver');
    terminal.answer({
      consoleUrl,
      apiUrl: url,
      readsUrl,
      token,
      masterKeyFile,
      data: folder,
      publicKey,
    });
    if (consoleUrl !== null) {
      terminal.print(`page   ${consoleUrl}`);
      terminal.print('       Opens once, within 15 minutes; later, open it without its end.');
    }
    terminal.print(`API    ${url}/v1`);
    if (readsUrl !== null) terminal.print(`reads  ${readsUrl}/v1/features/online`);
    terminal.print(`data   ${folder}`);
    terminal.print(`log    ${publicKey}`);
    if (masterKeyFile !== null) {
      terminal.print(`key    ${masterKeyFile}: made now, seals personal data, is in no backup.`);
      terminal.print(
        '       Keep a copy elsewhere: without it personal data stays sealed for good.',
      );
    }
    if (token !== null) {
      terminal.print(`token  ${token}`);
      terminal.print(
        '       Shown this once. Put it into .env as HEADRACE_TOKEN for the other verbs.',
      );
    }
    await stopped;
    terminal.note('Stopping.');
    await platform.close();
    forget();
    return 0;
  });
}

function openToNetwork(host: string): string {
  return [
    `WARNING: the API listens on ${host}, which others can reach, and speaks plain HTTP.`,
    '  Put a reverse proxy with TLS before it (Caddy, nginx), let it pass /v1/webhooks/ from outside',
    '  and everything else only from your own network, and listen on 127.0.0.1 here.',
  ].join('\n');
}

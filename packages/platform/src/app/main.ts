#!/usr/bin/env node
import { Command } from 'commander';
import { connectCommand } from './cli/connect.js';
import { demoCommand } from './cli/demo.js';
import { mapCommand } from './cli/map.js';
import { statusCommand } from './cli/status.js';
import { tailCommand } from './cli/tail.js';
import { upCommand } from './cli/up.js';
import { version } from './version.js';

const program = new Command('headrace')
  .description("Keeps a commerce company's data ready for prediction.")
  .version(version())
  .showHelpAfterError('(--help shows how it is called)');

for (const command of [
  demoCommand(),
  upCommand(),
  connectCommand(),
  mapCommand(),
  statusCommand(),
  tailCommand(),
]) {
  program.addCommand(command);
}

await program.parseAsync();

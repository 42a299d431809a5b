#!/usr/bin/env node
import { Command } from 'commander';
import { keepHeapSmall } from '../ports/index.js';
import { alertCommand } from './cli/alert.js';
import { backupCommand } from './cli/backup.js';
import { checksCommand } from './cli/checks.js';
import { connectCommand } from './cli/connect.js';
import { demoCommand } from './cli/demo.js';
import { diffCommand } from './cli/diff.js';
import { eraseCommand } from './cli/erase.js';
import { exportCommand } from './cli/export.js';
import { featuresCommand } from './cli/features.js';
import { initCommand } from './cli/init.js';
import { mapCommand } from './cli/map.js';
import { outboxCommand } from './cli/outbox.js';
import { replayCommand } from './cli/replay.js';
import { restoreCommand } from './cli/restore.js';
import { statusCommand } from './cli/status.js';
import { tailCommand } from './cli/tail.js';
import { tokenCommand } from './cli/token.js';
import { traceCommand } from './cli/trace.js';
import { upCommand } from './cli/up.js';
import { verifyCommand } from './cli/verify.js';
import { version } from './version.js';

keepHeapSmall();

const program = new Command('headrace')
  .description("Keeps a commerce company's data ready for prediction.")
  .version(version())
  .showHelpAfterError('(--help shows how it is called)');

for (const command of [
  initCommand(),
  demoCommand(),
  upCommand(),
  connectCommand(),
  mapCommand(),
  statusCommand(),
  tailCommand(),
  traceCommand(),
  featuresCommand(),
  outboxCommand(),
  checksCommand(),
  alertCommand(),
  diffCommand(),
  replayCommand(),
  verifyCommand(),
  exportCommand(),
  backupCommand(),
  restoreCommand(),
  eraseCommand(),
  tokenCommand(),
]) {
  program.addCommand(command);
}

await program.parseAsync();

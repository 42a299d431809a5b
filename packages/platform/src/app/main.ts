#!/usr/bin/env node
import { Command } from 'commander';
import { keepHeapSmall } from '../ports/index.js';
import { version } from './version.js';

keepHeapSmall();

/** In the order of the help. Loaded when asked for: `status` need not wait for what `up` is made of. */
const commands = new Map(
  Object.entries<() => Promise<Command>>({
    init: async () => (await import('./cli/init.js')).initCommand(),
    demo: async () => (await import('./cli/demo.js')).demoCommand(),
    up: async () => (await import('./cli/up.js')).upCommand(),
    connect: async () => (await import('./cli/connect.js')).connectCommand(),
    assess: async () => (await import('./cli/assess.js')).assessCommand(),
    map: async () => (await import('./cli/map.js')).mapCommand(),
    status: async () => (await import('./cli/status.js')).statusCommand(),
    tail: async () => (await import('./cli/tail.js')).tailCommand(),
    trace: async () => (await import('./cli/trace.js')).traceCommand(),
    features: async () => (await import('./cli/features.js')).featuresCommand(),
    predict: async () => (await import('./cli/predict.js')).predictCommand(),
    outbox: async () => (await import('./cli/outbox.js')).outboxCommand(),
    checks: async () => (await import('./cli/checks.js')).checksCommand(),
    values: async () => (await import('./cli/values.js')).valuesCommand(),
    alert: async () => (await import('./cli/alert.js')).alertCommand(),
    contracts: async () => (await import('./cli/contracts.js')).contractsCommand(),
    diff: async () => (await import('./cli/diff.js')).diffCommand(),
    quarantine: async () => (await import('./cli/quarantine.js')).quarantineCommand(),
    prepare: async () => (await import('./cli/prepare.js')).prepareCommand(),
    replay: async () => (await import('./cli/replay.js')).replayCommand(),
    verify: async () => (await import('./cli/verify.js')).verifyCommand(),
    export: async () => (await import('./cli/export.js')).exportCommand(),
    backup: async () => (await import('./cli/backup.js')).backupCommand(),
    restore: async () => (await import('./cli/restore.js')).restoreCommand(),
    erase: async () => (await import('./cli/erase.js')).eraseCommand(),
    token: async () => (await import('./cli/token.js')).tokenCommand(),
  }),
);

const program = new Command('headrace')
  .description("Keeps a commerce company's data ready for prediction.")
  .version(version())
  .showHelpAfterError('(--help shows how it is called)');

const asked = commands.get(process.argv[2] ?? '');
const loaders = asked === undefined ? commands.values() : [asked];
for (const load of loaders) program.addCommand(await load());

await program.parseAsync();

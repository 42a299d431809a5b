import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { Command } from 'commander';
import {
  Anchor,
  anchorHome,
  checkBundle,
  type Fault,
  LogReader,
  parseBundle,
  readCheckpoint,
  verifyLog,
} from '../../audit/index.js';
import { verifyReplay } from '../../engine/index.js';
import { createNormalizer } from '../../entities/index.js';
import { bundleOf, groundsOf } from '../../lineage/index.js';
import { systemClock } from '../../ports/index.js';
import { loadForData } from '../demo-project.js';
import { readVariables, type Variables } from '../environment.js';
import { dataFolder, projectFolder } from '../folders.js';
import { foldsOf } from '../folds.js';
import { openData } from '../open-data.js';
import { usageError } from './errors.js';
import { countText } from './human.js';
import type { Terminal } from './terminal.js';
import { type CommonOptions, type ExitCode, verb } from './verb.js';

interface VerifyOptions extends CommonOptions {
  readonly deep?: boolean;
  readonly proof?: string;
  readonly bundle?: string;
  readonly key?: string;
  readonly checkpoint?: string;
}

const notCovered =
  'Not part of the log: cursors, marks of waiting keys, access tokens, times of commits.';

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('check the log: of the data directory, also while the platform runs, or a bundle')
    .option('--deep', 'fold the journal again, too, and compare what is served')
    .option('--proof <id>', 'prove what one id stands on: ENTITY/KEY, a record, entry/N')
    .option('--bundle <file>', 'check a proof bundle; needs no store, only --key')
    .option('--key <key>', "the log's public key, or a file that holds it; else the store's own")
    .option(
      '--checkpoint <file>',
      'a signed checkpoint you kept: the log must have gone through it',
    );
  return verb<VerifyOptions>(command, (options, terminal) => {
    const given = options.key === undefined ? null : textOf(options.key);
    if (options.bundle !== undefined) {
      if (given === null)
        throw usageError('--bundle needs --key.', '`headrace up` prints the key.');
      return Promise.resolve(answerBundle(readFile(options.bundle), given, terminal));
    }
    return options.proof === undefined
      ? verifyStore(options, given, terminal)
      : Promise.resolve(verifyProof(options, given, options.proof, terminal));
  });
}

async function verifyStore(
  options: VerifyOptions,
  given: string | null,
  terminal: Terminal,
): Promise<ExitCode> {
  const folder = dataFolder(options);
  const variables = readVariables(join(projectFolder(options), '.env'));
  const home = anchorHome(variables);
  const publicKey = given ?? keyOf(folder, variables);
  const progress = terminal.progress('verify');
  const kept = options.checkpoint === undefined ? [] : [readFile(options.checkpoint)];
  const result = await verifyLog({
    ...{ folder, publicKey, kept },
    anchor: home === null ? null : new Anchor(home, folder),
    threads: availableParallelism(),
    progress: (done, total) => progress.update(done, total),
  });
  progress.end();
  const folds = options.deep === true && result.ok ? await deepFaults(options) : [];
  const faults = [...result.faults, ...folds];
  const ok = faults.length === 0;
  const firstBad = faults[0] ?? null;
  terminal.answer({ ...result, ok, firstBad, faults, publicKey });
  terminal.print(`${countText(result.entries)} entries, root ${result.root}`);
  if (publicKey !== null) terminal.print(`key ${publicKey}`);
  if (result.signed !== null) {
    terminal.print(`signed for up to ${countText(result.signed)} entries`);
  }
  for (const note of [...result.notes, notCovered]) terminal.print(note);
  if (ok) terminal.print('Nothing is wrong.');
  for (const fault of faults.slice(0, 10)) terminal.print(`BAD  ${fault.at}: ${fault.why}`);
  if (faults.length > 10) terminal.print(`     and ${countText(faults.length - 10)} more`);
  return ok ? 0 : 2;
}

/** Derived tables, which the log does not cover, follow from the journal, which it does. */
async function deepFaults(options: VerifyOptions): Promise<Fault[]> {
  const project = await loadForData(options);
  const { mismatches, firstMismatch } = verifyReplay({
    folder: dataFolder(options),
    folds: foldsOf(project),
    normalizer: createNormalizer(project.sources),
    definitions: project.definitions,
  });
  if (mismatches === 0) return [];
  const why = `${countText(mismatches)} rows are not what the journal folds to`;
  return [{ kind: 'fold', offset: null, at: firstMismatch ?? 'folded state', why }];
}

/** Null where the master key is kept elsewhere, as beside a backup. */
function keyOf(folder: string, variables: Variables): string | null {
  try {
    const data = openData(folder, variables);
    data.close();
    return data.publicKey;
  } catch (thrown) {
    const code = thrown instanceof HeadraceError ? thrown.code : '';
    if (code === 'E_NO_STORE') throw thrown;
    return null;
  }
}

function verifyProof(
  options: VerifyOptions,
  given: string | null,
  id: string,
  terminal: Terminal,
): ExitCode {
  const folder = dataFolder(options);
  const data = openData(folder, readVariables(join(projectFolder(options), '.env')));
  try {
    const grounds = groundsOf(data, id, systemClock().now());
    const checkpoint = readCheckpoint(folder);
    if (grounds === null || checkpoint === null) {
      throw new HeadraceError('config', `Nothing is known of ${id}, or no checkpoint is there.`, {
        code: 'E_NO_ENTITY',
        hint: 'Give ENTITY/KEY, the id a source uses, or entry/N.',
      });
    }
    const bundle = bundleOf(data.reader, new LogReader(folder), checkpoint, grounds);
    return answerBundle(JSON.stringify(bundle), given ?? data.publicKey, terminal);
  } finally {
    data.close();
  }
}

function answerBundle(text: string, key: string, terminal: Terminal): ExitCode {
  const bundle = parseBundle(text);
  const result = checkBundle(bundle, key);
  terminal.answer({ ...result, about: bundle.about });
  for (const source of result.sources) {
    const version = source.version === null ? '' : `, version ${source.version}`;
    const name = [source.source, source.stream, source.key].filter((part) => part !== '').join('/');
    terminal.print(`entry ${source.offset}: ${name}${version}, known ${source.knownAt}`);
  }
  terminal.print(
    result.firstBad === null
      ? `${countText(result.entries)} entries are in the log with root ${result.root}.`
      : `BAD  ${result.firstBad.at}: ${result.firstBad.why}`,
  );
  return result.ok ? 0 : 2;
}

/** A key is one line, given as it is or in a file. */
function textOf(given: string): string {
  return existsSync(given) ? readFileSync(given, 'utf8').trim() : given;
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw usageError(`${file} cannot be read: ${(cause as Error).message}`);
  }
}

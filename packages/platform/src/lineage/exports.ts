/**
 * What left the data directory: files somebody asked for, and training sets read over HTTP. An erasure
 * cannot reach them, so its report names those that may hold something of the person.
 *
 * A file's states: absent → noted (durable) → being written. A note without its file is possible, a file
 * without its note is not. Notes are only ever added, each a line, by any process that reads the store.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ensureError, HeadraceError } from '@headrace/sdk';

export interface ExportNote {
  /** RFC 3339. */
  readonly at: string;
  readonly what: 'features' | 'proofs' | 'backup' | 'audit' | 'openlineage';
  /** Absolute path or address; `http` for an answer. */
  readonly to: string;
  /** Name of the token or of the user of the machine. */
  readonly by: string;
  /** Of `features`: what its keys are of, and whether they name persons. */
  readonly of?: string;
  readonly persons?: boolean;
}

export function exportsFile(folder: string): string {
  return join(folder, 'exports.jsonl');
}

/** Called before the first byte leaves. Throws `E_EXPORT_NOTE` when it cannot be noted. */
export function noteExport(folder: string, note: ExportNote): void {
  // The line end comes first, so that a line torn by a full disk spoils no other.
  const line = `\n${JSON.stringify(note)}\n`;
  try {
    const file = openSync(exportsFile(folder), 'a', 0o600);
    try {
      writeSync(file, line);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    throw new HeadraceError('config', `It cannot be noted what leaves ${folder}.`, {
      code: 'E_EXPORT_NOTE',
      hint: `${ensureError(thrown).message}. Run this as a user who may write there: an erasure names what left.`,
    });
  }
}

/** Oldest first; a torn line is passed over. */
export function exportsOf(folder: string): ExportNote[] {
  const file = exportsFile(folder);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as ExportNote];
      } catch {
        return [];
      }
    });
}

/** Of these, what may hold something of a person: the audit trail and lineage name nobody but users. */
export function mayNamePersons({ what, persons }: ExportNote): boolean {
  return what === 'features' ? persons !== false : what === 'backup' || what === 'proofs';
}

/** Whether keys of these parts say who a person is, if only by a pseudonym. */
export function keysNamePersons(of: {
  readonly identity: string | null;
  readonly parts: readonly string[];
}): boolean {
  return (
    of.identity === 'customer' || of.parts.some((part) => /customer|person|subject/i.test(part))
  );
}

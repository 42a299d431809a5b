/**
 * The anchor: the last checkpoint of a store, kept outside its data directory. Without one, a
 * directory put back as it was yesterday is a perfect store of yesterday.
 *
 * At start: no anchor → the store is taken as it is; the store holds the anchor's tree → fine;
 * it is smaller or another → refused, until a person accepts it.
 */
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { type Checkpoint, checkCheckpoint, parseCheckpoint } from './checkpoint.js';
import { writeSafely } from './write-safely.js';

/** What a store that is opened says of itself. */
export interface AnchoredStore {
  readonly publicKey: string;
  readonly size: number;
  /** Root it had, or has, at an earlier size. */
  readonly rootAt: (size: number) => Uint8Array;
}

export type AnchorVerdict =
  | { readonly kind: 'holds'; readonly checkpoint: Checkpoint }
  /** Nothing to compare with, so a roll-back before now cannot be seen. */
  | { readonly kind: 'none'; readonly why: string }
  | {
      readonly kind: 'rolled-back' | 'rewritten' | 'unreadable';
      readonly checkpoint: Checkpoint | null;
      readonly why: string;
    };

/** Where anchors are kept unless `HEADRACE_ANCHOR` says otherwise: the user's state, not the data. */
export function anchorHome(variables: Readonly<Record<string, string | undefined>>): string | null {
  const given = variables['HEADRACE_ANCHOR'];
  if (given === 'off') return null;
  if (given !== undefined && given !== '') return given;
  const home = homedir();
  if (platform() === 'darwin') return join(home, 'Library', 'Application Support', 'headrace');
  if (platform() === 'win32') {
    return join(variables['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'headrace');
  }
  return join(variables['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'headrace');
}

/** The anchor of one data directory: a store put back in its place is found wanting. */
export class Anchor {
  readonly file: string;
  readonly #erasedFile: string;
  readonly #home: string;
  readonly #folder: string;

  constructor(home: string, folder: string) {
    this.#home = home;
    this.#folder = existsSync(folder) ? realpathSync(folder) : folder;
    const name = hash('sha256', this.#folder, 'hex').slice(0, 16);
    this.file = join(home, `${name}.anchor`);
    this.#erasedFile = join(home, `${name}.erased`);
  }

  /** The first line names the directory, for people; the rest is the checkpoint. */
  async write(checkpoint: Checkpoint): Promise<void> {
    mkdirSync(this.#home, { recursive: true, mode: 0o700 });
    await writeSafely(this.file, `${this.#folder}\n${checkpoint.note}`);
  }

  /** The checkpoint as it lies there: unchecked. Null without one. */
  read(): Checkpoint | null {
    return existsSync(this.file) ? checkpointOf(readFileSync(this.file, 'utf8')) : null;
  }

  /**
   * Remembers who was erased, by pseudonym: a backup put back after everything else was lost must
   * not bring them back.
   */
  async noteErased(origin: string, handles: readonly string[]): Promise<void> {
    mkdirSync(this.#home, { recursive: true, mode: 0o700 });
    const all = new Set([...this.erased(origin), ...handles]);
    await writeSafely(this.#erasedFile, `${[origin, ...all].join('\n')}\n`);
  }

  /** Also by what is remembered of the same store in another directory: it may have been moved. */
  erased(origin: string): string[] {
    const found = this.#files('.erased').flatMap((file) => {
      const [of, ...handles] = readFileSync(file, 'utf8').trimEnd().split('\n');
      return of === origin ? handles.filter((handle) => /^[0-9a-f]{32}$/.test(handle)) : [];
    });
    return [...new Set(found)];
  }

  /** Whether this store was ever anchored here, whatever its directory. */
  isKnown(origin: string | null): boolean {
    const found = this.#files('.anchor').map((file) =>
      checkpointOrNull(readFileSync(file, 'utf8')),
    );
    return origin !== null && found.some((checkpoint) => checkpoint?.origin === origin);
  }

  #files(ending: string): string[] {
    const names = existsSync(this.#home) ? readdirSync(this.#home) : [];
    return names.filter((name) => name.endsWith(ending)).map((name) => join(this.#home, name));
  }

  judge(store: AnchoredStore): AnchorVerdict {
    if (!existsSync(this.file)) return this.#elsewhere(store);
    let checkpoint: Checkpoint | null = null;
    try {
      checkpoint = checkpointOf(readFileSync(this.file, 'utf8'));
      if (checkpoint.origin !== originOf(store.publicKey)) {
        const why = `Another store of ${checkpoint.size} entries, ${checkpoint.origin}, was here before.`;
        return { kind: 'none', why };
      }
      checkCheckpoint(checkpoint.note, store.publicKey);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return { kind: 'unreadable', checkpoint, why: `The anchor ${this.file}: ${why}` };
    }
    if (store.size < checkpoint.size) {
      const why = `The store has ${store.size} entries and had ${checkpoint.size}: it was rolled back.`;
      return { kind: 'rolled-back', checkpoint, why };
    }
    if (Buffer.compare(store.rootAt(checkpoint.size), checkpoint.root) !== 0) {
      const why = `The first ${checkpoint.size} entries are not those that were signed for: the store was rewritten.`;
      return { kind: 'rewritten', checkpoint, why };
    }
    return { kind: 'holds', checkpoint };
  }

  /** The same store may have been moved here, or copied. */
  #elsewhere({ publicKey, size }: AnchoredStore): AnchorVerdict {
    for (const file of this.#files('.anchor')) {
      const text = readFileSync(file, 'utf8');
      const checkpoint = checkpointOrNull(text);
      if (checkpoint?.origin !== originOf(publicKey) || checkpoint.size <= size) continue;
      const place = text.split('\n')[0];
      const why = `This store has ${size} entries; in ${place} it had ${checkpoint.size}.`;
      return { kind: 'none', why };
    }
    return { kind: 'none', why: `There is no anchor of this store in ${this.#home}.` };
  }
}

/** Throws unless the store may be used. */
export function refuseRolledBack(verdict: AnchorVerdict): void {
  if (verdict.kind === 'holds' || verdict.kind === 'none') return;
  throw new HeadraceError('config', verdict.why, {
    code: 'E_ROLLED_BACK',
    hint: 'Put the newer store back. If you mean to go on from this one, start once with --accept-rollback, which is journaled.',
  });
}

function checkpointOf(text: string): Checkpoint {
  return parseCheckpoint(text.slice(text.indexOf('\n') + 1));
}

function checkpointOrNull(text: string): Checkpoint | null {
  try {
    return checkpointOf(text);
  } catch {
    // Whatever else lies there is not the anchor of this store.
    return null;
  }
}

function originOf(publicKey: string): string {
  return publicKey.split('+')[0] as string;
}

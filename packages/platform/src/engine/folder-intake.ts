/**
 * Takes deliveries from a folder, in the order of their names. A file is read when two looks found
 * it unchanged, and moved to `done` only after the commit that holds its records: a crash between
 * the two shows it again, and what it says is known already. One that cannot be used goes to
 * `failed` with its reason, once nobody has written to it for a while: until then it may be half.
 */
import { ensureError, type HeadraceError } from '@headrace/sdk';
import type { DropFolder, DroppedFile } from '../ports/index.js';
import type { DeliveryOutcome } from './delivery-intake.js';
import type { EngineSource } from './engine.js';
import type { EnginePorts } from './engine-ports.js';
import { repeat } from './source-runner.js';
import type { StreamRunner } from './stream-runner.js';

export interface FolderIntakeOptions {
  readonly source: EngineSource;
  readonly folder: DropFolder;
  readonly runners: readonly StreamRunner[];
  readonly ports: EnginePorts;
  readonly take: (source: EngineSource, body: Uint8Array) => Promise<DeliveryOutcome>;
  readonly at?: (point: string) => void;
}

const lookEveryMs = 1000;
/** More wait for the next look. */
const filesMax = 500;
/** A file written to more recently than that may not be whole yet. */
const settleMs = 30_000;

export class FolderIntake {
  readonly #options: FolderIntakeOptions;
  #seen = new Map<string, DroppedFile>();

  constructor(options: FolderIntakeOptions) {
    this.#options = options;
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return repeat(lookEveryMs, signal, this.#options.ports, () => this.look(signal));
  }

  async look(signal?: AbortSignal): Promise<void> {
    const { source, folder } = this.#options;
    try {
      const files = await folder.list(source.spec.receive?.fileEndings ?? [], filesMax);
      const before = this.#seen;
      this.#seen = new Map(files.map((file) => [file.name, file]));
      for (const file of files) {
        if (signal?.aborted) return;
        // An empty file is one somebody is about to write.
        if (file.bytes === 0 || !isUnchanged(file, before.get(file.name))) continue;
        if (!(await this.#take(file))) break;
      }
      this.#alarm(null);
    } catch (thrown) {
      const error = ensureError(thrown);
      if (error.kind === 'cancelled') throw error;
      this.#alarm(`The folder ${folder.path} cannot be worked on: ${error.message}`);
      throw error;
    }
  }

  /** Whether the next file can be looked at; false while the platform can keep no more. */
  async #take(file: DroppedFile): Promise<boolean> {
    const { source, folder, take, ports } = this.#options;
    const bytesMax = source.spec.receive?.bytesMax ?? 0;
    if (file.bytes > bytesMax) {
      await this.#failed(file, `The file is larger than ${bytesMax} bytes.`);
      return true;
    }
    const body = await folder.read(file);
    if (body === null) return true;
    let outcome: DeliveryOutcome;
    try {
      outcome = await take(source, body);
    } catch (thrown) {
      const error = ensureError(thrown);
      if (!isAboutContent(error)) throw error;
      await this.#failed(file, `${error.code}: ${error.message}`);
      return true;
    }
    if (outcome.status === 503) return false;
    if (outcome.status !== 202) {
      await this.#failed(file, outcome.reason);
      return true;
    }
    this.#options.at?.('file-durable');
    await folder.put(file, 'done');
    const { accepted, duplicates, quarantined } = outcome;
    ports.log.info('A file was taken.', {
      ...{ source: source.name, file: file.name },
      ...{ accepted, duplicates, quarantined },
    });
    return true;
  }

  async #failed(file: DroppedFile, reason: string): Promise<void> {
    const { source, folder, ports } = this.#options;
    if (ports.clock.now() - file.changedAtMs < settleMs) return;
    await folder.put(file, 'failed', reason);
    ports.log.warn('A file was refused.', { source: source.name, file: file.name, reason });
  }

  #alarm(message: string | null): void {
    const now = this.#options.ports.clock.now();
    for (const { health } of this.#options.runners) {
      if (message === null) health.clear('E_DROP_FOLDER');
      else health.raise('E_DROP_FOLDER', message, now);
    }
  }
}

function isUnchanged(file: DroppedFile, before: DroppedFile | undefined): boolean {
  return (
    before !== undefined &&
    before.bytes === file.bytes &&
    before.changedAtMs === file.changedAtMs &&
    before.inode === file.inode
  );
}

function isAboutContent({ kind }: HeadraceError): boolean {
  return kind === 'contract' || kind === 'record' || kind === 'config';
}

/**
 * A folder others put files into for us. A name is used once: whoever writes there writes under
 * another name first (or ending in something else) and renames when the file is whole.
 */
import { constants } from 'node:fs';
import { access, lstat, mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file as it was when it was looked at; another state is another file. */
export interface DroppedFile {
  readonly name: string;
  readonly bytes: number;
  readonly changedAtMs: number;
  readonly inode: number;
}

export interface DropFolder {
  readonly path: string;
  /** Plain files with one of the endings, in the order of their names; at most `max`. */
  list(endings: readonly string[], max: number): Promise<readonly DroppedFile[]>;
  /** The content, or null when the file is not as it was when it was listed. */
  read(file: DroppedFile): Promise<Uint8Array | null>;
  /**
   * Moves a file into a folder below, with a file that says why beside it where there is a reason.
   * A file that is not as it was when it was listed stays where it is.
   */
  put(file: DroppedFile, folder: 'done' | 'failed', reason?: string): Promise<void>;
}

export function openDropFolder(path: string): DropFolder {
  return {
    path,
    async list(endings, max) {
      for (const folder of ['done', 'failed']) await mkdir(join(path, folder), { recursive: true });
      const names = (await readdir(path))
        .filter((name) => isTaken(name, endings))
        .sort()
        .slice(0, max);
      const files: DroppedFile[] = [];
      for (const name of names) {
        const file = await stateOf(path, name);
        if (file !== null) files.push(file);
      }
      return files;
    },
    async read(file) {
      const bytes = await readFileOf(join(path, file.name));
      return bytes !== null && isSame(file, await stateOf(path, file.name)) ? bytes : null;
    },
    async put(file, folder, reason) {
      if (!isSame(file, await stateOf(path, file.name))) return;
      const target = await freeName(join(path, folder), file.name);
      if (reason !== undefined) {
        await writeFile(join(path, folder, `${target}.reason`), `${reason}\n`, { mode: 0o600 });
      }
      await rename(join(path, file.name), join(path, folder, target));
    },
  };
}

/** Hidden files and those of editors are not meant for us. */
function isTaken(name: string, endings: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return !/^[.~#]/.test(name) && endings.some((ending) => lower.endsWith(ending));
}

async function stateOf(path: string, name: string): Promise<DroppedFile | null> {
  try {
    const found = await lstat(join(path, name));
    // No links: they could lead anywhere this process may read.
    if (!found.isFile()) return null;
    return { name, bytes: found.size, changedAtMs: found.mtimeMs, inode: found.ino };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

function isSame(a: DroppedFile, b: DroppedFile | null): boolean {
  return (
    b !== null && a.bytes === b.bytes && a.changedAtMs === b.changedAtMs && a.inode === b.inode
  );
}

async function readFileOf(file: string): Promise<Uint8Array | null> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Nothing that was put aside before is written over. */
async function freeName(folder: string, name: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}.${count}`;
    try {
      await access(join(folder, candidate));
    } catch {
      return candidate;
    }
  }
}

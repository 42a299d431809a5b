import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a small file as a whole: whoever reads, also after a power cut, sees the old or the new. */
export async function writeSafely(file: string, text: string): Promise<void> {
  const next = `${file}.next`;
  const handle = await open(next, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
  await syncPath(dirname(file));
}

/** Makes a file's content, or a folder's names, safe from a power cut. */
export async function syncPath(path: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'r');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw thrown;
  }
  try {
    await handle.sync();
  } catch (thrown) {
    // Windows opens no folders for syncing; its file system orders renames by itself.
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') throw thrown;
  } finally {
    await handle.close();
  }
}

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes the sealed bytes of an oversized record beside the store; `name` is a hash. */
export async function writeSpill(folder: string, name: string, sealed: Uint8Array): Promise<void> {
  await mkdir(join(folder, 'spill'), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'spill', `${name}.sealed`), sealed, { mode: 0o600 });
}

/** Removes spill files last written before `before` (ms since the epoch). */
export function dropSpills(folder: string, before: number): void {
  const spills = join(folder, 'spill');
  if (!existsSync(spills)) return;
  for (const name of readdirSync(spills)) {
    const file = join(spills, name);
    if (statSync(file).mtimeMs < before) rmSync(file, { force: true });
  }
}

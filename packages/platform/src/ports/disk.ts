import { statfsSync } from 'node:fs';

/** Bytes a process of this user may still write where `folder` lies; null where that is not told. */
export function freeBytesOf(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

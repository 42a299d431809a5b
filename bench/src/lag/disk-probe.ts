/** How long a small write takes to reach the disk meanwhile: what no commit can be faster than. */
import { open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 100;

export interface DiskProbe {
  end(): Promise<readonly number[]>;
}

export function startDiskProbe(path: string): DiskProbe {
  let isEnding = false;
  const done = (async () => {
    const tookMs: number[] = [];
    const file = await open(path, 'w');
    const bytes = Buffer.alloc(4096, 1);
    while (!isEnding) {
      const begun = performance.now();
      await file.write(bytes, 0, bytes.length, 0);
      await file.datasync();
      tookMs.push(performance.now() - begun);
      await sleep(everyMs);
    }
    await file.close();
    await rm(path, { force: true });
    return tookMs;
  })();
  return {
    end() {
      isEnding = true;
      return done;
    },
  };
}

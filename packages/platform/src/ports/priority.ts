import { constants, setPriority } from 'node:os';

/**
 * Lets other processes of the machine go first; for work beside a running platform. Not last of all:
 * who waits for the processor while it holds the store makes the others wait for it.
 */
export function yieldToOthers(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where it is not allowed, the work is only less modest.
  }
}

/** What threads and processes used, as the kernel counts it; zeros where there is no /proc. */
import { readdirSync, readFileSync, statSync } from 'node:fs';

const ticksPerSecond = 100;

export interface Usage {
  readonly cpuSeconds: number;
  /** CPU seconds by thread id. */
  readonly threads: ReadonlyMap<number, number>;
  /** Handed to the disk, not counting what only reached the page cache. */
  readonly bytesWritten: number;
  readonly bytesRead: number;
}

export function usageOf(pid: number | 'self' = 'self'): Usage {
  const threads = new Map<number, number>();
  for (const id of threadIds(pid)) {
    threads.set(id, cpuSecondsOf(`/proc/${pid}/task/${id}/stat`));
  }
  const io = readOr(`/proc/${pid}/io`, '');
  return {
    cpuSeconds: cpuSecondsOf(`/proc/${pid}/stat`),
    threads,
    bytesWritten: Number(/^write_bytes: (\d+)/m.exec(io)?.[1] ?? 0),
    bytesRead: Number(/^read_bytes: (\d+)/m.exec(io)?.[1] ?? 0),
  };
}

export function threadIds(pid: number | 'self' = 'self'): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

export function rssBytesOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readOr(`/proc/${pid}/status`, ''))?.[1];
  return Number(kib ?? 0) * 1024;
}

export function rssPeakBytesOf(pid: number): number {
  const kib = /^VmHWM:\s+(\d+)/m.exec(readOr(`/proc/${pid}/status`, ''))?.[1];
  return Number(kib ?? 0) * 1024;
}

export function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** One-minute load of the machine, printed beside every figure: others may share the cores. */
export function loadAverage(): number {
  return Number(readOr('/proc/loadavg', '0').split(' ')[0]);
}

function cpuSecondsOf(path: string): number {
  // The name in parentheses may hold spaces; the fields count from behind it.
  const fields = readOr(path, '').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

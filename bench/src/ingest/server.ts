import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Server {
  readonly pid: number;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server process that tells its port when it listens and ends with a signal. */
export async function startServer(script: string, folder: string): Promise<Server> {
  const child: ChildProcess = fork(new URL(script, import.meta.url), [folder]);
  const exited = once(child, 'exit');
  const [port] = await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error(`${script} ended before it listened.`))),
  ]);
  return {
    pid: child.pid as number,
    port: port as number,
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

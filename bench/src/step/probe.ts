/** A route of this process that does nothing, asked from another one: what others feel of the load. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProbeResult } from './probe-main.js';

export interface Probe {
  begin(): void;
  end(): Promise<ProbeResult>;
  close(): void;
}

const perSecond = 200;

export async function startProbe(): Promise<Probe> {
  const server = createServer((_request, response) => response.end('ok'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const child: ChildProcess = fork(new URL('./probe-main.js', import.meta.url), [
    String(port),
    String(perSecond),
  ]);
  await once(child, 'message');
  return {
    begin: () => child.send('begin'),
    async end() {
      const answer = once(child, 'message');
      child.send('end');
      return (await answer)[0] as ProbeResult;
    },
    close() {
      child.disconnect();
      server.close();
    },
  };
}

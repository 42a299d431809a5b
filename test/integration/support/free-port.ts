import { createServer } from 'node:net';

/**
 * A port nobody listens on. Test files run side by side, so each process begins at a place of its
 * own, below the range the system gives to outgoing connections: one of those could take the port
 * between this question and the server that wanted it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    next = first + ((next - first + 1) % count);
    if (await isFree(next)) return next;
  }
}

const first = 10_000;
const count = 22_000;
let next = first + ((process.pid * 61) % count);

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { letPass } from './let-pass.js';

it('lets a sender of too much hear why, each time', async () => {
  const server = createServer(async (request, response) => {
    await letPass(request);
    response.writeHead(413, { connection: 'close' }).end('too large');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const body = Buffer.alloc(8 << 20);
  try {
    for (let time = 0; time < 10; time += 1) {
      const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
      expect([answer.status, await answer.text()]).toEqual([413, 'too large']);
    }
  } finally {
    server.close();
  }
});

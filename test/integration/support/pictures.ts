/** A server of pictures: an asset server of a PIM, from which a shop fetches files itself. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The smallest PNG there is. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export interface Pictures {
  readonly url: string;
  /** Paths that were fetched, in order. */
  readonly served: string[];
  isDown: boolean;
  close(): Promise<void>;
}

export async function startPictures(): Promise<Pictures> {
  const served: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (self.isDown || path.includes('missing')) {
      response.writeHead(self.isDown ? 503 : 404).end();
      return;
    }
    served.push(path);
    response.writeHead(200, { 'content-type': 'image/png' }).end(pixel);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: Pictures = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    isDown: false,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return self;
}

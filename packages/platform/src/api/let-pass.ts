import type { IncomingMessage } from 'node:http';

/** What is let pass of a request that is refused for its size. */
const passedMax = 256 << 20;

/**
 * Reads what a sender is still sending and keeps none of it. A connection that is closed while its
 * sender writes is reset, and most clients then report a broken pipe in place of the answer. Ends
 * with the request, with its connection, or after `passedMax` bytes, whichever is first.
 */
export function letPass(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let passed = 0;
    request.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      if (passed > passedMax) resolve();
    });
    for (const event of ['end', 'close', 'error']) request.once(event, () => resolve());
    request.resume();
  });
}

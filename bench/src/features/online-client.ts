/** Who asks a platform for values over HTTP. */
import { type Agent, request } from 'node:http';

export interface Address {
  readonly url: string;
  readonly token: string;
}

export interface Answer {
  readonly status: number;
  text(): string;
}

/** How an answer is written: see the route. */
export type Shape = 'vectors' | 'table';

export function read(
  to: Address,
  agent: Agent,
  keys: readonly string[],
  shape: Shape = 'vectors',
): Promise<Answer> {
  return post(to, agent, '/v1/features/online', JSON.stringify({ views: ['wide'], keys, shape }));
}

export function post(
  { url, token }: Address,
  agent: Agent,
  path: string,
  body: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), {
      agent,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body) },
    });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        // Made text only where somebody looks at it: who measures has little time.
        const text = () => Buffer.concat(parts).toString();
        resolve({ status: answer.statusCode ?? 0, text });
      });
    });
    sent.end(body);
  });
}

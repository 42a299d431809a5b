import type { IncomingHttpHeaders } from 'node:http';
import { pauseRealMs } from './clock.js';
import { type EmulatorOptions, type Emulators, startEmulators } from './emulators.js';
import { listen, readBody } from './http.js';

/** What the tests of this package need to talk to a small emulator. */

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are probed field by field
  readonly body: any;
}

export interface TestClient {
  readonly emulators: Emulators;
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<TestAnswer>;
  readonly search: (
    entity: string,
    criteria: unknown,
    headers?: Record<string, string>,
  ) => Promise<TestAnswer>;
  readonly control: (method: string, path: string, body?: unknown) => Promise<TestAnswer>;
}

export const askJson = async (
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<TestAnswer> => {
  const response = await fetch(url, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
};

export const startTestClient = async (options: EmulatorOptions = {}): Promise<TestClient> => {
  const emulators = await startEmulators({
    seed: 3,
    scale: 0.02,
    days: 60,
    hasManualClock: true,
    ...options,
  });
  const { shopware, control } = emulators;
  const token = await askJson(
    `${shopware.url}/api/oauth/token`,
    'POST',
    {
      grant_type: 'client_credentials',
      client_id: shopware.clientId,
      client_secret: shopware.clientSecret,
    },
    {},
  );
  const authorization = `Bearer ${token.body.access_token}`;
  const call: TestClient['call'] = (method, path, body, headers = {}) =>
    askJson(`${shopware.url}${path}`, method, body, { authorization, ...headers });
  return {
    emulators,
    call,
    search: (entity, criteria, headers) => call('POST', `/api/search/${entity}`, criteria, headers),
    control: (method, path, body) => askJson(`${control.url}${path}`, method, body, {}),
  };
};

export interface ReceivedHook {
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are probed field by field
  readonly body: any;
}

export interface HookReceiver {
  readonly url: string;
  readonly received: ReceivedHook[];
  /** Status of the answers to come. */
  status: number;
  readonly close: () => Promise<void>;
}

export const startHookReceiver = async (): Promise<HookReceiver> => {
  const received: ReceivedHook[] = [];
  const receiver = { status: 200 };
  const server = await listen(
    (request, response) => {
      void readBody(request).then((raw) => {
        received.push({ headers: request.headers, raw, body: JSON.parse(raw.toString()) });
        response.writeHead(receiver.status).end();
      });
    },
    '127.0.0.1',
    0,
  );
  return Object.assign(receiver, { url: server.url, received, close: server.close });
};

export const until = async (isMet: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 500; tries++) {
    if (isMet()) return;
    await pauseRealMs(5);
  }
  throw new Error('waited in vain');
};

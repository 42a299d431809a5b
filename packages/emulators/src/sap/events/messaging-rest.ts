import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../../clock.js';
import { readBody, sendJson } from '../../http.js';
import { type AuthOptions, createAuth } from '../../odata/auth.js';
import { ODataError } from '../../odata/errors.js';
import type { FaultPort, RequestTarget } from '../../shopware/fault-port.js';
import { CLOUD_EVENT_TYPE } from './cloud-event.js';
import type { MessageQueue } from './message-queue.js';

/** Event Mesh's REST for fetching: one message a call, acknowledged by its id. */

export interface MessagingOptions {
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly secret: string;
  readonly auth?: AuthOptions;
  readonly queueOf: (name: string) => MessageQueue | undefined;
  readonly onCall: (target: RequestTarget) => void;
}

const CONSUMPTION = /^\/messagingrest\/v1\/queues\/([^/]+)\/messages\/consumption$/;
const ACKNOWLEDGEMENT =
  /^\/messagingrest\/v1\/queues\/([^/]+)\/messages\/([^/]+)\/acknowledgement$/;
const BODY_BYTES_MAX = 64 * 1024;

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const createMessagingListener = (options: MessagingOptions): RequestListener => {
  const { faults } = options;
  const auth =
    options.auth === undefined
      ? undefined
      : createAuth(options.clock, 'Event Mesh', options.auth, options.secret);

  const answer = (request: IncomingMessage, target: RequestTarget, body: Buffer): Reply => {
    const fault = faults.onRequest(target);
    if (fault?.kind === 'outage') return { status: 0 };
    if (fault?.kind === 'token-expiry') auth?.expireTokens();
    if (fault?.kind === 'status') {
      const headers =
        fault.retryAfterS === undefined ? {} : { 'Retry-After': String(fault.retryAfterS) };
      return { status: fault.status, headers, body: { message: 'Try again later' } };
    }
    if (target.path === '/oauth/token' && auth !== undefined && target.method === 'POST') {
      return auth.grant(request.headers.authorization, new URLSearchParams(body.toString()));
    }
    auth?.authenticate(request.headers.authorization);
    if (target.method !== 'POST') return { status: 405 };
    const consumption = CONSUMPTION.exec(target.path);
    if (consumption !== null) return consume(request, queueOf(options, consumption[1]));
    const acknowledgement = ACKNOWLEDGEMENT.exec(target.path);
    if (acknowledgement === null) return { status: 404 };
    const isKnown = queueOf(options, acknowledgement[1])?.acknowledge(acknowledgement[2] ?? '');
    return { status: isKnown === true ? 204 : 404 };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const target: RequestTarget = {
      method: request.method ?? 'GET',
      path,
      entity: undefined,
      system: 'sap',
    };
    options.onCall(target);
    const body = await readBody(request, BODY_BYTES_MAX);
    let reply: Reply;
    try {
      reply = answer(request, target, body);
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
      reply = { status: error.status, headers: error.headers, body: { message: error.message } };
    }
    if (reply.status === 0) request.socket.destroy();
    else if (reply.body === undefined) response.writeHead(reply.status, reply.headers).end();
    else sendJson(response, reply.status, reply.body, reply.headers);
  };

  return (request, response) => {
    serve(request, response).catch(() => response.destroy());
  };
};

const queueOf = (
  options: MessagingOptions,
  coded: string | undefined,
): MessageQueue | undefined => {
  try {
    return options.queueOf(decodeURIComponent(coded ?? ''));
  } catch {
    return undefined;
  }
};

const consume = (request: IncomingMessage, queue: MessageQueue | undefined): Reply => {
  const quality = request.headers['x-qos'];
  if (quality !== '0' && quality !== '1')
    return { status: 400, body: { message: 'x-qos is invalid' } };
  if (queue === undefined) return { status: 404 };
  const message = queue.take(quality === '1' ? 1 : 0);
  if (message === undefined) return { status: 204 };
  return {
    status: 200,
    headers: {
      'Content-Type': CLOUD_EVENT_TYPE,
      'x-message-id': message.id,
      'x-qos': quality,
    },
    body: message.event,
  };
};

import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import type { Clock } from '../../clock.js';
import { CLOUD_EVENT_TYPE, type CloudEvent } from './cloud-event.js';

/**
 * The calls a broker makes to a receiver: the handshake that asks whether it wants events at all,
 * the token it shows there, and the event itself.
 */

export type WebhookAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** `x-signature`: HMAC-SHA256 of the body, in hex. */
  | { readonly kind: 'hmac'; readonly secret: string }
  | {
      readonly kind: 'oauth';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

export interface WebhookTarget {
  readonly url: string;
  readonly auth: WebhookAuth;
}

export interface WebhookCaller {
  /** Whether the receiver lets this origin send to it (CloudEvents abuse protection). */
  readonly handshake: (target: WebhookTarget) => Promise<boolean>;
  /** Whether the receiver took the event: any 2xx. */
  readonly deliver: (target: WebhookTarget, event: CloudEvent) => Promise<boolean>;
  readonly close: () => void;
}

const RESPONSE_TIMEOUT_MS = 20_000;
const SOCKETS_MAX = 24;

interface Received {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

const NO_ANSWER: Received = { status: 0, headers: {}, body: '' };

const isSuccess = ({ status }: Received): boolean => status >= 200 && status < 300;

export const createWebhookCaller = (clock: Clock, origin: string): WebhookCaller => {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const tokens = new Map<string, { readonly token: string; readonly untilMs: number }>();

  const call = (
    url: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Received> =>
    new Promise((resolve) => {
      try {
        const outgoing = httpRequest(
          url,
          {
            method,
            agent,
            timeout: RESPONSE_TIMEOUT_MS,
            headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', () => resolve(NO_ANSWER));
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: Buffer.concat(chunks).toString(),
              }),
            );
          },
        );
        outgoing.on('timeout', () => outgoing.destroy());
        outgoing.on('error', () => resolve(NO_ANSWER));
        outgoing.on('close', () => resolve(NO_ANSWER));
        outgoing.end(body);
      } catch {
        // An address nobody can call.
        resolve(NO_ANSWER);
      }
    });

  const fetchToken = async (auth: Extract<WebhookAuth, { kind: 'oauth' }>): Promise<string> => {
    const key = `${auth.tokenUrl} ${auth.clientId}`;
    const known = tokens.get(key);
    if (known !== undefined && known.untilMs > clock.now()) return known.token;
    const coded = Buffer.from(`${auth.clientId}:${auth.clientSecret}`).toString('base64');
    const answer = await call(
      auth.tokenUrl,
      'POST',
      {
        Authorization: `Basic ${coded}`,
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
      },
      'grant_type=client_credentials',
    );
    if (!isSuccess(answer)) return '';
    const { access_token, expires_in } = parseToken(answer.body);
    // Renewed a minute early, so that none expires on its way.
    tokens.set(key, { token: access_token, untilMs: clock.now() + (expires_in - 60) * 1000 });
    return access_token;
  };

  const authorize = async (
    { auth }: WebhookTarget,
    body: string,
  ): Promise<Record<string, string>> => {
    switch (auth.kind) {
      case 'bearer':
        return { Authorization: `Bearer ${auth.token}` };
      case 'basic': {
        const coded = Buffer.from(`${auth.user}:${auth.password}`).toString('base64');
        return { Authorization: `Basic ${coded}` };
      }
      case 'hmac':
        return {
          'x-signature': createHmac('sha256', auth.secret).update(body).digest('hex'),
        };
      case 'oauth':
        return { Authorization: `Bearer ${await fetchToken(auth)}` };
      default:
        return {};
    }
  };

  return {
    handshake: async (target) => {
      const headers = await authorize(target, '');
      const answer = await call(
        target.url,
        'OPTIONS',
        { ...headers, 'WebHook-Request-Origin': origin },
        '',
      );
      const allowed = answer.headers['webhook-allowed-origin'];
      return isSuccess(answer) && (allowed === '*' || allowed === origin);
    },
    deliver: async (target, event) => {
      const body = JSON.stringify(event);
      const headers = await authorize(target, body);
      const answer = await call(
        target.url,
        'POST',
        { ...headers, 'Content-Type': CLOUD_EVENT_TYPE, Origin: origin, 'x-qos': '1' },
        body,
      );
      return isSuccess(answer);
    },
    close: () => agent.destroy(),
  };
};

const parseToken = (body: string): { access_token: string; expires_in: number } => {
  try {
    const given = JSON.parse(body) as { access_token?: unknown; expires_in?: unknown };
    const seconds = Number(given.expires_in ?? 0);
    return {
      access_token: String(given.access_token ?? ''),
      expires_in: Number.isFinite(seconds) ? seconds : 0,
    };
  } catch {
    return { access_token: '', expires_in: 0 };
  }
};

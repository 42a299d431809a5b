import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.js';
import { missingPrivilege, ShopwareError, tooManyRequests, unauthorized } from './errors.js';

/**
 * Client-credentials tokens. A token is signed, not stored: it stays valid over a restart of
 * the emulator, as it would over a restart of a web server.
 */

export interface ApiClient {
  readonly id: string;
  readonly secret: string;
  /** `entity:action`; undefined means an administrator. */
  readonly privileges?: readonly string[];
}

export const TOKEN_LIFETIME_S = 600;
export const TOKEN_CALLS_PER_MINUTE = 10;

export interface OAuth {
  readonly grant: (
    body: Readonly<Record<string, unknown>>,
    address: string,
  ) => Record<string, unknown>;
  readonly authenticate: (header: string | undefined) => ApiClient;
  /** From now on, tokens issued earlier are refused (a fault, or a changed secret). */
  readonly expireAll: () => void;
}

export const requirePrivilege = (client: ApiClient, privilege: string): void => {
  if (client.privileges !== undefined && !client.privileges.includes(privilege)) {
    missingPrivilege(privilege);
  }
};

/** Who a token says it is of; for counting, not for trusting. */
export const clientNamed = (header: string | undefined): string | undefined => {
  const claims = /^Bearer\s+[^.]+\.([^.]+)\./i.exec(header ?? '')?.[1];
  if (claims === undefined) return undefined;
  try {
    const parsed = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud?: unknown };
    return typeof parsed.aud === 'string' ? parsed.aud : undefined;
  } catch {
    return undefined;
  }
};

const oauthError = (status: number, code: string, title: string): ShopwareError =>
  new ShopwareError(status, [{ code, status: String(status), title, detail: title }]);

const isEqual = (left: string, right: string): boolean => {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
};

export const createOAuth = (
  clock: Clock,
  clients: readonly ApiClient[],
  signingSecret: string,
): OAuth => {
  const callsByAddress = new Map<string, number[]>();
  let issued = 0;
  let refusedBeforeIssue = 0;
  const sign = (payload: string): string =>
    createHmac('sha256', signingSecret).update(payload).digest('base64url');

  const limit = (address: string): void => {
    const nowMs = clock.now();
    const calls = (callsByAddress.get(address) ?? []).filter((atMs) => atMs > nowMs - 60_000);
    callsByAddress.set(address, calls);
    const first = calls[0];
    if (calls.length >= TOKEN_CALLS_PER_MINUTE && first !== undefined) {
      throw tooManyRequests(Math.max(1, Math.ceil((first + 60_000 - nowMs) / 1000)));
    }
    calls.push(nowMs);
  };

  return {
    grant: (body, address) => {
      limit(address);
      if (body['grant_type'] !== 'client_credentials') {
        throw oauthError(
          400,
          '2',
          'The authorization grant type is not supported by the authorization server.',
        );
      }
      const client = clients.find((entry) => entry.id === body['client_id']);
      if (client === undefined || !isEqual(client.secret, String(body['client_secret'] ?? ''))) {
        throw oauthError(401, '4', 'Client authentication failed');
      }
      issued++;
      const expiresAtMs = clock.now() + TOKEN_LIFETIME_S * 1000;
      const header = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url');
      const claims = Buffer.from(
        JSON.stringify({ aud: client.id, jti: issued, exp: expiresAtMs }),
      ).toString('base64url');
      return {
        token_type: 'Bearer',
        expires_in: TOKEN_LIFETIME_S,
        access_token: `${header}.${claims}.${sign(`${header}.${claims}`)}`,
      };
    },
    authenticate: (header) => {
      const token = /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1];
      if (token === undefined) throw unauthorized('Missing "Authorization" header');
      const [head, claims, signature] = token.split('.');
      if (head === undefined || claims === undefined || signature === undefined) {
        throw unauthorized('The JWT string must have two dots');
      }
      if (!isEqual(signature, sign(`${head}.${claims}`))) {
        throw unauthorized('Access token could not be verified');
      }
      const parsed = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
        aud: string;
        jti: number;
        exp: number;
      };
      if (parsed.exp <= clock.now() || parsed.jti <= refusedBeforeIssue) {
        throw unauthorized('The access token is expired');
      }
      const client = clients.find((entry) => entry.id === parsed.aud);
      if (client === undefined) throw unauthorized('Access token could not be verified');
      return client;
    },
    expireAll: () => {
      refusedBeforeIssue = issued;
    },
  };
};

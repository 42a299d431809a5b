import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.js';
import { ODataError } from './errors.js';

/**
 * Who calls: Basic with a communication user, or a bearer token from the client-credentials
 * grant. Tokens are signed, not stored, and live on the emulated clock.
 */

export interface Account {
  /** User name, or client id. */
  readonly id: string;
  readonly secret: string;
  /** Names of the services it may call; all when left out. */
  readonly services?: readonly string[];
}

export interface AuthOptions {
  readonly users?: readonly Account[];
  readonly clients?: readonly Account[];
  /** 3,600 unless said otherwise. */
  readonly tokenLifetimeS?: number;
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Auth {
  /** Throws a 401 in SAP's words. */
  readonly authenticate: (header: string | undefined) => Account;
  /** The token endpoint; credentials stand in the header or in the form. */
  readonly grant: (header: string | undefined, form: URLSearchParams) => TokenAnswer;
  /** Tokens issued so far are refused from now on. */
  readonly expireTokens: () => void;
}

const TOKEN_LIFETIME_S = 3_600;

const isEqual = (left: string, right: string): boolean => {
  const a = createHmac('sha256', 'compare').update(left).digest();
  const b = createHmac('sha256', 'compare').update(right).digest();
  return timingSafeEqual(a, b);
};

export const basicOf = (
  header: string | undefined,
): { readonly id: string; readonly secret: string } | undefined => {
  const coded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  if (coded === undefined) return undefined;
  const text = Buffer.from(coded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
};

const findAccount = (
  accounts: readonly Account[],
  given: { readonly id: string; readonly secret: string },
): Account | undefined =>
  accounts.find((account) => account.id === given.id && isEqual(account.secret, given.secret));

export const createAuth = (
  clock: Clock,
  realm: string,
  options: AuthOptions,
  signingSecret: string,
): Auth => {
  const { users = [], clients = [], tokenLifetimeS = TOKEN_LIFETIME_S } = options;
  let issued = 0;
  let refusedUpTo = 0;
  const sign = (text: string): string =>
    createHmac('sha256', signingSecret).update(text).digest('base64url');

  const unauthorized = (detail: string, challenge: string): ODataError =>
    new ODataError(401, '/IWFND/CM_CONSUMER/101', detail, {
      headers: { 'WWW-Authenticate': challenge },
    });
  const basicChallenge = `Basic realm="${realm}"`;

  const authenticateBearer = (token: string): Account => {
    const invalid = unauthorized(
      'The access token is invalid or has expired',
      `Bearer realm="${realm}", error="invalid_token"`,
    );
    const [claims = '', signature = ''] = token.split('.');
    if (!isEqual(signature, sign(claims))) throw invalid;
    const { client, number, untilMs } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      client: string;
      number: number;
      untilMs: number;
    };
    const account = clients.find((entry) => entry.id === client);
    if (account === undefined || untilMs <= clock.now() || number <= refusedUpTo) throw invalid;
    return account;
  };

  return {
    authenticate: (header) => {
      const bearer = /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1];
      if (bearer !== undefined) return authenticateBearer(bearer);
      const given = basicOf(header);
      const account = given === undefined ? undefined : findAccount(users, given);
      if (account === undefined) throw unauthorized('Logon failed', basicChallenge);
      return account;
    },
    grant: (header, form) => {
      if (form.get('grant_type') !== 'client_credentials') {
        return {
          status: 400,
          body: { error: 'unsupported_grant_type' },
          headers: {},
        };
      }
      const given = basicOf(header) ?? {
        id: form.get('client_id') ?? '',
        secret: form.get('client_secret') ?? '',
      };
      const account = findAccount(clients, given);
      if (account === undefined) {
        return {
          status: 401,
          body: { error: 'invalid_client' },
          headers: { 'WWW-Authenticate': basicChallenge },
        };
      }
      issued++;
      const claims = Buffer.from(
        JSON.stringify({
          client: account.id,
          number: issued,
          untilMs: clock.now() + tokenLifetimeS * 1000,
        }),
      ).toString('base64url');
      return {
        status: 200,
        body: {
          access_token: `${claims}.${sign(claims)}`,
          token_type: 'Bearer',
          expires_in: tokenLifetimeS,
        },
        headers: { 'Cache-Control': 'no-store', Pragma: 'no-cache' },
      };
    },
    expireTokens: () => {
      refusedUpTo = issued;
    },
  };
};

/** A caller without the authorisation for a service. */
export const requireService = (account: Account, service: string): void => {
  if (account.services === undefined || account.services.includes(service)) return;
  throw new ODataError(403, '/IWFND/CM_MGW/403', `No authorization to access Service '${service}'`);
};

import type { Authenticator, FetchedToken, HttpClient, Json, Secret } from '@headrace/sdk';
import { bearerToken, HeadraceError } from '@headrace/sdk';
import type { SapConfig } from './config.js';
import { object, text } from './json.js';
import type { SapContext } from './odata/question.js';

/** Basic for communication users, OAuth 2.0 client credentials for the rest. */
export function authenticate(context: SapContext): Authenticator {
  const { auth, client } = context.config;
  if (auth.kind === 'oauth') {
    const place = placeOf(context.config, auth.tokenUrl);
    const query = client === undefined ? '' : `sap-client=${client}`;
    return tokens(context, auth.secret, { ...place, path: withQuery(place.path, query) });
  }
  return {
    headers: async () => ({ authorization: basicOf(auth.secret.reveal()) }),
    invalidate() {},
  };
}

/** Where tokens are had: below the system's address, or on a host of its own. */
export interface TokenPlace {
  readonly path: string;
  readonly origin?: string;
}

/** Client credentials (RFC 6749, section 4.4) that go to the token endpoint and nowhere else. */
export function tokens(
  context: Pick<SapContext, 'clock' | 'http'>,
  secret: Secret,
  place: TokenPlace,
): Authenticator {
  const fetch = () => fetchToken(context.http, secret, place);
  return bearerToken({ clock: context.clock, fetchToken: fetch });
}

/** The place of an address with scheme and host. */
export function placeAt(address: string): TokenPlace & { readonly origin: string } {
  const { origin, pathname, search } = new URL(address);
  return { origin, path: `${pathname}${search}` };
}

/** A path, or an address that begins with that of the system, is the system itself. */
function placeOf({ url }: Pick<SapConfig, 'url'>, tokenUrl: string): TokenPlace {
  const base = url.replace(/\/+$/, '');
  if (tokenUrl.startsWith('/')) return { path: tokenUrl };
  return tokenUrl.startsWith(`${base}/`)
    ? { path: tokenUrl.slice(base.length) }
    : placeAt(tokenUrl);
}

/** Hosts beside that of the system which the settings name. */
export function originsOf(config: SapConfig): readonly string[] {
  const { auth, events } = config;
  const token = auth.kind === 'oauth' ? placeOf(config, auth.tokenUrl).origin : undefined;
  const addresses = events === undefined ? [] : [events.url, events.auth.tokenUrl];
  const others = addresses.map((address) => placeAt(address).origin);
  return [...new Set([...(token === undefined ? [] : [token]), ...others])];
}

async function fetchToken(
  http: HttpClient,
  secret: Secret,
  place: TokenPlace,
): Promise<FetchedToken> {
  const { body } = await http.request({
    method: 'POST',
    ...place,
    authorize: false,
    headers: {
      accept: 'application/json',
      authorization: basicOf(secret.reveal()),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const answer = object(parse(body));
  const token = text(answer?.access_token);
  if (token === null) {
    throw new HeadraceError('contract', 'A request for a token was answered without one.', {
      code: 'E_SAP_TOKEN',
      hint: 'Check `tokenUrl`; of SAP itself it is mostly /sap/bc/sec/oauth2/token.',
    });
  }
  const seconds = Number(answer?.expires_in);
  return { token, expiresInMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 600_000 };
}

function withQuery(path: string, query: string): string {
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

function basicOf(credentials: string): string {
  const at = credentials.indexOf(':');
  if (at > 0 && at < credentials.length - 1) {
    return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
  }
  throw new HeadraceError('config', '`auth` is not a name and a password.', {
    code: 'E_SAP_AUTH',
    hint: 'Write `user:password` of a communication user, or `client id:client secret` for OAuth.',
  });
}

function parse(body: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as Json;
  } catch {
    return null;
  }
}

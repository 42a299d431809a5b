import type { Authenticator, Json } from '@headrace/sdk';
import { bearerToken, HeadraceError } from '@headrace/sdk';
import { object, text } from './json.js';
import type { SapContext } from './odata/question.js';

/** Basic for communication users, OAuth 2.0 client credentials for the rest. */
export function authenticate(context: SapContext): Authenticator {
  const { auth } = context.config;
  if (auth.kind === 'oauth') {
    return bearerToken({ clock: context.clock, fetchToken: () => fetchToken(context) });
  }
  return {
    headers: async () => ({ authorization: basicOf(auth.secret.reveal()) }),
    invalidate() {},
  };
}

async function fetchToken(context: SapContext) {
  const { auth, client } = context.config;
  const path = tokenPath(context);
  const { body } = await context.http.request({
    method: 'POST',
    path:
      client === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}sap-client=${client}`,
    authorize: false,
    headers: {
      accept: 'application/json',
      authorization: basicOf(auth.secret.reveal()),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const answer = object(parse(body));
  const token = text(answer?.access_token);
  if (token === null) {
    throw new HeadraceError('contract', 'SAP answered a request for a token without one.', {
      code: 'E_SAP_TOKEN',
      hint: 'Check `tokenUrl`; on most systems it is /sap/bc/sec/oauth2/token.',
    });
  }
  const seconds = Number(answer?.expires_in);
  return { token, expiresInMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 600_000 };
}

/** Credentials go to the system and nowhere else, so the token comes from there as well. */
function tokenPath({ config }: SapContext): string {
  const wanted = config.auth.kind === 'oauth' ? config.auth.tokenUrl : '';
  const base = config.url.replace(/\/+$/, '');
  if (wanted.startsWith('/') && !wanted.startsWith('//')) return wanted;
  if (wanted.startsWith(`${base}/`)) return wanted.slice(base.length);
  throw new HeadraceError('config', '`tokenUrl` is not an address of this system.', {
    code: 'E_SAP_AUTH',
    hint: 'Write a path such as /sap/bc/sec/oauth2/token, or an address that begins with `url`.',
  });
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

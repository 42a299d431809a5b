import type { Authenticator, Json } from '@headrace/sdk';
import { bearerToken, HeadraceError } from '@headrace/sdk';
import { number, object, text } from './json.js';
import type { ShopwareContext } from './search.js';

/** Tokens live for ten minutes, and a shop answers ten requests for one a minute. */
export function authenticate(context: ShopwareContext): Authenticator {
  return bearerToken({ clock: context.clock, fetchToken: () => fetchToken(context) });
}

async function fetchToken(context: ShopwareContext) {
  const [id, key] = credentials(context.config.auth.reveal());
  const { body } = await context.http.request({
    method: 'POST',
    path: '/api/oauth/token',
    authorize: false,
    headers: { accept: 'application/json' },
    json: { grant_type: 'client_credentials', client_id: id, client_secret: key },
  });
  const answer = object(parse(body));
  const token = text(answer?.access_token);
  if (token === null) {
    throw new HeadraceError('contract', 'The shop answered a request for a token without one.', {
      code: 'E_SHOPWARE_TOKEN',
      hint: 'Check the address: it must be the shop itself, without `/api`.',
    });
  }
  return { token, expiresInMs: (number(answer?.expires_in) ?? 600) * 1000 };
}

function credentials(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new HeadraceError('config', '`auth` is not an access key id and a key.', {
    code: 'E_SHOPWARE_AUTH',
    hint: 'Make an integration in the shop and write both of its keys as `id:key`.',
  });
}

function parse(body: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as Json;
  } catch {
    return null;
  }
}

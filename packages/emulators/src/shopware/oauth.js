import { createHmac, timingSafeEqual } from 'node:crypto';
import { missingPrivilege, ShopwareError, tooManyRequests, unauthorized } from './errors.js';
export const TOKEN_LIFETIME_S = 600;
export const TOKEN_CALLS_PER_MINUTE = 10;
export const requirePrivilege = (client, privilege) => {
  if (client.privileges !== undefined && !client.privileges.includes(privilege)) {
    missingPrivilege(privilege);
  }
};
const oauthError = (status, code, title) =>
  new ShopwareError(status, [{ code, status: String(status), title, detail: title }]);
const isEqual = (left, right) => {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
};
export const createOAuth = (clock, clients, signingSecret) => {
  const callsByAddress = new Map();
  let issued = 0;
  let refusedBeforeIssue = 0;
  const sign = (payload) => createHmac('sha256', signingSecret).update(payload).digest('base64url');
  const limit = (address) => {
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
      const parsed = JSON.parse(Buffer.from(claims, 'base64url').toString());
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
//# sourceMappingURL=oauth.js.map

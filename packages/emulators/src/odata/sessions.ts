import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.js';

/**
 * CSRF tokens. A read with `X-CSRF-Token: Fetch` opens a session: a token and cookies. A write
 * must bring the token and every cookie of its session back; a token alone is refused. The names
 * of the cookies differ from session to session, as they differ between SAP's releases, so that
 * no client can get by with knowing one name.
 */

export interface Session {
  readonly token: string;
  readonly cookies: ReadonlyMap<string, string>;
  readonly account: string;
  seenMs: number;
}

export interface Sessions {
  readonly open: (account: string) => Session;
  /** The session of these cookies, if it is still there. */
  readonly find: (cookieHeader: string | undefined, account: string) => Session | undefined;
  readonly isValid: (
    token: string | undefined,
    cookieHeader: string | undefined,
    account: string,
  ) => boolean;
  readonly expireAll: () => void;
}

const IDLE_MS = 30 * 60_000;
const SESSIONS_MAX = 1_000;

export interface SessionOptions {
  /** `S4H` */
  readonly systemId: string;
  /** `100` */
  readonly client: string;
  readonly secret: string;
}

export const createSessions = (clock: Clock, options: SessionOptions): Sessions => {
  const byToken = new Map<string, Session>();
  let opened = 0;
  const derive = (purpose: string): string =>
    createHmac('sha256', options.secret).update(`${purpose} ${opened}`).digest('base64url');

  const cookieNames = (): readonly string[] => {
    const suffix = `${options.systemId}_${options.client}`;
    return opened % 2 === 1
      ? [`SAP_SESSIONID_${suffix}`, `sap-XSRF_${suffix}`]
      : [`sap-${options.systemId.toLowerCase()}-session`, `__Host-xsrf-${suffix}`];
  };

  const live = (session: Session | undefined, account: string): Session | undefined => {
    if (session === undefined || session.account !== account) return undefined;
    if (clock.now() - session.seenMs > IDLE_MS) {
      byToken.delete(session.token);
      return undefined;
    }
    return session;
  };

  return {
    open: (account) => {
      opened++;
      const session: Session = {
        token: derive('token').slice(0, 24),
        cookies: new Map(cookieNames().map((name) => [name, derive(name)])),
        account,
        seenMs: clock.now(),
      };
      // The map keeps the order in which sessions began; the oldest gives way.
      const [oldest] = byToken.keys();
      if (byToken.size >= SESSIONS_MAX && oldest !== undefined) byToken.delete(oldest);
      byToken.set(session.token, session);
      return session;
    },
    find: (cookieHeader, account) => {
      const given = parseCookies(cookieHeader);
      if (given.size === 0) return undefined;
      for (const session of byToken.values()) {
        if (hasAll(session, given)) return live(session, account);
      }
      return undefined;
    },
    isValid: (token, cookieHeader, account) => {
      const session = live(byToken.get(token ?? ''), account);
      if (session === undefined || !hasAll(session, parseCookies(cookieHeader))) return false;
      session.seenMs = clock.now();
      return true;
    },
    expireAll: () => byToken.clear(),
  };
};

const hasAll = (session: Session, given: ReadonlyMap<string, string>): boolean => {
  for (const [name, value] of session.cookies) if (given.get(name) !== value) return false;
  return true;
};

const parseCookies = (header: string | undefined): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const equalsAt = part.indexOf('=');
    if (equalsAt > 0) cookies.set(part.slice(0, equalsAt).trim(), part.slice(equalsAt + 1).trim());
  }
  return cookies;
};

/**
 * Sessions of the page in a browser. A one-time link, printed where the platform was started, is
 * exchanged for a token of its own, so that nobody copies a long-lived one into a browser:
 *
 *   invited ──redeemed once, within 15 minutes──▶ session ──12 hours, or the next start──▶ gone
 *
 * Both are kept in memory and as hashes only. Each session has a name, under which it acts.
 */
import { hash } from 'node:crypto';
import type { Clock, Random } from '@headrace/sdk';
import { z } from 'zod';
import type { Engine } from '../engine/index.js';
import type { Principal, Role, TokenStore } from './access.js';
import { roles } from './access.js';
import { HttpProblem } from './problem.js';
import { defineRoute, type Routes } from './route.js';
import { instant, named } from './shapes.js';

export interface Session extends Principal {
  readonly token: string;
  readonly expiresAt: number;
}

export interface Sessions {
  /** A code that opens one session of this role. */
  invite(role: Role): string;
  /** Null when the code is unknown, used or too old. */
  redeem(code: string): Promise<Session | null>;
  /** As the tokens of the store are found, and when it ends. */
  find(token: string): (Principal & { readonly expiresAt: number }) | null;
}

interface Kept extends Principal {
  readonly expiresAt: number;
  /** By the clock that nobody moves: a demo's may run fast. */
  readonly until: number;
}

const inviteMs = 15 * 60_000;
const sessionMs = 12 * 3_600_000;
/** Nobody has this many windows open; whoever asks for more loses the oldest. */
const keptMax = 100;

export function createSessions(
  engine: Pick<Engine, 'control'>,
  { random, clock }: { readonly random: Random; readonly clock: Clock },
): Sessions {
  const invites = new Map<string, { readonly role: Role; readonly until: number }>();
  const sessions = new Map<string, Kept>();
  const secret = () => Buffer.from(random.bytes(32)).toString('base64url');
  return {
    invite(role) {
      const code = secret();
      keep(invites, digest(code), { role, until: clock.monotonicMs() + inviteMs });
      return code;
    },
    async redeem(code) {
      const key = digest(code);
      const invite = invites.get(key);
      invites.delete(key);
      if (invite === undefined || invite.until < clock.monotonicMs()) return null;
      const name = `console-${Buffer.from(random.bytes(3)).toString('hex')}`;
      const { role } = invite;
      const body = { session: name, role, granted: true };
      await engine.control('one-time link', 'access', body);
      const token = `hr_${secret()}`;
      const session = { name, role, expiresAt: clock.now() + sessionMs };
      keep(sessions, digest(token), { ...session, until: clock.monotonicMs() + sessionMs });
      return { token, ...session };
    },
    find(token) {
      const session = sessions.get(digest(token));
      return session === undefined || session.until < clock.monotonicMs() ? null : session;
    },
  };
}

/** Tokens that last, and those of sessions. */
export function eitherOf(tokens: TokenStore, sessions: Sessions): Pick<TokenStore, 'find'> {
  return { find: (token) => tokens.find(token) ?? sessions.find(token) };
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > keptMax && oldest !== undefined) map.delete(oldest);
}

function digest(text: string): string {
  return hash('sha256', text, 'hex');
}

const sessionShape = {
  name: z.string(),
  role: z.enum(roles),
  expiresAt: instant.nullable().meta({ description: 'Null: it holds until it is revoked.' }),
};

const readSession = defineRoute({
  name: 'readSession',
  method: 'GET',
  path: '/v1/session',
  tag: 'access',
  summary: 'Whose token this is and what it may do.',
  role: 'viewer',
  answer: named('Session', z.object({ ...sessionShape, version: z.string() })),
});

const openSession = defineRoute({
  name: 'openSession',
  method: 'POST',
  path: '/v1/sessions',
  tag: 'access',
  summary: 'Exchanges the code of a one-time link for a token of a session.',
  role: null,
  body: named('OneTimeCode', z.strictObject({ code: z.string().min(1).max(200) })),
  status: 201,
  answer: named('OpenedSession', z.object({ ...sessionShape, token: z.string() })),
});

export function registerSessions(routes: Routes, sessions: Sessions, version: string): void {
  routes.on(readSession, ({ principal, request }) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const until = sessions.find(token)?.expiresAt;
    const { name, role } = principal;
    return { name, role, version, expiresAt: until === undefined ? null : isoOf(until) };
  });
  routes.on(openSession, async ({ body }) => {
    const session = await sessions.redeem(body.code);
    if (session === null) {
      throw new HttpProblem(
        403,
        'E_ONE_TIME_LINK',
        'This link was used before, or is older than 15 minutes.',
        'Restart the platform for a new one, or enter a token.',
      );
    }
    return { ...session, expiresAt: isoOf(session.expiresAt) };
  });
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

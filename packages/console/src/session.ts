/**
 * Who uses the page. The token lives as long as the window (`sessionStorage`); a one-time link brings
 * its code in the part of the address that is never sent, and it is taken out of it at once.
 */
import { call } from './client/client.js';
import type { Session } from './client/schema.js';

const storageKey = 'headrace-token';

export const ranks = ['viewer', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof ranks)[number];

export function mayAct(session: Session, needed: Role): boolean {
  return ranks.indexOf(session.role) >= ranks.indexOf(needed);
}

export function storedToken(): string | null {
  return sessionStorage.getItem(storageKey);
}

export function storeToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(storageKey);
  else sessionStorage.setItem(storageKey, token);
}

/** The code of a one-time link, once: the address no longer has it afterwards. */
export function takeCode(): string | null {
  const code = /^#once=([\w-]+)$/.exec(location.hash)?.[1] ?? null;
  if (code !== null) history.replaceState(null, '', location.pathname + location.search);
  return code;
}

export async function redeem(code: string): Promise<string> {
  const { token } = await call(null, 'openSession', { body: { code } });
  return token;
}

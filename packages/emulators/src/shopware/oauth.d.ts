import type { Clock } from '../clock.js';
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
export declare const TOKEN_LIFETIME_S = 600;
export declare const TOKEN_CALLS_PER_MINUTE = 10;
export interface OAuth {
  readonly grant: (
    body: Readonly<Record<string, unknown>>,
    address: string,
  ) => Record<string, unknown>;
  readonly authenticate: (header: string | undefined) => ApiClient;
  /** From now on, tokens issued earlier are refused (a fault, or a changed secret). */
  readonly expireAll: () => void;
}
export declare const requirePrivilege: (client: ApiClient, privilege: string) => void;
export declare const createOAuth: (
  clock: Clock,
  clients: readonly ApiClient[],
  signingSecret: string,
) => OAuth;

/** Named tokens with roles. Only hashes are kept; a token is shown once, when it is made. */
import { hash } from 'node:crypto';
import { HeadraceError, type JsonObject, type Random } from '@headrace/sdk';
import type { Engine } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';

export const roles = ['viewer', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof roles)[number];

export interface Principal {
  readonly name: string;
  readonly role: Role;
}

export interface TokenInfo extends Principal {
  readonly createdAt: number;
}

export interface TokenStore {
  /** Makes the first token at the first start; null at any later one. */
  ensureFirst(): Promise<string | null>;
  create(name: string, role: Role, principal: string): Promise<string>;
  revoke(name: string, principal: string): Promise<boolean>;
  list(): readonly TokenInfo[];
  /** Whose token this is, or null. */
  find(token: string): Principal | null;
}

export function mayAct(principal: Principal, needed: Role): boolean {
  return roles.indexOf(principal.role) >= roles.indexOf(needed);
}

export function isRole(text: unknown): text is Role {
  return roles.includes(text as Role);
}

/** Tokens as they are in the store, in memory until they are read again. */
export class KnownTokens implements Pick<TokenStore, 'find'> {
  readonly #reader: Pick<StoreReader, 'tokens'>;
  #byHash: ReadonlyMap<string, Principal> = new Map();

  constructor(reader: Pick<StoreReader, 'tokens'>) {
    this.#reader = reader;
    this.reload();
  }

  get size(): number {
    return this.#byHash.size;
  }

  reload(): void {
    const rows = this.#reader.tokens();
    this.#byHash = new Map(
      rows.map((row) => [
        Buffer.from(row.hash).toString('hex'),
        { name: row.name, role: row.role as Role },
      ]),
    );
  }

  // Looked up by hash: the comparison reveals nothing about the token itself.
  find(token: string): Principal | null {
    return this.#byHash.get(digest(token)) ?? null;
  }

  isNamed(name: string): boolean {
    return [...this.#byHash.values()].some((known) => known.name === name);
  }
}

/** Whether a journaled act may have given or taken a token. */
export function changesTokens(body: JsonObject | null): boolean {
  return body?.['action'] === 'access';
}

export function createTokenStore(
  engine: Engine,
  ports: { readonly random: Random; readonly now: () => number },
): TokenStore {
  const known = new KnownTokens(engine.reader);

  const create = async (name: string, role: Role, principal: string): Promise<string> => {
    if (!/^[\w.@-]{1,64}$/.test(name)) {
      throw new HeadraceError('config', 'A token name is 1 to 64 letters, digits or . _ @ -', {
        code: 'E_TOKEN_NAME',
      });
    }
    if (known.isNamed(name)) {
      throw new HeadraceError('conflict', `There is a token named ${name} already.`, {
        code: 'E_TOKEN_EXISTS',
        hint: 'Revoke it first, or choose another name.',
      });
    }
    const token = `hr_${Buffer.from(ports.random.bytes(32)).toString('base64url')}`;
    await engine.control(principal, 'access', { token: name, role, granted: true }, (encoder) =>
      encoder.run('INSERT INTO token (name, role, hash, created_at) VALUES (?, ?, ?, ?)', [
        name,
        role,
        Buffer.from(digest(token), 'hex'),
        ports.now(),
      ]),
    );
    known.reload();
    return token;
  };

  return {
    create,
    ensureFirst: async () => (known.size > 0 ? null : create('admin', 'admin', 'system')),
    async revoke(name, principal) {
      if (!engine.reader.tokens().some((row) => row.name === name)) return false;
      await engine.control(principal, 'access', { token: name, granted: false }, (encoder) =>
        encoder.run('DELETE FROM token WHERE name = ?', [name]),
      );
      known.reload();
      return true;
    },
    list: () =>
      engine.reader
        .tokens()
        .map(({ name, role, createdAt }) => ({ name, role: role as Role, createdAt })),
    find: (token) => known.find(token),
  };
}

function digest(token: string): string {
  return hash('sha256', token, 'hex');
}

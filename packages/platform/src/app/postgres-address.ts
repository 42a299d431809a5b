/** Where a server of PostgreSQL is, as `postgres://…` and the variables of its own tools say it. */
import { userInfo } from 'node:os';
import { HeadraceError } from '@headrace/sdk';
import type { PostgresAddress, PostgresTls } from '../ports/index.js';
import type { Variables } from './environment.js';

const modes: Readonly<Record<string, PostgresTls>> = {
  disable: 'disable',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-full',
  'verify-full': 'verify-full',
};

export function postgresAddress(text: string, variables: Variables): PostgresAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw addressError('This is no address of PostgreSQL.');
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw addressError(`${url.protocol}// is no address of PostgreSQL.`);
  }
  const told = (given: string | null, name: string): string | undefined => {
    const value = given === null || given === '' ? variables[name] : decodeURIComponent(given);
    return value === '' ? undefined : value;
  };
  const user = told(url.username, 'PGUSER') ?? userInfo().username;
  const mode = told(url.searchParams.get('sslmode'), 'PGSSLMODE') ?? 'prefer';
  const tls = modes[mode];
  if (tls === undefined) {
    throw addressError(`There is no sslmode ${mode}.`);
  }
  const port = Number(told(url.port, 'PGPORT') ?? 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw addressError('The port is none.');
  return {
    host: told(url.searchParams.get('host') ?? url.hostname, 'PGHOST') ?? 'localhost',
    port,
    user,
    password: told(url.password, 'PGPASSWORD') ?? null,
    database: told(url.pathname.slice(1), 'PGDATABASE') ?? user,
    tls,
  };
}

/** The address without who signs on. */
export function shownAddress({ host, port, database }: PostgresAddress): string {
  return `postgres://${host}:${port}/${database}`;
}

function addressError(message: string): HeadraceError {
  return new HeadraceError('config', message, {
    code: 'E_POSTGRES_ADDRESS',
    hint: 'Write postgres://user@host:5432/database?sslmode=require, with PGPASSWORD in the environment or in .env.',
  });
}

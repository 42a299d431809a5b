/**
 * Speaks to a PostgreSQL server what bulk loads need of its protocol (version 3): one connection, plain
 * statements, and `COPY … FROM STDIN`. Source: PostgreSQL's manual, "Frontend/Backend Protocol".
 *
 *   connecting → (TLS) → signing on → ready ⇄ busy (a statement, or a copy under way) → closed
 *
 * Invariants: one thing at a time; writing waits while the server does not keep up; after any failure of
 * the connection everything fails with it. No message names a password, and none goes out in the clear
 * to another machine.
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { ensureError, HeadraceError } from '@headrace/sdk';

/** How much a server is trusted to be the one that is meant, as libpq names it. */
export type PostgresTls = 'disable' | 'prefer' | 'require' | 'verify-full';

export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | null;
  readonly database: string;
  readonly tls: PostgresTls;
}

export interface PostgresCopy {
  /** Resolves once more may be written. */
  write(rows: string): Promise<void>;
  /** Ends the copy; the transaction it is in decides whether it counts. */
  finish(): Promise<void>;
}

export interface PostgresConnection {
  /** Rows as text; of several statements those of the last one. */
  run(sql: string): Promise<(string | null)[][]>;
  copy(sql: string): Promise<PostgresCopy>;
  close(): void;
}

interface Message {
  readonly kind: string;
  readonly body: Buffer;
}

const protocol = 196_608;
const tlsRequest = 80_877_103;
const waitMs = 15_000;
const nearHosts = new Set(['localhost', '127.0.0.1', '::1']);
const derive = promisify(pbkdf2);

export async function connectPostgres(address: PostgresAddress): Promise<PostgresConnection> {
  const wire = await Wire.open(address);
  try {
    await signOn(wire, address);
  } catch (thrown) {
    wire.close();
    throw thrown;
  }
  /** Reads to the end of what was asked; what went wrong is told once the server is ready again. */
  const settle = async (): Promise<(string | null)[][]> => {
    let rows: (string | null)[][] = [];
    let failed: HeadraceError | null = null;
    for (;;) {
      const { kind, body } = await wire.next();
      if (kind === 'T') rows = [];
      else if (kind === 'D') rows.push(rowOf(body));
      else if (kind === 'E') failed ??= serverError(body);
      else if (kind === 'Z') {
        if (failed !== null) throw failed;
        return rows;
      }
    }
  };
  return {
    async run(sql) {
      await wire.send('Q', text(sql));
      return settle();
    },
    async copy(sql) {
      await wire.send('Q', text(sql));
      for (;;) {
        const { kind, body } = await wire.next();
        if (kind === 'G') break;
        if (kind === 'E') {
          const failed = serverError(body);
          await settle();
          throw failed;
        }
      }
      return {
        async write(rows) {
          // A refused row ends the copy at once, and not only when all is sent.
          const failed = wire.peekError();
          if (failed !== null) {
            await settle().catch(() => undefined);
            throw failed;
          }
          await wire.send('d', Buffer.from(rows));
        },
        async finish() {
          await wire.send('c', Buffer.alloc(0));
          await settle();
        },
      };
    },
    close: () => wire.close(),
  };
}

async function signOn(wire: Wire, { user, password, database }: PostgresAddress): Promise<void> {
  const words = ['user', user, 'database', database, 'client_encoding', 'UTF8'];
  const named = [...words, 'application_name', 'headrace', ''].map(text);
  await wire.send('', Buffer.concat([number(protocol), ...named]));
  const secret = (): string => {
    if (password !== null) return password;
    throw new HeadraceError('config', 'The server asks for a password.', {
      code: 'E_POSTGRES',
      hint: 'Set PGPASSWORD in the environment or in .env.',
    });
  };
  let scram: Scram | null = null;
  for (;;) {
    const { kind, body } = await wire.next();
    if (kind === 'E') throw serverError(body);
    if (kind === 'Z') return;
    if (kind !== 'R') continue;
    switch (body.readInt32BE(0)) {
      case 0:
        break;
      case 3:
        if (!wire.isPrivate) throw unsafe();
        await wire.send('p', text(secret()));
        break;
      case 5: {
        const inner = md5(secret() + user);
        const salted = createHash('md5').update(inner).update(body.subarray(4, 8)).digest('hex');
        await wire.send('p', text(`md5${salted}`));
        break;
      }
      case 10: {
        scram = new Scram(secret());
        const first = Buffer.from(scram.first());
        const mechanism = text('SCRAM-SHA-256');
        await wire.send('p', Buffer.concat([mechanism, number(first.length), first]));
        break;
      }
      case 11:
        await wire.send('p', Buffer.from((await scram?.answer(body.toString('utf8', 4))) ?? ''));
        break;
      case 12:
        scram?.check(body.toString('utf8', 4));
        break;
      default:
        throw new HeadraceError('config', 'The server asks for a way to sign on we do not know.', {
          code: 'E_POSTGRES',
          hint: 'Let the user sign on with a password (scram-sha-256) in pg_hba.conf.',
        });
    }
  }
}

/** RFC 5802 with SHA-256 (RFC 7677), without channel binding. */
class Scram {
  readonly #password: string;
  readonly #nonce = randomBytes(18).toString('base64');
  #proof: Buffer = Buffer.alloc(0);

  constructor(password: string) {
    this.#password = password.normalize('NFKC');
  }

  first(): string {
    return `n,,n=,r=${this.#nonce}`;
  }

  async answer(challenge: string): Promise<string> {
    const part = (name: string) => new RegExp(`(?:^|,)${name}=([^,]*)`).exec(challenge)?.[1] ?? '';
    const nonce = part('r');
    if (!nonce.startsWith(this.#nonce)) throw scramError();
    const salt = Buffer.from(part('s'), 'base64');
    const key = await derive(this.#password, salt, Number(part('i')), 32, 'sha256');
    const client = hmac(key, 'Client Key');
    const bare = `c=biws,r=${nonce}`;
    const all = `n=,r=${this.#nonce},${challenge},${bare}`;
    const signed = hmac(createHash('sha256').update(client).digest(), all);
    this.#proof = hmac(hmac(key, 'Server Key'), all);
    const proof = Buffer.from(client.map((byte, at) => byte ^ (signed[at] as number)));
    return `${bare},p=${proof.toString('base64')}`;
  }

  /** A server that does not know the password either is not the one that is meant. */
  check(final: string): void {
    const told = Buffer.from(/^v=(.*)$/.exec(final)?.[1] ?? '', 'base64');
    if (told.length !== this.#proof.length || !timingSafeEqual(told, this.#proof)) {
      throw scramError();
    }
  }
}

/** Whole messages out of a socket, and into it. */
class Wire {
  readonly #socket: Socket;
  readonly #messages: Message[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #failure: HeadraceError | null = null;
  #wake: (() => void) | null = null;

  /** Nobody between can read along. */
  readonly isPrivate: boolean;

  private constructor(socket: Socket, isPrivate: boolean) {
    this.#socket = socket;
    this.isPrivate = isPrivate;
    socket.setTimeout(0);
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.on('error', (thrown) => this.#fail(thrown));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(address: PostgresAddress): Promise<Wire> {
    const { host, port, tls } = address;
    const socket = host.startsWith('/')
      ? connectTcp(`${host}/.s.PGSQL.${port}`)
      : connectTcp({ host, port });
    try {
      await event(socket, 'connect');
      const isNear = host.startsWith('/') || nearHosts.has(host);
      if (tls === 'disable' || host.startsWith('/')) return new Wire(socket, isNear);
      socket.write(Buffer.concat([number(8), number(tlsRequest)]));
      const answer = (await event(socket, 'data')) as Buffer;
      if (answer.toString() === 'S') {
        const strict = tls === 'verify-full';
        const named = isIP(host) === 0 ? { servername: host } : {};
        const secured = connectTls({ socket, host, ...named, rejectUnauthorized: strict });
        await event(secured, 'secureConnect');
        return new Wire(secured, true);
      }
      if (tls === 'prefer') return new Wire(socket, isNear);
      throw new Error('the server does not speak TLS');
    } catch (thrown) {
      socket.destroy();
      throw unreachable(ensureError(thrown).message, address);
    }
  }

  async next(): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** An error that is there already, left to be read. */
  peekError(): HeadraceError | null {
    const found = this.#messages.find(({ kind }) => kind === 'E');
    return found === undefined ? this.#failure : serverError(found.body);
  }

  async send(kind: string, body: Buffer): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const head = Buffer.concat([Buffer.from(kind), number(body.length + 4)]);
    this.#socket.write(head);
    if (this.#socket.write(body)) return;
    while (this.#socket.writableNeedDrain && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#socket.once('drain', resolve);
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    if (this.#failure === null) this.#socket.end(Buffer.concat([Buffer.from('X'), number(4)]));
    else this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 5) {
      const end = 1 + this.#rest.readInt32BE(1);
      if (this.#rest.length < end) break;
      const kind = String.fromCharCode(this.#rest[0] as number);
      this.#messages.push({ kind, body: this.#rest.subarray(5, end) });
      this.#rest = this.#rest.subarray(end);
    }
    this.#wake?.();
  }

  #fail(thrown: Error): void {
    this.#failure ??= new HeadraceError('transient', `PostgreSQL: ${thrown.message}.`, {
      code: 'E_POSTGRES',
      hint: 'Look at the log of the server; nothing of the set is there.',
      cause: thrown,
    });
    this.#wake?.();
  }
}

function event(socket: Socket, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(waitMs, () => reject(new Error('no answer')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed the connection')));
    socket.once(name, (value: unknown) => {
      socket.removeAllListeners();
      resolve(value);
    });
  });
}

function unreachable(why: string, { host, port }: PostgresAddress): HeadraceError {
  return new HeadraceError('transient', `PostgreSQL at ${host}:${port}: ${why}.`, {
    code: 'E_POSTGRES',
    hint: 'Check host, port and sslmode, and whether the server lets this machine in.',
  });
}

function unsafe(): HeadraceError {
  return new HeadraceError('config', 'The server wants the password in the clear, without TLS.', {
    code: 'E_POSTGRES',
    hint: 'Say ?sslmode=require, or let the user sign on with scram-sha-256 in pg_hba.conf.',
  });
}

function scramError(): HeadraceError {
  return new HeadraceError('config', 'The server did not prove that it knows the password.', {
    code: 'E_POSTGRES',
    hint: 'Check that host and port are those of the server that is meant.',
  });
}

const hints: Readonly<Record<string, string>> = {
  '28P01': 'Check the user, and PGPASSWORD in the environment or in .env.',
  '28000': 'Check the user, and what pg_hba.conf on the server lets it do.',
  '3D000': 'Create the database, or name another one.',
  '3F000': 'Create the schema, or name another one before the table.',
  '42501': 'Give the user the right to create tables in this schema.',
  '42P07': 'Name another table, or say --replace to put the new set in its place.',
  '53100': 'The disk of the server is full.',
};

/** Fields of an error: a letter and text each. */
function serverError(body: Buffer): HeadraceError {
  const fields = new Map(
    body
      .toString()
      .split('\0')
      .filter((field) => field !== '')
      .map((field) => [field.charAt(0), field.slice(1)]),
  );
  const state = fields.get('C') ?? '';
  return new HeadraceError('config', `PostgreSQL: ${fields.get('M') ?? 'an error'} (${state}).`, {
    code: 'E_POSTGRES',
    hint: hints[state] ?? 'Look at the log of the server; nothing of the set is there.',
    context: { state },
  });
}

function rowOf(body: Buffer): (string | null)[] {
  const row: (string | null)[] = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left -= 1) {
    const length = body.readInt32BE(at);
    at += 4;
    row.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(0, length);
  }
  return row;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function md5(value: string): string {
  return createHash('md5').update(value).digest('hex');
}

function hmac(key: Buffer, value: string): Buffer {
  return createHmac('sha256', key).update(value).digest();
}

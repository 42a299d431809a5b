/**
 * Mail over SMTP (RFC 5321) to one relay: enough to send a short text, with STARTTLS or implicit
 * TLS and AUTH PLAIN. Credentials are never sent in the clear unless the relay is on this machine.
 *
 *   connect ─▶ EHLO ─▶ [STARTTLS ─▶ EHLO] ─▶ [AUTH] ─▶ MAIL ─▶ RCPT… ─▶ DATA ─▶ QUIT
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HeadraceError } from '@headrace/sdk';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Names the message; the same for each attempt. */
  readonly id: string;
  readonly date: number;
}

export interface Mailer {
  /** `smtp://user:password@host:587` or `smtps://…:465`. */
  send(url: string, mail: Mail): Promise<void>;
}

const timeOutMs = 20_000;
const lineMax = 2000;

export const smtpMailer: Mailer = {
  async send(url, mail) {
    const relay = new URL(url);
    const isImplicit = relay.protocol === 'smtps:';
    if (!isImplicit && relay.protocol !== 'smtp:')
      throw refused('The address is not smtp:// or smtps://.');
    const host = relay.hostname;
    const port = relay.port === '' ? (isImplicit ? 465 : 587) : Number(relay.port);
    let session = await open(
      isImplicit ? connectTls({ host, port, servername: host }) : connect({ host, port }),
    );
    try {
      await session.answer(220);
      let able = await session.say('EHLO headrace', 250);
      let isSafe = isImplicit || isLocal(host);
      if (!isImplicit && /^250[ -]STARTTLS/im.test(able)) {
        await session.say('STARTTLS', 220);
        session = await open(connectTls({ socket: session.release(), servername: host }), true);
        able = await session.say('EHLO headrace', 250);
        isSafe = true;
      }
      if (relay.username !== '') {
        if (!isSafe) throw refused('The relay offers no TLS; credentials are not sent without it.');
        const [user, password] = [relay.username, relay.password].map(decodeURIComponent);
        const token = Buffer.from(`\0${user}\0${password}`).toString('base64');
        await session.say(`AUTH PLAIN ${token}`, 235);
      }
      await session.say(`MAIL FROM:<${addressOf(mail.from)}>`, 250);
      for (const to of mail.to) await session.say(`RCPT TO:<${addressOf(to)}>`, 250);
      await session.say('DATA', 354);
      await session.say(`${messageOf(mail)}\r\n.`, 250);
      await session.say('QUIT', 221);
    } finally {
      session.end();
    }
  },
};

interface Session {
  /** Sends a line and waits for its answer, which must have this code. */
  say(line: string, code: number): Promise<string>;
  answer(code: number): Promise<string>;
  /** The socket without our listeners, for TLS on top of it. */
  release(): Socket;
  end(): void;
}

async function open(socket: Socket, isUp = false): Promise<Session> {
  socket.setTimeout(timeOutMs);
  let buffer = '';
  let failed: Error | null = null;
  let wake: () => void = () => undefined;
  const onData = (bytes: Buffer) => {
    buffer += bytes.toString('utf8');
    wake();
  };
  const onError = (error: Error) => {
    failed = error;
    wake();
  };
  const onTimeout = () => socket.destroy(new Error('The relay did not answer in time.'));
  const onClose = () => onError(failed ?? new Error('The relay closed the connection.'));
  socket.on('data', onData).on('error', onError).on('timeout', onTimeout).on('close', onClose);
  if (isUp) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      socket.once('secureConnect', resolve);
    });
  }
  const answer = async (code: number): Promise<string> => {
    for (;;) {
      const end = /^\d{3}(?: .*)?\r\n/m.exec(buffer);
      if (end !== null) {
        const text = buffer.slice(0, end.index + end[0].length);
        buffer = buffer.slice(end.index + end[0].length);
        if (!end[0].startsWith(String(code))) {
          throw refused(`The relay answered ${end[0].slice(0, 3)} where ${code} was expected.`);
        }
        return text;
      }
      if (failed !== null) throw refused(failed.message);
      if (buffer.length > lineMax * 100) throw refused('The relay answered without an end.');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    answer,
    say(line, code) {
      socket.write(`${line}\r\n`);
      return answer(code);
    },
    release() {
      socket
        .off('data', onData)
        .off('error', onError)
        .off('timeout', onTimeout)
        .off('close', onClose);
      return socket;
    },
    end: () => socket.destroy(),
  };
}

/** `Name <a@b>` or `a@b`; nothing that could begin another command. */
function addressOf(text: string): string {
  const address = /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text.trim();
  if (!/^[^\s<>@]+@[^\s<>@]+$/.test(address)) throw refused('An address of the mail is not one.');
  return address;
}

function messageOf({ from, to, subject, text, id, date }: Mail): string {
  const headers = [
    `From: ${headerOf(from)}`,
    `To: ${to.map(headerOf).join(', ')}`,
    `Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=`,
    `Date: ${new Date(date).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id.replaceAll(/[^\w.-]/g, '')}@headrace>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ];
  const body = Buffer.from(text)
    .toString('base64')
    .replaceAll(/(.{76})/g, '$1\r\n');
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}

function headerOf(text: string): string {
  return text.replaceAll(/[\r\n]/g, ' ');
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

function refused(message: string): HeadraceError {
  return new HeadraceError('transient', message, {
    code: 'E_ALERT_CHANNEL',
    hint: 'Check `alerts.mail` in the project; `headrace alert test` sends one message.',
  });
}

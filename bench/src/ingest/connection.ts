/** One keep-alive connection with one request under way, reading no more of an answer than it must. */
import { connect, type Socket } from 'node:net';

export interface Connection {
  /** Calls back with the status once the whole answer is there. */
  send(request: Buffer, answered: (status: number) => unknown): void;
  close(): void;
}

const headEnd = '\r\n\r\n';

export async function openConnection(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let waiting: ((status: number) => void) | null = null;
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (part: string) => {
    answer = answer === '' ? part : answer + part;
    const head = answer.indexOf(headEnd);
    if (head === -1) return;
    const length = /content-length: (\d+)/i.exec(answer)?.[1] ?? '0';
    if (answer.length < head + headEnd.length + Number(length)) return;
    const status = Number(answer.slice(9, 12));
    answer = '';
    const done = waiting;
    waiting = null;
    done?.(status);
  });
  socket.on('error', () => waiting?.(0));
  return {
    send(request, answered) {
      waiting = answered;
      socket.write(request);
    },
    close: () => socket.destroy(),
  };
}

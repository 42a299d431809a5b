/** Addresses that are listened on. */
import { HeadraceError } from '@headrace/sdk';

export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Anything that can listen, such as a server of HTTP. */
interface Listening {
  listen(address: ListenAddress): Promise<string>;
}

/** The address it listens on then. Throws where that is taken, not allowed or not there. */
export async function listenAt(server: Listening, { host, port }: ListenAddress): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw cause;
    throw new HeadraceError('config', `The address ${host}:${port} cannot be listened on.`, {
      code: 'E_LISTEN',
      hint:
        code === 'EADDRINUSE'
          ? 'Something listens there already; stop it, or choose another port: --port, or `listen` in the project.'
          : 'Choose another host or port.',
      cause,
    });
  }
}

/** Loopback addresses need no protection before them. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

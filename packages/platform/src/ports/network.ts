/** The way to the systems: directly, through a proxy, and with certificates of one's own. */
import { createRequire } from 'node:module';
import * as tls from 'node:tls';
import { HeadraceError } from '@headrace/sdk';
import type { Dispatcher } from 'undici';

export interface NetworkOptions {
  /** `http://user:password@host:port` or https; null goes directly. */
  readonly proxy: string | null;
  /** Hosts reached directly: `host`, `host:port`, `.domain` with everything below it, or `*`. */
  readonly noProxy: readonly string[];
  /** Certificates in PEM, trusted beside those that Node trusts anyway. */
  readonly ca: string | null;
}

/** Does one exchange, like the built-in `fetch`. */
export type Fetch = typeof globalThis.fetch;

/** `fetch` by these options. The library behind it is loaded only when there is need of it. */
export function createFetch(options: NetworkOptions): Fetch {
  const { proxy, noProxy, ca } = options;
  if (proxy === null && ca === null) return globalThis.fetch;
  // One version of `fetch` and of what carries it: the built-in one takes only its own.
  const undici = createRequire(import.meta.url)('undici') as typeof import('undici');
  const trust = ca === null ? {} : { ca: [...trusted(), ca] };
  const direct = new undici.Agent({ connect: trust });
  const through = proxy === null ? null : proxied(undici, proxyUrl(proxy), trust);
  const dispatcherFor = (url: URL): Dispatcher =>
    through === null || isDirect(url, noProxy) ? direct : through[schemeOf(url)];
  return ((input: URL, init: object) =>
    undici.fetch(input, { ...init, dispatcher: dispatcherFor(input) })) as unknown as Fetch;
}

type Scheme = 'http' | 'https';

const schemeOf = (url: URL): Scheme => (url.protocol === 'https:' ? 'https' : 'http');

function proxied(
  undici: typeof import('undici'),
  { uri, token }: { readonly uri: string; readonly token: string | null },
  trust: object,
): Readonly<Record<Scheme, Dispatcher>> {
  const common = {
    uri,
    ...(token === null ? {} : { token }),
    requestTls: trust,
    proxyTls: trust,
  };
  // Proxies commonly open tunnels to TLS ports alone, and forward plain requests as they are.
  return {
    https: new undici.ProxyAgent({ ...common, proxyTunnel: true }),
    http: new undici.ProxyAgent({ ...common, proxyTunnel: false }),
  };
}

function proxyUrl(text: string): { readonly uri: string; readonly token: string | null } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    // The text may hold a password, so it is not repeated.
    throw new HeadraceError('config', 'network.proxy is not an address.', {
      code: 'E_PROXY',
      hint: 'Write it like http://proxy.example:3128, with user:password@ before the host if it asks for them.',
    });
  }
  const { username, password } = url;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const token = username === '' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`;
  return { uri: url.origin, token };
}

/** Whether `url` is one of those that `noProxy` excepts. */
export function isDirect(url: URL, noProxy: readonly string[]): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return noProxy.some((entry) => {
    if (entry === '*') return true;
    const [name, wantedPort] = splitHost(entry.toLowerCase());
    if (wantedPort !== undefined && wantedPort !== port) return false;
    const bare = name.replace(/^\*?\./, '');
    return host === bare || (bare !== name && host.endsWith(`.${bare}`));
  });
}

/** A bare IPv6 address has colons of its own; a port can follow it only after brackets. */
function splitHost(entry: string): readonly [string, string | undefined] {
  const [, inner, innerPort] = /^\[(.*)\](?::(\d+))?$/.exec(entry) ?? [];
  if (inner !== undefined) return [inner, innerPort];
  const parts = entry.split(':');
  return parts.length === 2 ? [parts[0] ?? '', parts[1]] : [entry, undefined];
}

/** What Node trusts without us; newer Node also counts NODE_EXTRA_CA_CERTS among it. */
function trusted(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: string) => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}

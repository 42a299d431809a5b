/** Cleans a text that is in no personal field: see the layers in `anonymise.ts`. */
import { pathParts } from './exchange-key.js';
import type { KnownValues } from './known-values.js';
import type { Pseudonyms } from './pseudonyms.js';
import { CREDENTIAL, replaceTelling } from './telling-patterns.js';

export interface TextCleaner {
  text(value: string): string;
  /** Path and query of a request. */
  path(value: string): string;
}

export type ReplacedKind =
  | 'personal'
  | 'equal'
  | 'email'
  | 'phone'
  | 'iban'
  | 'host'
  | 'credential';

export interface TextCleanerInput {
  readonly known: KnownValues;
  readonly secrets: KnownValues;
  readonly pseudonyms: Pseudonyms;
  readonly placeholder: string;
  /** Of the system, its own first. */
  readonly hosts: readonly string[];
  count(kind: ReplacedKind): void;
}

/** Hosts that name a standard, not somebody's system. */
const STANDARD_HOST =
  /(?:^|\.)(?:w3\.org|schemas\.microsoft\.com|oasis-open\.org|schema\.org|example\.com|example)$/;
const HOST = /(\bhttps?:\/\/)(?:[^\s/?#"'<>@]*@)?([^\s/?#"'<>@]+)/gi;
const ESCAPED = /[^\s/?&=#;,"<>]*%[\dA-F]{2}[^\s/?&=#;,"<>]*/gi;
const PARAMETER = /([?&;]([\w.-]+)=)([^&\s#"'<>]+)/g;
const BASE64 = /^(?:[A-Za-z\d+/]{4}){3,}(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

const nameOf = (index: number) => (index === 0 ? 'source.example' : `host-${index}.example`);

export function createTextCleaner(input: TextCleanerInput): TextCleaner {
  const { known, secrets, pseudonyms, placeholder, count } = input;
  const hosts = new Map<string, string>();
  for (const host of input.hosts) hosts.set(host.toLowerCase(), nameOf(hosts.size));

  function hostOf(host: string): string {
    const lower = host.toLowerCase();
    if (STANDARD_HOST.test(lower.replace(/:\d+$/, ''))) return host;
    count('host');
    const found = hosts.get(lower) ?? nameOf(hosts.size);
    hosts.set(lower, found);
    return found;
  }

  function values(text: string): string {
    const clean = known.replace(text, (value) => {
      count('equal');
      return pseudonyms.of(value);
    });
    return replaceTelling(clean, (kind, value) => {
      if (pseudonyms.isOurs(value)) return value;
      count(kind);
      return pseudonyms.of(value);
    });
  }

  /** Hosts first: an address of mail in a link is no host, and a made-up one is no real host. */
  function clean(text: string): string {
    const open = secrets.replace(text, () => {
      count('credential');
      return placeholder;
    });
    const elsewhere = open
      .replace(HOST, (_, scheme: string, host: string) => `${scheme}${hostOf(host)}`)
      .replace(PARAMETER, (whole, head: string, name: string) => {
        if (!CREDENTIAL.test(name)) return whole;
        count('credential');
        return `${head}${placeholder}`;
      });
    const named = input.hosts.reduce(
      (all, host) => all.replaceAll(host, () => hostOf(host)),
      elsewhere,
    );
    const plain = values(named);
    const unescaped = plain.includes('%')
      ? cleanWhole(plain.replace(ESCAPED, cleanEscaped))
      : plain;
    return unescaped === text && text.length >= 12 && BASE64.test(text)
      ? cleanEncoded(text)
      : unescaped;
  }

  function cleanEscaped(piece: string): string {
    try {
      const text = decodeURIComponent(piece);
      const result = values(text);
      return result === text ? piece : encodeURIComponent(result);
    } catch {
      return piece;
    }
  }

  /** What was escaped only in part: `A%20&%20B`. */
  function cleanWhole(text: string): string {
    try {
      const open = decodeURIComponent(text);
      const result = values(open);
      return result === open ? text : encodeURI(result);
    } catch {
      return text;
    }
  }

  /** Cursors of some systems are keys in base64. */
  function cleanEncoded(text: string): string {
    const inside = Buffer.from(text, 'base64');
    const plain = inside.toString('utf8');
    if (/[\uFFFD\p{Cc}]/u.test(plain)) return text;
    const result = values(plain);
    return result === plain ? text : Buffer.from(result).toString('base64');
  }

  return {
    text: clean,
    path(value) {
      const [segments, parameters] = pathParts(value);
      const path = segments.map((part) => encodeURIComponent(clean(part))).join('/');
      if (parameters.length === 0) return path;
      const query = parameters.map(([name, text]) => {
        const isCredential = CREDENTIAL.test(name) && text !== '';
        if (isCredential) count('credential');
        return `${encodeURIComponent(name)}=${encodeURIComponent(isCredential ? placeholder : clean(text))}`;
      });
      return `${path}?${query.join('&')}`;
    },
  };
}

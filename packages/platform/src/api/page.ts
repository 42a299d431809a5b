/**
 * The page in a browser: its files, served from memory beside the API. It is one page; every address
 * that is not the API's is one of its views. It loads nothing from elsewhere and may send nothing
 * elsewhere, and nobody may frame it.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly gzipped: Uint8Array;
  readonly etag: string;
}

/** By path, such as `/assets/index-abc.js`; the page itself is `/`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
} as const;

/** Addresses that are the API's even where nothing answers. */
const apiPattern = /^\/(v1|errors|metrics|healthz)(\/|$)/;

/** Null where the request is not for the page. */
export function pageFileOf(files: PageFiles, request: FastifyRequest): [string, PageFile] | null {
  if (request.method !== 'GET' && request.method !== 'HEAD') return null;
  const [path = ''] = request.url.split('?');
  const file = files.get(path);
  if (file !== undefined) return [path, file];
  const isView = !apiPattern.test(path) && (request.headers.accept ?? '').includes('text/html');
  const page = isView ? files.get('/') : undefined;
  return page === undefined ? null : ['/', page];
}

export function sendPageFile(
  request: FastifyRequest,
  reply: FastifyReply,
  [path, file]: [string, PageFile],
): FastifyReply {
  // The build names assets by their content.
  const isNamed = path.startsWith('/assets/');
  reply.headers({
    ...headers,
    'cache-control': isNamed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
  });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  reply.code(200).type(file.type);
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  return takesGzip
    ? reply.header('content-encoding', 'gzip').send(file.gzipped)
    : reply.send(file.bytes);
}

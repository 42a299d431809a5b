/** The built page of the package `@headrace/console`, read once; it is some hundred kilobytes. */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { PageFile, PageFiles } from '../api/index.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** Empty where the page was not built, as in a clone before `npm run build`. */
export function readPageFiles(folder: string | null = packageFolder()): PageFiles {
  if (folder === null || !existsSync(join(folder, 'index.html'))) return new Map();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.flatMap((name): readonly (readonly [string, PageFile])[] => {
    const type = types[extname(name)];
    if (type === undefined) return [];
    const bytes = readFileSync(join(folder, name));
    const etag = `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`;
    const path = `/${name.replaceAll('\\', '/')}`;
    const file = { type, bytes, gzipped: gzipSync(bytes, { level: 9 }), etag };
    return [[path === '/index.html' ? '/' : path, file]];
  });
  return new Map(files);
}

function packageFolder(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve('@headrace/console/package.json');
    return join(dirname(manifest), 'dist');
  } catch {
    return null;
  }
}

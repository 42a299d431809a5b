// Finds a Node 24 for the second run of the unit suites, or installs one.
//
// The npm package of the bare binary for this platform is taken rather than `node`, whose install
// script only fetches that same package. It is too large (190 MB) for everyone's
// devDependencies, so it is fetched when `npm test` wants it and kept under node_modules/.cache.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run } from './lib/steps.mjs';

const VERSION = '24.21.0';

/** @returns {Promise<{ path: string } | { reason: string }>} */
export async function node24() {
  const named = process.env.HEADRACE_NODE24;
  if (named !== undefined) return checked(named, 'HEADRACE_NODE24');
  if (majorOf(process.version) >= 24) return { path: process.execPath };

  const folder = join(root, 'node_modules', '.cache', 'headrace', 'node24');
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    const install = ['install', '--prefix', folder, ...flags, `${name}@${VERSION}`];
    const { code, text } = await run('npm', install);
    if (code !== 0) return { reason: `npm install ${name}@${VERSION}: ${lastLine(text)}` };
  }
  return checked(path, name);
}

async function checked(path, origin) {
  const { code, text } = await run(path, ['--version']);
  if (code === 0 && majorOf(text.trim()) >= 24) return { path };
  return { reason: `${origin} gives no Node 24 (${lastLine(text)})` };
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await node24();
  process.stdout.write(`${'path' in result ? result.path : result.reason}\n`);
  if ('reason' in result) process.exitCode = 1;
}

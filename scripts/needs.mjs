// Tools that some suites need beyond npm: `node scripts/needs.mjs NAME…` finds or installs them
// and prints where each is. A suite says what it needs in a line of its own: `// needs: strace`.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './lib/steps.mjs';

/**
 * `programs`: any one of them will do. `apt`: Debian's package that brings it. `below`: a folder of
 * versions, each with a `bin`, where the package has what it does not put on the path.
 */
const NEEDS = {
  strace: { programs: ['strace'], apt: 'strace' },
  postgres: { programs: ['postgres'], apt: 'postgresql', below: '/usr/lib/postgresql' },
  chromium: { programs: ['chromium', 'chromium-browser', 'google-chrome'], apt: 'chromium' },
};

let aptUpdated = false;

/** @returns {Promise<{ path: string } | { reason: string }>} */
export async function provide(name) {
  const need = NEEDS[name];
  if (need === undefined) return { reason: `no need named ${name} in scripts/needs.mjs` };
  const found = find(need);
  if (found !== null) return { path: found };
  if (process.getuid?.() !== 0) {
    return { reason: `${name} is not installed; as root: apt-get install ${need.apt}` };
  }
  if (find({ programs: ['apt-get'] }) === null) return { reason: `${name} is not installed` };
  if (!aptUpdated) await run('apt-get', ['update', '-qq']);
  aptUpdated = true;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-qq', '--no-install-recommends', need.apt];
  const { code, text } = await run('apt-get', install, { env });
  const installed = find(need);
  if (installed !== null) return { path: installed };
  return { reason: `apt-get install ${need.apt} ended with ${code}: ${text.trim().slice(-200)}` };
}

/** The variable that tells a suite where its tool is. */
export function variableOf(name) {
  return `HEADRACE_${name.toUpperCase().replaceAll('-', '_')}`;
}

function find({ programs, below }) {
  const versions = below === undefined || !existsSync(below) ? [] : readdirSync(below);
  const folders = versions.sort().reverse();
  const places = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...folders.map((version) => join(below, version, 'bin')),
  ];
  for (const folder of places) {
    for (const program of programs) {
      const path = join(folder, program);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here; look on.
      }
    }
  }
  return null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of process.argv.slice(2)) {
    const result = await provide(name);
    process.stdout.write(`${name}: ${'path' in result ? result.path : `no (${result.reason})`}\n`);
    if ('reason' in result) process.exitCode = 1;
  }
}

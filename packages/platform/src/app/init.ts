/** Writes a project into a folder: files a person is meant to read, change and commit. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { fieldTypesText } from './field-types.js';
import { configName } from './folders.js';
import { commonFiles, type SystemTemplate, templates } from './templates.js';

export interface InitOptions {
  readonly systems: readonly string[];
  readonly dir: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface WrittenProject {
  readonly dir: string;
  readonly files: readonly string[];
  /** Files of the user's own that were left alone. */
  readonly kept: readonly string[];
  readonly next: string;
}

/** Written by `npm init` or by the user, and never ours to overwrite. */
const theirs: ReadonlySet<string> = new Set(['package.json', '.env', 'README.md']);

export function writeProject(options: InitOptions): WrittenProject {
  const dir = resolve(options.dir);
  const chosen = options.systems.map(templateOf);
  if (chosen.length === 0) throw unknownSystem('');
  const files: Record<string, string> = {
    ...commonFiles(chosen),
    ...Object.fromEntries(
      chosen.flatMap(({ system, source, maps }) => [
        [`maps/${system}.ts`, maps],
        [`maps/${source}.fields.ts`, fieldTypesText(source, [])],
      ]),
    ),
  };
  const isThere = (name: string) => existsSync(join(dir, name));
  const inWay = Object.keys(files).filter(
    (name) => isThere(name) && !theirs.has(name) && name !== '.gitignore',
  );
  if (inWay.length > 0 && !options.force) {
    throw new HeadraceError('config', `There is a project here already: ${inWay.join(', ')}.`, {
      code: 'E_FILE_EXISTS',
      hint: 'Choose another --dir, or overwrite these files with --force.',
    });
  }
  const kept = Object.keys(files).filter((name) => theirs.has(name) && isThere(name));
  const written = Object.keys(files).filter((name) => !kept.includes(name));
  if (!options.dryRun) {
    for (const name of written) {
      const file = join(dir, name);
      mkdirSync(dirname(file), { recursive: true });
      const text = files[name] ?? '';
      const all = name === '.gitignore' && isThere(name) ? withLines(file, text) : text;
      writeFileSync(file, all, name === '.env' ? { mode: 0o600 } : {});
    }
  }
  const needsInstall = !existsSync(join(dir, 'node_modules', 'headrace'));
  return { dir, files: written, kept, next: nextText(dir, chosen, kept, needsInstall) };
}

function templateOf(system: string): SystemTemplate {
  const template = templates[system];
  if (template === undefined) throw unknownSystem(system);
  return template;
}

function unknownSystem(system: string): HeadraceError {
  const known = Object.keys(templates).join(', ');
  return new HeadraceError('config', `There is no connector for ${system || 'no system'}.`, {
    code: 'E_SYSTEM_UNKNOWN',
    hint: `Known systems: ${known}. Write your own with \`headrace connect new NAME\`.`,
  });
}

/** A user's own file with the lines it lacks. */
function withLines(file: string, lines: string): string {
  const text = readFileSync(file, 'utf8').trimEnd();
  const has = new Set(text.split('\n'));
  const missing = lines.split('\n').filter((line) => line !== '' && !has.has(line));
  return `${[text, ...missing].join('\n')}\n`;
}

function nextText(
  dir: string,
  chosen: readonly SystemTemplate[],
  kept: readonly string[],
  needsInstall: boolean,
): string {
  const where = relative(process.cwd(), dir);
  const required = chosen.flatMap((one) => one.settings.filter(({ isOptional }) => !isOptional));
  const settings = required.map(({ name }) => name).join(', ');
  const place = kept.includes('.env') ? '.env (kept; see .env.example)' : '.env';
  const width = Math.max(...chosen.map(({ source }) => source.length));
  return [
    'Next:',
    ...(where === '' ? [] : [`  cd ${where}`]),
    ...(needsInstall ? ['  npm install'] : []),
    `  write ${settings} into ${place}`,
    `  say your time zone, currency and languages in ${configName}`,
    ...chosen.map(({ source }) => `  npx headrace connect check ${source}`),
    ...chosen.map(
      ({ source, fills }) =>
        `  npx headrace connect discover ${source.padEnd(width)} --write   fills in ${fills}`,
    ),
    '  read maps/ and give channels and brands the names they have in all systems',
    '  npx headrace up                      reads it, answers on http://127.0.0.1:4800',
    `  ${configName} and maps/ are yours from now on.`,
  ].join('\n');
}

/** A connector of one's own, begun as a copy of the example and its test. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { configName } from './folders.js';

export interface Skeleton {
  readonly files: readonly string[];
  readonly next: string;
}

export interface SkeletonOptions {
  readonly dir: string;
  readonly dryRun: boolean;
  /** Sources of the example; those of the installed package when absent. */
  readonly example?: string;
}

export function writeSkeleton(name: string, options: SkeletonOptions): Skeleton {
  const { dir, dryRun, example = installedExample() } = options;
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    throw new HeadraceError('config', `${name} cannot be the name of a connector.`, {
      code: 'E_CONNECTOR_NAME',
      hint: 'Use small letters, digits and -, a letter first.',
    });
  }
  const root = resolve(dir);
  const folder = join(root, 'connectors', name);
  if (existsSync(folder)) {
    throw new HeadraceError('config', `The folder connectors/${name} is there already.`, {
      code: 'E_FILE_EXISTS',
      hint: 'Choose another name, or move the folder away.',
    });
  }
  const files: Record<string, string> = {
    [join(folder, 'index.ts')]: renamed(readFileSync(join(example, 'index.ts'), 'utf8'), name),
    [join(folder, `${name}.test.ts`)]: renamed(
      readFileSync(join(example, 'example.test.ts'), 'utf8'),
      name,
    )
      .replace("import { afterAll, describe, it } from 'vitest';", nodeTest)
      .replaceAll('afterAll(', 'after('),
  };
  const hasProject = existsSync(join(root, configName));
  if (!hasProject) files[join(root, configName)] = projectText(name);
  if (!dryRun) {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  return {
    files: Object.keys(files).map((file) => relative(root, file)),
    next: nextText(name, hasProject),
  };
}

/** Node's own runner, so that a folder with nothing but the packages can run the test. */
const nodeTest = "import { after, describe, it } from 'node:test';";

function installedExample(): string {
  const door = createRequire(import.meta.url).resolve('@headrace/connectors');
  return join(dirname(door), '..', 'src', 'example');
}

function renamed(text: string, name: string): string {
  const identifier = identifierOf(name);
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return text
    .replaceAll('example connector', `${name} connector`)
    .replaceAll("title: 'Example price list'", `title: '${title}'`)
    .replaceAll("name: 'example'", `name: '${name}'`)
    .replace('export const example =', `export const ${identifier} =`)
    .replace('import { example }', `import { ${identifier} }`)
    .replaceAll('= example(', `= ${identifier}(`)
    .replaceAll('`example(', `\`${identifier}(`);
}

function identifierOf(name: string): string {
  return name.replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function projectText(name: string): string {
  const identifier = identifierOf(name);
  const variable = name.toUpperCase().replaceAll('-', '_');
  return `import { defineProject, env, secret } from 'headrace';
import { ${identifier} } from './connectors/${name}/index.js';

export default defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['en-GB'],
  sources: {
    ${quoted(name)}: ${identifier}({
      url: env('${variable}_URL'),
      key: secret('${variable}_KEY'),
      channels: {},
    }),
  },
});
`;
}

function quoted(name: string): string {
  return name.includes('-') ? `'${name}'` : name;
}

function nextText(name: string, hasProject: boolean): string {
  const variable = name.toUpperCase().replaceAll('-', '_');
  return [
    'Next:',
    `  npx jiti connectors/${name}/${name}.test.ts   runs its test against a fake of a few lines`,
    hasProject
      ? `  add it to ${configName} under \`sources\``
      : `  write ${variable}_URL and ${variable}_KEY into .env`,
    `  npx headrace connect check ${name}`,
  ].join('\n');
}

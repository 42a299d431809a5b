import { posix } from 'node:path';
import * as connectors from '@headrace/connectors';
import * as sdk from '@headrace/sdk';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import * as api from '../../packages/platform/src/api/index.js';
import * as audit from '../../packages/platform/src/audit/index.js';
import * as features from '../../packages/platform/src/features/index.js';
import { generatedPages } from '../../scripts/generate-docs.mjs';
import { ROOMS } from '../../scripts/lib/rooms.mjs';
import { glossary } from './glossary.js';
import { files, pages, parse, read, sources, walk } from './tree.js';

describe('rooms', () => {
  test('each has one public door and a short README', () => {
    const folders = new Set(
      sources.flatMap((path) => /^(packages\/platform\/src\/([^/]+))\//.exec(path)?.[1] ?? []),
    );
    const wrong = [...folders].flatMap((folder) => {
      const found = [];
      if (!ROOMS.includes(posix.basename(folder))) found.push(`${folder} is not a room`);
      if (!files.includes(`${folder}/index.ts`)) found.push(`${folder} has no index.ts`);
      const readme = `${folder}/README.md`;
      if (!files.includes(readme)) found.push(`${folder} has no README.md`);
      else if (read(readme).trimEnd().split('\n').length > 40) found.push(`${readme} is too long`);
      return found;
    });
    expect(wrong).toEqual([]);
  });

  test('the package has two public doors', () => {
    const doors = sources.filter((path) => /^packages\/platform\/src\/[^/]+$/.test(path));
    const expected = ['connectors.ts', 'index.ts'].map((name) => `packages/platform/src/${name}`);
    expect(doors.filter((path) => !expected.includes(path))).toEqual([]);
  });
});

describe('error codes', () => {
  const CODE = /^E_[A-Z\d]+(_[A-Z\d]+)*$/;
  const used = new Set<string>();
  for (const path of sources) {
    walk(parse(path), (node) => {
      if (ts.isStringLiteralLike(node) && CODE.test(node.text)) used.add(node.text);
    });
  }
  const rows = [...read('docs/reference/errors.md').matchAll(/^\| `(E_\w+)` \|/gm)];
  const listed = rows.map((row) => row[1] ?? '');

  test('in source and in docs/reference/errors.md are the same', () => {
    expect({ missing: [...used].filter((code) => !listed.includes(code)).sort() }).toEqual({
      missing: [],
    });
    expect({ gone: listed.filter((code) => !used.has(code)) }).toEqual({ gone: [] });
  });

  test('are listed once, in order', () => {
    expect(listed).toEqual([...new Set(listed)].sort());
  });
});

describe('commands in the pages', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const verbs = cliVerbs();
  const code = pages.flatMap((path) => codeIn(read(path)).map((text) => ({ path, text })));

  test('name npm scripts that exist', () => {
    const own = new Set(['ci', 'install', 'pack', 'init', 'view', 'publish']);
    const unknown = code.flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm (?:run (?:--\S+ )*)?([\w:-]+)/g)]
        .filter(([, script = '']) => !own.has(script) && scripts[script] === undefined)
        .map(([found]) => `${path}: ${found}`),
    );
    expect(unknown).toEqual([]);
  });

  test.runIf(sources.includes('packages/platform/src/app/main.ts'))(
    'name verbs the program has',
    () => {
      const unknown = code.flatMap(({ path, text }) =>
        [...text.matchAll(/\bheadrace (?:-- )?([a-z]+)(?: ([a-z]+)\b)?/g)]
          // Only these have verbs of their own below them.
          .flatMap(([, verb = '', below]) =>
            ['connect', 'features', 'map', 'token'].includes(verb) ? [verb, below ?? verb] : [verb],
          )
          .filter((verb) => !verbs.has(verb))
          .map((verb) => `${path}: headrace ${verb}`),
      );
      expect(verbs.size).toBeGreaterThan(5);
      expect(unknown).toEqual([]);
    },
  );

  /** The first words of `.command('…')` and `new Command('…')` in the app. */
  function cliVerbs(): ReadonlySet<string> {
    const app = sources.filter((path) => path.startsWith('packages/platform/src/app/'));
    const calls = /(?:\.command|new Command)\(\s*['"]([a-z]+)/g;
    return new Set(
      app.flatMap((path) => [...read(path).matchAll(calls)].map((match) => match[1] ?? '')),
    );
  }
});

describe('pages', () => {
  test('link to files that exist', () => {
    const broken = pages.flatMap((path) =>
      [...prose(read(path)).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
        .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
        .map((link) => posix.join(posix.dirname(path), link).replace(/\/$/, ''))
        .filter((target) => !files.some((one) => one === target || one.startsWith(`${target}/`)))
        .map((target) => `${path} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('use the words of the glossary', () => {
    const found = pages
      .filter((path) => path !== 'docs/GLOSSARY.md')
      .flatMap((path) => {
        const text = prose(read(path));
        return glossary.banned
          .filter(({ pattern }) => pattern.test(text))
          .map(({ words, instead }) => `${path}: "${words}", say ${instead}`);
      });
    expect(found).toEqual([]);
    expect(glossary.banned.length).toBeGreaterThan(10);
  });

  test('decision records are numbered without gaps', () => {
    const numbers = files.flatMap((path) => /^docs\/decisions\/(\d{4})-/.exec(path)?.[1] ?? []);
    expect(numbers).toEqual(numbers.map((_, index) => String(index).padStart(4, '0')));
  });

  const generated = generatedPages(sdk, connectors, api, features, audit);
  test('that are generated are what their generator writes', () => {
    for (const { path, text } of generated) {
      expect(files.includes(path) ? read(path) : 'no such file', path).toBe(text);
    }
    const stale = files.filter(
      (path) =>
        path.startsWith('docs/reference/connectors/') &&
        !generated.some((page) => page.path === path),
    );
    expect(stale).toEqual([]);
  });
});

describe('what a connector was tested against', () => {
  const made = Object.values(connectors) as readonly { readonly spec?: { tested?: sdk.Tested } }[];

  test('names suites that hold it against the contract and assert what they name', () => {
    const suites = made.flatMap(({ spec }) => spec?.tested?.emulator?.suite ?? []);
    expect(suites.length).toBeGreaterThan(2);
    const wrong = suites.filter((path) => {
      const text = files.includes(path) ? read(path) : '';
      return !text.includes('testConnector(') || !text.includes('spec.tested?.emulator?.version');
    });
    expect(wrong).toEqual([]);
  });
});

/** Fenced blocks and inline code. */
function codeIn(text: string): readonly string[] {
  const fenced = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
  const inline = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)];
  return [...fenced, ...inline.map((match) => match[1] ?? '')];
}

function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

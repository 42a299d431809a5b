import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { glossary } from './glossary.js';
import { lineOf, parse, read, sources, tests, walk } from './tree.js';

describe('clocks, randomness and timers', () => {
  // A run can be repeated from a seed only when nothing reads the real ones past the ports.
  const ALLOWED = [
    /^packages\/platform\/src\/ports\//,
    /^packages\/emulators\/src\/clock\.ts$/,
    /^packages\/console\/src\/browser\.ts$/,
  ];
  const NAMES = new Set([
    ...['setTimeout', 'setInterval', 'setImmediate'],
    ...['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues', 'hrtime'],
  ]);
  const PROPERTIES = new Set(['Date.now', 'Math.random', 'performance.now']);

  function bannedIn(file: ts.SourceFile): string[] {
    const found: string[] = [];
    walk(file, (node) => {
      const text = bannedName(node);
      if (text !== null) found.push(`${lineOf(file, node)} ${text}`);
    });
    return found;
  }

  function bannedName(node: ts.Node): string | null {
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
      return (node.arguments?.length ?? 0) === 0 ? 'new Date()' : null;
    }
    if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
    if (ts.isPropertyAccessExpression(node)) {
      const text = node.getText().replace('globalThis.', '');
      return PROPERTIES.has(text) ? text : null;
    }
    return ts.isIdentifier(node) && NAMES.has(node.text) ? node.text : null;
  }

  test('are reached through the ports only', () => {
    const checked = sources.filter((path) => !ALLOWED.some((allowed) => allowed.test(path)));
    expect(checked.flatMap((path) => bannedIn(parse(path)))).toEqual([]);
  });

  test.each([
    'const at = Date.now();',
    'const at = new Date();',
    'const n = Math.random();',
    "import { setTimeout as wait } from 'node:timers/promises';",
    'globalThis.performance.now();',
    'crypto.randomUUID();',
  ])('%s is found', (text) => {
    expect(bannedIn(ts.createSourceFile('planted.ts', text, 99, true))).toHaveLength(1);
  });

  test('comments, strings and given instants are no misuse', () => {
    const text = "// Date.now()\nconst a = 'setTimeout'; const b = new Date(0); ";
    expect(bannedIn(ts.createSourceFile('planted.ts', text, 99, true))).toEqual([]);
  });
});

describe('names', () => {
  // Emulators speak their vendor's language.
  const spoken = sources.filter((path) => !path.startsWith('packages/emulators/'));

  test('use the words of the glossary', () => {
    const found = spoken.flatMap((path) => {
      const file = parse(path);
      const hits: string[] = [];
      walk(file, (node) => {
        if (!ts.isIdentifier(node)) return;
        const words = node.text.replace(/([a-z\d])([A-Z])/g, '$1 $2').replaceAll('_', ' ');
        for (const { pattern, instead } of glossary.banned) {
          if (pattern.test(words)) hits.push(`${lineOf(file, node)} ${node.text}: say ${instead}`);
        }
      });
      return hits;
    });
    expect([...new Set(found)]).toEqual([]);
  });
});

describe('files', () => {
  /** Longer files that read as one thought, each with its reason. */
  const LONG: Readonly<Record<string, string>> = {
    'packages/platform/src/engine/planner.ts':
      'what a step does with each record is one decision after another, best read in one place',
  };

  test('have at most 400 lines', () => {
    const long = sources
      .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > 400 && LONG[path] === undefined)
      .map(({ path, lines }) => `${path} has ${lines} lines`);
    expect(long).toEqual([]);
    const gone = Object.keys(LONG).filter((path) => !sources.includes(path));
    expect(gone, 'the allow list names files that are gone').toEqual([]);
  });

  test('carry no open tasks', () => {
    const open = [...sources, ...tests]
      .filter((path) => !path.startsWith('test/tidy/'))
      // A text that begins with XXX is the code of ISO 4217 for no currency.
      .filter((path) => /\b(TODO|FIXME|(?<!')XXX)\b(?! #\d)/.test(read(path)));
    expect(open).toEqual([]);
  });
});

describe('tests', () => {
  test('have names of their own', () => {
    const doubled = tests.flatMap((path) => duplicateNames(parse(path)));
    expect(doubled).toEqual([]);
  });

  test('run all of them', () => {
    const held = tests.flatMap((path) => {
      const file = parse(path);
      const hits: string[] = [];
      walk(file, (node) => {
        if (!ts.isPropertyAccessExpression(node)) return;
        if (/^(test|it|describe)\.(only|skip|todo)$/.test(node.getText())) {
          hits.push(`${lineOf(file, node)} ${node.getText()}`);
        }
      });
      return hits;
    });
    expect(held).toEqual([]);
  });

  test('a name used twice is found', () => {
    const text = "describe('a', () => { test('x', f); test('x', f); }); test('x', f);";
    const file = ts.createSourceFile('planted.test.ts', text, 99, true);
    expect(duplicateNames(file)).toEqual(['planted.test.ts:1 a › x']);
  });

  function duplicateNames(file: ts.SourceFile): string[] {
    const seen = new Set<string>();
    const doubled: string[] = [];
    const visit = (node: ts.Node, path: readonly string[]): void => {
      let inner = path;
      if (ts.isCallExpression(node)) {
        const kind = /^(describe|test|it)\b/.exec(node.expression.getText())?.[1];
        const title = node.arguments[0];
        // The rows of a table name its tests where the title has a place for them.
        const isOwn = title !== undefined && ts.isStringLiteralLike(title);
        if (kind !== undefined && isOwn && !/%[sjdifo]|\$\w/.test(title.text)) {
          inner = [...path, title.text];
          const name = inner.join(' › ');
          if (kind !== 'describe' && seen.has(name)) doubled.push(`${lineOf(file, node)} ${name}`);
          if (kind !== 'describe') seen.add(name);
        }
      }
      ts.forEachChild(node, (child) => visit(child, inner));
    };
    visit(file, []);
    return doubled;
  }
});

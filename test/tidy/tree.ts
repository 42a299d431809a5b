import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every file of the tree that git has or would take, with forward slashes. */
export const files: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));

export const isTest = (path: string) => /\.test\.ts$/.test(path);

/** Sources of the packages, without their tests. */
export const sources = files.filter(
  (path) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path) && !isTest(path),
);
export const tests = files.filter((path) => /^(packages|test|bench)\//.test(path) && isTest(path));

/** Pages written for people. */
export const pages = files.filter((path) => path.endsWith('.md'));

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const parsed = new Map<string, ts.SourceFile>();

/** The syntax tree of a file, so that comments and strings are not taken for code. */
export function parse(path: string): ts.SourceFile {
  let file = parsed.get(path);
  if (file === undefined) {
    file = ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true);
    parsed.set(path, file);
  }
  return file;
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function lineOf(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}

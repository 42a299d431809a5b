import { describe, expect, test } from 'vitest';
import { files, read } from './tree.js';

// What may be in no file at all, wherever it is. The patterns are written so that they do not
// find themselves.

const BINARY = /\.(png|jpg|ico|gz|tgz|sqlite|parquet|woff2)$/;
const texts = files.filter((path) => !BINARY.test(path) && path !== 'LICENSE');

function find(pattern: RegExp, where: readonly string[] = texts): readonly string[] {
  return where.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 100)}`] : [],
      ),
  );
}

describe('no file', () => {
  test('names a path of somebody’s machine', () => {
    expect(find(/(^|[\s"'`(=:])\/(work|root|home|Users|mnt)\/[\w.-]/)).toEqual([]);
  });

  test('names a host packages are fetched from', () => {
    expect(find(/[r]egistry\.(npmjs|yarnpkg)|"resolved": "[h]ttp|[d]eb\.debian\.org/)).toEqual([]);
  });

  test('speaks of how it was made', () => {
    const words = [
      ...['co-authored-b[y]', 'generated wit[h] ', 'language mode[l]', '\\b[A]I\\b', '\\b[L]LM'],
      ...['as requeste[d]', 'the brie[f]\\b', 'per instruction[s]', 'sub-?agent[s]?\\b'],
    ];
    expect(find(new RegExp(words.join('|')))).toEqual([]);
  });

  test('holds a merge mark', () => {
    expect(find(/^(<{7}|>{7}|={7})( |$)/)).toEqual([]);
  });

  test('carries something like a private key or a live secret', () => {
    expect(find(/BEGIN [A-Z ]*PRIVATE KE[Y]|\b(ghp|xox[bp]|sk_live)_[A-Za-z0-9]{16}/)).toEqual([]);
  });
});

test('scripts that are run by name can be run', () => {
  expect(read('.ci/run').startsWith('#!/usr/bin/env bash\nset -euo pipefail\n')).toBe(true);
});

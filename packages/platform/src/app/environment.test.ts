import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { env, parseEnv, readVariables, secret, withVariables } from './environment.js';

const folder = mkdtempSync(join(tmpdir(), 'headrace-env-'));

test.each([
  ['A=1', { A: '1' }],
  ['  export A = one two  # why', { A: 'one two' }],
  ['A="x # y"\nB=\'$Z\'', { A: 'x # y', B: '$Z' }],
  ['A="line\\nline"\r\nB=2\r\n', { A: 'line\nline', B: '2' }],
  ['# A=1\n\nB=', { B: '' }],
  ['A=id:a#b', { A: 'id:a#b' }],
])('reads %j', (text, expected) => {
  expect(parseEnv(text)).toEqual(expected);
});

test('the environment goes before .env', () => {
  const file = join(folder, '.env');
  writeFileSync(file, 'A=file\nB=file\n');
  expect(readVariables(file, { A: 'process', C: undefined })).toEqual({ A: 'process', B: 'file' });
  expect(readVariables(join(folder, 'none'), { A: '1' })).toEqual({ A: '1' });
});

test('one error names everything that is missing', async () => {
  const load = withVariables({ A: '1' }, async () => [env('A'), env('B_URL'), secret('B_KEY')]);
  await expect(load).rejects.toMatchObject({ code: 'E_ENV_MISSING' });
  await expect(load).rejects.toThrow('B_URL, B_KEY are not set.');
});

test('what is missing is told before what failed because of it', async () => {
  const load = withVariables({}, async () => new URL(env('SHOP_URL')));
  await expect(load).rejects.toThrow('SHOP_URL is not set.');
});

test('a secret may come from a file and shows itself nowhere', async () => {
  const file = join(folder, 'key');
  writeFileSync(file, 'canary\n');
  const value = await withVariables({ KEY_FILE: file }, async () => secret('KEY'));
  expect(value.reveal()).toBe('canary');
  expect(`${value} ${inspect({ value })} ${JSON.stringify({ value })}`).not.toContain('canary');
});

test('a secret file that is not there is named', async () => {
  const load = withVariables({ KEY_FILE: join(folder, 'none') }, async () => secret('KEY'));
  await expect(load).rejects.toMatchObject({ code: 'E_SECRET_FILE' });
});

import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { HeadraceError } from './errors.js';
import { Secret, secretField } from './secret.js';

const canary = 'canary-7f3a';
const hidden = new Secret(canary);

it.each<[string, () => string]>([
  ['JSON', () => JSON.stringify({ nested: [hidden] })],
  ['a template', () => `${hidden}`],
  ['joining', () => [hidden, 'x'].join()],
  ['String', () => String(hidden)],
  ['inspect', () => inspect({ deep: { hidden } }, { depth: 9, showHidden: true })],
  ['an error message', () => inspect(new Error(`refused ${hidden}`))],
  ['an error cause', () => inspect(new Error('refused', { cause: { hidden } }))],
  ['our error', () => inspect(new HeadraceError('config', `${hidden}`, { code: 'E_X' }))],
  ['its keys', () => JSON.stringify([Object.keys(hidden), Object.entries(hidden), { ...hidden }])],
  ['structured clone', () => inspect(structuredClone(hidden))],
  ['a failed check', () => failedCheck()],
])('a secret does not show in %s', (_, show) => {
  expect(show()).not.toContain(canary);
});

function failedCheck(): string {
  const config = z.strictObject({ auth: secretField(), count: z.number() });
  const result = config.safeParse({ auth: canary, count: 'x', [`${'other'}`]: hidden });
  return inspect(result.error, { depth: 9 });
}

it('is given away only when asked', () => {
  expect(hidden.reveal()).toBe(canary);
  expect(secretField().parse(canary).reveal()).toBe(canary);
  expect(secretField().parse(hidden)).toBe(hidden);
});

import type { Clock, JsonObject } from '@headrace/sdk';
import { expect, test } from 'vitest';
import { createSessions } from './sessions.js';

function made() {
  let nowMs = 1_000_000;
  let count = 0;
  const journaled: JsonObject[] = [];
  const clock: Clock = { now: () => nowMs, monotonicMs: () => nowMs };
  const random = {
    bytes: (size: number) => new Uint8Array(size).fill(++count),
    next: () => 0,
  };
  const sessions = createSessions(
    { control: async (_principal, action, body) => void journaled.push({ action, ...body }) },
    { random, clock },
  );
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { sessions, journaled, pass };
}

test('a code opens one session, which acts under a name of its own and is journaled', async () => {
  const { sessions, journaled } = made();
  const code = sessions.invite('approver');
  const session = await sessions.redeem(code);
  expect(session).toMatchObject({ role: 'approver', token: expect.stringMatching(/^hr_/) });
  expect(sessions.find(session?.token ?? '')).toMatchObject({ name: session?.name });
  expect(await sessions.redeem(code)).toBeNull();
  expect(journaled).toEqual([
    { action: 'access', session: session?.name, role: 'approver', granted: true },
  ]);
  expect(JSON.stringify(journaled)).not.toContain(session?.token);
});

test('two who use one code at once get one session', async () => {
  const { sessions } = made();
  const code = sessions.invite('viewer');
  const both = await Promise.all([sessions.redeem(code), sessions.redeem(code)]);
  expect(both.filter((one) => one !== null)).toHaveLength(1);
});

test('codes are good for fifteen minutes, sessions for half a day', async () => {
  const { sessions, pass } = made();
  const late = sessions.invite('viewer');
  pass(15 * 60_000 + 1);
  expect(await sessions.redeem(late)).toBeNull();
  const session = await sessions.redeem(sessions.invite('viewer'));
  const token = session?.token ?? '';
  pass(12 * 3_600_000);
  expect(sessions.find(token)).not.toBeNull();
  pass(1);
  expect(sessions.find(token)).toBeNull();
});

test('nobody fills the memory with invitations', async () => {
  const { sessions } = made();
  const first = sessions.invite('viewer');
  const codes = Array.from({ length: 100 }, () => sessions.invite('viewer'));
  expect(await sessions.redeem(first)).toBeNull();
  expect(await sessions.redeem(codes.at(-1) ?? '')).not.toBeNull();
});

import { describe, expect, it } from 'vitest';
import { bearerToken, type FetchedToken } from './bearer-token.js';
import { HeadraceError } from './errors.js';

function harness(answers: readonly (FetchedToken | Error)[]) {
  const state = { nowMs: 1_000_000, calls: 0 };
  const clock = { now: () => state.nowMs, monotonicMs: () => state.nowMs };
  const authenticator = bearerToken({
    clock,
    marginMs: 30_000,
    async fetchToken() {
      const answer = answers[Math.min(state.calls, answers.length - 1)];
      state.calls += 1;
      await Promise.resolve();
      if (answer instanceof Error) throw answer;
      return answer as FetchedToken;
    },
  });
  return { state, authenticator };
}

const token = (name: string, expiresInMs = 600_000) => ({ token: name, expiresInMs });
const limited = (retryAtMs?: number) =>
  new HeadraceError('rate-limited', 'slow', {
    code: 'E_RATE_LIMITED',
    ...(retryAtMs === undefined ? {} : { retryAtMs }),
  });

describe('bearerToken', () => {
  it('fetches once for many callers', async () => {
    const { state, authenticator } = harness([token('a')]);
    const all = await Promise.all(Array.from({ length: 50 }, () => authenticator.headers()));
    expect(new Set(all.map((headers) => headers.authorization))).toEqual(new Set(['Bearer a']));
    expect(state.calls).toBe(1);
  });

  it('renews before the end of the token', async () => {
    const { state, authenticator } = harness([token('a'), token('b')]);
    await authenticator.headers();
    state.nowMs += 569_999;
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer a' });
    state.nowMs += 1;
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer b' });
  });

  it('keeps a token that lives shorter than the margin for half of its life', async () => {
    const { state, authenticator } = harness([token('a', 10_000), token('b')]);
    await authenticator.headers();
    state.nowMs += 4_999;
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer a' });
    state.nowMs += 1;
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer b' });
  });

  it('renews once when several requests were refused with the same token', async () => {
    const { state, authenticator } = harness([token('a'), token('b'), token('c')]);
    const refused = await authenticator.headers();
    authenticator.invalidate(refused);
    await authenticator.headers();
    authenticator.invalidate(refused);
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer b' });
    expect(state.calls).toBe(2);
  });

  it('takes a refusal without headers for the token held, unless that just came', async () => {
    const { state, authenticator } = harness([token('a'), token('b')]);
    await authenticator.headers();
    authenticator.invalidate();
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer a' });
    state.nowMs += 1_000;
    authenticator.invalidate();
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer b' });
  });

  it('leaves a limited endpoint alone until the time it named', async () => {
    const { state, authenticator } = harness([limited(1_020_000), token('a')]);
    for (let index = 0; index < 5; index += 1) {
      await expect(authenticator.headers()).rejects.toMatchObject({
        kind: 'rate-limited',
        retryAtMs: 1_020_000,
      });
    }
    expect(state.calls).toBe(1);
    state.nowMs = 1_020_000;
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer a' });
  });

  it('waits longer each time an endpoint that names no time refuses', async () => {
    const { state, authenticator } = harness([limited()]);
    const waits: number[] = [];
    for (let index = 0; index < 6; index += 1) {
      const error = await authenticator.headers().catch((thrown: HeadraceError) => thrown);
      waits.push(((error as HeadraceError).retryAtMs as number) - state.nowMs);
      state.nowMs = (error as HeadraceError).retryAtMs as number;
    }
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('tries again at once after an error that is no limit', async () => {
    const { authenticator } = harness([new Error('network'), token('a')]);
    await expect(authenticator.headers()).rejects.toMatchObject({ message: 'network' });
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer a' });
  });

  it('does not trust a token from the future after the clock was set back', async () => {
    const { state, authenticator } = harness([token('a'), token('b')]);
    await authenticator.headers();
    state.nowMs -= 3_600_000;
    expect(await authenticator.headers()).toEqual({ authorization: 'Bearer b' });
  });
});

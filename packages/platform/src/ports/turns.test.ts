import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

/** A thread of its own: each turn passes a millisecond. */
function thread() {
  let now = 0;
  const clock = { now: () => now, monotonicMs: () => now };
  const turns = new Turns(clock, async () => {
    now += 1;
  });
  return { turns, now: () => now };
}

describe('Turns', () => {
  it('passes one turn where nobody reads', async () => {
    const { turns, now } = thread();
    await turns.standAside();
    expect(now()).toBe(1);
  });

  it('stands aside until the read is over', async () => {
    const { turns, now } = thread();
    let end: () => void = () => undefined;
    const read = turns.reading(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const aside = turns.standAside();
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
    end();
    await read;
    await aside;
    expect(now()).toBeGreaterThan(1);
    expect(now()).toBeLessThan(10);
  });

  it('goes on after ten milliseconds, however long the read takes', async () => {
    const { turns, now } = thread();
    void turns.reading(() => new Promise<void>(() => undefined));
    await turns.standAside();
    expect(now()).toBe(11);
  });

  it('stands aside for a question that is on its way, until it is answered or takes too long', async () => {
    const { turns, now } = thread();
    const answered = turns.asked();
    await turns.standAside();
    expect(now()).toBe(10);
    const next = turns.asked();
    const aside = turns.standAside();
    answered();
    next();
    await aside;
    expect(now()).toBeLessThan(14);
  });

  it('lets a question pass in the middle of a long read, and not the read itself', async () => {
    const { turns, now } = thread();
    turns.asked();
    await turns.reading(async () => {
      await turns.letPass();
      expect(now()).toBe(1);
      const answered = turns.asked();
      const passing = turns.letPass();
      await Promise.resolve();
      answered();
      await passing;
      expect(now()).toBeLessThan(5);
      turns.asked();
      await turns.letPass();
    });
    expect(now()).toBeLessThan(11);
  });

  it('does not stand aside for a read that failed', async () => {
    const { turns, now } = thread();
    await expect(turns.reading(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    await turns.standAside();
    expect(now()).toBe(1);
  });
});

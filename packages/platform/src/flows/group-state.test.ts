import { describe, expect, it } from 'vitest';
import { freshGroup, type GroupEvent, type GroupState, next, timeAt } from './group-state.js';

const play = (events: readonly GroupEvent[]): GroupState =>
  events.reduce((state, event) => next(state, 'g', event), freshGroup);
const changed = (offset: number, at: number): GroupEvent => ({ kind: 'changed', offset, at });
const failed = (offset: number, at: number, againAfterMs: number): GroupEvent => ({
  ...{ kind: 'ended', offset, at, seen: offset, write: 'live', isCurrent: true },
  item: { group: 'g', kind: 'again', code: 'E_FLOW_REFUSED', message: 'Later.', againAfterMs },
});
const dueAt = (state: GroupState) => timeAt(state.place ?? '');

describe('a group that waits after a failure', () => {
  const waiting = [changed(1, 1000), failed(2, 2000, 3_600_000)];

  it('is looked at within seconds when it changes, and keeps counting its tries', () => {
    expect(dueAt(play(waiting))).toBe(3_602_000);
    const state = play([...waiting, changed(3, 10_000)]);
    expect([state.phase, dueAt(state), state.fault?.attempts]).toEqual(['due', 15_000, 1]);
    // Many changes do not put the look off.
    expect(dueAt(play([...waiting, changed(3, 10_000), changed(4, 12_000)]))).toBe(15_000);
  });

  it('is not looked at sooner than it would be anyway', () => {
    expect(dueAt(play([changed(1, 1000), failed(2, 2000, 500), changed(3, 2100)]))).toBe(2500);
  });

  it('waits on when only the target tells of it', () => {
    const state = play([...waiting, { kind: 'checked', offset: 3, at: 10_000 }]);
    expect(dueAt(state)).toBe(3_602_000);
  });
});

describe('a delivery a person takes back', () => {
  const same = (offset: number, seen: number): GroupEvent => ({
    ...{ kind: 'ended', offset, at: offset, seen, write: 'live', isCurrent: true },
    item: { group: 'g', kind: 'same', hash: 'h' },
  });
  const asks: GroupEvent = { kind: 'undo', offset: 5, at: 5, delivery: 2 };

  it('is not forgotten by a look that was under way', () => {
    const state = play([changed(4, 4), asks, same(6, 5)]);
    expect([state.phase, state.undo]).toEqual(['due', { delivery: 2, offset: 5 }]);
    expect(play([changed(4, 4), asks, same(6, 5), same(8, 7)]).undo).toBeNull();
  });

  it('is done once, though the group changes meanwhile', () => {
    const state = play([asks, changed(6, 6), same(7, 6)]);
    expect([state.phase, state.undo]).toEqual(['due', null]);
  });
});

describe('a group that is held', () => {
  const held = (offset: number, until?: number): GroupEvent => ({
    ...{ kind: 'ended', offset, at: offset, seen: offset, write: 'live', isCurrent: true },
    item: {
      ...{ group: 'g', kind: 'held', hash: 'h' },
      hold: { why: 'suspect', text: 'It jumped.', ...(until === undefined ? {} : { until }) },
    },
  });

  it('is looked at once more when what holds it has ended, and is held until then', () => {
    const state = play([changed(1, 1), held(2, 9000)]);
    expect([state.phase, state.held?.until]).toEqual(['held', 9000]);
    expect(play([changed(1, 1), held(2, 9000), held(3)]).held?.until).toBeUndefined();
    const again = play([changed(1, 1), held(2, 9000), changed(4, 9001)]);
    expect(again.phase, 'once that time has come').toBe('due');
  });
});

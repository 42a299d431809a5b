import { describe, expect, it } from 'vitest';
import { criterionTime, earlier, instant } from './times.js';

describe('times', () => {
  it.each([
    ['2026-05-04T08:00:00', '2026-05-04T08:00:00.0000000Z'],
    ['2026-05-04T08:00:00.1', '2026-05-04T08:00:00.1000000Z'],
    ['2026-05-04T08:00:00.1234567Z', '2026-05-04T08:00:00.1234567Z'],
    ['2026-05-04T08:00:00.12+00:00', '2026-05-04T08:00:00.1200000Z'],
  ])('%s has seven digits and a zone', (given, expected) => {
    expect(instant(given)).toBe(expected);
  });

  it.each([null, 5, '', 'yesterday', '2026-05-04', '2026-05-04T08:00:00+02:00'])(
    '%s is none',
    (given) => expect(instant(given)).toBeNull(),
  );

  it('are in order as text, though .NET leaves out zeros at the end', () => {
    const given = ['2026-05-04T08:00:00.9', '2026-05-04T08:00:00', '2026-05-04T08:00:00.8999999'];
    const order = given.map(instant).sort();
    expect(order).toEqual([instant(given[1]), instant(given[2]), instant(given[0])]);
  });

  it('go back by whole milliseconds and never later', () => {
    expect(earlier('2026-05-04T08:00:00.1239999Z', 1000)).toBe('2026-05-04T07:59:59.123Z');
    expect(criterionTime('2026-05-04T08:00:00.1239999Z')).toBe('2026-05-04T08:00:00.1239999');
  });
});

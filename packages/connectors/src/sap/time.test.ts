import { expect, it } from 'vitest';
import { endOfDay, localInstant, shownAt, shownBefore, startOfDay } from './time.js';

const zone = 'Europe/Amsterdam';

it.each([
  ['2026-07-01', '12:00:00', '2026-07-01T10:00:00Z'],
  ['2026-01-01', '00:00:00', '2025-12-31T23:00:00Z'],
  // Clocks go forward: 02:30 is skipped.
  ['2026-03-29', '02:30:00', '2026-03-29T01:30:00Z'],
  // Clocks go back: 02:30 comes twice, the first is meant.
  ['2026-10-25', '02:30:00', '2026-10-25T00:30:00Z'],
  ['2026-10-25', '03:00:00', '2026-10-25T02:00:00Z'],
])('clocks that show %s %s', (date, time, expected) => {
  expect(localInstant(date, time, zone)).toBe(expected);
});

it('a time that is shown is read back', () => {
  for (let hour = 0; hour < 48; hour += 1) {
    const ms = Date.parse('2026-03-28T12:00:00Z') + hour * 3_600_000;
    const shown = shownAt(ms, zone);
    expect(Date.parse(localInstant(shown.slice(0, 10), shown.slice(11), zone))).toBe(ms);
  }
});

it('days begin and end at midnight of the zone', () => {
  expect(startOfDay('2026-03-29', zone)).toBe('2026-03-28T23:00:00Z');
  expect(endOfDay('2026-03-29', zone)).toBe('2026-03-29T22:00:00Z');
  expect(shownBefore('2026-03-01T00:00:30', 60_000)).toBe('2026-02-28T23:59:30');
});

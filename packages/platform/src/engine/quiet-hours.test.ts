import type { QuietWindow } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { quietAt, quietEndedAt, quietText } from './quiet-hours.js';

const night: QuietWindow = { from: '02:00', to: '04:00', timeZone: 'Europe/Amsterdam' };
const over: QuietWindow = { from: '23:30', to: '00:30', timeZone: 'UTC' };

describe('quiet hours', () => {
  it.each([
    // Winter: one hour ahead of UTC.
    [night, '2026-01-10T00:59:59.999Z', false],
    [night, '2026-01-10T01:00:00Z', true],
    [night, '2026-01-10T02:59:59.999Z', true],
    [night, '2026-01-10T03:00:00Z', false],
    // Summer: two.
    [night, '2026-07-10T00:00:00Z', true],
    [night, '2026-07-10T02:00:00Z', false],
    // The night clocks go forward: from 02:00 to 03:00 there is nothing, so it lasts an hour.
    [night, '2026-03-29T00:59:59Z', false],
    [night, '2026-03-29T01:00:00Z', true],
    [night, '2026-03-29T02:00:00Z', false],
    // The night they go back: it lasts three.
    [night, '2026-10-25T00:00:00Z', true],
    [night, '2026-10-25T02:59:00Z', true],
    [night, '2026-10-25T03:00:00Z', false],
    [over, '2026-01-10T23:29:59Z', false],
    [over, '2026-01-10T23:30:00Z', true],
    [over, '2026-01-11T00:29:59Z', true],
    [over, '2026-01-11T00:30:00Z', false],
  ])('%j at %s: %s', (window, time, isQuiet) => {
    expect(quietAt([window], Date.parse(time)) !== null).toBe(isQuiet);
  });

  it('finds the one of several, and none among none', () => {
    expect(quietAt([night, over], Date.parse('2026-01-10T23:45:00Z'))).toBe(over);
    expect(quietAt([], 0)).toBeNull();
    expect(quietEndedAt([], 0)).toBeNull();
  });

  it('tells when the last one ended', () => {
    const at = (time: string) => quietEndedAt([night, over], Date.parse(time));
    expect(at('2026-01-10T09:00:00Z')).toBe(Date.parse('2026-01-10T03:00:00Z'));
    expect(at('2026-01-11T00:31:00Z')).toBe(Date.parse('2026-01-11T00:30:00Z'));
    expect(quietText(night)).toBe('02:00-04:00 Europe/Amsterdam');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  businessDate,
  businessDateOf,
  endOfBusinessDayMs,
  isZone,
  startOfBusinessDayMs,
} from './business-day.js';
import { addDays, formatEpochDay } from './instant.js';

const hourMs = 3_600_000;
const zones = [
  'UTC',
  'Europe/Amsterdam',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
];

describe('businessDate', () => {
  it.each([
    ['2026-03-28T22:59:59Z', 'Europe/Amsterdam', '2026-03-28'],
    ['2026-03-28T23:00:00Z', 'Europe/Amsterdam', '2026-03-29'],
    ['2026-03-29T21:59:59Z', 'Europe/Amsterdam', '2026-03-29'],
    ['2026-03-29T22:00:00Z', 'Europe/Amsterdam', '2026-03-30'],
    ['2026-01-01T04:59:59Z', 'America/New_York', '2025-12-31'],
    ['2026-01-01T10:00:00Z', 'Pacific/Kiritimati', '2026-01-02'],
    ['1969-12-31T23:30:00Z', 'UTC', '1969-12-31'],
  ])('%s in %s is %s', (instant, zone, date) => {
    expect(businessDateOf(instant, zone)).toBe(date);
  });

  it('lies within the day it names, and days follow without a gap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2035, 0) }),
        (zone, atMs) => {
          const date = businessDate(atMs, zone);
          const startMs = startOfBusinessDayMs(date, zone);
          const endMs = endOfBusinessDayMs(date, zone);
          expect(startMs <= atMs && atMs < endMs).toBe(true);
          expect(businessDate(startMs, zone)).toBe(date);
          expect(businessDate(startMs - 1, zone) < date).toBe(true);
          expect(businessDate(endMs - 1, zone)).toBe(date);
          expect(businessDate(endMs, zone) >= addDays(date, 1)).toBe(true);
        },
      ),
    );
  });

  it('agrees with the runtime’s own calendar', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2035, 0) }),
        (zone, atMs) => {
          const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(atMs);
          expect(businessDate(atMs, zone)).toBe(shown);
        },
      ),
    );
  });
});

describe('a zone whose clocks went back over midnight', () => {
  it('has days without overlap, whatever was asked before', () => {
    const zone = 'America/St_Johns';
    const again = '2006-10-29T02:45:00Z';
    expect(businessDateOf(again, zone)).toBe('2006-10-29');
    expect(businessDateOf('2006-10-28T12:00:00Z', zone)).toBe('2006-10-28');
    expect(businessDateOf(again, zone)).toBe('2006-10-29');
    expect(businessDateOf('2006-10-29T12:00:00Z', zone)).toBe('2006-10-29');
    expect(businessDateOf(again, zone)).toBe('2006-10-29');
  });
});

describe('lengths of days', () => {
  const hours = (date: string, zone: string) =>
    (endOfBusinessDayMs(date, zone) - startOfBusinessDayMs(date, zone)) / hourMs;

  it.each([
    ['2026-03-29', 'Europe/Amsterdam', 23],
    ['2026-10-25', 'Europe/Amsterdam', 25],
    ['2026-06-01', 'Europe/Amsterdam', 24],
    // Clocks go forward at midnight, so the day begins at 1:00.
    ['2018-11-04', 'America/Sao_Paulo', 23],
    // Clocks go back at midnight, so the day before has its last hour twice.
    ['2018-02-17', 'America/Sao_Paulo', 25],
    ['2026-04-05', 'Australia/Lord_Howe', 24.5],
    // Samoa skipped this day when it crossed the date line.
    ['2011-12-30', 'Pacific/Apia', 0],
  ])('%s in %s has %d hours', (date, zone, expected) => {
    expect(hours(date, zone)).toBe(expected);
  });

  it('days of a year add up to the year', () => {
    for (const zone of zones) {
      let totalMs = 0;
      for (let day = 19_723; day < 19_723 + 366; day += 1) {
        const date = formatEpochDay(day);
        totalMs += endOfBusinessDayMs(date, zone) - startOfBusinessDayMs(date, zone);
      }
      expect(totalMs / hourMs).toBe(366 * 24);
    }
  });
});

describe('zones', () => {
  it.each([
    ['Europe/Amsterdam', true],
    ['UTC', true],
    ['Europe/Nowhere', false],
    ['+01:00', false],
    ['', false],
  ])('%s: %s', (zone, isKnown) => {
    expect(isZone(zone)).toBe(isKnown);
  });

  it('refuses what is none', () => {
    expect(() => businessDate(0, 'Europe/Nowhere')).toThrow(
      expect.objectContaining({ code: 'E_ZONE' }),
    );
    expect(() => startOfBusinessDayMs('2026-02-30', 'UTC')).toThrow('not a date');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  canonicalInstant,
  compareInstants,
  epochDayOf,
  epochMs,
  formatEpochDay,
  formatInstant,
  instantFromEpochMs,
  isDate,
  isInstant,
  parseInstant,
  readInstant,
} from './instant.js';

const epochSeconds = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 });
const fractionDigits = fc.stringMatching(/^\d{0,12}$/);
const instants = fc.record({ epochSeconds, fractionDigits });

describe('instants', () => {
  it('seven digits survive', () => {
    const text = '2026-03-01T09:30:00.1234567Z';
    expect(formatInstant(parseInstant(text))).toBe(text);
    expect(epochMs(text)).toBe(Date.parse('2026-03-01T09:30:00.123Z'));
  });

  it.each([
    ['2026-03-01T09:30:00+02:00', '2026-03-01T07:30:00Z'],
    ['2026-03-01t09:30:00.5z', '2026-03-01T09:30:00.5Z'],
    ['2024-02-29T23:59:59-05:30', '2024-03-01T05:29:59Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'],
  ])('%s is %s', (text, utc) => {
    expect(formatInstant(parseInstant(text))).toBe(utc);
  });

  it.each([
    '2026-03-01 09:30:00Z',
    '2026-03-01T09:30:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T12:00:60Z',
    '2026-01-01T12:00:00.Z',
    '2026-01-01T12:00:00+2:00',
    '/Date(1770000000000)/',
    '',
  ])('%s is none', (text) => {
    expect(isInstant(text)).toBe(false);
    expect(() => parseInstant(text)).toThrow(expect.objectContaining({ code: 'E_INSTANT' }));
  });

  it('is found quickly where it is one, and nowhere else', () => {
    const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
    const text = fc
      .tuple(two(13), two(32), two(24), two(60), two(61), fc.constantFrom('Z', '+01:00', '-24:00'))
      .map(
        ([month, day, hour, minute, second, zone]) =>
          `2024-${month}-${day}T${hour}:${minute}:${second}.5${zone}`,
      );
    fc.assert(
      fc.property(text, (written) => {
        expect(isInstant(written)).toBe(readInstant(written) !== null);
      }),
      { numRuns: 500 },
    );
  });

  it('every instant comes back the same, and agrees with the runtime', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const text = formatInstant(instant);
        expect(parseInstant(text)).toEqual(instant);
        // Date.parse reads fractions of more than 9 digits wrongly in V8.
        const cut = { ...instant, fractionDigits: instant.fractionDigits.slice(0, 3) };
        expect(epochMs(text)).toBe(Date.parse(formatInstant(cut)));
      }),
    );
  });

  it('offsets change the text, not the time', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: -839, max: 839 }), (instant, offsetMinutes) => {
        const shifted = { ...instant, epochSeconds: instant.epochSeconds + offsetMinutes * 60 };
        fc.pre(shifted.epochSeconds > -62_167_219_200 && shifted.epochSeconds < 253_402_300_799);
        const minutes = Math.abs(offsetMinutes);
        const pad = (value: number) => String(value).padStart(2, '0');
        const offset = `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
        const local =
          formatInstant(shifted).slice(0, -1) + (offsetMinutes < 0 ? '-' : '+') + offset;
        expect(parseInstant(local)).toEqual(instant);
        expect(compareInstants(local, formatInstant(instant))).toBe(0);
      }),
    );
  });

  it('compares to the last digit', () => {
    expect(compareInstants('2026-01-01T00:00:00.1234567Z', '2026-01-01T00:00:00.1234568Z')).toBe(
      -1,
    );
    expect(compareInstants('2026-01-01T00:00:00.10Z', '2026-01-01T00:00:00.1Z')).toBe(0);
    expect(compareInstants('2026-01-01T01:00:00+01:00', '2025-12-31T23:59:59.9Z')).toBe(1);
  });

  it('keys have one text for one instant', () => {
    expect(canonicalInstant('2026-01-01T01:00:00.000+01:00')).toBe('2026-01-01T00:00:00Z');
    expect(canonicalInstant('2026-01-01T00:00:00.1230Z')).toBe('2026-01-01T00:00:00.123Z');
    expect(canonicalInstant('today')).toBeNull();
  });

  it('reads a wall clock', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 13), max: 10 ** 13 }), (atMs) => {
        expect(epochMs(formatInstant(instantFromEpochMs(atMs)))).toBe(atMs);
      }),
    );
  });
});

describe('dates', () => {
  it('days come back the same and follow the calendar', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (day) => {
        const date = formatEpochDay(day);
        expect(epochDayOf(date)).toBe(day);
        expect(date).toBe(new Date(day * 86_400_000).toISOString().slice(0, 10));
      }),
    );
  });

  it('adds days over months and leap years', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2025-01-01', -1)).toBe('2024-12-31');
    expect(() => addDays('2025-02-29', 1)).toThrow('not a date');
    expect(isDate('2025-1-1')).toBe(false);
  });
});

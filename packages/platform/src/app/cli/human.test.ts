import { expect, test } from 'vitest';
import { bytesText, countText, durationText, sideBySide, tableText } from './human.js';

test.each([
  [0, '0 ms'],
  [12.4, '12 ms'],
  [1500, '1.5 s'],
  [59_990, '59.9 s'],
  [60_000, '1 min'],
  [61_000, '1 min 1 s'],
  [3_660_000, '1 h 1 min'],
  [50 * 3_600_000, '2 d 2 h'],
])('%d ms reads %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('counts and sizes are grouped', () => {
  expect(countText(1234567)).toBe('1,234,567');
  expect([bytesText(999), bytesText(1500), bytesText(2_500_000)]).toEqual([
    '999 B',
    '1.5 kB',
    '2.5 MB',
  ]);
});

test('columns line up, numbers to the right, the last one folded', () => {
  const text = tableText(
    ['stream', 'records', 'why'],
    [
      ['shop/order', '12', 'one two three four five'],
      ['s', '1,234', ''],
    ],
    { right: [1], width: 42 },
  );
  expect(text.split('\n')).toEqual([
    'STREAM      RECORDS  WHY',
    'shop/order       12  one two three four',
    '                     five',
    's             1,234',
  ]);
});

test('two texts stand next to each other', () => {
  expect(sideBySide('a\nbb', '1\n2\n3').split('\n')).toEqual(['a   │ 1', 'bb  │ 2', '    │ 3']);
});

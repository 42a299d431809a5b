import { expect, test } from 'vitest';
import { inputTone, scoreText } from './tones.js';

test('a score is never shown as better than it is', () => {
  expect([1, 0.999, 0.5, 0.004, 0].map(scoreText)).toEqual([
    '1.00',
    '0.99',
    '0.50',
    '0.00',
    '0.00',
  ]);
  expect(inputTone(0.999).word).toBe('weak');
  expect([inputTone(1).tone, inputTone(0).tone]).toEqual(['ok', 'bad']);
});

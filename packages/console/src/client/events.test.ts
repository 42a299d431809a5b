import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entrySplitter, type LiveEntry } from './events.js';

test('events come whole, however the stream was cut', () => {
  const entry = fc.record({
    offset: fc.nat(),
    kind: fc.constant('record'),
    source: fc.string(),
    stream: fc.string(),
    // Some languages take these for the end of a line.
    key: fc.oneof(fc.string(), fc.constantFrom('a\u2028b', '\u2029', '\u0085')),
  });
  fc.assert(
    fc.property(fc.array(entry), fc.array(fc.nat(400)), (entries, cuts) => {
      const text = entries
        .map((one) => `id: ${one.offset}\nevent: entry\ndata: ${JSON.stringify(one)}\n\n`)
        .join('');
      const whole = `: connected\n\n${text}`;
      const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b)];
      const given: LiveEntry[] = [];
      const split = entrySplitter((one) => given.push(one));
      for (const [index, from] of places.entries()) split(whole.slice(from, places[index + 1]));
      expect(given).toEqual(entries);
    }),
  );
});

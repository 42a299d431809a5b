import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TouchedSeries } from './touched-series.js';

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ seq: fc.nat(30), series: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 1, arbitrary: fc.record({ end: fc.nat(35) }) },
);

test('a series is named by the first end past each entry that touched it, and then let go', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const touched = new TouchedSeries();
      // Every note by itself, whatever else was noted.
      let notes: { readonly seq: number; readonly series: string }[] = [];
      for (const one of acts) {
        if ('seq' in one) {
          touched.note(one.seq, one.series);
          notes.push(one);
          continue;
        }
        const names = touched.until(one.end);
        const due = new Set(notes.filter(({ seq }) => seq < one.end).map(({ series }) => series));
        for (const series of due) expect(names).toContain(series);
        expect(new Set(names).size).toBe(names.length);
        notes = notes.filter(({ seq }) => seq >= one.end);
      }
      expect(touched.size).toBeLessThanOrEqual(3);
      touched.until(31);
      touched.until(31);
      expect(touched.size).toBe(0);
    }),
  );
});

test('a batch that is planned again and again takes no more room', () => {
  const touched = new TouchedSeries();
  for (let time = 0; time < 1000; time += 1) {
    for (let seq = 0; seq < 10; seq += 1) touched.note(seq, `s${seq}`);
  }
  expect(touched.size).toBe(10);
  expect(touched.until(10)).toHaveLength(10);
  expect(touched.size).toBe(0);
});

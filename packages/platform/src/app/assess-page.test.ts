import { expect, test } from 'vitest';
import type { AssessReport } from './assess.js';
import { assessPage } from './assess-page.js';

const report: AssessReport = {
  now: '2026-05-04T08:00:00.000Z',
  systems: ['erp', 'shop'],
  streams: [
    {
      ...{ source: 'erp', stream: 'stock', mode: 'poll', records: 12_345, everyMs: 60_000 },
      ...{ lagMs: { p50: 1500, p95: 61_000, p99: 61_000 }, state: 'live', why: null },
      ...{ complete: 0.9999, incompleteBecause: '1 of 12345 records wait in quarantine.' },
    },
  ],
  pairs: [{ pair: 'stock', a: 'erp', b: 'shop', compared: 10, differing: 3, pending: 1 }],
  coverage: [{ kind: 'cost', has: 7, sellable: 9 }],
  unmapped: [
    {
      ...{ source: 'shop', stream: 'product', path: 'customFields.<b>', fillRate: 0.5 },
      ...{ records: 40, sample: '<script>alert("x")</script>', isOwn: true },
    },
  ],
  unread: [],
  useCases: [
    {
      ...{ useCase: 'demand', title: 'Demand per variant', ready: false, readyOn: '2026-07-14' },
      ...{ because: ['orderLine of erp goes back 20 days; 91 are needed.'], better: [] },
    },
  ],
};

test('the page holds every figure as the API has it, beside how people read it', () => {
  const page = assessPage(report);
  for (const [value, shown] of [
    ['12345', '12,345'],
    ['1500', '1.5 s'],
    ['61000', '1 min 1 s'],
    ['3', '3'],
    ['0.5', '50 %'],
  ]) {
    expect(page).toMatch(new RegExp(`<data value="${value}"[^>]*>${shown}</data>`));
  }
  // Almost whole does not look whole.
  expect(page).toContain('>99.9 %</data>');
  expect(page).toContain('Ready on 2026-07-14');
});

test('what a system says stays text, and nothing is fetched or run', () => {
  const page = assessPage(report);
  expect(page).toContain('customFields.&#60;b&#62;</code> <b>yours</b>');
  expect(page).not.toMatch(/<script|<link|\ssrc=|\shref=|@import|url\(/);
  expect(page).toContain('&#60;script&#62;');
});

test('the same report makes the same page', () => {
  expect(assessPage(report)).toBe(assessPage(structuredClone(report)));
});

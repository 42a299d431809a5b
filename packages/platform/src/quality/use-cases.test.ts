import type { EntityName } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import type { EntityFacts } from './entity-facts.js';
import type { Verdict } from './readiness.js';
import { judgeUseCases, neededFields, type UseCaseFacts } from './use-cases.js';

const dayMs = 86_400_000;
const now = Date.UTC(2026, 4, 4);
const serve: Verdict = { gate: 'serve', score: 1, policy: 1, worstInput: null };

/** Everything there is, filled and old enough; tests take something away. */
function facts(
  change: Partial<UseCaseFacts> & { entity?: Partial<EntityFacts> & { entity: EntityName } } = {},
) {
  const entities = new Map<EntityName, EntityFacts>();
  for (const [entity, { fields, dates }] of neededFields()) {
    entities.set(entity, {
      ...{ entity, source: 'erp', rows: 100 },
      filled: Object.fromEntries([...fields].map((field) => [field, 100])),
      first: Object.fromEntries([...dates].map((date) => [date, now - 400 * dayMs])),
      last: Object.fromEntries([...dates].map((date) => [date, now])),
    });
  }
  const { entity, ...rest } = change;
  if (entity !== undefined) {
    entities.set(entity.entity, { ...(entities.get(entity.entity) as EntityFacts), ...entity });
  }
  return {
    ...{ now, entities, unread: new Set<EntityName>(), sellable: 50 },
    ...{ has: { price: 50, cost: 50, stock: 50 }, gateOf: () => serve, ...rest },
  };
}

const of = (useCase: string, given: UseCaseFacts) =>
  judgeUseCases(given).find((one) => one.useCase === useCase);

describe('a use case', () => {
  it('is ready when all of it is there', () => {
    for (const one of judgeUseCases(facts())) {
      expect(one).toMatchObject({ ready: true, because: [], readyOn: null });
    }
  });

  it('is ready on the day its history is long enough, when nothing else is missing', () => {
    const short = { entity: 'orderLine', first: { orderedAt: now - 20 * dayMs } } as const;
    expect(of('demand', facts({ entity: short }))).toMatchObject({
      ...{ ready: false, readyOn: '2026-07-14' },
      because: ['orderLine of erp goes back 20 days; 91 are needed.'],
    });
    // A price that nobody knows does not come by waiting.
    const has = { price: 50, cost: 10, stock: 50 };
    expect(of('pricing', facts({ entity: short, has }))).toMatchObject({
      ...{ ready: false, readyOn: null },
      because: [
        'orderLine of erp goes back 20 days; 182 are needed.',
        '20 % of 50 variants have a cost; 90 % are needed.',
      ],
    });
  });

  it('is not ready on a history that has ended', () => {
    const ended = { entity: 'orderLine', last: { orderedAt: now - 40 * dayMs } } as const;
    expect(of('demand', facts({ entity: ended }))).toMatchObject({
      ...{ ready: false, readyOn: null },
      because: ['orderLine of erp ends on 2026-03-25.'],
    });
  });

  it('says which field is too seldom filled, and cuts a share rather than flatter it', () => {
    const filled = { sku: 1000, quantity: 899, orderedAt: 1000 };
    const one = of('demand', facts({ entity: { entity: 'orderLine', rows: 1000, filled } }));
    expect(one?.because).toEqual([
      'orderLine of erp says quantity in 89 % of 1000 rows; 90 % are needed.',
    ]);
  });

  it('is not held up by what it goes without', () => {
    const all = facts();
    const entities = new Map([...all.entities].filter(([entity]) => entity !== 'stock'));
    const given = { ...all, entities };
    expect(of('demand', given)).toMatchObject({
      ready: true,
      better: ['No connected system tells of stock.'],
    });
    expect(of('campaigns', given)?.because).toEqual(['No connected system tells of stock.']);
  });

  it('waits for a stream that was not read whole, and for one that may not be used now', () => {
    const unread = new Set<EntityName>(['order']);
    expect(of('churn', facts({ unread }))).toMatchObject({
      ...{ ready: false, readyOn: null },
      because: ['order of erp was not read whole yet.'],
    });
    const held: Verdict = {
      ...serve,
      gate: 'hold',
      worstInput: {
        ...{ input: 'erp/order', component: 'freshness', score: 0, ageMs: 1, fix: '' },
        why: 'Last known whole 2 h ago; the limit is 15 min.',
      },
    };
    const gateOf = (entity: EntityName) => (entity === 'order' ? held : serve);
    expect(of('churn', facts({ gateOf }))?.because).toEqual([
      'erp/order: Last known whole 2 h ago; the limit is 15 min.',
    ]);
  });
});

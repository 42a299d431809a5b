import { expect, it } from 'vitest';
import { lastN } from './aggregates.js';
import { derive, entity, features, state } from './definition.js';
import { derivedValue, type FeatureValue } from './feature-values.js';

const recent = features(
  'recent',
  { of: entity('channel', ['channel']), from: state('order'), at: (order) => order.placedAt },
  { numbers: lastN((order) => order.orderNo, 3) },
);

it('hands lists to a derived value that it may turn around, and keeps its own', () => {
  const turned = derive(
    'turned',
    [recent],
    ({ numbers }) => ((numbers ?? []) as string[]).reverse().at(0) ?? null,
  );
  const value = ['3', '2', '1'];
  const kept: FeatureValue = { value, status: 'ok', ageMs: 0, eventAt: 0, knownAt: 0 };
  for (let times = 0; times < 2; times += 1)
    expect(derivedValue(turned, [[kept]], 0).value).toBe('1');
  expect(value).toEqual(['3', '2', '1']);
});

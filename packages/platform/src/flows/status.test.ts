import type { Sink } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import type { StoreReader } from '../storage/index.js';
import { defaultLimits, type Flow } from './flow.js';
import { type FlowState, freshFlow } from './flow-fold.js';
import type { FlowRunner } from './flow-runner.js';
import { flowStatus } from './status.js';

const nothing = { range: () => [] } as unknown as StoreReader;
const gate = 'erp/stock was last known whole 901 s ago; after 900 s nothing is written on it.';

function statusOf(
  write: Flow['write'],
  held: string | null,
  state: Partial<FlowState> = {},
  trouble: { readonly message: string } | null = null,
) {
  const flow = {
    ...{ name: 'shop.stock', target: 'shop', write, owns: null, limits: defaultLimits },
    sink: { name: 'stock', title: 'Stock' } as Sink<never>,
  };
  const runner = {
    ...{ flow, lags: [], circuit: { trouble } },
    held: () => held,
    state: () => ({ ...freshFlow, ...state }),
  };
  return flowStatus(nothing, runner as unknown as FlowRunner, 0);
}

describe('how a flow stands', () => {
  it('is gated while what it rests on is too old, and says what that is', () => {
    expect(statusOf('live', gate)).toMatchObject({ state: 'gated', why: gate });
    expect(statusOf('live', null)).toMatchObject({ state: 'live', why: null });
  });

  it('is first what a person or the target has to be asked about', () => {
    const paused = { paused: { by: 'ada' } } as unknown as Partial<FlowState>;
    expect(statusOf('live', gate, paused)).toMatchObject({ state: 'paused' });
    const stopped = { stopped: { message: 'Too many.' } } as unknown as Partial<FlowState>;
    expect(statusOf('live', gate, stopped)).toMatchObject({ state: 'stopped', why: 'Too many.' });
    expect(statusOf('live', gate, {}, { message: 'Down.' })).toMatchObject({ state: 'failing' });
  });

  it('is not gated while it only shows', () => {
    expect(statusOf('shadow', null)).toMatchObject({ state: 'shadow' });
  });
});

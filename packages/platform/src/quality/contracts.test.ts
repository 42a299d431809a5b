import { describe, expect, it } from 'vitest';
import { Contracts } from './contracts.js';

const durations: Readonly<Record<string, number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '1m': 60_000,
};
const durationMs = (text: string) => durations[text] ?? null;

describe('contracts', () => {
  it('have defaults for the whole model, never shorter than a stream can keep', () => {
    const contracts = new Contracts({}, durationMs);
    expect(contracts.of({ entity: 'stock' }).maxAgeMs).toBe(900_000);
    expect(contracts.of({ entity: 'stock', everyMs: 3_600_000 }).maxAgeMs).toBeGreaterThan(
      4 * 3_600_000,
    );
    expect(contracts.of({ entity: 'campaign' }).maxAgeMs).toBe(86_400_000);
  });

  it('take the more specific word, setting by setting', () => {
    const contracts = new Contracts(
      { stock: { maxAge: '1h' }, 'stock.onHand': { slo: '1m' }, 'erp/stock': { maxAge: '15m' } },
      durationMs,
    );
    expect(contracts.of({ entity: 'stock' }).maxAgeMs).toBe(3_600_000);
    const scope = { entity: 'stock', field: 'onHand', source: 'erp', stream: 'stock' } as const;
    expect(contracts.of(scope)).toMatchObject({ maxAgeMs: 900_000, sloMs: 60_000 });
  });

  it('refuse what is not there or cannot be', () => {
    const make = (config: Record<string, object>) => () => new Contracts(config, durationMs);
    expect(make({ stocks: { maxAge: '1h' } })).toThrow(/stocks/);
    expect(make({ stock: { maxAge: 'soon' } })).toThrow(/duration/);
    expect(make({ stock: { maxAge: '1m', slo: '1h' } })).toThrow(/longer/);
    expect(make({ stock: { complete: 2 } })).toThrow(/share/);
  });
});

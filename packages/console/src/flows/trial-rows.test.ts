import { describe, expect, it } from 'vitest';
import type { FlowTrialFault } from '../client/schema.js';
import { rowsOf } from './trial-rows.js';

const fault = (path: string | null): FlowTrialFault => ({
  ...{ at: 'fields', code: 'E_FLOW_FIELDS', message: `wrong at ${path}`, path, place: null },
});

describe('rows of what a mapping gave', () => {
  it('are its values, by the way to each of them', () => {
    const fields = { name: { nl: 'Jas' }, tags: ['a', 'b'], none: {}, price: null };
    expect(rowsOf(fields, []).map(({ path, value }) => [path, value])).toEqual([
      ['name.nl', 'Jas'],
      ['tags.0', 'a'],
      ['tags.1', 'b'],
      ['none', {}],
      ['price', null],
    ]);
    expect(rowsOf(null, [])).toEqual([]);
  });

  it('have each fault at its place, and those without one last', () => {
    const faults = [fault('price.EUR'), fault('stock'), fault(null), fault('price')];
    const rows = rowsOf({ price: { EUR: 'x' }, name: 'y' }, faults);
    expect(rows.map((row) => [row.path, row.faults.map(({ path }) => path)])).toEqual([
      ['price.EUR', ['price.EUR']],
      ['name', []],
      ['stock', ['stock']],
      ['', [null]],
      ['price', ['price']],
    ]);
  });
});

import { type EntityName, entityDefinitions, entityNames, type JsonObject } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ContractConfig,
  type ContractConfigs,
  type ContractScope,
  Contracts,
} from './contracts.js';
import { exportContracts, importContracts } from './data-contract.js';

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const durationMs = (text: string): number | null => {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (units[unit ?? ''] ?? 0);
};

const duration = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(...Object.keys(units)))
  .map(([count, unit]) => `${count}${unit}`);
const share = fc.integer({ min: 0, max: 1_000_000 }).map((micro) => micro / 1_000_000);
const config = (fields: readonly string[]): fc.Arbitrary<ContractConfig> =>
  fc
    .record(
      {
        maxAge: duration,
        slo: duration,
        maxEventAge: duration,
        grace: duration,
        complete: share,
        valid: share,
        tolerance: fc.record({ units: fc.nat(100), share }, { requiredKeys: [] }),
        ...(fields.length === 0 ? {} : { required: fc.subarray([...fields]) }),
      },
      { requiredKeys: [] },
    )
    // An age that is as good as new longer than it is good at all is refused.
    .map(({ slo, ...rest }) => {
      const isLonger = (durationMs(slo ?? '') ?? 0) > (durationMs(rest.maxAge ?? '') ?? Infinity);
      return slo === undefined || isLonger ? rest : { ...rest, slo };
    });

const shape = fc.dictionary(
  fc.constantFrom('Id', 'Lines', 'Lines.*.Sku', 'State'),
  fc.oneof(fc.constantFrom('string', 'number|null', 'list?'), fc.constant(['A', 'B'])),
);

const fieldsOf = (entity: EntityName) => Object.keys(entityDefinitions[entity].schema.shape);
type Scoped = readonly [path: string, config: ContractConfig, scope: ContractScope];

const scope = fc.constantFrom(...entityNames).chain((entity): fc.Arbitrary<Scoped> => {
  const fields = fieldsOf(entity);
  return fc.oneof(
    config(fields).map((one): Scoped => [entity, one, { entity }]),
    fc
      .tuple(fc.constantFrom(...fields), config([]))
      .map(([field, one]): Scoped => [`${entity}.${field}`, one, { entity, field }]),
    fc.tuple(config(['a', 'b', 'c']), fc.option(shape)).map(([own, fields]): Scoped => {
      const one = fields === null ? own : { ...own, shape: fields };
      const stream = { source: 'erp', stream: entity };
      return [`erp/${entity}`, one, { entity, ...stream, everyMs: 60_000 }];
    }),
  );
});

const exported = (contracts: ContractConfigs, entities: readonly EntityName[] = []) =>
  exportContracts({ ...{ id: 'x', name: 'X', version: '1', entities, contracts, durationMs } });

/** As a set, where the order of fields says nothing. */
const contractOf = (contracts: Contracts, of: ContractScope) => {
  const contract = contracts.of(of);
  return { ...contract, required: [...contract.required].sort() };
};

describe('a data contract', () => {
  it('comes back from the standard as it went there', () => {
    fc.assert(
      fc.property(fc.array(scope, { maxLength: 12 }), (scopes) => {
        const contracts = Object.fromEntries(scopes.map(([path, one]) => [path, one]));
        const text = JSON.stringify(exported(contracts, ['stock', 'order', 'campaign']));
        const back = importContracts(JSON.parse(text));
        expect(back.ignored).toEqual([]);
        const before = new Contracts(contracts, durationMs);
        const after = new Contracts(back.contracts, durationMs);
        for (const [path, { shape: own }] of Object.entries(contracts)) {
          expect(back.contracts[path]?.shape).toEqual(own);
        }
        for (const [, , of] of scopes) {
          expect(contractOf(after, of)).toEqual(contractOf(before, of));
        }
        for (const entity of entityNames) {
          // A default is a default again: it grows with the interval of a stream.
          for (const everyMs of [0, 3_600_000]) {
            expect(contractOf(after, { entity, everyMs })).toEqual(
              contractOf(before, { entity, everyMs }),
            );
          }
        }
        expect(JSON.stringify(exported(back.contracts))).toBe(
          JSON.stringify(exported(importContracts(exported(back.contracts)).contracts)),
        );
      }),
    );
  });

  it('takes what somebody changed in the document for theirs', () => {
    const document = exported({}, ['stock']) as { slaProperties: JsonObject[] };
    expect(importContracts(document as never).contracts).toEqual({});
    const [freshness] = document.slaProperties;
    expect(freshness).toMatchObject({ element: 'stock', value: 15, unit: 'm' });
    const changed = { ...document, slaProperties: [{ ...freshness, value: 5, unit: 'minutes' }] };
    expect(importContracts(changed as never).contracts).toEqual({ stock: { maxAge: '5m' } });
  });

  it('says what of a stranger’s document it has no place for, and refuses what is none', () => {
    const stranger = {
      ...{ apiVersion: 'v3.0.2', kind: 'DataContract', id: 'a', version: '1', status: 'draft' },
      schema: [
        { name: 'tbl_1' },
        { name: 'order', properties: [{ name: 'currency', required: true }] },
      ],
      slaProperties: [
        { property: 'retention', value: 3, unit: 'y' },
        { property: 'freshness', value: 2, unit: 'hours', element: 'order' },
      ],
    };
    expect(importContracts(stranger)).toEqual({
      contracts: { order: { maxAge: '2h' } },
      ignored: ['slaProperties: retention of everything', 'schema: tbl_1'],
    });
    expect(() => importContracts({ kind: 'Table' })).toThrow(/cannot be used/);
    const soon = { property: 'freshness', value: 'soon', element: 'order' };
    expect(() => importContracts({ ...stranger, slaProperties: [soon] })).toThrow(/no duration/);
  });
});

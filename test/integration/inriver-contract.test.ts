import { inriver } from '@headrace/connectors';
import {
  createFaultBoard,
  createInriver,
  createRetailer,
  createScaledClock,
  DEFAULT_EPOCH_MS,
} from '@headrace/emulators';
import type { Change, Cursor, JsonObject, Stream } from '@headrace/sdk';
import { createTestContext, recordsOf, testConnector } from '@headrace/sdk/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { pimSettings } from './support/pim-settings.js';

const { world } = createRetailer({ seed: 7, scale: 0.02, days: 30, orderLines: 100 });
const clock = createScaledClock({ epochMs: DEFAULT_EPOCH_MS, rate: 1 });
const time = { now: () => clock.now(), monotonicMs: () => performance.now() };
const relaySecret = `whsec_${Buffer.from('relay').toString('base64')}`;

const pims = await Promise.all(
  ['standard', 'second'].map((model) =>
    createInriver({
      ...{ world, clock, faults: createFaultBoard(clock), relaySecret, model },
      keys: [{ key: 'canary-key', user: 'headrace', canWrite: true }],
    }),
  ),
);
afterAll(() => Promise.all(pims.map((pim) => pim.close())));

describe.each(pims.map((pim) => [pim.store.model.name, pim] as const))(
  'inriver, %s',
  (model, pim) => {
    const source = inriver({ ...pimSettings(model), url: pim.url, key: 'canary-key' });
    const context = createTestContext(source, { clock: time });
    const stream = (name: string) =>
      inriver.spec.streams(context.config).find((one) => one.name === name) as Stream<
        typeof context.config
      >;
    const command = (stream: string, fields: { kind: string; role?: string }): Change => {
      const result = pim.command(fields, clock.now());
      return { stream, key: result?.id ?? '' };
    };

    const cases = testConnector(source, {
      clock: time,
      absentKey: '999999999',
      mutate: {
        product: async () => command('product', { kind: 'pim-rename' }),
        variant: async () => {
          const [item] = [...pim.store.entities.values()].filter(
            ({ type }) => type.role === 'item',
          );
          const gtin = item?.type.fields.find(({ role }) => role === 'gtin')?.id ?? '';
          if (item !== undefined)
            pim.store.edit(item, { [gtin]: '4006381333931' }, clock.now(), 'x');
          return { stream: 'variant', key: String(item?.id) };
        },
        category: async () => command('category', { kind: 'pim-rename-category' }),
        assortment: async () => command('assortment', { kind: 'pim-move-category' }),
      },
    });
    for (const { name, run } of cases) it(name, run);

    it('has what it needs', async () => {
      const results = await inriver.spec.check(context);
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
    });

    it('says what the settings name and the PIM lacks', async () => {
      const wrong = inriver({
        ...{ url: pim.url, key: 'canary-key', types: { product: 'Produkt' } },
        fields: { variant: { sku: 'Nummer' } },
      });
      const results = await inriver.spec.check(createTestContext(wrong, { clock: time }));
      const failed = results.filter(({ ok }) => !ok);
      expect(failed.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['model', 'fields', 'entities product']),
      );
      expect(JSON.stringify(failed)).toContain('Produkt');
      expect(JSON.stringify(failed)).toContain('Nummer');
    });

    it('discovers every field type, mapped or not', async () => {
      const fields = (await inriver.spec.discover?.(context)) ?? [];
      const roles = ['product', 'item', 'node', 'channel'];
      const all = pim.store.model.entityTypes.filter(({ role }) => roles.includes(role));
      expect(fields.map(({ path }) => path).sort()).toEqual(
        all.flatMap((type) => type.fields.map(({ id }) => `fieldValues.${id}`)).sort(),
      );
    });

    it('walks a pass in windows, also past a restart, new entities and deleted ones', async () => {
      const ids = async (cursor: Cursor | null, of = stream('variant')) => {
        const page = await of.read(context, 'pass', cursor);
        const keys = recordsOf(page).map((record) => Number((record as JsonObject).entityId));
        return { keys, next: page.next };
      };
      const all = (await ids(null)).keys;
      expect(all).toEqual([...all].sort((a, b) => b - a));
      const middle = all[Math.floor(all.length / 2)] ?? 0;
      // Another process goes on from a stored cursor: it has no ids in memory.
      const rest = await ids({ below: middle });
      expect(rest.keys).toEqual(all.filter((id) => id < middle));
      expect(JSON.stringify(rest.next ?? {}).length).toBeLessThan(40);
    });
  },
);

it('is held against the models its page names', () => {
  const names = pims.map((pim) => pim.store.model.name);
  expect(`models ${names.join(', ')}`).toBe(inriver.spec.tested?.emulator?.version);
});

import type { ConnectorSpec, MapContext, Stream } from '@headrace/sdk';
import { expect, it } from 'vitest';
import type { EntryHeader } from '../audit/index.js';
import { createNormalizer } from './normalizer.js';

it('names a person to a mapping only where the source named one', () => {
  const told: (string | null)[] = [];
  const stream: Partial<Stream<never>> = {
    name: 'price',
    map: (_record, context: MapContext<never>) => {
      told.push(context.subject);
      return [];
    },
  };
  const spec = { streams: () => [stream] } as unknown as ConnectorSpec<never>;
  const normalizer = createNormalizer([{ name: 'erp', spec, config: {} }]);
  const header = { source: 'erp', stream: 'price', subject: Buffer.alloc(16, 1) };
  for (const more of [{ unnamed: false }, { unnamed: true }, { unnamed: false, subject: null }]) {
    normalizer.normalize({ ...header, ...more } as unknown as EntryHeader, {}, {});
  }
  expect(told).toEqual(['01'.repeat(16), null, null]);
});

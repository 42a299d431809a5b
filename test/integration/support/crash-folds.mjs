// How the crash tests' records are mapped: in a file of its own, for the parent folds them again.
import { identityFold } from '../../../packages/platform/dist/entities/index.js';

export const folds = [identityFold];

export const normalizer = {
  orderOf: () => 'integer',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize: (header, body) => ({
    rows: [
      {
        entity: 'variant',
        id: header.key,
        key: header.key,
        type: 'thing',
        externalId: header.key,
        fields: { value: body.value ?? null },
      },
    ],
  }),
};

import type { Tested } from '@headrace/sdk';

/** `specification` is written by `scripts/check-shopware-spec.mjs --write`. */
export const tested: Tested = {
  emulator: {
    version: 'Shopware 6.6.10.4',
    suite: 'test/integration/shopware-contract.test.ts',
  },
  specification: {
    version: 'Shopware Admin API 6.7.9999999-dev',
    date: '2026-11-29',
    digest: 'cf36d7e51147',
  },
  recorded: [],
  real: [],
};

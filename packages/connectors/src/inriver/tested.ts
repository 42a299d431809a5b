import type { Tested } from '@headrace/sdk';

export const tested: Tested = {
  emulator: {
    version: 'models standard, second',
    suite: 'test/integration/inriver-contract.test.ts',
  },
  specification: { none: 'No description of the REST API is published to compare with.' },
  recorded: [],
  real: [],
};

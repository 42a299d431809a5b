import type { Tested } from '@headrace/sdk';

/** `specification` is written by `scripts/check-sap-spec.mjs --fields --write`. */
export const tested: Tested = {
  emulator: {
    version: '9 services of OData V2',
    suite: 'test/integration/sap-contract.test.ts',
  },
  specification: {
    version: 'metadata of 8 OData V2 services; none for API_MATERIAL_DOCUMENT_SRV',
    date: '2026-11-23',
    digest: '7b4a32cde982',
  },
  recorded: [],
  real: [],
};

import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Unit tests run from source, so no build stands between an edit and its test.
const src = (name: string) => new URL(`./packages/${name}/src/`, import.meta.url).pathname;

// One seed for all property tests of a run, printed so that a failing run can be repeated:
// HEADRACE_SEED=N npm test. test/setup.ts hands it to fast-check in each worker.
if (process.env.HEADRACE_SEED === undefined) {
  process.env.HEADRACE_SEED = process.env.CI === 'true' ? '1' : String(Date.now() % 1_000_000);
  console.log(`HEADRACE_SEED=${process.env.HEADRACE_SEED}`);
}

// Stores of tests come and go in temporary folders; their anchors must not stay in the user's own.
process.env.HEADRACE_ANCHOR ??= join(tmpdir(), `headrace-anchors-${process.pid}`);

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@headrace\/sdk\/testing$/, replacement: `${src('sdk')}testing/index.ts` },
      { find: /^@headrace\/sdk$/, replacement: `${src('sdk')}index.ts` },
      { find: /^@headrace\/connectors$/, replacement: `${src('connectors')}index.ts` },
      { find: /^@headrace\/emulators$/, replacement: `${src('emulators')}index.ts` },
    ],
  },
  test: {
    // Modules as they were translated, by their text: half of a second run would be translating them again.
    experimental: { fsModuleCache: true },
    setupFiles: [new URL('./test/setup.ts', import.meta.url).pathname],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            ...['packages/*', 'bench'].map((of) => `${of}/src/**/*.test.ts`),
            'test/tidy/**/*.test.ts',
          ],
          testTimeout: 30_000,
          isolate: false,
          // One for each core: what vitest leaves free for itself is needed while collecting only.
          maxWorkers: availableParallelism(),
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Files have folders and ports of their own; scripts/test.mjs says how many run at a time.
          maxWorkers: Number(process.env.HEADRACE_INTEGRATION_WORKERS ?? 1),
        },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

// Unit tests run from source, so no build stands between an edit and its test.
const src = (name: string) => new URL(`./packages/${name}/src/`, import.meta.url).pathname;

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
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/tidy/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

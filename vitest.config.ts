import { configDefaults, defineConfig } from 'vitest/config';

const GATE = 'services/gate/src/*.test.ts';

export default defineConfig({
  test: {
    // Most tests wait for real processes: three files at a time keep two cores busy.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is built needs no transforming.
    server: { deps: { external: [/\/dist\//] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: [
            'packages/*/src/**/*.test.ts',
            'services/*/src/**/*.test.ts',
            'test/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: [...configDefaults.exclude, GATE],
        },
      },
      {
        extends: true,
        test: {
          name: 'gate',
          include: [GATE],
          // One network of servers and a ledger serves all files that a process runs.
          isolate: false,
          globalSetup: ['services/gate/src/fixture/share-border.ts'],
        },
      },
    ],
  },
});

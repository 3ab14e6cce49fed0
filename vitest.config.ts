import { configDefaults, defineConfig } from 'vitest/config';

const GATE = 'services/gate/src/*.test.ts';

export default defineConfig({
  test: {
    // Most tests wait for real processes: three files at a time keep two cores busy.
    maxWorkers: 3,
    // Longer than anything that a test waits for, which says then what that was. A busy machine takes twenty times as long.
    testTimeout: 300_000,
    hookTimeout: 900_000,
    // What is built needs no transforming.
    server: { deps: { external: [/\/dist\//] } },
    expect: { poll: { timeout: 60_000 } },
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

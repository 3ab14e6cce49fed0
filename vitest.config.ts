import { configDefaults, defineConfig } from 'vitest/config';

const GATE = 'services/gate/src/*.test.ts';

export default defineConfig({
  test: {
    // Most tests wait for real processes: three files at a time keep two cores busy.
    maxWorkers: 3,
    // What waits for something has a deadline of a minute: on a machine that is busy, some of them take that long.
    testTimeout: 180_000,
    hookTimeout: 300_000,
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

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Most tests wait for real processes: three files at a time keep two cores busy.
    maxWorkers: 3,
    include: [
      'packages/*/src/**/*.test.ts',
      'services/*/src/**/*.test.ts',
      'test/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

import { defineConfig } from 'vitest/config';

// For `npm run mutate`: the tests beside the source. Those over the space of requests are slow and kill little else.
export default defineConfig({
  test: {
    include: ['packages/policy/src/*.test.ts'],
    testTimeout: 60_000,
  },
});

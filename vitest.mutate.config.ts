import { defineConfig } from 'vitest/config';

// For `npm run mutate`: the tests beside the source. Those over the space of requests are slow and kill little else.
const isGate = process.env.ENTENTE_MUTATE === 'gate';

export default defineConfig({
  test: {
    include: [isGate ? 'services/gate/src/*.test.ts' : 'packages/policy/src/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Each mutant is a run of its own: what is built needs no transforming, what the files of one run share is loaded once, and
    // the rules engine that is loaded here is not compiled again in each worker.
    ...(isGate
      ? {
          isolate: false,
          globalSetup: ['services/gate/src/fixture/warm-engine.ts'],
          server: { deps: { external: [/\/dist\//] } },
        }
      : {}),
  },
});

import { defineConfig } from 'vitest/config';

// For `npm run mutate`: the tests beside the source. Those over the space of requests are slow and kill little else.
const policy = defineConfig({
  test: { include: ['packages/policy/src/*.test.ts'], testTimeout: 60_000 },
});

// Each mutant is a run of its own, in a new thread: servers and ledger go on beside it, and what is built needs no transforming.
const gate = defineConfig({
  test: {
    include: ['services/gate/src/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    isolate: false,
    globalSetup: ['services/gate/src/fixture/share-border.ts'],
    server: { deps: { external: [/\/dist\//] } },
  },
});

export default process.env.ENTENTE_MUTATE === 'gate' ? gate : policy;

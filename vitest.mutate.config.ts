import { defineConfig } from 'vitest/config';

// For `npm run mutate`: the tests beside the source. Those over the space of requests are slow and kill little else.
const policy = defineConfig({
  test: { include: ['packages/policy/src/*.test.ts'], testTimeout: 60_000 },
});

// Each mutant is a run of its own: what is built needs no transforming, the files of a run share a thread and its network, and the
// rules engine that is loaded beside them is not compiled again in each.
const gate = defineConfig({
  test: {
    include: ['services/gate/src/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    isolate: false,
    globalSetup: ['services/gate/src/fixture/share-border.ts', 'services/gate/src/fixture/warm-engine.ts'],
    server: { deps: { external: [/\/dist\//] } },
  },
});

export default process.env.ENTENTE_MUTATE === 'gate' ? gate : policy;
